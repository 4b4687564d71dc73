/**
 * The interval between two polls of the device flow, and how it grows (RFC 8628 §3.5).
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { AuthorizationPendingException, InternalServerException, SlowDownException } from "../operation/Exceptions.ts"
import { CallTimeout, DispatchFailure, ResponseError, UnhandledServiceError } from "../wire/ClientError.ts"
import * as RetryPolicy from "../wire/RetryPolicy.ts"

/** The interval that the service asks for now, and how many polls in a row it has not responded to. */
export interface PollInterval {
  readonly interval: Duration.Duration
  readonly unreachable: number
}

/** §3.5, `slow_down`: "the interval MUST be increased by 5 seconds for this and all subsequent requests". */
const slowDownIncrement = Duration.seconds(5)

/** §3.2 allows any interval, also 0. Without a pause between two polls, a device would flood the service. */
const minInterval = Duration.seconds(1)

/** §3.5 asks for a backoff, without a limit. A user who approves during an outage must not wait long after it. */
const maxBackoff = Duration.minutes(1)

/** The interval of the first poll. */
export const make = (interval: Duration.Duration): PollInterval => ({
  interval: Duration.max(interval, minInterval),
  unreachable: 0
})

/** The interval after a poll that failed with an error. None if that ends the polling. */
export const next = (current: PollInterval, error: unknown): PollInterval | undefined => {
  // §3.5, `authorization_pending`: "the client SHOULD repeat the access token request"
  if (isPending(error)) return { interval: current.interval, unreachable: 0 }
  // §3.5, `slow_down`: the interval grows for good
  if (isSlowDown(error)) return { interval: Duration.sum(current.interval, slowDownIncrement), unreachable: 0 }
  // §3.5, "on encountering a connection timeout": an exponential backoff, until the service responds again
  if (isUnreachable(error)) return { interval: current.interval, unreachable: current.unreachable + 1 }
  // §3.5: on any other error the client "MUST stop polling"
  return undefined
}

/** How long to wait before the next poll: never less than the interval. */
export const wait = ({ interval, unreachable }: PollInterval): Duration.Duration =>
  Duration.max(interval, Duration.min(Duration.times(interval, 2 ** unreachable), maxBackoff))

/** The user has not approved yet. */
export const isPending: (error: unknown) => error is AuthorizationPendingException =
  Schema.is(AuthorizationPendingException)

/** The service asks for fewer polls. */
export const isSlowDown: (error: unknown) => error is SlowDownException = Schema.is(SlowDownException)

/** The service could not be reached, is down, or throttles all clients. */
export const isUnreachable = (error: unknown): boolean =>
  mayPass(error) && (RetryPolicy.isTransient(error) || RetryPolicy.isThrottling(error))

const mayPass = Schema.is(
  Schema.Union([InternalServerException, CallTimeout, DispatchFailure, ResponseError, UnhandledServiceError])
)
