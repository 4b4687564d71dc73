/**
 * An effect that runs once for all who want it meanwhile.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

/**
 * Starts an effect in a fiber that belongs to the scope, or joins the one that is under way, whoever is interrupted.
 */
export const make = <A, E>(scope: Scope.Scope): ((effect: Effect.Effect<A, E>) => Effect.Effect<Fiber.Fiber<A, E>>) => {
  // The scheduler may let others run between the start of a fiber and its being known
  const oneAtATime = Semaphore.makeUnsafe(1)
  let current: Fiber.Fiber<A, E> | undefined
  const start = (effect: Effect.Effect<A, E>) =>
    Effect.tap(Effect.forkIn(Effect.interruptible(effect), scope), (fiber) =>
      Effect.sync(() => {
        current = fiber
        fiber.addObserver(() => {
          current = undefined
        })
      })
    )
  return (effect) =>
    Effect.suspend(() => (current === undefined ? start(effect) : Effect.succeed(current))).pipe(
      Effect.uninterruptible,
      Semaphore.withPermit(oneAtATime)
    )
}
