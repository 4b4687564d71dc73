/**
 * The one word of a system's failure that is safe and useful to show.
 */
import * as Predicate from "effect/Predicate"

// Causes nest a few levels deep; a cycle of them must not hold us
const maxDepth = 5

/**
 * The error code of the operating system or the runtime, such as `ECONNREFUSED`, from an error or its causes.
 *
 * **Details**
 *
 * Only the code is taken: a cause can hold the request, and so its secrets.
 */
export const systemCode = (error: unknown, depth = 0): string | undefined => {
  if (depth > maxDepth || !Predicate.isObject(error)) return undefined
  if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code) && /^\w+$/.test(error.code)) {
    return error.code
  }
  return Predicate.hasProperty(error, "cause") ? systemCode(error.cause, depth + 1) : undefined
}
