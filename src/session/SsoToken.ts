/**
 * The token of a session: the access token for the portal, and what refreshes it.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../operation/CreateToken.ts"
import { Secret } from "../operation/Secret.ts"
import type { Registration } from "./Registration.ts"
import type { SsoSession } from "./SsoSession.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * A token of a session.
 *
 * **Details**
 *
 * Its encoded form is the JSON object that the AWS CLI and every AWS SDK store in `~/.aws/sso/cache`.
 *
 * @category models
 * @since 0.1.0
 */
export class SsoToken extends Schema.Class<SsoToken>("effect-aws-sso/SsoToken")({
  /** The start URL of the session. */
  startUrl: Schema.String,
  /** The region that issued the token. Only this region refreshes it. */
  region: Schema.String,
  accessToken: Secret,
  /** When the access token expires. */
  expiresAt: Timestamp,
  /** The id of the client that the token was issued to. Only this client can refresh the token. */
  clientId: Schema.optionalKey(Schema.String),
  /** The secret of that client. */
  clientSecret: Schema.optionalKey(Secret),
  /** When the client secret expires. The token cannot be refreshed after that. Absent if the secret never expires. */
  registrationExpiresAt: Schema.optionalKey(Timestamp),
  /** Absent if the session cannot be refreshed. */
  refreshToken: Schema.optionalKey(Secret)
}) {}

// In whole seconds, as files store it, so that a token is equal to itself after it has been stored and read.
const expiry = (now: DateTime.Utc, output: CreateToken.CreateTokenOutput): DateTime.Utc =>
  DateTime.addDuration(DateTime.startOf(now, "second"), output.expiresIn)

/**
 * Makes a token from a response of `CreateToken`. It expires `expiresIn` from now.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromOutput = (options: {
  readonly session: SsoSession
  readonly registration: Registration
  readonly output: CreateToken.CreateTokenOutput
}): Effect.Effect<SsoToken> =>
  Effect.map(DateTime.now, (now) => {
    const { output, registration, session } = options
    return new SsoToken({
      startUrl: session.startUrl,
      region: session.region,
      accessToken: output.accessToken,
      expiresAt: expiry(now, output),
      clientId: registration.clientId,
      clientSecret: registration.clientSecret,
      ...(registration.expiresAt === undefined ? {} : { registrationExpiresAt: registration.expiresAt }),
      ...(output.refreshToken === undefined ? {} : { refreshToken: output.refreshToken })
    })
  })

/**
 * Makes the token that replaces one that was refreshed. A response without a refresh token leaves the old refresh token
 * valid (RFC 6749 §6).
 *
 * @category constructors
 * @since 0.2.0
 */
export const refreshed = (token: SsoToken, output: CreateToken.CreateTokenOutput): Effect.Effect<SsoToken> =>
  Effect.map(
    DateTime.now,
    (now) =>
      new SsoToken({
        ...token,
        accessToken: output.accessToken,
        expiresAt: expiry(now, output),
        ...(output.refreshToken === undefined ? {} : { refreshToken: output.refreshToken })
      })
  )

/**
 * Whether the access token has expired.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isExpired = (token: SsoToken): Effect.Effect<boolean> =>
  Effect.map(DateTime.now, DateTime.isGreaterThanOrEqualTo(token.expiresAt))

/**
 * Whether the token can be refreshed without the user: it has a refresh token, and a client whose registration has not
 * expired.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isRefreshable = (token: SsoToken): Effect.Effect<boolean> =>
  Effect.map(DateTime.now, (now) => {
    const hasRefreshToken = token.refreshToken !== undefined
    const hasClient = token.clientId !== undefined && token.clientSecret !== undefined
    const isRegistered =
      token.registrationExpiresAt === undefined || DateTime.isGreaterThan(token.registrationExpiresAt, now)
    return hasRefreshToken && hasClient && isRegistered
  })
