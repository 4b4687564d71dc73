/**
 * One call, from input to output or error: encode, address, sign, send, wait, read, decode, and try again.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type * as Operation from "../operation/Operation.ts"
import * as Answer from "./Response.ts"
import * as Authorization from "./AuthScheme.ts"
import type { AwsCredentials } from "./AwsCredentials.ts"
import * as Binding from "./Binding.ts"
import type { ClientConfig } from "./ClientConfig.ts"
import type { ClientError } from "./ClientError.ts"
import { ConstructionFailure, CallTimeout } from "./ClientError.ts"
import * as Endpoint from "./Endpoint.ts"
import { asOneRequest } from "./DirectRequest.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { concealer, explain, secretsOf } from "./Redaction.ts"
import * as Telemetry from "./Telemetry.ts"
import * as UserAgent from "./UserAgent.ts"

/** A service of AWS, as a client must know it. */
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

/** A client of one service at one endpoint. */
export interface Client {
  /** Where requests go, without a trailing slash. */
  readonly endpoint: string
  /** A function that calls a public operation. Build it once: it holds the compiled codecs. */
  readonly call: <I, O, E extends Operation.Exception>(
    operation: Operation.Typed<I, O, E>
  ) => (input: I) => Effect.Effect<O, E | ClientError>
  /** The same for an operation that AWS credentials sign. */
  readonly callSigned: <I, O, E extends Operation.Exception>(
    operation: Operation.Typed<I, O, E>
  ) => (input: I) => Effect.Effect<O, E | ClientError, AwsCredentials>
}

/** Makes a client, or says what is wrong with its settings. */
export const make = Effect.fnUntraced(function* (
  service: Service,
  config: ClientConfig
): Effect.fn.Return<Client, ConstructionFailure, HttpClient.HttpClient> {
  const http = yield* HttpClient.HttpClient
  const endpoint = yield* Effect.fromResult(Endpoint.resolve({ service: service.endpoint, ...config }))
  const origin = new URL(endpoint).origin
  const headers = yield* userAgent(config.appId)
  const attemptTimeout = yield* limit("attemptTimeout", config.attemptTimeout ?? "10 seconds")
  const operationTimeout =
    config.operationTimeout === undefined ? undefined : yield* limit("operationTimeout", config.operationTimeout)
  const ownPolicy = config.retryPolicy ?? RetryPolicy.standard()
  const ownRetry = RetryPolicy.make(ownPolicy)

  const call = <I, O, E extends Operation.Exception, R>(
    operation: Operation.Typed<I, O, E>,
    authorization: Authorization.Authorization<R>
  ): ((input: I) => Effect.Effect<O, E | ClientError, R>) => {
    const { name } = operation
    const encode = Schema.encodeResult(operation.input)
    const read = Answer.reader(operation, origin)
    const telemetry = Telemetry.make({ service: service.name, serviceId: service.id, operation: name })
    const bind = Binding.make(operation, { endpoint, headers })
    const timeout = (limit: CallTimeout["limit"], duration: Duration.Duration) =>
      Effect.timeoutOrElse({
        duration,
        orElse: () => Effect.fail(new CallTimeout({ operation: name, limit, duration }))
      })

    const attempt = Effect.fnUntraced(function* (
      request: HttpClientRequest.HttpClientRequest,
      input: I
    ): Effect.fn.Return<O, E | ClientError, R> {
      const authorized = yield* authorization.authorize(request)
      const { clockOffset, secrets } = authorized
      return yield* http.execute(authorized.request).pipe(
        // A client that takes a status for an error has the answer all the same
        Effect.catchReason("HttpClientError", "StatusCodeError", ({ response }) => Effect.succeed(response)),
        Effect.mapError((error) => Answer.unreachable(name, origin, error)),
        Effect.flatMap((response) =>
          read(response, { conceal: concealer([...secretsOf(input), ...secrets]), clockOffset })
        ),
        timeout("attempt", attemptTimeout),
        Effect.tapError((error) => (error._tag === "UnhandledServiceError" ? authorization.learn(error) : Effect.void))
      )
    }, asOneRequest)

    return Effect.fnUntraced(function* (input: I): Effect.fn.Return<O, E | ClientError, R> {
      const bound = encode(input, { errors: "all" }).pipe(Result.mapError(explain), Result.flatMap(bind))
      if (Result.isFailure(bound)) {
        return yield* new ConstructionFailure({
          reason: "InvalidInput",
          description: `${name}: the input is invalid: ${bound.failure}`
        })
      }
      const override = yield* RetryPolicy.Override
      const policy = override ?? ownPolicy
      const retry = override === undefined ? ownRetry : RetryPolicy.make(override)
      const request = HttpClientRequest.setHeader(bound.success, "amz-sdk-invocation-id", invocationId())
      let attempts = 0
      const trying = Effect.suspend(() => {
        attempts += 1
        return Effect.andThen(
          telemetry.attempt(attempts),
          attempt(
            HttpClientRequest.setHeader(request, "amz-sdk-request", `attempt=${attempts}; max=${policy.maxAttempts}`),
            input
          )
        )
      }).pipe(retry)
      return yield* operationTimeout === undefined ? trying : timeout("operation", operationTimeout)(trying)
    }, telemetry.call)
  }

  const signature = Authorization.sigV4({ region: config.region, service: service.signingName })
  return {
    endpoint,
    call: (operation) => call(operation, Authorization.none),
    callSigned: (operation) => call(operation, signature)
  }
})

// Cheaper than `SecureRandom`, which asks the system for bytes each time; insecure pages of a browser lack it
const invocationId: () => string = Predicate.isFunction(globalThis.crypto?.randomUUID)
  ? () => crypto.randomUUID()
  : SecureRandom.uuidV4Unsafe

const userAgent = (appId: string | undefined): Effect.Effect<Readonly<Record<string, string>>, ConstructionFailure> =>
  appId === undefined || UserAgent.isAppId(appId)
    ? Effect.succeed(UserAgent.headers({ appId }))
    : unusable(`appId must be ${UserAgent.appIdForm}, got ${JSON.stringify(appId)}`)

const limit = (name: string, input: Duration.Input): Effect.Effect<Duration.Duration, ConstructionFailure> =>
  Option.match(Option.filter(Duration.fromInput(input), Duration.isPositive), {
    onNone: () => unusable(`${name} must be a duration above zero, such as "10 seconds"`),
    onSome: Effect.succeed
  })

const unusable = (description: string) =>
  Effect.fail(new ConstructionFailure({ reason: "InvalidConfiguration", description }))
