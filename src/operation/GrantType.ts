/**
 * The OAuth grant types that the service supports.
 */
import * as Schema from "effect/Schema"

/** An authorization code (RFC 6749 §4.1). */
export const authorizationCode = "authorization_code"

/** A refresh token (RFC 6749 §6). */
export const refreshToken = "refresh_token"

/** A device code (RFC 8628 §3.4). */
export const deviceCode = "urn:ietf:params:oauth:grant-type:device_code"

/** A JSON Web Token from a trusted issuer (RFC 7523 §2.1). */
export const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

/** Token exchange (RFC 8693 §2.1). */
export const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"

/** A grant type that a client can register for. The service can add grant types. */
export const GrantType: Schema.Union<
  readonly [
    typeof Schema.StringForLiteralAutocomplete,
    Schema.Literals<readonly [typeof authorizationCode, typeof refreshToken, typeof deviceCode]>
  ]
> = Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals([authorizationCode, refreshToken, deviceCode])])
