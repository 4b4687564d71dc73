/**
 * Detects that the clock of this machine is wrong, from the refusal of a signature.
 *
 * Source: AWS IAM User Guide, "Troubleshoot Signature Version 4 signing for AWS API requests".
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"

/** The exceptions with which AWS refuses a signature or its time. */
const refusals: ReadonlySet<string> = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch"
])

/** AWS accepts a signature that is wrong by up to five minutes. The official clients correct the time from four on. */
const tolerance = Duration.minutes(4)

/**
 * How far the clock of the service is ahead of this machine, where a response refuses a signature because of its time: it
 * has one of the codes above, and a `Date` far from the time of the signature.
 *
 * **Details**
 *
 * The `Date` of a cached response, which has an `Age`, is ignored.
 *
 * - `now`: the time on this machine, in epoch milliseconds
 * - `clockOffset`: what was added to that time to sign the request. Absent where there is no signature
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
