/**
 * How patient the locks are, whatever they are made of.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { type StoreError, storeUnavailable } from "./StoreError.ts"

/** How patient the locks are. */
export interface Options {
  /**
   * How long a holder may be silent: long enough for a program that computes and answers nobody meanwhile, short enough
   * for who waits for one that was killed. 10 seconds by default.
   */
  readonly silence?: Duration.Input | undefined
}

/** How often a holder shows that it lives before it could be taken for dead. */
const beats = 10

/** How long the lock is waited for: longer than a holder that died, and the attempts of a renewal, can take. */
const patience = Duration.seconds(60)

/** Who waits looks again after this, on average. */
export const look: Duration.Duration = Duration.millis(50)

/** The time between two looks. Not all look at the same moment, and none is deaf to an interruption meanwhile. */
export const pause: Effect.Effect<void> = Effect.interruptible(
  Effect.flatMap(Random.nextBetween(0.5, 1.5), (part) => Effect.sleep(Duration.times(look, part)))
)

/** How long a holder may be silent, and when it shows that it lives. */
export const make = (
  options: Options | undefined
): { readonly silence: Duration.Duration; readonly heartbeat: Schedule.Schedule<number> } => {
  const silence = Duration.fromInputUnsafe(options?.silence ?? "10 seconds")
  return { silence, heartbeat: Schedule.spaced(Duration.divideUnsafe(silence, beats)) }
}

/** Waits for a lock no longer than it can take. */
export const withPatience =
  (location: string) =>
  <A, E, R>(taking: Effect.Effect<A, E, R>): Effect.Effect<A, E | StoreError, R> =>
    Effect.timeoutOrElse(taking, {
      duration: patience,
      orElse: () =>
        Effect.fail(
          storeUnavailable(location, "lease", `another process has held the lock for ${Duration.format(patience)}`)
        )
    })
