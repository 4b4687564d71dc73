/**
 * How the library names itself to the service.
 *
 * @since 0.1.0
 */

/**
 * The version of this package.
 *
 * @category constants
 * @since 0.1.0
 */
export const version = "0.1.0"

/**
 * The value of the `user-agent` header.
 *
 * @category constants
 * @since 0.1.0
 */
export const userAgent: string = `effect-aws-sso/${version} ua/2.1 lang/js`
