/**
 * The names of the OAuth grants that the service knows.
 */
import * as Schema from "effect/Schema"

/** A code that came back through a redirect (RFC 6749 §4.1). */
export const authorizationCode = "authorization_code"

/** A refresh token (RFC 6749 §6). */
export const refreshToken = "refresh_token"

/** A device code (RFC 8628 §3.4). */
export const deviceCode = "urn:ietf:params:oauth:grant-type:device_code"

/** A signed assertion of a trusted issuer (RFC 7523 §2.1). */
export const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

/** A token in exchange for another (RFC 8693 §2.1). */
export const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"

/** A grant that a client may name when it registers: the known ones, and any that the service adds later. */
export const GrantType: Schema.Union<
  readonly [
    typeof Schema.StringForLiteralAutocomplete,
    Schema.Literals<readonly [typeof authorizationCode, typeof refreshToken, typeof deviceCode]>
  ]
> = Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals([authorizationCode, refreshToken, deviceCode])])
