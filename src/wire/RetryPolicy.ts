/**
 * When to try again, and how long to wait before it.
 *
 * A policy is a `Schedule` over the errors of a call, and a quota that all calls of one client share, so that a client
 * does not pile retries on a service that is down.
 *
 * **Example** (Five attempts, and none that waits longer than two seconds)
 *
 * ```ts
 * import { RetryPolicy, SsoOidc } from "effect-aws-sso"
 *
 * const layer = SsoOidc.layer({
 *   region: "us-east-1",
 *   retryPolicy: RetryPolicy.standard({ maxAttempts: 5, maxDelay: "2 seconds" })
 * })
 * ```
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior" (standard mode); RFC 9110 §10.2.3 (`Retry-After`).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type { Exception } from "../operation/Operation.ts"
import type { ClientError } from "./ClientError.ts"

/**
 * What a policy decides about: any way in which a call can fail.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure = Exception | ClientError

/**
 * A budget for retries. Each one takes its cost; a call that succeeds gives back what its last retry took, or 1 where it
 * needed none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Quota {
  /** What a client starts with, and never exceeds. */
  readonly capacity: number
  /** What a retry after this failure costs. */
  readonly cost: (failure: Failure) => number
}

/**
 * When to try again, and how long to wait before it.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy {
  /** The most attempts that the schedule allows: what `amz-sdk-request` announces, and no limit of its own. */
  readonly maxAttempts: number
  /** Steps once for each failed attempt; a schedule that ends lets the failure through. */
  readonly schedule: Schedule.Schedule<unknown, Failure>
  /** The budget that all calls of one client share; without one, the schedule alone decides. */
  readonly quota?: Quota
}

const throttlingCodes: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException"
])

const transientCodes: ReadonlySet<string> = new Set(["RequestTimeout", "RequestTimeoutException"])

const transientStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504])

/**
 * Whether the service asks everybody to slow down: HTTP 429, or one of the throttling codes of AWS.
 *
 * **Gotchas**
 *
 * `SlowDownException` is not among them. It is an answer of the device flow, which paces itself.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isThrottling = (failure: Failure): boolean =>
  failure._tag === "TooManyRequestsException" ||
  (failure._tag === "UnhandledServiceError" &&
    (failure.status === 429 || (failure.code !== undefined && throttlingCodes.has(failure.code))))

/**
 * Whether the same request may well succeed in a moment: no connection, no answer in time, HTTP 500, 502, 503, 504, or a
 * signature that was refused for its time, since the next one is made with the time of the service.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isTransient = (failure: Failure): boolean => {
  switch (failure._tag) {
    case "DispatchFailure":
    case "CallTimeout":
    case "InternalServerException":
      return true
    case "ResponseError":
      return transientStatuses.has(failure.status)
    case "UnhandledServiceError":
      return (
        transientStatuses.has(failure.status) ||
        (failure.code !== undefined && transientCodes.has(failure.code)) ||
        failure.clockSkew !== undefined
      )
    default:
      return false
  }
}

const retryAfter = (failure: Failure): Duration.Duration | undefined =>
  "retryAfter" in failure ? failure.retryAfter : undefined

// The official clients wait for what the service names, within five seconds of what they would have waited anyway.
const retryAfterLeeway = Duration.seconds(5)

/**
 * The standard mode of the official clients.
 *
 * **Details**
 *
 * Transient and throttling failures are tried again, `maxAttempts` times in all. The n-th wait is a random part of
 * `baseDelay` × 2ⁿ⁻¹, never more than `maxDelay` ("full jitter"). Where the answer names a wait (`Retry-After`,
 * `x-amz-retry-after`), that is taken, though at least the random wait and at most five seconds above it. A retry costs
 * 5 of a quota of 500, or 10 after a timeout.
 *
 * - `maxAttempts`: 3 by default; what is below 1 counts as 1
 * - `baseDelay`: 1 second by default
 * - `maxDelay`: 20 seconds by default
 * - `quota`: 500 by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const standard = (options?: {
  readonly maxAttempts?: number | undefined
  readonly baseDelay?: Duration.Input | undefined
  readonly maxDelay?: Duration.Input | undefined
  readonly quota?: number | undefined
}): RetryPolicy => {
  const maxAttempts = Math.max(1, options?.maxAttempts ?? 3)
  return {
    maxAttempts,
    schedule: Schedule.min([
      Schedule.exponential(options?.baseDelay ?? "1 second"),
      Schedule.spaced(options?.maxDelay ?? "20 seconds")
    ]).pipe(
      Schedule.setInputType<Failure>(),
      Schedule.while(({ input }) => isTransient(input) || isThrottling(input)),
      Schedule.upTo({ times: maxAttempts - 1 }),
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.map(Random.next, (part) => {
          const jittered = Duration.times(duration, part)
          const asked = retryAfter(input)
          return asked === undefined
            ? jittered
            : Duration.clamp(asked, { minimum: jittered, maximum: Duration.sum(jittered, retryAfterLeeway) })
        })
      )
    ),
    quota: {
      capacity: options?.quota ?? 500,
      cost: (failure) => (failure._tag === "CallTimeout" ? 10 : 5)
    }
  }
}

/**
 * One attempt, and no retry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: RetryPolicy = { maxAttempts: 1, schedule: Schedule.recurs(0) }

/**
 * A policy that replaces the client's own for the calls within an effect.
 *
 * **When to use**
 *
 * Use where something above the call decides when to ask again, as the device flow does.
 *
 * **Gotchas**
 *
 * The quota of such a policy, if it has one, is that of one call: only the client's own is shared.
 *
 * **Example** (A call without retries)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { RetryPolicy, SsoOidc } from "effect-aws-sso"
 *
 * const once = SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" }).pipe(
 *   Effect.provideService(RetryPolicy.Override, RetryPolicy.none)
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export const Override: Context.Reference<RetryPolicy | undefined> = Context.Reference<RetryPolicy | undefined>(
  "effect-aws-sso/RetryPolicy/Override",
  { defaultValue: () => undefined }
)

/**
 * Tries an effect again as a policy says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retry {
  <A, E extends Failure, R>(attempt: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/**
 * Sets a policy to work: one quota for all effects that the result is applied to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (policy: RetryPolicy): Retry => {
  // To ask a schedule that has nothing to say would cost a poll a fifth of its time
  if (policy === none) return (attempt) => attempt
  const { quota, schedule } = policy
  if (quota === undefined) {
    return (attempt) => Effect.retry(attempt, logged(schedule))
  }
  const available = Ref.makeUnsafe(quota.capacity)
  return (attempt) =>
    Effect.suspend(() => {
      const refund = Ref.makeUnsafe(1)
      const afford = (failure: Failure): Effect.Effect<boolean> => {
        const cost = quota.cost(failure)
        return Ref.modify(available, (tokens) => [cost <= tokens, cost <= tokens ? tokens - cost : tokens]).pipe(
          Effect.tap((affordable) => (affordable ? Ref.set(refund, cost) : Effect.void))
        )
      }
      return attempt.pipe(
        Effect.retry(logged(Schedule.while(schedule, ({ input }) => afford(input)))),
        Effect.tap(
          Effect.flatMap(Ref.get(refund), (tokens) =>
            Ref.update(available, (left) => Math.min(quota.capacity, left + tokens))
          )
        )
      )
    })
}

const logged = (schedule: RetryPolicy["schedule"]): RetryPolicy["schedule"] =>
  Schedule.tap(schedule, ({ attempt, duration, input }) =>
    Effect.annotateLogs(
      Effect.logDebug(`${input._tag}: ${input.message}. Retrying in ${Math.round(Duration.toMillis(duration))} ms`),
      "attempt",
      attempt
    )
  )
