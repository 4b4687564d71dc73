/**
 * The causes of an error.
 */
import * as Predicate from "effect/Predicate"

// Causes are a few levels deep. The limit ends a cycle
const maxDepth = 5

/** An error, and then its causes: the nearest first. */
export const causesOf = (error: unknown, depth = 0): ReadonlyArray<unknown> =>
  depth < maxDepth && Predicate.hasProperty(error, "cause") ? [error, ...causesOf(error.cause, depth + 1)] : [error]
