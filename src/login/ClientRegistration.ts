/**
 * A client that is registered once and used for many sign-ins.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidClientException } from "../operation/Exceptions.ts"
import type * as RegisterClient from "../operation/RegisterClient.ts"
import { Registration } from "../session/Registration.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import type { StoreError } from "../store/StoreError.ts"
import { type ClientUse, TokenCache } from "../store/TokenCache.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import type { ClientError } from "../wire/ClientError.ts"

export { Registration } from "../session/Registration.ts"

/**
 * What a client registers with, besides what the session says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends ClientUse {
  /** The name that the person sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
  /** Who issues them; the start URL, for a client that redirects. */
  readonly issuerUrl?: string | undefined
}

/**
 * How a registration can fail.
 *
 * @category errors
 * @since 0.1.0
 */
export type ClientRegistrationError = RegisterClient.RegisterClientError | ClientError | StoreError

// A token is renewed with the client that got it, and not beyond the life of that client's secret (90 days at AWS). A
// sign-in with a client in its last day would be over in a day.
const renewalWindow = Duration.days(1)

const register = Effect.fnUntraced(function* (
  session: SsoSession,
  options: Options
): Effect.fn.Return<Registration, ClientRegistrationError, SsoOidc.SsoOidc | TokenCache> {
  const cache = yield* TokenCache
  const output = yield* SsoOidc.registerClient({
    clientName: options.clientName ?? "effect-aws-sso",
    clientType: "public",
    // A legacy session has none, and no tool sends an empty list
    scopes: session.scopes.length === 0 ? undefined : session.scopes,
    grantTypes: options.grantTypes,
    redirectUris: options.redirectUris,
    issuerUrl: options.issuerUrl
  })
  const registration = new Registration({
    clientId: output.clientId,
    clientSecret: output.clientSecret,
    ...(output.clientSecretExpiresAt === undefined ? {} : { expiresAt: output.clientSecretExpiresAt })
  })
  yield* cache.setRegistration(session, options, registration)
  return registration
})

const reusable = Effect.fnUntraced(function* (
  session: SsoSession,
  options: Options
): Effect.fn.Return<Option.Option<Registration>, StoreError, TokenCache> {
  const cache = yield* TokenCache
  const kept = yield* cache.getRegistration(session, options)
  const horizon = DateTime.addDuration(yield* DateTime.now, renewalWindow)
  return Option.filter(kept, ({ expiresAt }) => expiresAt === undefined || DateTime.isGreaterThan(expiresAt, horizon))
})

/**
 * The client of a session: the one that was registered before, or a new one where there is none or it has less than a
 * day left.
 *
 * **Details**
 *
 * Clients are told apart by the session's name, start URL, region and scopes, and by their grants and redirect URIs.
 *
 * @category getters
 * @since 0.1.0
 */
export const get = (
  session: SsoSession,
  options: Options
): Effect.Effect<Registration, ClientRegistrationError, SsoOidc.SsoOidc | TokenCache> =>
  Effect.flatMap(
    reusable(session, options),
    Option.match({ onNone: () => register(session, options), onSome: Effect.succeed })
  )

/**
 * Does something with the client of a session. Where the service refuses a client that was registered before, it is
 * registered again, and the same is done once more.
 *
 * @category combinators
 * @since 0.1.0
 */
export const use: <A, E, R>(
  session: SsoSession,
  options: Options,
  f: (registration: Registration) => Effect.Effect<A, E | InvalidClientException, R>
) => Effect.Effect<A, E | InvalidClientException | ClientRegistrationError, R | SsoOidc.SsoOidc | TokenCache> =
  Effect.fnUntraced(function* (session, options, f) {
    const kept = yield* reusable(session, options)
    if (Option.isNone(kept)) return yield* Effect.flatMap(register(session, options), f)
    return yield* Effect.catchIf(f(kept.value), isInvalidClient, () =>
      Effect.logDebug("the service refused the client that was registered before; registering another one").pipe(
        Effect.andThen(register(session, options)),
        Effect.flatMap(f)
      )
    )
  })

const isInvalidClient = (error: unknown): error is InvalidClientException => error instanceof InvalidClientException
