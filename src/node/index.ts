/**
 * What a program on Node needs of effect-aws-sso: everything a sign-in asks for, in one layer.
 *
 * @since 0.1.0
 */

/**
 * The wiring for Node.
 *
 * @since 0.1.0
 */
export * as NodeSso from "./NodeSso.ts"

/**
 * The browser of the person.
 *
 * @since 0.1.0
 */
export * as NodeBrowser from "./NodeBrowser.ts"

/**
 * The prompt that opens the browser.
 *
 * @since 0.1.0
 */
export * as NodePrompt from "./NodePrompt.ts"

/**
 * The listener that the browser comes back to.
 *
 * @since 0.1.0
 */
export * as NodeRedirectListener from "./NodeRedirectListener.ts"
