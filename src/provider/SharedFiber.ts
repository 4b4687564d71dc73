/**
 * An effect that runs once for all callers that want it at the same time.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

/**
 * Returns a function that starts an effect in a fiber of the scope, or returns the fiber in progress for that key. The
 * fiber goes on when a caller is interrupted, and is interrupted when an effect of another key starts.
 */
export const make = <K, A, E>(
  scope: Scope.Scope
): ((key: K, effect: Effect.Effect<A, E>) => Effect.Effect<Fiber.Fiber<A, E>>) => {
  const fibers = new Map<K, Fiber.Fiber<A, E>>()
  // The scheduler may run other fibers between the start of a fiber and its entry in the map
  const oneAtATime = Semaphore.makeUnsafe(1)
  const start = (key: K, effect: Effect.Effect<A, E>) => {
    for (const fiber of fibers.values()) fiber.interruptUnsafe()
    return Effect.tap(Effect.forkIn(Effect.interruptible(effect), scope), (fiber) =>
      Effect.sync(() => {
        fibers.set(key, fiber)
        fiber.addObserver(() => fibers.delete(key))
      })
    )
  }
  return (key, effect) =>
    Effect.suspend(() => {
      const fiber = fibers.get(key)
      return fiber === undefined ? start(key, effect) : Effect.succeed(fiber)
    }).pipe(Effect.uninterruptible, Semaphore.withPermit(oneAtATime))
}
