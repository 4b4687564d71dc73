/**
 * Synchronous changes of the emulator's state. Neither a concurrent request nor an interruption can see half of a change.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Result from "effect/Result"

/** The time and the randomness of one change. */
export interface Moment {
  /** Epoch milliseconds of the `Clock`. */
  readonly now: number
  readonly random: Random.Random
}

export const moment: Effect.Effect<Moment> = Effect.withFiberSucceed((fiber) => ({
  now: fiber.getRef(Clock.Clock).currentTimeMillisUnsafe(),
  random: fiber.getRef(Random.Random)
}))

/** Runs one change. */
export const transition = <A, E>(change: (moment: Moment) => Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(moment, (now) => Effect.fromResult(change(now)))
