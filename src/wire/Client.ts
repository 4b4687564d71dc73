/**
 * One call, from input to output or error: encode the input, make the request, sign it, send it, read the response, and
 * retry.
 *
 * A client serves all regions. The codecs of its operations are compiled once, and all regions share one retry quota.
 */
import * as Cache from "effect/Cache"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type * as Operation from "../operation/Operation.ts"
import * as AuthScheme from "./AuthScheme.ts"
import type { AwsCredentials } from "./AwsCredentials.ts"
import type { ClientConfig } from "./ClientConfig.ts"
import type { ClientError } from "./ClientError.ts"
import { ConstructionFailure, CallTimeout } from "./ClientError.ts"
import * as Endpoint from "./Endpoint.ts"
import { withoutRedirectsAndTracing } from "./HttpOptions.ts"
import * as Request from "./Request.ts"
import * as Response from "./Response.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import { describeSchemaError, redactor, secretsIn } from "./Redaction.ts"
import * as Telemetry from "./Telemetry.ts"
import * as UserAgent from "./UserAgent.ts"

/** The description of an AWS service that a client needs. */
export interface Service {
  /** The prefix of span names: `SsoOidc`. */
  readonly name: string
  /** The service id in the AWS model: `SSO OIDC`. */
  readonly id: string
  /** The set of endpoint rules. */
  readonly endpoint: Endpoint.EndpointService
  /** The service's name in the scope of a signature. */
  readonly signingName: string
}

/** Where requests go. */
export interface Target {
  /** Scheme, host and, for a custom endpoint, path, without a trailing slash. */
  readonly endpoint: string
  /** The region that a signature names. */
  readonly region: string | undefined
}

/** An operation, compiled. For a target, it gives the function that calls the operation there. */
export type Compiled<I, O, E, R> = (target: Target) => (input: I) => Effect.Effect<O, E, R>

/** A region of a client. */
export interface Region {
  /** Where its requests go. */
  readonly endpoint: Effect.Effect<string, ConstructionFailure>
  /** The function that calls an operation there. */
  readonly call: <I, O, E, R>(
    operation: Compiled<I, O, E, R>
  ) => (input: I) => Effect.Effect<O, E | ConstructionFailure, R>
}

/** A client of one service. */
export interface Client {
  /** Compiles a public operation. */
  readonly compile: <I, O, E extends Operation.ModelledException>(
    operation: Operation.TypedOperation<I, O, E>
  ) => Compiled<I, O, E | ClientError, never>
  /** Compiles an operation that AWS credentials sign. */
  readonly compileSigned: <I, O, E extends Operation.ModelledException>(
    operation: Operation.TypedOperation<I, O, E>
  ) => Compiled<I, O, E | ClientError, AwsCredentials>
  /**
   * Builds the service for the region of the settings, and for each region that is requested with `inRegion`. A region
   * is built once. A custom endpoint is kept. Without a region and an endpoint, calls fail until a region is requested.
   */
  readonly service: <S>(
    build: (region: Region, inRegion: (region: string) => Effect.Effect<S, ConstructionFailure>) => S
  ) => Effect.Effect<S, ConstructionFailure>
}

// More than the regions of AWS. It limits the memory of a program that gets regions from its users
const maxRegions = 256

/** Makes a client. Fails where the settings are invalid. */
export const make = Effect.fnUntraced(function* (
  service: Service,
  config: ClientConfig
): Effect.fn.Return<Client, ConstructionFailure, HttpClient.HttpClient> {
  const http = yield* HttpClient.HttpClient
  const headers = yield* userAgent(config.appId)
  const attemptTimeout = yield* positiveDuration("attemptTimeout", config.attemptTimeout ?? "10 seconds")
  const operationTimeout =
    config.operationTimeout === undefined
      ? undefined
      : yield* positiveDuration("operationTimeout", config.operationTimeout)
  const clientPolicy = config.retryPolicy ?? RetryPolicy.standard()
  const clientRetry = RetryPolicy.make(clientPolicy)

  const compile = <I, O, E extends Operation.ModelledException, R>(
    operation: Operation.TypedOperation<I, O, E>,
    authScheme: AuthScheme.AuthScheme<R>
  ): Compiled<I, O, E | ClientError, R> => {
    const { name } = operation
    const encode = Schema.encodeResult(operation.input)
    const read = Response.reader(operation)
    const requestTo = Request.make(operation, headers)
    const telemetryAt = Telemetry.make({
      service: service.name,
      serviceId: service.id,
      operation: name,
      method: operation.method
    })
    const timeout = (limit: CallTimeout["limit"], duration: Duration.Duration) =>
      Effect.timeoutOrElse({
        duration,
        orElse: () => Effect.fail(new CallTimeout({ operation: name, limit, duration }))
      })

    return ({ endpoint, region }) => {
      const { origin } = new URL(endpoint)
      const requestOf = requestTo(endpoint)
      const telemetry = telemetryAt(endpoint)

      const attempt = Effect.fnUntraced(function* (
        request: HttpClientRequest.HttpClientRequest,
        input: I
      ): Effect.fn.Return<O, E | ClientError, R> {
        const authorized = yield* authScheme.authorize(request, region)
        const { clockOffset, secrets } = authorized
        return yield* http.execute(authorized.request).pipe(
          // The error of a client that fails on a status contains the response
          Effect.catchReason("HttpClientError", "StatusCodeError", ({ response }) => Effect.succeed(response)),
          Effect.mapError((error) => Response.transportError(name, origin, error)),
          Effect.flatMap((response) =>
            read(response, { origin, redact: redactor([...secretsIn(input), ...secrets]), clockOffset })
          ),
          timeout("attempt", attemptTimeout),
          Effect.tapError((error) =>
            error._tag === "UnhandledServiceError" ? authScheme.correctClock(error) : Effect.void
          )
        )
      }, withoutRedirectsAndTracing)

      return Effect.fnUntraced(function* (input: I): Effect.fn.Return<O, E | ClientError, R> {
        const bound = encode(input, { errors: "all" }).pipe(
          Result.mapError(describeSchemaError),
          Result.flatMap(requestOf)
        )
        if (Result.isFailure(bound)) {
          return yield* new ConstructionFailure({
            reason: "InvalidInput",
            description: `${name}: the input is invalid: ${bound.failure}`
          })
        }
        const override = yield* RetryPolicy.Override
        const policy = override ?? clientPolicy
        const retry = override === undefined ? clientRetry : RetryPolicy.make(override)
        const request = HttpClientRequest.setHeader(bound.success, "amz-sdk-invocation-id", invocationId())
        const attempts = yield* Ref.make(0)
        const attempting = Effect.flatMap(
          Ref.updateAndGet(attempts, (n) => n + 1),
          (number) => {
            const header = `attempt=${number}; max=${policy.maxAttempts}`
            return telemetry.attempt(number)(
              attempt(HttpClientRequest.setHeader(request, "amz-sdk-request", header), input)
            )
          }
        ).pipe(retry)
        return yield* operationTimeout === undefined ? attempting : timeout("operation", operationTimeout)(attempting)
      }, telemetry.call)
    }
  }

  const resolve = (region: string | undefined): Result.Result<Target, ConstructionFailure> =>
    Result.map(Endpoint.resolve({ ...config, service: service.endpoint, region }), (endpoint) => ({ endpoint, region }))

  const signature = AuthScheme.sigV4(service.signingName)
  return {
    compile: (operation) => compile(operation, AuthScheme.none),
    compileSigned: (operation) => compile(operation, signature),
    service: Effect.fnUntraced(function* (build) {
      const regions = yield* Cache.make({
        capacity: maxRegions,
        lookup: (region: string) =>
          Effect.map(Effect.fromResult(resolve(region)), (target) => build(regionOf(Result.succeed(target)), inRegion))
      })
      const inRegion = (region: string) => Cache.get(regions, region)
      if (config.region !== undefined) return yield* inRegion(config.region)
      const target = resolve(undefined)
      if (config.endpoint !== undefined) yield* Effect.fromResult(target)
      return build(regionOf(target), inRegion)
    })
  }
})

const regionOf = (target: Result.Result<Target, ConstructionFailure>): Region => ({
  endpoint: Effect.fromResult(Result.map(target, ({ endpoint }) => endpoint)),
  call: (operation) =>
    Result.match(target, { onSuccess: operation, onFailure: (failure) => () => Effect.fail(failure) })
})

// Faster than `SecureRandom`, but browsers have it only on secure pages
const invocationId: () => string = Predicate.isFunction(globalThis.crypto?.randomUUID)
  ? () => crypto.randomUUID()
  : SecureRandom.uuidV4Unsafe

const userAgent = (appId: string | undefined): Effect.Effect<Readonly<Record<string, string>>, ConstructionFailure> =>
  appId === undefined || UserAgent.isAppId(appId)
    ? Effect.succeed(UserAgent.headers({ appId }))
    : invalid(`appId must be ${UserAgent.appIdForm}, got ${JSON.stringify(appId)}`)

const positiveDuration = (name: string, input: Duration.Input): Effect.Effect<Duration.Duration, ConstructionFailure> =>
  Option.match(Option.filter(Duration.fromInput(input), Duration.isPositive), {
    onNone: () => invalid(`${name} must be a duration above zero, such as "10 seconds"`),
    onSome: Effect.succeed
  })

const invalid = (description: string) =>
  Effect.fail(new ConstructionFailure({ reason: "InvalidConfiguration", description }))
