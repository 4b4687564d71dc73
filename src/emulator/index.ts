/**
 * Test support: an emulator of AWS IAM Identity Center.
 *
 * @since 0.1.0
 */
export * as IdentityCenter from "./IdentityCenter.ts"
