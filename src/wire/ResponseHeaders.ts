/** What AWS sends in the headers of a response. */
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"

/** The id that AWS gave to the request. */
export const requestId = (headers: Headers.Headers): string | undefined =>
  headers["x-amzn-requestid"] ?? headers["x-amzn-request-id"] ?? headers["x-amz-request-id"]

/**
 * How long to wait before the next attempt: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else
 * `x-amz-retry-after` in milliseconds. A header that cannot be parsed is ignored.
 *
 * - `now`: the time on this machine, in epoch milliseconds
 */
export const retryAfter = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const standard = headers["retry-after"]
  const amazon = headers["x-amz-retry-after"]?.trim() ?? ""
  const milliseconds = /^\d+$/.test(amazon) ? Duration.millis(Number(amazon)) : undefined
  return standard === undefined
    ? milliseconds
    : Headers.parseRetryAfter(standard).pipe(
        Result.map((parsed) => Headers.retryAfterDelay(parsed, now)),
        Result.getOrElse(() => milliseconds)
      )
}
