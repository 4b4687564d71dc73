/**
 * A token as it is kept: what signs requests to the portal, and what renews it.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../operation/CreateToken.ts"
import { Secret } from "../operation/Secret.ts"
import { StartUrl } from "../operation/StartUrl.ts"
import type { Registration } from "./Registration.ts"
import type { SsoSession } from "./SsoSession.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * A token of a session.
 *
 * **Details**
 *
 * Its encoded form is the JSON object that the AWS CLI and every AWS SDK keep in `~/.aws/sso/cache`.
 *
 * @category models
 * @since 0.1.0
 */
export class SsoToken extends Schema.Class<SsoToken>("effect-aws-sso/SsoToken")({
  startUrl: StartUrl,
  region: Schema.NonEmptyString,
  accessToken: Secret,
  /** When the access token stops to work. */
  expiresAt: Timestamp,
  /** The client it was given to, which alone can renew it. */
  clientId: Schema.optionalKey(Schema.NonEmptyString),
  clientSecret: Schema.optionalKey(Secret),
  /** When the client's secret stops to work, and with it the renewals. */
  registrationExpiresAt: Schema.optionalKey(Timestamp),
  refreshToken: Schema.optionalKey(Secret)
}) {}

// In whole seconds, as it is stored, so that a token is the same before and after.
const expiry = (now: DateTime.Utc, output: CreateToken.CreateTokenOutput): DateTime.Utc =>
  DateTime.addDuration(DateTime.startOf(now, "second"), output.expiresIn)

/**
 * The token that an answer of `CreateToken` gives to a client, counted from now.
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
 * The token that takes the place of one that was renewed. An answer without a refresh token leaves the old one in force
 * (RFC 6749 §6).
 *
 * @category constructors
 * @since 0.1.0
 */
export const renewed = (token: SsoToken, output: CreateToken.CreateTokenOutput): Effect.Effect<SsoToken> =>
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
 * Whether the access token has stopped to work.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isExpired = (token: SsoToken): Effect.Effect<boolean> =>
  Effect.map(DateTime.now, DateTime.isGreaterThanOrEqualTo(token.expiresAt))

/**
 * Whether the token can be renewed without a person: it has a refresh token, and a client whose registration still
 * lasts.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isRefreshable = (token: SsoToken): Effect.Effect<boolean> =>
  Effect.map(DateTime.now, (now) => {
    const hasRefreshToken = token.refreshToken !== undefined
    const hasClient = token.clientId !== undefined && token.clientSecret !== undefined
    const registered =
      token.registrationExpiresAt === undefined || DateTime.isGreaterThan(token.registrationExpiresAt, now)
    return hasRefreshToken && hasClient && registered
  })
