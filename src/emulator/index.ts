/**
 * What tests need of effect-aws-sso: an IAM Identity Center of one's own.
 *
 * @since 0.1.0
 */

/**
 * An emulator of AWS IAM Identity Center: in process for tests, or behind a real HTTP server for people and other
 * programs.
 *
 * @since 0.1.0
 */
export * as IdentityCenter from "./IdentityCenter.ts"
