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
