/**
 * Tells from a refused signature that the clock of this machine is wrong.
 *
 * Source: AWS IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests".
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"

/** What AWS calls a request whose signature or time it does not accept. */
const refusals: ReadonlySet<string> = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch"
])

/** AWS takes a signature that is up to five minutes off; the official clients correct from four on. */
const tolerance = Duration.minutes(4)

/**
 * How far the service's clock is ahead of this machine's, where an answer refuses a signature for it: by a code that can
 * mean so, and a `Date` far from the time of the signature.
 *
 * **Details**
 *
 * An answer out of a cache, which has an `Age`, tells the time of another one.
 *
 * - `now`: the time on this machine, in epoch milliseconds
 * - `clockOffset`: what was added to it for the signature; nothing where there was none
 */
export const observe = (options: {
  readonly code: string | undefined
  readonly headers: Headers.Headers
  readonly now: number
  readonly clockOffset: Duration.Duration | undefined
}): Duration.Duration | undefined => {
  const { clockOffset, code, headers, now } = options
  const date = headers["date"]
  if (clockOffset === undefined || code === undefined || !refusals.has(code)) return undefined
  if (date === undefined || headers["age"] !== undefined) return undefined
  return Headers.parseHttpDate(date).pipe(
    Result.map((theirs) => Duration.millis(DateTime.toEpochMillis(theirs) - now)),
    Result.filterOrFail(
      (skew) => Duration.isGreaterThanOrEqualTo(Duration.abs(Duration.subtract(skew, clockOffset)), tolerance),
      () => "in time"
    ),
    Result.getOrUndefined
  )
}
