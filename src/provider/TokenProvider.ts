/**
 * Keeps a session's token fresh: reads it from the store, refreshes it ahead of time, once for all callers.
 *
 * **When to use**
 *
 * Provide `layer` to a program that runs for a long time or often, and read `token` at each use. Provide
 * `layerInteractive` where the user can be asked to sign in.
 *
 * **Details**
 *
 * A fresh token comes from memory. With less than 15 minutes left it is still served, and refreshed in the background;
 * with less than 5 minutes left it is refreshed first. A refresh holds the lease of the session, so that any number of
 * fibers and processes make one call, and reads the store again before it makes that call: refresh tokens rotate, and a
 * second call with the old one would end the session. The new token is stored before any caller gets it.
 *
 * **Example** (A token at each use)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { SsoOidc, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const layer = (session: SsoSession.SsoSession) =>
 *   TokenProvider.layer(session).pipe(Layer.provide(SsoOidc.layer()))
 *
 * const program = Effect.gen(function*() {
 *   const { token } = yield* TokenProvider.TokenProvider
 *   const { accessToken, expiresAt } = yield* token
 *   return { accessToken, expiresAt }
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as CreateToken from "../operation/CreateToken.ts"
import * as GrantType from "../operation/GrantType.ts"
import { UnauthorizedException } from "../operation/PortalExceptions.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import { SsoPortal } from "../service/SsoPortal.ts"
import type { LoginFailed } from "../session/LoginFailed.ts"
import { describeSession } from "../session/SessionTelemetry.ts"
import { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { StoreError } from "../store/StoreError.ts"
import { changeSignIn, TokenCache } from "../store/TokenCache.ts"
import type { ClientError, ConstructionFailure } from "../wire/ClientError.ts"
import * as RetryPolicy from "../wire/RetryPolicy.ts"
import * as Refresh from "./Refresh.ts"
import * as Refresher from "./Refresher.ts"
import { type LoginRequired, loginCommand, loginRequired, type TokenError, TokenUnavailable } from "./TokenError.ts"

export { LoginRequired, type LoginRequiredReason, type TokenError, TokenUnavailable } from "./TokenError.ts"
export { LoginFailed } from "../session/LoginFailed.ts"

/**
 * The token of one session.
 *
 * @category services
 * @since 0.1.0
 */
export class TokenProvider extends Context.Service<
  TokenProvider,
  {
    /** The session whose token this is. */
    readonly session: SsoSession
    /** A valid token. Read it at each use, and do not keep it. */
    readonly token: Effect.Effect<SsoToken.SsoToken, TokenError>
    /**
     * Another token than the one that the portal has rejected, however long that had left: the one of a later sign-in or
     * refresh if there is one, a refreshed one otherwise. `withToken` calls it.
     */
    readonly refresh: (rejected: SsoToken.SsoToken) => Effect.Effect<SsoToken.SsoToken, TokenError>
    /** The token in memory, and each change of it; `None` while there is none. */
    readonly changes: Stream.Stream<Option.Option<SsoToken.SsoToken>>
  }
>()("effect-aws-sso/TokenProvider") {}

/**
 * When a provider refreshes, and the command that it reports to the user.
 *
 * @category models
 * @since 0.2.0
 */
export interface TokenProviderOptions {
  /** With less than this left, a token is refreshed in the background. 15 minutes by default. */
  readonly refreshAhead?: Duration.Input | undefined
  /** With less than this left, a token is refreshed before it is served. 5 minutes by default. */
  readonly refreshFirst?: Duration.Input | undefined
  /** The least time between two attempts to refresh. 30 seconds by default. */
  readonly minInterval?: Duration.Input | undefined
  /**
   * The command that signs the user in, for `LoginRequired`. By default the command of this package, which keeps tokens
   * in files: set it in a program with another store.
   */
  readonly command?: string | undefined
}

/**
 * Counts refreshes by `outcome`: `success`, or the tag of the error.
 *
 * @category metrics
 * @since 0.1.0
 */
export const refreshes = Metric.counter("aws_sso_refreshes_total", {
  description: "Refreshes of tokens, by outcome",
  incremental: true
})

/**
 * How long providers waited for the lease of a session before they refreshed its token.
 *
 * @category metrics
 * @since 0.2.0
 */
export const leaseWaits = Metric.timer("aws_sso_lease_wait", {
  description: "Time until the lease of a session was acquired",
  boundaries: Metric.boundariesFromIterable([1, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 30_000, 60_000])
})

/**
 * Counts how often providers read the store, by `outcome`: `hit` or `miss`. A token that is served from memory is not read.
 *
 * @category metrics
 * @since 0.2.0
 */
export const cacheReads = Metric.counter("aws_sso_cache_reads_total", {
  description: "Reads of tokens from the store, by outcome",
  incremental: true
})

const countRead = (outcome: "hit" | "miss") => Metric.update(Metric.withAttributes(cacheReads, { outcome }), 1)

const measureWait = <A, E, R>(acquire: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.timed(acquire), ([duration, lease]) => Effect.as(Metric.update(leaseWaits, duration), lease))

const count = (outcome: string) => Metric.update(Metric.withAttributes(refreshes, { outcome }), 1)

/** The errors that a second attempt does not change. */
const rejections: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "ExpiredTokenException",
  "InvalidClientException",
  "InvalidGrantException",
  "UnauthorizedClientException"
])

/** A token, and the one that takes its place. */
interface Change {
  readonly spent: SsoToken.SsoToken
  readonly refreshed: SsoToken.SsoToken
}

/** A token that the portal rejected and that could not be replaced. */
interface Rejection {
  readonly at: number
  readonly token: SsoToken.SsoToken
  readonly failure: LoginRequired
}

/** Whether the stored token has the refresh token that was spent. If not, another process has replaced it. */
const hasSpent = (stored: Option.Option<SsoToken.SsoToken>, { spent }: Change): boolean =>
  Option.exists(stored, ({ refreshToken }) => Equal.equals(refreshToken, spent.refreshToken))

const isSame = (one: SsoToken.SsoToken, other: SsoToken.SsoToken): boolean =>
  Equal.equals(one.accessToken, other.accessToken)

const held = (token: SsoToken.SsoToken): Refresh.Held => ({
  expiresAt: DateTime.toEpochMillis(token.expiresAt),
  canRefresh: grantOf(token) !== undefined,
  registrationExpiresAt:
    token.registrationExpiresAt === undefined ? undefined : DateTime.toEpochMillis(token.registrationExpiresAt)
})

/** What refreshes a token (RFC 6749 §6), if it has what that needs. */
const grantOf = ({
  clientId,
  clientSecret,
  refreshToken
}: SsoToken.SsoToken): CreateToken.CreateTokenInput | undefined =>
  clientId === undefined || clientSecret === undefined || refreshToken === undefined
    ? undefined
    : { grantType: GrantType.refreshToken, clientId, clientSecret, refreshToken }

/** A tool that takes no lease can spend a refresh token, and store the new one a moment later. */
const settling = { times: 3, schedule: Schedule.spaced("250 millis") }

/**
 * Makes a provider. When the scope closes, a refresh that was sent runs to its end, and one that was not sent is given
 * up.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  session: SsoSession,
  options?: TokenProviderOptions
): Effect.fn.Return<TokenProvider["Service"], never, SsoOidc.SsoOidc | TokenCache | Scope.Scope> {
  const cache = yield* TokenCache
  const oidc = yield* SsoOidc.SsoOidc
  /** A refreshed token that could not be stored: only memory has the valid refresh token. */
  const unwritten = yield* Ref.make(Option.none<Change>())
  const rejection = yield* Ref.make(Option.none<Rejection>())
  const command = options?.command ?? loginCommand(session)
  const required = (reason: LoginRequired["reason"]["_tag"]) => loginRequired(session, reason, command)
  const unavailable = (reason: CreateToken.CreateTokenError | ClientError) =>
    new TokenUnavailable({ reason, startUrl: session.startUrl })
  const policy = Refresher.policy({
    refreshAhead: options?.refreshAhead ?? "15 minutes",
    refreshFirst: options?.refreshFirst ?? "5 minutes",
    minInterval: options?.minInterval ?? "30 seconds"
  })

  /** The token that is stored, or should be. */
  const readStored = Effect.gen(function* () {
    const stored = yield* cache.get(session)
    const change = yield* Ref.get(unwritten)
    return Option.match(change, {
      onNone: () => stored,
      onSome: (change) => (hasSpent(stored, change) ? Option.some(change.refreshed) : stored)
    })
  })

  const recentRejection = (token: SsoToken.SsoToken) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      return Option.filter(
        yield* Ref.get(rejection),
        (rejection) => isSame(rejection.token, token) && Refresh.isRecent(rejection.at, now, policy)
      )
    })

  /** Reads the stored token and remembers it, unless it was just rejected. */
  const look = Effect.gen(function* () {
    const generation = yield* cache.generation(session)
    const stored = yield* readStored
    yield* countRead(Option.isSome(stored) ? "hit" : "miss")
    const rejected = yield* Option.match(stored, { onNone: () => Effect.succeedNone, onSome: recentRejection })
    yield* refresher.adopt(Option.isSome(rejected) ? Option.none() : stored, generation)
    return { stored, rejected }
  })

  const read: Effect.Effect<Option.Option<SsoToken.SsoToken>, TokenError> = Effect.flatMap(
    look,
    ({ rejected, stored }) => (Option.isSome(rejected) ? Effect.fail(rejected.value.failure) : Effect.succeed(stored))
  )

  /** Stores a refreshed token, under the lease. A tool that changed the entry without a lease has the last word. */
  const keep = Effect.fnUntraced(function* (
    change: Change
  ): Effect.fn.Return<Option.Option<SsoToken.SsoToken>, StoreError> {
    const stored = yield* cache.get(session)
    const isDue = hasSpent(stored, change)
    if (isDue) yield* cache.set(session, change.refreshed)
    yield* Ref.set(unwritten, Option.none())
    const token = isDue ? Option.some(change.refreshed) : stored
    yield* refresher.adopt(token)
    return token
  })

  /** As `keep`. Whatever goes wrong, the only valid refresh token is not lost: it stays in memory. */
  const keepOrRemember = (change: Change): Effect.Effect<Option.Option<SsoToken.SsoToken>> =>
    Effect.catchCause(
      keep(change),
      Effect.fnUntraced(function* (cause) {
        yield* Ref.set(unwritten, Option.some(change))
        yield* Effect.logError(`the refreshed token for ${session.startUrl} could not be stored yet`, cause)
        yield* refresher.adopt(Option.some(change.refreshed))
        return Option.some(change.refreshed)
      })
    )

  /** One call. The new token is stored before any caller gets it, if it can be. */
  const send = Effect.fn("SsoOidc.Refresh")(
    function* (
      spent: SsoToken.SsoToken,
      grant: CreateToken.CreateTokenInput
    ): Effect.fn.Return<SsoToken.SsoToken, LoginRequired | CreateToken.CreateTokenError | ClientError> {
      // The region that issued the token refreshes it: a custom start URL can lead to another one than the session's
      const { createToken } = yield* oidc.inRegion(spent.region)
      const output = yield* createToken(grant)
      const refreshed = yield* SsoToken.refreshed(spent, output)
      const token = yield* keepOrRemember({ spent, refreshed })
      return yield* Effect.mapError(Effect.fromOption(token), () => required("NoToken"))
    },
    Effect.tap(() => count("success")),
    Effect.tapError((error) => count(error._tag)),
    describeSession(session)
  )

  /** Refreshes the stored token. `None` where the lease was lost before. */
  const refreshUnderLease = Effect.fnUntraced(function* (
    seen: SsoToken.SsoToken,
    wasRejected: boolean
  ): Effect.fn.Return<Option.Option<SsoToken.SsoToken>, TokenError, Scope.Scope> {
    const isUrgent = wasRejected || held(seen).expiresAt <= (yield* Clock.currentTimeMillis)
    const acquireLease = cache.acquireLease(session)
    const acquired = yield* Refresher.leaseFor({
      isValid: !isUrgent,
      lastAttempt: cache.lastAttempt(session),
      acquire: isUrgent ? measureWait(acquireLease) : acquireLease,
      policy
    })
    if (Option.isNone(acquired)) return Option.some(seen)
    const lease = acquired.value
    const stored = yield* Effect.flatMap(Ref.get(unwritten), Option.match({ onNone: () => readStored, onSome: keep }))
    const facts = Refresh.observeUnderLease({
      stored: Option.getOrUndefined(Option.map(stored, held)),
      isSeen: Option.exists(stored, (token) => (wasRejected ? isSame(token, seen) : Equal.equals(token, seen))),
      wasRejected,
      now: yield* Clock.currentTimeMillis,
      policy
    })
    const action = Refresh.decideUnderLease(facts)
    yield* Effect.annotateLogs(Effect.logDebug(`token under lease: ${action}`), { ...facts })
    if (Option.isNone(stored)) return yield* required("NoToken")
    const grant = grantOf(stored.value)
    if (action === "Use") return stored
    if (action !== "Refresh" || grant === undefined) return yield* required(action === "Refresh" ? "Expired" : action)

    // A refresh token must not be spent where its successor cannot be stored, nor by a process that lost the lease
    yield* cache.ensureWritable(session)
    if (!(yield* lease.isHeld)) return Option.none()
    yield* cache.recordAttempt(session)

    // A refresh that was sent runs to its end, even if the caller is interrupted; in its own fiber, so that its time limits work
    const attempt = yield* send(stored.value, grant).pipe(
      isUrgent ? identity : Effect.provideService(RetryPolicy.Override, RetryPolicy.none),
      Effect.result,
      Effect.forkDetach,
      Effect.flatMap(Fiber.join),
      Effect.uninterruptible
    )
    if (Result.isSuccess(attempt)) return Option.some(attempt.success)
    const { failure } = attempt
    if (failure._tag === "LoginRequired") return yield* failure
    if (!rejections.has(failure._tag)) return yield* unavailable(failure)
    const now = yield* Effect.repeat(readStored, { ...settling, until: (now) => !Equal.equals(now, stored) })
    if (Equal.equals(now, stored)) return yield* required("RefreshRejected")
    return Option.isSome(now) ? now : yield* required("NoToken")
  }, Effect.scoped)

  const refreshOnce = (seen: SsoToken.SsoToken, wasRejected: boolean): Effect.Effect<SsoToken.SsoToken, TokenError> =>
    Effect.repeat(refreshUnderLease(seen, wasRejected), { until: Option.isSome<SsoToken.SsoToken> }).pipe(
      Effect.map(({ value }) => value),
      Effect.tap((token) => refresher.adopt(Option.some(token)))
    )

  const refresher: Refresher.Refresher<SsoToken.SsoToken, TokenError> = yield* Refresher.make<
    SsoToken.SsoToken,
    TokenError
  >({
    name: "token",
    policy,
    held,
    isSame,
    generation: cache.generation(session),
    unwritten: Effect.map(Ref.get(unwritten), Option.isSome),
    read: Effect.suspend(() => read),
    absent: Effect.suspend(() => required("NoToken")),
    refresh: (seen) =>
      Option.match(seen, {
        onNone: () => Effect.fail(required("NoToken")),
        onSome: (seen) => refreshOnce(seen, false)
      }),
    remembersFailures: true
  })

  yield* Effect.addFinalizer(() =>
    Effect.flatMap(
      Ref.get(unwritten),
      Option.match({
        onNone: () => Effect.void,
        onSome: (change) => Effect.ignore(Effect.scoped(Effect.andThen(cache.acquireLease(session), keep(change))))
      })
    )
  )

  const refresh = Effect.fnUntraced(
    function* (rejected: SsoToken.SsoToken): Effect.fn.Return<SsoToken.SsoToken, TokenError> {
      const { stored } = yield* look
      if (Option.isNone(stored)) return yield* required("NoToken")
      if (!isSame(stored.value, rejected)) return yield* refresher.value
      const recent = yield* refresher.recentAttempt
      if (Option.isSome(recent)) {
        const { exit } = recent.value
        if (Exit.isFailure(exit)) return yield* exit
        if (isSame(exit.value, rejected)) return yield* required("TokenRejected")
      }
      const refreshed = yield* refresher.attempt(refreshOnce(rejected, true))
      // A refresh that was in progress already serves a token that it could not replace
      return isSame(refreshed, rejected) ? yield* required("TokenRejected") : refreshed
    },
    (effect, token) =>
      Effect.tapError(effect, (failure) =>
        failure._tag === "LoginRequired"
          ? Effect.flatMap(Clock.currentTimeMillis, (at) =>
              Effect.andThen(Ref.set(rejection, Option.some({ at, token, failure })), refresher.adopt(Option.none()))
            )
          : Effect.void
      )
  )

  return TokenProvider.of({ session, token: refresher.value, refresh, changes: refresher.changes })
})

/**
 * Provides the token of a session.
 *
 * **Details**
 *
 * Background refreshes belong to the layer: it waits for one that was sent when it closes.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  session: SsoSession,
  options?: TokenProviderOptions
): Layer.Layer<TokenProvider, never, SsoOidc.SsoOidc | TokenCache> =>
  Layer.effect(TokenProvider, make(session, options))

/**
 * Whether `layerInteractive` can ask the user to sign in, for the calls within an effect. `true` by default.
 *
 * **When to use**
 *
 * Set it to `false` around work that must not start a sign-in, such as a sign-out.
 *
 * @category references
 * @since 0.2.0
 */
export const Interactive: Context.Reference<boolean> = Context.Reference<boolean>(
  "effect-aws-sso/TokenProvider/Interactive",
  { defaultValue: () => true }
)

/**
 * Provides the token of a session, and runs `login` where the user has to sign in: once for all callers.
 *
 * **Details**
 *
 * A sign-in that fails is a `LoginFailed`, and the next call starts another one. A token that `login` returns and does
 * not store is stored here.
 *
 * **Example** (Signing in when needed)
 *
 * ```ts
 * import { Login, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const layer = (session: SsoSession.SsoSession) => TokenProvider.layerInteractive(session, Login.login(session))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerInteractive = <R>(
  session: SsoSession,
  login: Effect.Effect<SsoToken.SsoToken, LoginFailed | StoreError, R>,
  options?: TokenProviderOptions
): Layer.Layer<TokenProvider, never, SsoOidc.SsoOidc | TokenCache | R> =>
  Layer.effect(
    TokenProvider,
    Effect.gen(function* () {
      const cache = yield* TokenCache
      const provider = yield* make(session, options)
      const context = yield* Effect.context<R>()
      const oneAtATime = Semaphore.makeUnsafe(1)
      const keep = Effect.fnUntraced(function* (token: SsoToken.SsoToken) {
        const stored = yield* Effect.catchReason(
          cache.get(session),
          "StoreError",
          "EntryCorrupt",
          () => Effect.succeedNone
        )
        if (Option.exists(stored, (stored) => isSame(stored, token))) return
        yield* changeSignIn(cache, session, cache.set(session, token, { overwriteCorrupt: true }))
      })
      // What the user has approved is stored, even where the caller is interrupted meanwhile
      const signIn = Effect.uninterruptibleMask((restore) =>
        Effect.tap(restore(Effect.provideContext(login, context)), keep)
      )
      const orSignIn = (token: Effect.Effect<SsoToken.SsoToken, TokenError>) =>
        Effect.flatMap(Interactive, (interactive) =>
          interactive
            ? Effect.catchTag(token, "LoginRequired", () =>
                Semaphore.withPermit(
                  oneAtATime,
                  Effect.catchTag(token, "LoginRequired", () => signIn)
                )
              )
            : token
        )
      return TokenProvider.of({
        ...provider,
        token: orSignIn(provider.token),
        refresh: (rejected) => orSignIn(provider.refresh(rejected))
      })
    })
  )

/**
 * Provides a token that never changes, for tests.
 *
 * **Details**
 *
 * - `session`: `https://example.awsapps.com/start` in `us-east-1` by default
 * - `token`: one that is valid for eight hours by default
 *
 * A rejected token is a `LoginRequired` with the reason `TokenRejected`.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerTest = (options?: {
  readonly session?: SsoSession | undefined
  readonly token?: SsoToken.SsoToken | undefined
}): Layer.Layer<TokenProvider> =>
  Layer.effect(
    TokenProvider,
    Effect.map(DateTime.now, (now) => {
      const session =
        options?.session ??
        new SsoSession({
          startUrl: "https://example.awsapps.com/start",
          region: "us-east-1",
          scopes: ["sso:account:access"]
        })
      const token =
        options?.token ??
        new SsoToken.SsoToken({
          startUrl: session.startUrl,
          region: session.region,
          accessToken: Redacted.make("test-access-token"),
          expiresAt: DateTime.addDuration(now, "8 hours")
        })
      return TokenProvider.of({
        session,
        token: Effect.succeed(token),
        refresh: () => Effect.fail(loginRequired(session, "TokenRejected")),
        changes: Stream.succeed(Option.some(token))
      })
    })
  )

/**
 * Calls the portal with the token of the session. Where the portal rejects the token, it is refreshed, or the user signs
 * in again where the provider can ask, and the call is made once more.
 *
 * **Details**
 *
 * The `SsoPortal` that `f` runs on is that of the region that issued the token. A second token that is rejected is a
 * `LoginRequired` with the reason `TokenRejected`.
 *
 * **Example** (The first page of the accounts)
 *
 * ```ts
 * import { SsoPortal, TokenProvider } from "effect-aws-sso"
 *
 * const accounts = TokenProvider.withToken(({ accessToken }) => SsoPortal.listAccounts({ accessToken }))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withToken = <A, E, R>(
  f: (token: SsoToken.SsoToken) => Effect.Effect<A, E | UnauthorizedException, R>
): Effect.Effect<A, E | ConstructionFailure | TokenError, Exclude<R, SsoPortal> | SsoPortal | TokenProvider> =>
  Effect.gen(function* () {
    const portal = yield* SsoPortal
    const { refresh, session, token } = yield* TokenProvider
    const call = (token: SsoToken.SsoToken) =>
      Effect.flatMap(portal.inRegion(token.region), (portal) => Effect.provideService(f(token), SsoPortal, portal))
    const attempt = (
      token: SsoToken.SsoToken,
      others: number
    ): Effect.Effect<A, E | ConstructionFailure | TokenError, Exclude<R, SsoPortal>> =>
      Effect.catchIf(call(token), isUnauthorized, () =>
        others === 0
          ? Effect.fail(loginRequired(session, "TokenRejected"))
          : Effect.flatMap(refresh(token), (another) => attempt(another, others - 1))
      )
    // One that is refreshed, and one that the user signs in for
    return yield* Effect.flatMap(token, (token) => attempt(token, 2))
  })

const isUnauthorized = (error: unknown): error is UnauthorizedException => error instanceof UnauthorizedException
