/**
 * The error code of a system error, which is safe to show.
 */
import * as Predicate from "effect/Predicate"

// Causes are a few levels deep. The limit ends a cycle
const maxDepth = 5

/**
 * The error code of the operating system or the runtime, such as `ECONNREFUSED`, from an error or its causes.
 *
 * **Details**
 *
 * Only the code is read, since a cause can contain the request and its secrets.
 */
export const systemCode = (error: unknown, depth = 0): string | undefined => {
  if (depth > maxDepth || !Predicate.isObject(error)) return undefined
  if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code) && /^\w+$/.test(error.code)) {
    return error.code
  }
  return Predicate.hasProperty(error, "cause") ? systemCode(error.cause, depth + 1) : undefined
}
