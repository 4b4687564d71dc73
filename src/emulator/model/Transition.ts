/**
 * How the emulator's state changes: in synchronous steps, so that neither a concurrent request nor an interrupted one can
 * catch it halfway.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Result from "effect/Result"

/**
 * What a step knows of the world.
 *
 * @internal
 */
export interface Moment {
  /** Epoch milliseconds of the `Clock`. */
  readonly now: number
  readonly random: Random.Random
}

/**
 * One step.
 *
 * @internal
 */
export const transition = <A, E>(step: (moment: Moment) => Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const random = yield* Random.Random
    return yield* Effect.fromResult(step({ now, random }))
  })
