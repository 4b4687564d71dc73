/**
 * The metrics of the operations, for a program that exports or reads them.
 *
 * **Details**
 *
 * Each metric has the attribute `operation`, such as `SsoOidc.CreateToken`. The metrics of a call also have `outcome`:
 *
 * - `success`
 * - `expected`: an `AuthorizationPendingException` or a `SlowDownException`, which are part of a normal sign-in
 * - else the tag of the error, such as `DispatchFailure`
 *
 * **Example** (Reading a counter)
 *
 * ```ts
 * import { Metric } from "effect"
 * import { Metrics } from "effect-aws-sso"
 *
 * const failedToConnect = Metric.value(
 *   Metric.withAttributes(Metrics.calls, { operation: "SsoOidc.CreateToken", outcome: "DispatchFailure" })
 * )
 * ```
 *
 * @since 0.2.0
 */
import * as Metric from "effect/Metric"

/**
 * Calls that have ended, by `operation` and `outcome`. The retries of a call are part of it.
 *
 * @category metrics
 * @since 0.2.0
 */
export const calls = Metric.counter("aws_sso_calls_total", {
  description: "Calls that have ended, by operation and outcome",
  incremental: true
})

/**
 * How long calls took, with all their attempts and the waits between them, by `operation` and `outcome`.
 *
 * @category metrics
 * @since 0.2.0
 */
export const callDuration = Metric.timer("aws_sso_call_duration", {
  description: "Duration of calls with their retries, by operation and outcome",
  boundaries: Metric.boundariesFromIterable([5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000])
})

/**
 * Attempts after the first of a call, by `operation`.
 *
 * @category metrics
 * @since 0.2.0
 */
export const retries = Metric.counter("aws_sso_retries_total", {
  description: "Attempts after the first of a call, by operation",
  incremental: true
})
