/**
 * Carries out the decisions of `Refresh` for one value that expires: serves it from memory, and refreshes it once for
 * all callers.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { AcquireTimeout } from "../store/Lease.ts"
import type { StoreError } from "../store/StoreError.ts"
import * as Refresh from "./Refresh.ts"
import * as SharedFiber from "./SharedFiber.ts"

/** What is refreshed, and how. */
export interface Options<A, E> {
  /** The name in logs: `token` or `credentials`. */
  readonly name: string
  readonly policy: Refresh.Policy
  readonly held: (value: A) => Refresh.Held
  readonly isSame: (one: A, other: A) => boolean
  /** The number of sign-ins and sign-outs so far. A value belongs to the sign-in that it was read in. */
  readonly generation: Effect.Effect<number>
  /** Whether a refreshed value could not be stored yet. */
  readonly unwritten: Effect.Effect<boolean>
  /** Reads the store. */
  readonly read: Effect.Effect<Option.Option<A>, E>
  /** Fails where a value can only come from the user. Absent where it is obtained like a refreshed one. */
  readonly absent?: Effect.Effect<never, E>
  /** Takes the lease and refreshes, unless another process has done so since `seen`. */
  readonly refresh: (seen: Option.Option<A>, generation: number) => Effect.Effect<A, E>
  /** Whether a call fails with the error of a recent attempt, instead of making another one. */
  readonly remembersFailures: boolean
}

/** A value that is kept fresh. */
export interface Refresher<A, E> {
  /** The value, valid now. */
  readonly value: Effect.Effect<A, E>
  /** The value in memory, and each change of it. */
  readonly changes: Stream.Stream<Option.Option<A>>
  /** Replaces the value in memory, unless the user has signed in or out since this generation. */
  readonly adopt: (value: Option.Option<A>, generation?: number) => Effect.Effect<void>
  /** Refreshes, or joins the attempt in progress, and fails as it fails. */
  readonly attempt: (refresh: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** The last attempt, if it is recent. */
  readonly recentAttempt: Effect.Effect<Option.Option<Attempt<A, E>>>
}

/** An attempt that has ended. */
export interface Attempt<A, E> {
  readonly at: number
  readonly exit: Exit.Exit<A, E>
}

interface State<A, E> {
  readonly generation: number
  readonly known: Option.Option<A>
  readonly lastAttempt: Option.Option<Attempt<A, E>>
  /** Before this time, in epoch milliseconds, the known value is served without a decision. */
  readonly serveUntil: number
  /** The known value, ready to be returned. */
  readonly served: Effect.Effect<A>
}

/** The policy of durations that a caller gives. */
export const policy = (options: {
  readonly refreshAhead: Duration.Input
  readonly refreshFirst: Duration.Input
  readonly minInterval: Duration.Input
}): Refresh.Policy => ({
  refreshAhead: Duration.toMillis(Duration.fromInputUnsafe(options.refreshAhead)),
  refreshFirst: Duration.toMillis(Duration.fromInputUnsafe(options.refreshFirst)),
  minInterval: Duration.toMillis(Duration.fromInputUnsafe(options.minInterval))
})

/** Acquires a lease if it is free. `None` if another fiber or process holds it. */
const ifFree = <A, R>(acquire: Effect.Effect<A, StoreError, R>): Effect.Effect<Option.Option<A>, StoreError, R> =>
  acquire.pipe(
    Effect.asSome,
    Effect.catch((error) =>
      error.reason._tag === "StoreUnavailable" && error.reason.action === "lease"
        ? Effect.succeedNone
        : Effect.fail(error)
    ),
    Effect.provideService(AcquireTimeout, Duration.zero)
  )

/** How long a caller with a valid value waits for a refresh. The refresh itself goes on. */
const refreshGrace = Duration.seconds(5)

/**
 * Acquires the lease for an attempt. A valid value is served rather than waited for: `None` if another process makes an
 * attempt, or has just made one.
 */
export const leaseFor = Effect.fnUntraced(function* <A, R>(options: {
  /** Whether there is a value to serve instead. */
  readonly isValid: boolean
  /** When any process last made an attempt. */
  readonly lastAttempt: Effect.Effect<Option.Option<DateTime.Utc>>
  readonly acquire: Effect.Effect<A, StoreError, R>
  readonly policy: Refresh.Policy
}): Effect.fn.Return<Option.Option<A>, StoreError, R> {
  const { acquire, isValid, lastAttempt, policy } = options
  if (!isValid) return Option.some(yield* acquire)
  const at = yield* lastAttempt
  const now = yield* Clock.currentTimeMillis
  const isRecent = Option.exists(at, (at) => Refresh.isRecent(DateTime.toEpochMillis(at), now, policy))
  return isRecent ? Option.none() : yield* ifFree(acquire)
})

/** Makes a refresher. Its refreshes belong to the scope. */
export const make = Effect.fnUntraced(function* <
  A extends { readonly [key in keyof A]: A[key] },
  E extends { readonly message: string }
>(options: Options<A, E>): Effect.fn.Return<Refresher<A, E>, never, Scope.Scope> {
  const { held, isSame, name } = options
  const scope = yield* Effect.scope
  const ref = yield* SubscriptionRef.make<State<A, E>>({
    generation: -1,
    known: Option.none(),
    lastAttempt: Option.none(),
    serveUntil: Number.NEGATIVE_INFINITY,
    served: Effect.never
  })
  const shared = SharedFiber.make<number, A, E>(scope)
  const current = Effect.sync(() => SubscriptionRef.getUnsafe(ref))

  /** What serves a value while it is so fresh that no fact but the time can matter. */
  const servedBefore = (value: Option.Option<A>, unwritten: boolean): Pick<State<A, E>, "serveUntil" | "served"> =>
    Option.isNone(value) || unwritten
      ? { serveUntil: Number.NEGATIVE_INFINITY, served: Effect.never }
      : {
          serveUntil: held(value.value).expiresAt - Math.max(options.policy.refreshAhead, options.policy.refreshFirst),
          served: Effect.succeed(value.value)
        }

  const adopt: Refresher<A, E>["adopt"] = Effect.fnUntraced(function* (value, generation) {
    const now = yield* options.generation
    const served = servedBefore(value, yield* options.unwritten)
    const state = SubscriptionRef.getUnsafe(ref)
    const isUnchanged =
      state.generation === now && state.serveUntil === served.serveUntil && Equal.equals(state.known, value)
    // What was obtained before the user signed in or out must not be remembered after it
    const isOutdated = generation !== undefined && generation !== now
    if (isUnchanged || isOutdated) return
    yield* SubscriptionRef.update(ref, (state) => ({ ...state, ...served, generation: now, known: value }))
  })

  const stateFor = ({ lastAttempt }: State<A, E>, value: A, unwritten: boolean): Refresh.State => ({
    unwritten,
    lastAttempt: Option.getOrUndefined(
      Option.map(lastAttempt, ({ at, exit }) => ({
        at,
        failed: Exit.isFailure(exit) && options.remembersFailures,
        gaveThis: Exit.isSuccess(exit) && isSame(exit.value, value)
      }))
    )
  })

  const decide = Effect.fnUntraced(function* (value: A) {
    const unwritten = yield* options.unwritten
    const now = yield* Clock.currentTimeMillis
    const state = yield* current
    const decision = Refresh.decide(stateFor(state, value, unwritten), held(value), now, options.policy)
    if (decision.action !== "Serve") {
      yield* Effect.annotateLogs(Effect.logDebug(`${name}: ${decision.action}`), { ...decision.facts })
    }
    return decision.action
  })

  const recentAttempt = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const { lastAttempt } = yield* current
    return Option.filter(lastAttempt, ({ at }) => Refresh.isRecent(at, now, options.policy))
  })

  /** Serves the value in memory while it is valid. */
  const whileValid = Effect.fnUntraced(function* (failure: E): Effect.fn.Return<A, E> {
    const now = yield* Clock.currentTimeMillis
    const { generation, known } = yield* current
    // The value of an earlier sign-in can be another user's
    const isCurrent = generation === (yield* options.generation)
    const valid = Option.filter(known, (value) => isCurrent && held(value).expiresAt > now)
    return yield* Effect.mapError(Effect.fromOption(valid), () => failure)
  })

  const recorded = (refresh: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.onExit(refresh, (exit) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) =>
        SubscriptionRef.update(ref, (state) => ({ ...state, lastAttempt: Option.some({ at, exit }) }))
      )
    )

  /** Starts a refresh, or returns the one in progress of this sign-in. One of an earlier sign-in can still be waiting. */
  const start = (refresh: (generation: number) => Effect.Effect<A, E>): Effect.Effect<Fiber.Fiber<A, E>> =>
    Effect.flatMap(options.generation, (generation) => shared(generation, refresh(generation)))

  const refresh = (seen: Option.Option<A>): Effect.Effect<Fiber.Fiber<A, E>> =>
    start((generation) =>
      recorded(options.refresh(seen, generation)).pipe(
        Effect.catch((failure) =>
          Effect.tap(whileValid(failure), () =>
            Effect.logWarning(`the ${name} could not be refreshed and will be used until expiry: ${failure.message}`)
          )
        )
      )
    )

  const readAgain = Effect.fnUntraced(function* (isCurrent: boolean): Effect.fn.Return<A, E> {
    const stored = yield* Effect.catch(options.read, (failure) =>
      isCurrent ? Effect.asSome(whileValid(failure)) : Effect.fail(failure)
    )
    if (Option.isNone(stored)) return yield* options.absent ?? Effect.flatMap(refresh(stored), Fiber.join)
    const action = yield* decide(stored.value)
    switch (action) {
      case "Serve":
        return stored.value
      case "ServeAndRefresh":
        return yield* Effect.as(refresh(stored), stored.value)
      case "Refresh": {
        const fiber = yield* refresh(stored)
        const expired = held(stored.value).expiresAt <= (yield* Clock.currentTimeMillis)
        if (expired) return yield* Fiber.join(fiber)
        const refreshed = yield* Effect.timeoutOption(Fiber.join(fiber), refreshGrace)
        return Option.getOrElse(refreshed, () => stored.value)
      }
      case "Fail": {
        const { lastAttempt } = yield* current
        const failure = Option.flatMap(lastAttempt, ({ exit }) =>
          Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : Option.none()
        )
        return yield* Option.match(failure, {
          onNone: () => Effect.flatMap(refresh(stored), Fiber.join),
          onSome: whileValid
        })
      }
    }
  })

  const decided: Effect.Effect<A, E> = Effect.gen(function* () {
    const generation = yield* options.generation
    const state = yield* current
    const isCurrent = state.generation === generation
    if (isCurrent && Option.isSome(state.known)) {
      const known = state.known
      const action = yield* decide(known.value)
      if (action === "ServeAndRefresh") yield* refresh(known)
      if (action === "Serve" || action === "ServeAndRefresh") return known.value
    }
    // Another tool may have signed in, signed out, or refreshed
    const exit = yield* Effect.exit(readAgain(isCurrent))
    // What was obtained for an earlier sign-in says nothing about this one, whether it succeeded or failed
    const isOutdated = generation !== (yield* options.generation)
    return yield* isOutdated ? decided : exit
  })

  // Most calls by far: two comparisons, before any machinery
  const value: Effect.Effect<A, E> = Effect.flatMap(options.generation, (generation) =>
    Effect.clockWith((clock) => {
      const state = SubscriptionRef.getUnsafe(ref)
      return state.generation === generation && clock.currentTimeMillisUnsafe() < state.serveUntil
        ? state.served
        : decided
    })
  )

  return {
    value,
    changes: SubscriptionRef.changes(ref).pipe(
      Stream.map(({ known }) => known),
      Stream.changes
    ),
    adopt,
    attempt: (refresh) =>
      Effect.flatMap(
        start(() => recorded(refresh)),
        Fiber.join
      ),
    recentAttempt
  }
})
