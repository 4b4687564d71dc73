/**
 * The error code of a system error, which is safe to show.
 */
import * as Predicate from "effect/Predicate"
import { causesOf } from "./Causes.ts"

/**
 * The error code of the operating system or the runtime, such as `ECONNREFUSED`, from an error or its causes.
 *
 * **Details**
 *
 * Only the code is read, since a cause can contain the request and its secrets.
 */
export const systemCode = (error: unknown): string | undefined =>
  causesOf(error)
    .map((cause) => (Predicate.hasProperty(cause, "code") ? cause.code : undefined))
    .find(isCode)

const isCode = (code: unknown): code is string => Predicate.isString(code) && /^\w+$/.test(code)
