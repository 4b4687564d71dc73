/**
 * Which errors of a call to retry, and when.
 *
 * A policy is a `Schedule` over the errors of a call. Its quota limits the retries of all calls of one client, so that a
 * service that is down does not receive a multiple of the requests.
 *
 * **Example** (Five attempts, with at most two seconds between them)
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
import type { ModelledException } from "../operation/Operation.ts"
import type { ClientError } from "./ClientError.ts"

/**
 * Any error of a call, which is the input of a policy's schedule.
 *
 * @category models
 * @since 0.2.0
 */
export type CallError = ModelledException | ClientError

/**
 * A budget for retries, in tokens. A retry takes its cost. A call that succeeds gives back the cost of its last retry, or
 * 1 where it needed no retry.
 *
 * @category models
 * @since 0.2.0
 */
export interface RetryQuota {
  /** The tokens that a client starts with, and its maximum. */
  readonly capacity: number
  /** The cost of a retry after this error. */
  readonly cost: (error: CallError) => number
}

/**
 * Which errors of a call to retry, and when.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy {
  /** The maximum number of attempts that the header `amz-sdk-request` announces. The schedule sets the actual limit. */
  readonly maxAttempts: number
  /** Steps once for each failed attempt. The call fails where the schedule ends. */
  readonly schedule: Schedule.Schedule<unknown, CallError>
  /** The budget that all calls of one client share. No limit by default. */
  readonly quota?: RetryQuota
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
 * Whether the service throttles the client: HTTP 429, or one of the throttling codes of AWS.
 *
 * **Gotchas**
 *
 * `SlowDownException` is not throttling. It is a response of the device flow, which changes its own interval.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isThrottling = (error: CallError): boolean =>
  error._tag === "TooManyRequestsException" ||
  (error._tag === "UnhandledServiceError" &&
    (error.status === 429 || (error.code !== undefined && throttlingCodes.has(error.code))))

/**
 * Whether the same request can succeed if it is sent again: no connection, no response in time, HTTP 500, 502, 503 or 504, or a
 * signature that was refused because of its time, since the next signature uses the time of the service.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isTransient = (error: CallError): boolean => {
  switch (error._tag) {
    case "DispatchFailure":
    case "CallTimeout":
    case "InternalServerException":
      return true
    case "ResponseError":
      return transientStatuses.has(error.status)
    case "UnhandledServiceError":
      return (
        transientStatuses.has(error.status) ||
        (error.code !== undefined && transientCodes.has(error.code)) ||
        error.clockSkew !== undefined
      )
    default:
      return false
  }
}

const retryAfter = (error: CallError): Duration.Duration | undefined =>
  "retryAfter" in error ? error.retryAfter : undefined

// As in the official clients: the delay of the service is used, up to five seconds more than the delay without it
const retryAfterLeeway = Duration.seconds(5)

/**
 * The options of `standard`.
 *
 * @category models
 * @since 0.2.0
 */
export interface StandardRetryPolicyOptions {
  /** The maximum number of attempts, at least 1. 3 by default. */
  readonly maxAttempts?: number | undefined
  /** The maximum delay before the first retry. It doubles for each further retry. 1 second by default. */
  readonly baseDelay?: Duration.Input | undefined
  /** The maximum delay before any retry. 20 seconds by default. */
  readonly maxDelay?: Duration.Input | undefined
  /** The capacity of the quota. A retry costs 5 tokens, or 10 after a timeout. 500 by default. */
  readonly quota?: number | undefined
}

/**
 * The standard mode of the official clients.
 *
 * **Details**
 *
 * Retries transient and throttling errors. The delay before the n-th retry is a random part of `baseDelay` × 2ⁿ⁻¹, at
 * most `maxDelay` ("full jitter"). A response can request a delay with `Retry-After` or `x-amz-retry-after`. It is
 * honoured, but the delay is at least the random one and at most five seconds longer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const standard = (options?: StandardRetryPolicyOptions): RetryPolicy => {
  const maxAttempts = Math.max(1, options?.maxAttempts ?? 3)
  return {
    maxAttempts,
    schedule: Schedule.min([
      Schedule.exponential(options?.baseDelay ?? "1 second"),
      Schedule.spaced(options?.maxDelay ?? "20 seconds")
    ]).pipe(
      Schedule.setInputType<CallError>(),
      Schedule.while(({ input }) => isTransient(input) || isThrottling(input)),
      Schedule.upTo({ times: maxAttempts - 1 }),
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.map(Random.next, (part) => {
          const jittered = Duration.times(duration, part)
          const requested = retryAfter(input)
          return requested === undefined
            ? jittered
            : Duration.clamp(requested, { minimum: jittered, maximum: Duration.sum(jittered, retryAfterLeeway) })
        })
      )
    ),
    quota: {
      capacity: options?.quota ?? 500,
      cost: (error) => (error._tag === "CallTimeout" ? 10 : 5)
    }
  }
}

/**
 * A single attempt without retries.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: RetryPolicy = { maxAttempts: 1, schedule: Schedule.recurs(0) }

/**
 * A policy that replaces the policy of the client for the calls of an effect.
 *
 * **When to use**
 *
 * Use where the caller decides when to retry, as the device flow does.
 *
 * **Gotchas**
 *
 * A quota of this policy applies to each call separately. Only the quota of the client is shared between calls.
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
 * Retries an effect according to a policy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retry {
  <A, E extends CallError, R>(attempt: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
}

/**
 * Makes a function that retries effects according to a policy. All these effects share one quota.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (policy: RetryPolicy): Retry => {
  // A schedule without retries would make each poll about 20 % slower
  if (policy === none) return (attempt) => attempt
  const { quota, schedule } = policy
  if (quota === undefined) {
    return (attempt) => Effect.retry(attempt, logged(schedule))
  }
  const available = Ref.makeUnsafe(quota.capacity)
  return (attempt) =>
    Effect.suspend(() => {
      const refund = Ref.makeUnsafe(1)
      const afford = (error: CallError): Effect.Effect<boolean> => {
        const cost = quota.cost(error)
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
