/**
 * How long leases last, and how long callers wait for them.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { type StoreError, storeUnavailable } from "./StoreError.ts"

/** How long leases last. */
export interface LeaseOptions {
  /**
   * How long a lease remains valid after its holder last extended it. It must be longer than a program can compute
   * without yielding, and short enough to wait for after a holder was killed. 10 seconds by default.
   */
  readonly timeToLive?: Duration.Input | undefined
}

/** How often a holder extends its lease within one time to live. */
const extensions = 10

/**
 * How long a caller waits for a lease: by default 60 seconds, longer than a dead holder's lease and all attempts of a
 * refresh can last. With zero, a caller does not wait for a lease that another fiber or process holds.
 */
export const AcquireTimeout: Context.Reference<Duration.Duration> = Context.Reference<Duration.Duration>(
  "effect-aws-sso/store/AcquireTimeout",
  { defaultValue: () => Duration.seconds(60) }
)

const heldByAnother = (location: string, acquireTimeout: Duration.Duration): StoreError =>
  storeUnavailable(
    location,
    "lease",
    Duration.isZero(acquireTimeout)
      ? "another process holds the lease"
      : `another process has held the lease for ${Duration.format(acquireTimeout)}`
  )

/** The average time between two attempts to acquire a lease. */
export const pollInterval: Duration.Duration = Duration.millis(50)

const jitteredPause = Effect.interruptible(
  Effect.flatMap(Random.nextBetween(0.5, 1.5), (part) => Effect.sleep(Duration.times(pollInterval, part)))
)

/** Fails with `StoreUnavailable` if the caller does not wait for a lease. */
export const mustNotWait = (location: string): Effect.Effect<void, StoreError> =>
  Effect.flatMap(AcquireTimeout, (timeout) =>
    Duration.isZero(timeout) ? Effect.fail(heldByAnother(location, timeout)) : Effect.void
  )

/**
 * Waits until the next attempt. The wait is jittered, so that callers do not poll in step, and interruptible. Fails with
 * `StoreUnavailable` if the caller does not wait for a lease.
 */
export const awaitNextPoll = (location: string): Effect.Effect<void, StoreError> =>
  Effect.andThen(mustNotWait(location), jitteredPause)

/** The time to live of leases, and when their holders extend them. */
export interface LeaseTimes {
  readonly timeToLive: Duration.Duration
  readonly extend: Schedule.Schedule<number>
}

/** Reads the options. */
export const times = (options: LeaseOptions | undefined): LeaseTimes => {
  const timeToLive = Duration.fromInputUnsafe(options?.timeToLive ?? "10 seconds")
  return { timeToLive, extend: Schedule.spaced(Duration.divideUnsafe(timeToLive, extensions)) }
}

/** Fails with `StoreUnavailable` when a lease is not acquired in time. */
export const withAcquireTimeout =
  (location: string) =>
  <A, E, R>(acquire: Effect.Effect<A, E, R>): Effect.Effect<A, E | StoreError, R> =>
    Effect.flatMap(AcquireTimeout, (duration) =>
      Duration.isZero(duration)
        ? acquire
        : Effect.timeoutOrElse(acquire, {
            duration,
            orElse: () => Effect.fail(heldByAnother(location, duration))
          })
    )
