/**
 * What can be seen of a call from outside: one span, and two counters.
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** Finished calls, by `operation` and `outcome` (`success`, or the tag of the failure). */
export const calls = Metric.counter("aws_sso_calls_total", {
  description: "Finished calls, by operation and outcome",
  incremental: true
})

/** Attempts after the first, by `operation`. */
export const retries = Metric.counter("aws_sso_retries_total", {
  description: "Attempts after the first, by operation",
  incremental: true
})

/** What is told of the calls of one operation. */
export interface Telemetry {
  /** Tells that an attempt begins: 1 for the first. */
  readonly attempt: (number: number) => Effect.Effect<void>
  /** Tells of a whole call: a span around it, a count at its end. */
  readonly call: <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The telemetry of one operation. Build it once. */
export const make = (options: {
  /** The name before the operation's in a span: `SsoOidc`. */
  readonly service: string
  /** The service id of the AWS model: `SSO OIDC`. */
  readonly serviceId: string
  readonly operation: string
}): Telemetry => {
  const { operation } = options
  const retried = Metric.withAttributes(retries, { operation })
  const finished = new Map<string, typeof calls>()
  // A counter looks up its place when it is made, so each is made once
  const count = (outcome: string) => {
    const counter = finished.get(outcome) ?? Metric.withAttributes(calls, { operation, outcome })
    finished.set(outcome, counter)
    return Metric.update(counter, 1)
  }
  const span = {
    kind: "client",
    attributes: { "rpc.system": "aws-api", "rpc.service": options.serviceId, "rpc.method": operation }
  } as const

  return {
    attempt: (number) => {
      const noted = Effect.annotateCurrentSpan("aws.attempts", number)
      return number === 1 ? noted : Effect.andThen(noted, Metric.update(retried, 1))
    },
    call: (self) =>
      self.pipe(
        Effect.tap(() => count("success")),
        Effect.tapError((error) => count(error._tag)),
        Effect.withSpan(`${options.service}.${operation}`, span, { captureStackTrace: false })
      )
  }
}
