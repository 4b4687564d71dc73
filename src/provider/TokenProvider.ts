/**
 * A token that is always there while the session lasts: read, renewed ahead of time, once for all who ask.
 *
 * **When to use**
 *
 * Provide `layer` to a program that runs for long or often, and ask `token` anew at each use. Provide `layerInteractive`
 * where a person can be asked to sign in when nothing else helps.
 *
 * **Details**
 *
 * A fresh token comes from memory. One that has less than 15 minutes left is served still, while it is renewed in the
 * background; one that has less than 5 is renewed first. A renewal holds the lock of the session, so that any number of
 * fibers and processes make one call, and reads the cache again before it makes it: refresh tokens rotate, and a second
 * call with the old one would sign everybody out. The new token is in the cache before anybody gets it.
 *
 * **Example** (A token at each use)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { SsoOidc, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const layer = (session: SsoSession.SsoSession) =>
 *   TokenProvider.layer(session).pipe(Layer.provide(SsoOidc.layer({ region: session.region })))
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
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type * as CreateToken from "../operation/CreateToken.ts"
import type { Exception } from "../operation/Exceptions.ts"
import { UnauthorizedException } from "../operation/PortalExceptions.ts"
import * as GrantType from "../operation/GrantType.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import { SsoPortal } from "../service/SsoPortal.ts"
import type { ClientError } from "../wire/ClientError.ts"
import * as SharedFiber from "./SharedFiber.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { StoreError } from "../store/StoreError.ts"
import { changeSignIn, TokenCache } from "../store/TokenCache.ts"

/**
 * Only a person can help: nothing that is kept gives a token.
 *
 * @category errors
 * @since 0.1.0
 */
export class LoginRequired extends Schema.TaggedError<LoginRequired>()("LoginRequired", {
  /**
   * - `NoToken`: nobody has signed in, or they signed out
   * - `Expired`: the token has expired, and came without a refresh token
   * - `RegistrationExpired`: the token has expired, and so has the client that could renew it
   * - `RefreshRejected`: the service refuses the refresh token: the session is over, or was ended
   * - `TokenRejected`: the portal refuses an access token that should last still: the session was ended
   */
  reason: Schema.Literals(["NoToken", "Expired", "RegistrationExpired", "RefreshRejected", "TokenRejected"]),
  startUrl: Schema.String,
  /** The command that mends it. */
  command: Schema.String
}) {
  override get message(): string {
    return `${why[this.reason]} ${this.startUrl}: sign in with \`${this.command}\``
  }
}

const why = {
  NoToken: "nobody is signed in at",
  Expired: "the token has expired of",
  RegistrationExpired: "the token and its client have expired of",
  RefreshRejected: "the session is over at",
  TokenRejected: "the session was ended at"
}

/**
 * The person was asked to sign in, and the sign-in failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class LoginFailed extends Schema.TaggedError<LoginFailed>()("LoginFailed", {
  /** The tag of the failure, such as `AccessDeniedException`. */
  failure: Schema.String,
  /** Its message. */
  description: Schema.String
}) {
  override get message(): string {
    return `the sign-in failed: ${this.description}`
  }
}

/**
 * How a token can be missing.
 *
 * **Details**
 *
 * Besides `LoginRequired`, and `LoginFailed` of `layerInteractive`: a `ClientError` or a server's exception where the
 * token has expired and could not be renewed this time, and a `StoreError` where the cache cannot be read or written.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure = LoginRequired | LoginFailed | StoreError | ClientError | Exception

/**
 * The token of one session.
 *
 * @category services
 * @since 0.1.0
 */
export class TokenProvider extends Context.Service<
  TokenProvider,
  {
    /** A token that works now. To be asked for at each use, and not to be kept. */
    readonly token: Effect.Effect<SsoToken.SsoToken, Failure>
    /**
     * Another token than the one that the portal has refused, however long that should have lasted: what another has
     * signed in for or renewed meanwhile, else a renewal. `withToken` does it by itself. Where it is absent, a person has
     * to sign in.
     */
    readonly renew?: (refused: SsoToken.SsoToken) => Effect.Effect<SsoToken.SsoToken, Failure>
    /**
     * How many sign-ins and sign-outs of the session this process has seen. What was got with a token of an earlier one
     * belongs to who was signed in then. Where it is absent, there is one sign-in.
     */
    readonly generation?: Effect.Effect<number>
    /** What a person runs to sign in, for `LoginRequired`: the command of this package where it is absent. */
    readonly command?: string
    /** The token that is known now, and each other one when it becomes known; none when there is none any more. */
    readonly changes: Stream.Stream<Option.Option<SsoToken.SsoToken>>
  }
>()("effect-aws-sso/TokenProvider") {}

/**
 * What a provider can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** With less than this left, a token is renewed in the background. 15 minutes by default. */
  readonly renewAhead?: Duration.Input | undefined
  /** With less than this left, a token is renewed before it is given out. 5 minutes by default. */
  readonly renewFirst?: Duration.Input | undefined
  /** The least time between two attempts to renew. 30 seconds by default. */
  readonly minInterval?: Duration.Input | undefined
  /**
   * What a person runs to sign in, for `LoginRequired`. The command of this package by default, which keeps tokens in
   * files: a program with another cache has a way of its own.
   */
  readonly command?: string | undefined
}

/**
 * Renewals, by `outcome` (`success`, or the tag of the failure).
 *
 * @category metrics
 * @since 0.1.0
 */
export const renewals = Metric.counter("aws_sso_renewals_total", {
  description: "Renewals of tokens, by outcome",
  incremental: true
})

/** The answers that no second try will change. */
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
  readonly renewed: SsoToken.SsoToken
}

/** Whether what is kept has the refresh token that was spent. Else somebody has signed in or out, or renewed. */
const hasSpent = (kept: Option.Option<SsoToken.SsoToken>, { spent }: Change): boolean =>
  Option.exists(kept, ({ refreshToken }) => Equal.equals(refreshToken, spent.refreshToken))

/** How the person signs in to a session. */
const commandFor = (session: SsoSession): string =>
  session.name === undefined
    ? `effect-sso login --start-url ${session.startUrl} --region ${session.region}`
    : `effect-sso login --sso-session ${session.name}`

const loginRequired = (
  session: SsoSession,
  reason: LoginRequired["reason"],
  command: string = commandFor(session)
): LoginRequired => new LoginRequired({ reason, startUrl: session.startUrl, command })

/** A tool that takes no lock may have spent a refresh token, and write what it got for it a moment later. */
const aMoment = { times: 3, schedule: Schedule.spaced("250 millis") }

/**
 * Makes a provider. When the scope closes, a renewal that was sent is waited for, and one that was not is given up.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  session: SsoSession,
  options?: Options
): Effect.fn.Return<Required<TokenProvider["Service"]>, never, SsoOidc.SsoOidc | TokenCache | Scope.Scope> {
  const cache = yield* TokenCache
  const service = yield* SsoOidc.SsoOidc
  const known = yield* SubscriptionRef.make(Option.none<SsoToken.SsoToken>())
  const renewAhead = Duration.toMillis(Duration.fromInputUnsafe(options?.renewAhead ?? "15 minutes"))
  const renewFirst = Duration.toMillis(Duration.fromInputUnsafe(options?.renewFirst ?? "5 minutes"))
  const minInterval = Duration.toMillis(Duration.fromInputUnsafe(options?.minInterval ?? "30 seconds"))
  const scope = yield* Effect.scope
  const command = options?.command ?? commandFor(session)
  const required = (reason: LoginRequired["reason"]) => loginRequired(session, reason, command)

  /** The last attempt of this session, and how it failed, if it did. */
  let last: { readonly at: number; readonly failure: Failure | undefined } | undefined
  /** What the last renewal gave. */
  let lastRenewed: SsoToken.SsoToken | undefined
  /** A token that was refused and could not be replaced, and why not. */
  let refusal: { readonly at: number; readonly token: SsoToken.SsoToken; readonly failure: LoginRequired } | undefined
  /** The sign-in that the known token comes from. */
  let generation = -1
  /** A renewal that could not be written: memory is all that has it, and the refresh token that nobody else knows. */
  let unkept: Change | undefined

  const adopt = (token: Option.Option<SsoToken.SsoToken>): Effect.Effect<void> =>
    Effect.suspend(() =>
      Equal.equals(SubscriptionRef.getUnsafe(known), token) ? Effect.void : SubscriptionRef.set(known, token)
    )

  /** Why nobody is to be given a token: the portal has just refused it, and nothing could replace it. */
  const refusalOf = (token: SsoToken.SsoToken): Effect.Effect<LoginRequired | undefined> =>
    Effect.map(Clock.currentTimeMillis, (now) =>
      refusal !== undefined && isSame(refusal.token, token) && isRecent(refusal.at, now) ? refusal.failure : undefined
    )

  /** What is in the cache, or should be. */
  const fromCache = Effect.gen(function* () {
    const of = yield* cache.generation(session)
    const kept = yield* cache.get(session)
    const change = unkept
    const overdue = change !== undefined && hasSpent(kept, change)
    const token = overdue ? Option.some(change.renewed) : kept
    const usable = Option.isSome(token) && (yield* refusalOf(token.value)) === undefined
    // What was read before somebody signed in or out is not to be remembered after it
    if (of === (yield* cache.generation(session))) {
      generation = of
      yield* adopt(usable ? token : Option.none())
    }
    return token
  })

  /** Under the lock: writes a renewed token. Who signed in or out meanwhile, without a lock, has the last word. */
  const keep = Effect.fnUntraced(function* (
    change: Change
  ): Effect.fn.Return<Option.Option<SsoToken.SsoToken>, StoreError> {
    const kept = yield* cache.get(session)
    const due = hasSpent(kept, change)
    if (due) yield* cache.set(session, change.renewed)
    unkept = undefined
    const token = due ? Option.some(change.renewed) : kept
    yield* adopt(token)
    return token
  })

  /** One call; its answer is in the cache before anybody gets it, if it can be. */
  const refresh = Effect.fn("SsoOidc.Renewal")(
    function* (
      spent: SsoToken.SsoToken,
      grant: CreateToken.CreateTokenInput
    ): Effect.fn.Return<SsoToken.SsoToken, Failure> {
      // A renewal belongs to the region that gave the token: a vanity start URL can lead to another than the session's
      const elsewhere = spent.region !== session.region
      const { createToken } = elsewhere ? yield* service.inRegion(spent.region) : service
      const output = yield* createToken(grant)
      const renewed = yield* SsoToken.refreshed(spent, output)
      lastRenewed = renewed
      const token = yield* Effect.catch(
        keep({ spent, renewed }),
        Effect.fnUntraced(function* (failure) {
          unkept = { spent, renewed }
          yield* Effect.logError(`the renewed token of ${session.startUrl} is not kept yet: ${failure.message}`)
          yield* adopt(Option.some(renewed))
          return Option.some(renewed)
        })
      )
      return yield* Effect.mapError(Effect.fromOption(token), () => required("NoToken"))
    },
    Effect.tap(() => count("success")),
    Effect.tapError((failure) => count(failure._tag))
  )

  /** A token that was not renewed is served while it lasts. */
  const makeDo = Effect.fnUntraced(function* (failure: Failure): Effect.fn.Return<SsoToken.SsoToken, Failure> {
    const token = yield* Effect.mapError(Effect.fromOption(SubscriptionRef.getUnsafe(known)), () => failure)
    return (yield* SsoToken.isExpired(token)) ? yield* failure : token
  })

  /**
   * Renews what is in the cache, unless somebody has done it. None where the lock was lost before. What is left of a
   * token that was refused counts for nothing.
   */
  const renewUnderLock = Effect.fnUntraced(function* (
    seen: SsoToken.SsoToken,
    wasRefused: boolean
  ): Effect.fn.Return<Option.Option<SsoToken.SsoToken>, Failure, Scope.Scope> {
    const lease = yield* cache.lock(session)
    const kept = yield* unkept === undefined ? fromCache : keep(unkept)
    if (Option.isNone(kept)) return yield* required("NoToken")
    const token = kept.value

    const renewedByAnother = !Equal.equals(token, seen)
    const fresh = (yield* timeLeft(token)) > (renewedByAnother ? renewFirst : renewAhead)
    const refused = wasRefused && isSame(token, seen)
    if (fresh && !refused) return kept

    const { clientId, clientSecret, refreshToken } = token
    const canRenew = clientId !== undefined && clientSecret !== undefined && refreshToken !== undefined
    if (!canRenew) return yield* required(fresh ? "TokenRejected" : "Expired")
    const registered = yield* SsoToken.isRefreshable(token)
    if (!registered) return yield* required("RegistrationExpired")

    // A refresh token is not to be spent where its successor cannot be kept, nor by one whom others took for dead
    yield* cache.ensureWritable(session)
    const lost = !(yield* lease.isHeld)
    if (lost) return Option.none()

    // Once sent it is seen through, whoever is interrupted; in a fiber of its own, as its time limits must interrupt it
    const attempt = yield* refresh(token, {
      grantType: GrantType.refreshToken,
      clientId,
      clientSecret,
      refreshToken
    }).pipe(Effect.result, Effect.forkDetach, Effect.flatMap(Fiber.join), Effect.uninterruptible)
    if (Result.isSuccess(attempt)) return Option.some(attempt.success)
    const rejected = rejections.has(attempt.failure._tag)
    if (!rejected) return yield* attempt.failure
    const now = yield* Effect.repeat(fromCache, { ...aMoment, until: (now) => !Equal.equals(now, kept) })
    if (Equal.equals(now, kept)) return yield* required("RefreshRejected")
    return Option.isSome(now) ? now : yield* required("NoToken")
  }, Effect.scoped)

  yield* Effect.addFinalizer(() => {
    const change = unkept
    return change === undefined
      ? Effect.void
      : Effect.ignore(Effect.scoped(Effect.andThen(cache.lock(session), keep(change))))
  })

  const attemptRenewal = (seen: SsoToken.SsoToken, wasRefused: boolean): Effect.Effect<SsoToken.SsoToken, Failure> =>
    Effect.repeat(renewUnderLock(seen, wasRefused), { until: Option.isSome<SsoToken.SsoToken> }).pipe(
      Effect.map(({ value }) => value),
      Effect.onExit((exit) =>
        Effect.map(Clock.currentTimeMillis, (at) => {
          const failure = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.findErrorOption(exit.cause)) : undefined
          last = { at, failure }
        })
      )
    )

  const once = SharedFiber.make<SsoToken.SsoToken, Failure>(scope)

  /** Starts a renewal, or joins the one under way. It belongs to the provider, whoever asked for it is interrupted. */
  const renewal = (seen: SsoToken.SsoToken): Effect.Effect<Fiber.Fiber<SsoToken.SsoToken, Failure>> =>
    once(
      Effect.catch(attemptRenewal(seen, false), (failure) =>
        Effect.tap(makeDo(failure), () =>
          Effect.logWarning(`a token that was not renewed is served while it lasts: ${failure.message}`)
        )
      )
    )

  // A clock that was set back makes nothing recent
  const isRecent = (at: number, now: number): boolean => now >= at && now - at < minInterval

  const recentAttempt = Effect.map(Clock.currentTimeMillis, (now) =>
    last !== undefined && isRecent(last.at, now) ? last : undefined
  )

  /** A token that needs no renewal, or not yet. */
  const serve = Effect.fnUntraced(function* (
    token: SsoToken.SsoToken
  ): Effect.fn.Return<Option.Option<SsoToken.SsoToken>> {
    const left = yield* timeLeft(token)
    if (left <= renewFirst) return Option.none()
    const expiresSoon = left <= renewAhead && (yield* SsoToken.isRefreshable(token))
    const tooSoon = (yield* recentAttempt) !== undefined
    if ((expiresSoon || unkept !== undefined) && !tooSoon) yield* renewal(token)
    return Option.some(token)
  })

  const token = Effect.gen(function* () {
    const remembered = SubscriptionRef.getUnsafe(known)
    const isCurrent = generation === (yield* cache.generation(session))
    if (Option.isSome(remembered) && isCurrent) {
      const served = yield* serve(remembered.value)
      if (Option.isSome(served)) return served.value
    }
    // Another tool may have signed in, signed out, or renewed
    const kept = yield* Effect.catch(fromCache, (failure) =>
      isCurrent ? Effect.asSome(makeDo(failure)) : Effect.fail(failure)
    )
    if (Option.isNone(kept)) return yield* required("NoToken")
    const refused = yield* refusalOf(kept.value)
    if (refused !== undefined) return yield* refused
    const served = yield* serve(kept.value)
    if (Option.isSome(served)) return served.value
    const recent = yield* recentAttempt
    if (recent?.failure !== undefined) return yield* makeDo(recent.failure)
    const tooSoon = recent !== undefined && !(yield* SsoToken.isExpired(kept.value))
    return tooSoon ? kept.value : yield* Effect.flatMap(renewal(kept.value), Fiber.join)
  })

  const renew = Effect.fnUntraced(
    function* (refused: SsoToken.SsoToken): Effect.fn.Return<SsoToken.SsoToken, Failure> {
      const kept = yield* fromCache
      if (Option.isNone(kept)) return yield* required("NoToken")
      if (!isSame(kept.value, refused)) return yield* token
      const recent = yield* recentAttempt
      if (recent?.failure !== undefined) return yield* recent.failure
      const justRenewed = recent !== undefined && lastRenewed !== undefined && isSame(lastRenewed, refused)
      if (justRenewed) return yield* required("TokenRejected")
      const renewed = yield* Effect.flatMap(once(attemptRenewal(refused, true)), Fiber.join)
      // A renewal that was under way already serves what it could not renew
      return isSame(renewed, refused) ? yield* last?.failure ?? required("TokenRejected") : renewed
    },
    (effect, token) =>
      Effect.tapError(effect, (failure) =>
        failure._tag === "LoginRequired"
          ? Effect.flatMap(Clock.currentTimeMillis, (at) => {
              refusal = { at, token, failure }
              return adopt(Option.none())
            })
          : Effect.void
      )
  )

  return {
    token,
    renew,
    generation: cache.generation(session),
    command,
    changes: SubscriptionRef.changes(known)
  }
})

const isSame = (one: SsoToken.SsoToken, other: SsoToken.SsoToken): boolean =>
  Equal.equals(one.accessToken, other.accessToken)

const timeLeft = (token: SsoToken.SsoToken): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => DateTime.toEpochMillis(token.expiresAt) - now)

const count = (outcome: string) => Metric.update(Metric.withAttributes(renewals, { outcome }), 1)

/**
 * Provides the token of a session, renewed ahead of time. For a scope that lasts: renewals in the background are part of
 * it, and it waits for them when it closes.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  session: SsoSession,
  options?: Options
): Layer.Layer<TokenProvider, never, SsoOidc.SsoOidc | TokenCache> =>
  Layer.effect(TokenProvider, make(session, options))

/**
 * Whether `layerInteractive` may ask the person to sign in, for the calls within an effect. `true` by default.
 *
 * **When to use**
 *
 * Use for what is not worth a sign-in, such as a sign-out.
 *
 * @category services
 * @since 0.1.0
 */
export const MayAsk: Context.Reference<boolean> = Context.Reference<boolean>("effect-aws-sso/TokenProvider/MayAsk", {
  defaultValue: () => true
})

/**
 * Provides the token of a session, and signs the person in where nothing else helps: once, whoever asks meanwhile. A
 * sign-in that fails is a `LoginFailed`, and the next who asks starts another one. A token that `login` gives and does
 * not keep is kept here.
 *
 * **Example** (A sign-in when it is needed)
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
export const layerInteractive = <E extends { readonly _tag: string; readonly message: string }, R>(
  session: SsoSession,
  login: Effect.Effect<SsoToken.SsoToken, E, R>,
  options?: Options
): Layer.Layer<TokenProvider, never, SsoOidc.SsoOidc | TokenCache | R> =>
  Layer.effect(
    TokenProvider,
    Effect.gen(function* () {
      const cache = yield* TokenCache
      const provider = yield* make(session, options)
      const context = yield* Effect.context<R>()
      const oneAtATime = Semaphore.makeUnsafe(1)
      const keep = Effect.fnUntraced(function* (token: SsoToken.SsoToken) {
        const kept = yield* Effect.catchReason(
          cache.get(session),
          "StoreError",
          "EntryCorrupt",
          () => Effect.succeedNone
        )
        if (Option.exists(kept, (kept) => isSame(kept, token))) return
        yield* changeSignIn(cache, session, cache.set(session, token, { overwriteCorrupt: true }))
      })
      const loggedIn = Effect.mapError(
        Effect.provideContext(login, context),
        ({ _tag, message }) => new LoginFailed({ failure: _tag, description: message })
      )
      // What the person has done is kept, whoever is interrupted meanwhile
      const signIn = Effect.uninterruptibleMask((restore) => Effect.tap(restore(loggedIn), keep))
      const orSignIn = (token: Effect.Effect<SsoToken.SsoToken, Failure>) =>
        Effect.flatMap(MayAsk, (mayAsk) =>
          mayAsk
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
        renew: (refused) => orSignIn(provider.renew(refused))
      })
    })
  )

/**
 * Does something at the portal with the token of a session. Where the portal refuses the token, it is renewed, or the
 * person signs in again where the provider can ask them, and the same is done once more.
 *
 * **Details**
 *
 * A second token that is refused is a `LoginRequired` with the reason `TokenRejected`.
 *
 * **Example** (The first page of the accounts)
 *
 * ```ts
 * import { SsoPortal, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const accounts = (session: SsoSession.SsoSession) =>
 *   TokenProvider.withToken(session, ({ accessToken }) => SsoPortal.listAccounts({ accessToken }))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withToken = <A, E, R>(
  session: SsoSession,
  f: (token: SsoToken.SsoToken) => Effect.Effect<A, E | UnauthorizedException, R>
): Effect.Effect<A, E | Failure, R | TokenProvider> =>
  Effect.flatMap(TokenProvider, (provider) => {
    const { command, renew } = provider
    const attempt = (token: SsoToken.SsoToken, others: number): Effect.Effect<A, E | Failure, R> =>
      Effect.catchIf(f(token), isUnauthorized, () =>
        others === 0 || renew === undefined
          ? Effect.fail(loginRequired(session, "TokenRejected", command))
          : Effect.flatMap(renew(token), (another) => attempt(another, others - 1))
      )
    // One that is renewed, and one that the person signs in for
    return Effect.flatMap(provider.token, (token) => attempt(token, 2))
  })

/**
 * As `withToken`, with the portal in the region of the token.
 *
 * @category combinators
 * @since 0.2.0
 */
export const withPortal = <A, E, R>(
  session: SsoSession,
  f: (token: SsoToken.SsoToken) => Effect.Effect<A, E | UnauthorizedException, R>
): Effect.Effect<A, E | Failure, Exclude<R, SsoPortal> | SsoPortal | TokenProvider> =>
  Effect.flatMap(SsoPortal, (portal) =>
    withToken(session, (token) =>
      Effect.flatMap(
        token.region === session.region ? Effect.succeed(portal) : portal.inRegion(token.region),
        (portal) => Effect.provideService(f(token), SsoPortal, portal)
      )
    )
  )

const isUnauthorized = (error: unknown): error is UnauthorizedException => error instanceof UnauthorizedException
