/**
 * The spans, metrics and log lines of a call.
 *
 * A call is one span, and each of its attempts is a child of it. Their attributes have the names of OpenTelemetry.
 *
 * Source: OpenTelemetry, "Semantic conventions for AWS SDK client spans", "for RPC spans" and "for HTTP spans".
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import * as Metrics from "./Metrics.ts"

/** An error, as spans and metrics show it. */
interface Tagged {
  readonly _tag: string
}

/** What surrounds the calls of one operation. */
export interface Telemetry {
  /** Surrounds a whole call. */
  readonly call: <A, E extends Tagged, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Surrounds one attempt: 1 for the first. */
  readonly attempt: (number: number) => <A, E extends Tagged, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The telemetry of one operation. The result takes the endpoint that the requests go to. */
export const make = (options: {
  /** The prefix of span names: `SsoOidc`. */
  readonly service: string
  /** The service id in the AWS model: `SSO OIDC`. */
  readonly serviceId: string
  /** The name of the operation: `CreateToken`. */
  readonly operation: string
  readonly method: string
}): ((endpoint: string) => Telemetry) => {
  const name = `${options.service}.${options.operation}`
  const retries = Metric.withAttributes(Metrics.retries, { operation: name })
  // A metric is looked up in the registry when it is made, so each is made once
  const metrics = new Map<string, ReturnType<typeof metricsOf>>()
  const metricsOf = (outcome: string) => {
    const attributes = { operation: name, outcome }
    return {
      calls: Metric.withAttributes(Metrics.calls, attributes),
      duration: Metric.withAttributes(Metrics.callDuration, attributes)
    }
  }

  const ended = (outcome: string, start: number): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (end) => {
      const duration = Duration.millis(end - start)
      const { calls, duration: callDuration } = metrics.get(outcome) ?? metricsOf(outcome)
      metrics.set(outcome, { calls, duration: callDuration })
      return Metric.update(calls, 1).pipe(
        Effect.andThen(Metric.update(callDuration, duration)),
        Effect.andThen(Effect.logDebug(`${name}: ${outcome} in ${Duration.format(duration)}`))
      )
    })

  return (endpoint) => {
    const { hostname, port } = new URL(endpoint)
    const server = { "server.address": hostname, ...(port === "" ? {} : { "server.port": Number(port) }) }
    const callAttributes = {
      "rpc.system.name": "aws-api",
      "rpc.service": options.serviceId,
      "rpc.method": options.operation,
      ...server
    }
    const attemptAttributes = { "http.request.method": options.method, ...server }

    return {
      call: (self) =>
        Effect.flatMap(Clock.currentTimeMillis, (start) =>
          self.pipe(
            Effect.tap(() => ended("success", start)),
            Effect.tapError((error) => ended(isExpected(error) ? "expected" : error._tag, start))
          )
        ).pipe(inSpan(name, callAttributes), Effect.annotateLogs("operation", name)),

      attempt: (number) => (self) => {
        const resent = number === 1 ? {} : { "http.request.resend_count": number - 1 }
        const attempt = self.pipe(
          inSpan(`${name}.attempt`, { ...attemptAttributes, ...resent }),
          Effect.annotateLogs("attempt", number)
        )
        return number === 1 ? attempt : Effect.andThen(Metric.update(retries, 1), attempt)
      }
    }
  }
}

/** Shows a response on the span of its attempt, and the request id on the span of the call too. */
export const responded = (response: {
  readonly status: number
  readonly requestId: string | undefined
}): Effect.Effect<void> =>
  Effect.map(Effect.option(Effect.currentSpan), (current) => {
    if (Option.isNone(current)) return
    const attempt = current.value
    attempt.attribute("http.response.status_code", response.status)
    if (response.requestId === undefined) return
    attempt.attribute("aws.request_id", response.requestId)
    const call = Option.getOrUndefined(attempt.parent)
    if (call?._tag === "Span") call.attribute("aws.request_id", response.requestId)
  })

/** RFC 8628 §3.5: with these responses, the service lets a device wait for its user. */
const isExpected = ({ _tag }: Tagged): boolean =>
  _tag === "AuthorizationPendingException" || _tag === "SlowDownException"

// A span fails with the effect that it surrounds. To a span, an expected response is a success
const inSpan =
  (name: string, attributes: Tracer.SpanOptionsNoTrace["attributes"]) =>
  <A, E extends Tagged, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    self.pipe(
      Effect.matchEffect({
        onSuccess: (value): Effect.Effect<Exit.Exit<A, E>, E> => Effect.succeed(Exit.succeed(value)),
        onFailure: (error) =>
          isExpected(error)
            ? Effect.as(Effect.annotateCurrentSpan("rpc.response.status_code", error._tag), Exit.fail(error))
            : Effect.andThen(Effect.annotateCurrentSpan("error.type", error._tag), Effect.fail(error))
      }),
      Effect.withSpan(name, { kind: "client", attributes }, { captureStackTrace: false }),
      Effect.flatten
    )
