/**
 * The services of effect-aws-sso that need Node. `NodeSso.layer` provides all of them.
 *
 * @since 0.1.0
 */
export * as NodeBrowser from "./NodeBrowser.ts"
export * as NodeHttp from "./NodeHttp.ts"
export * as NodePrompt from "./NodePrompt.ts"
export * as NodeRedirectListener from "./NodeRedirectListener.ts"
export * as NodeSso from "./NodeSso.ts"
