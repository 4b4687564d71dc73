/**
 * One call, from input to output or error: encode, address, sign, send, wait, read, decode, and try again.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { Exception } from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import * as Answer from "./Answer.ts"
import { AwsCredentials } from "./AwsCredentials.ts"
import type { ClientConfig } from "./ClientConfig.ts"
import type { ClientError } from "./ClientError.ts"
import { ConstructionFailure, TimeoutError } from "./ClientError.ts"
import * as Endpoint from "./Endpoint.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { userAgent } from "./UserAgent.ts"

/**
 * A service of AWS, as a client must know it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** The name of the spans: `SsoOidc.CreateToken`. */
  readonly name: string
  /** The service id of the AWS model, as `rpc.service` tells it. */
  readonly id: string
  /** The set of endpoint rules. */
  readonly endpoint: "sso-oidc" | "sso"
  /** The name in the scope of a signature. */
  readonly signingName: string
}

/**
 * A client of one service at one endpoint.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  /** Where requests go, without a trailing slash. */
  readonly endpoint: string
  /** A function that calls a public operation. Build it once: it holds the compiled codecs. */
  readonly call: <I, O, E extends Exception>(
    operation: Operation.Typed<I, O, E>
  ) => (input: I) => Effect.Effect<O, E | ClientError>
  /** The same for an operation that AWS credentials sign. */
  readonly callSigned: <I, O, E extends Exception>(
    operation: Operation.Typed<I, O, E>
  ) => (input: I) => Effect.Effect<O, E | ClientError, AwsCredentials>
}

/**
 * Finished calls, by `operation` and `outcome` (`success`, or the tag of the failure).
 *
 * @category metrics
 * @since 0.1.0
 */
export const calls = Metric.counter("aws_sso_calls_total", {
  description: "Finished calls, by operation and outcome",
  incremental: true
})

/**
 * Attempts after the first, by `operation`.
 *
 * @category metrics
 * @since 0.1.0
 */
export const retries = Metric.counter("aws_sso_retries_total", {
  description: "Attempts after the first, by operation",
  incremental: true
})

/**
 * Makes a client, or says what is wrong with its settings.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  service: Service,
  config: ClientConfig
): Effect.fn.Return<Client, ConstructionFailure, HttpClient.HttpClient> {
  const http = yield* HttpClient.HttpClient
  const endpoint = yield* Effect.fromResult(Endpoint.resolve({ service: service.endpoint, ...config }))
  const origin = new URL(endpoint).origin
  const retryPolicy = config.retryPolicy ?? RetryPolicy.standard()
  const retry = RetryPolicy.make(retryPolicy)
  const attemptTimeout = Duration.fromInputUnsafe(config.attemptTimeout ?? "10 seconds")
  const operationTimeout =
    config.operationTimeout === undefined ? undefined : Duration.fromInputUnsafe(config.operationTimeout)

  const call = <I, O, E extends Exception, R>(
    operation: Operation.Typed<I, O, E>,
    prepare: (
      request: HttpClientRequest.HttpClientRequest
    ) => Effect.Effect<HttpClientRequest.HttpClientRequest, ConstructionFailure, R>
  ): ((input: I) => Effect.Effect<O, E | ClientError, R>) => {
    const encode = Schema.encodeResult(operation.input)
    const read = Answer.reader(operation, origin)
    const address = HttpClientRequest.post(endpoint + operation.path, {
      urlParams: operation.query,
      acceptJson: true,
      headers: { "user-agent": userAgent }
    })
    const measured = { operation: operation.name }
    const count = (outcome: string) => Metric.update(Metric.withAttributes(calls, { ...measured, outcome }), 1)
    const span = {
      kind: "client",
      attributes: { "rpc.system": "aws-api", "rpc.service": service.id, "rpc.method": operation.name }
    } as const

    const attempt = Effect.fnUntraced(function* (
      request: HttpClientRequest.HttpClientRequest,
      input: I,
      maxAttempts: number
    ): Effect.fn.Return<O, E | ClientError, R> {
      const number = (yield* Schedule.CurrentMetadata).attempt + 1
      yield* Effect.annotateCurrentSpan("aws.attempts", number)
      if (number > 1) yield* Metric.update(Metric.withAttributes(retries, measured), 1)
      const prepared = yield* prepare(
        HttpClientRequest.setHeader(request, "amz-sdk-request", `attempt=${number}; max=${maxAttempts}`)
      )
      return yield* http.execute(prepared).pipe(
        Effect.mapError((error) => Answer.unreachable(operation.name, origin, error)),
        Effect.flatMap((response) => read(response, (text) => conceal(input, text))),
        Effect.timeoutOrElse({
          duration: attemptTimeout,
          orElse: () =>
            Effect.fail(new TimeoutError({ operation: operation.name, limit: "attempt", duration: attemptTimeout }))
        })
      )
    }, asOneRequest)

    return Effect.fnUntraced(
      function* (input: I): Effect.fn.Return<O, E | ClientError, R> {
        const encoded = encode(input, { errors: "all" })
        if (Result.isFailure(encoded)) {
          return yield* new ConstructionFailure({
            reason: "InvalidInput",
            description: `${operation.name}: the input is invalid: ${encoded.failure.message}`
          })
        }
        const request = address.pipe(
          HttpClientRequest.setHeader("amz-sdk-invocation-id", SecureRandom.uuidV4Unsafe()),
          HttpClientRequest.setBody(HttpBody.jsonUnsafe(encoded.success))
        )
        const override = yield* RetryPolicy.Override
        const trying = attempt(request, input, (override ?? retryPolicy).maxAttempts).pipe(
          override === undefined ? retry : RetryPolicy.make(override)
        )
        return yield* operationTimeout === undefined
          ? trying
          : Effect.timeoutOrElse(trying, {
              duration: operationTimeout,
              orElse: () =>
                Effect.fail(
                  new TimeoutError({ operation: operation.name, limit: "operation", duration: operationTimeout })
                )
            })
      },
      Effect.tap(() => count("success")),
      Effect.tapError((error) => count(error._tag)),
      Effect.withSpan(`${service.name}.${operation.name}`, span, { captureStackTrace: false })
    )
  }

  return {
    endpoint,
    call: (operation) => call(operation, Effect.succeed),
    callSigned: (operation) => {
      const { region } = config
      return call(operation, (request) =>
        Effect.gen(function* () {
          if (region === undefined) {
            return yield* new ConstructionFailure({
              reason: "InvalidRegion",
              description: `${operation.name}: a signature needs a region, even with an endpoint of one's own`
            })
          }
          const { credentials } = yield* AwsCredentials
          const SigV4 = yield* Effect.promise(() => import("./SigV4.ts"))
          return yield* SigV4.sign(request, {
            credentials: yield* credentials,
            region,
            service: service.signingName
          })
        })
      )
    }
  }
})

// What fetch would follow would carry the client secret elsewhere; and the operation's own span is enough: another one,
// and trace headers that the official clients do not send, would only be in the way.
const asOneRequest = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.serviceOption(FetchHttpClient.RequestInit), (init) =>
    self.pipe(
      Effect.provideService(FetchHttpClient.RequestInit, {
        ...Option.getOrUndefined(init),
        redirect: "manual"
      }),
      Effect.provideService(HttpClient.TracerDisabledWhen, constTrue)
    )
  )

// A server may quote what it was sent; the secrets among it must not come back in an error.
const conceal = (input: unknown, text: string): string => {
  const members = Predicate.isObject(input) ? Object.values(input) : []
  return members
    .filter(Redacted.isRedacted)
    .map(Redacted.value)
    .filter(Predicate.isString)
    .reduce((concealed, secret) => concealed.replaceAll(secret, "<redacted>"), text)
}
