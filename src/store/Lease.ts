/**
 * How long leases last, and how long callers wait for them.
 */
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

/** How long a caller waits for a lease: longer than a dead holder's lease and all attempts of a refresh can last. */
const acquireTimeout = Duration.seconds(60)

/** The average time between two attempts to acquire a lease. */
export const pollInterval: Duration.Duration = Duration.millis(50)

/** Waits until the next attempt. The wait is jittered, so that callers do not poll in step, and interruptible. */
export const awaitNextPoll: Effect.Effect<void> = Effect.interruptible(
  Effect.flatMap(Random.nextBetween(0.5, 1.5), (part) => Effect.sleep(Duration.times(pollInterval, part)))
)

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
    Effect.timeoutOrElse(acquire, {
      duration: acquireTimeout,
      orElse: () =>
        Effect.fail(
          storeUnavailable(
            location,
            "lease",
            `another process has held the lease for ${Duration.format(acquireTimeout)}`
          )
        )
    })
