/**
 * Why a request was not sent, where the transport itself knows it.
 */
import * as Predicate from "effect/Predicate"
import { ConstructionFailure } from "./ClientError.ts"

// Causes are a few levels deep. The limit ends a cycle
const maxDepth = 5

/**
 * The `ConstructionFailure` among the causes of an error, if there is one.
 *
 * **Details**
 *
 * A transport with an invalid setting, such as the URL of a proxy, fails with such a cause. Its message says what to do.
 */
export const constructionFailure = (error: unknown, depth = 0): ConstructionFailure | undefined => {
  if (error instanceof ConstructionFailure) return error
  return depth < maxDepth && Predicate.hasProperty(error, "cause")
    ? constructionFailure(error.cause, depth + 1)
    : undefined
}
