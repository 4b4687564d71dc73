/**
 * The registered client of a session: registered once, and used for many sign-ins.
 *
 * **When to use**
 *
 * The flows register their client themselves. Use `use` in a custom flow.
 *
 * Source: RFC 7591.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { InvalidClientException } from "../operation/Exceptions.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import type { LoginFailed } from "../session/LoginFailed.ts"
import { Registration } from "../session/Registration.ts"
import { SsoSession } from "../session/SsoSession.ts"
import type { StoreError } from "../store/StoreError.ts"
import { type ClientUse, TokenCache } from "../store/TokenCache.ts"
import * as Flow from "./Flow.ts"

export { Registration } from "../session/Registration.ts"

/**
 * What a client registers with, besides the scopes of the session.
 *
 * @category models
 * @since 0.2.0
 */
export interface ClientRegistrationOptions extends Omit<ClientUse, "endpoint"> {
  /** The name that the user sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
  /** The issuer of its tokens: the start URL, for a client of the browser flow. None by default. */
  readonly issuerUrl?: string | undefined
}

/** A client with less time left is replaced: its tokens can be refreshed only until its secret expires (90 days at AWS). */
const minTimeLeft = Duration.days(1)

/**
 * Registers a new client and stores it.
 *
 * @category constructors
 * @since 0.2.0
 */
export const register: (
  session: SsoSession,
  options: ClientRegistrationOptions
) => Effect.Effect<Registration, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache> = Effect.fnUntraced(function* (
  session: SsoSession,
  options: ClientRegistrationOptions
) {
  const cache = yield* TokenCache
  const output = yield* SsoOidc.registerClient({
    clientName: options.clientName ?? "effect-aws-sso",
    clientType: "public",
    // A legacy session has no scopes, and other tools never send an empty list
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
  const endpoint = yield* (yield* SsoOidc.SsoOidc).endpoint
  yield* cache.setRegistration(session, { ...options, endpoint }, registration)
  return registration
}, Flow.inSession)

const findStored = Effect.fnUntraced(function* (session: SsoSession, options: ClientRegistrationOptions) {
  const cache = yield* TokenCache
  const endpoint = yield* (yield* SsoOidc.SsoOidc).endpoint
  const stored = yield* cache.getRegistration(session, { ...options, endpoint })
  const horizon = DateTime.addDuration(yield* DateTime.now, minTimeLeft)
  return Option.filter(stored, ({ expiresAt }) => expiresAt === undefined || DateTime.isGreaterThan(expiresAt, horizon))
}, Flow.inSession)

/**
 * Registers a client, unless another principal of the session has stored one in the meantime that `isUsable` accepts.
 * However many users sign in at a time, one client is registered.
 */
const registerOnce = (
  session: SsoSession,
  options: ClientRegistrationOptions,
  isUsable: (stored: Registration) => boolean
): Effect.Effect<Registration, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache> => {
  const { principal, ...shared } = session
  if (principal === undefined) return register(session, options)
  return TokenCache.use((cache) => cache.acquireLease(new SsoSession(shared))).pipe(
    // Without the lease, the worst case is one client more
    Effect.catch(({ message }) => Effect.logDebug(message)),
    Effect.andThen(findStored(session, options)),
    Effect.flatMap((stored) =>
      Option.match(Option.filter(stored, isUsable), {
        onNone: () => register(session, options),
        onSome: Effect.succeed
      })
    ),
    Effect.scoped
  )
}

/**
 * The client of a session: the stored one, or a new one if there is none or it expires within a day.
 *
 * **Details**
 *
 * Each combination of endpoint, session, scopes, grants and redirect URIs has its own client. All principals share it.
 *
 * @category getters
 * @since 0.1.0
 */
export const get = (
  session: SsoSession,
  options: ClientRegistrationOptions
): Effect.Effect<Registration, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache> =>
  Effect.flatMap(
    findStored(session, options),
    Option.match({ onNone: () => registerOnce(session, options, () => true), onSome: Effect.succeed })
  )

/**
 * Calls a function with the client of a session. If the service rejects the stored client, registers a new one and calls
 * the function once more.
 *
 * @category combinators
 * @since 0.1.0
 */
export const use: <A, E, R>(
  session: SsoSession,
  options: ClientRegistrationOptions,
  f: (registration: Registration) => Effect.Effect<A, E | InvalidClientException, R>
) => Effect.Effect<A, E | InvalidClientException | LoginFailed | StoreError, R | SsoOidc.SsoOidc | TokenCache> =
  Effect.fnUntraced(function* (session, options, f) {
    const stored = yield* findStored(session, options)
    if (Option.isNone(stored))
      return yield* Effect.flatMap(
        registerOnce(session, options, () => true),
        f
      )
    const { clientId } = stored.value
    return yield* Effect.catchIf(f(stored.value), isInvalidClient, () =>
      Effect.logDebug("the service rejected the stored client: registering a new one").pipe(
        Effect.andThen(registerOnce(session, options, (stored) => stored.clientId !== clientId)),
        Effect.flatMap(f)
      )
    )
  })

const isInvalidClient = Schema.is(InvalidClientException)
