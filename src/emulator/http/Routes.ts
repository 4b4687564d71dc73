/**
 * The handling of a request: it is logged, routed to its operation or page, and changed by an injected fault.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Url from "effect/http/Url"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type * as Types from "effect/Types"
import * as FakeValues from "../model/FakeValues.ts"
import * as FaultQueue from "../model/FaultQueue.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"
import { GatewayError } from "../model/RequestChecks.ts"
import { moment } from "../model/Transition.ts"
import * as AuthorizePage from "../pages/AuthorizePage.ts"
import * as DevicePage from "../pages/DevicePage.ts"
import * as Layout from "../pages/Layout.ts"
import * as Cors from "./Cors.ts"
import { type ConnectionDropped, withFault } from "./FaultInjection.ts"
import * as OperationEndpoints from "./OperationEndpoints.ts"
import * as RequestBody from "./RequestBody.ts"
import type * as RequestLog from "./RequestLog.ts"
import * as ServerResponse from "./ServerResponse.ts"

export interface RoutesOptions {
  readonly state: IdentityCenterState
  readonly log: RequestLog.RequestLog
  readonly faults: Ref.Ref<ReadonlyArray<FaultQueue.QueuedFault>>
  readonly region: string
  readonly baseUrl: string
  /** The origin of the links in the response to a request for this URL. */
  readonly origin: (url: URL) => string
  readonly acceptsHost: (hostname: string) => boolean
  /** Allows cross-origin requests to the operations. */
  readonly cors: boolean
}

/** Handles one request. */
export type RequestHandler = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  ConnectionDropped,
  HttpServerRequest.HttpServerRequest
>

// The log reads the record, and the request adds to it.
type RequestRecord = Types.Mutable<RequestLog.RequestRecord>

const page = (content: Layout.PageContent | Layout.PageRedirect): Effect.Effect<ServerResponse.LoggedResponse> =>
  Effect.map(moment, ({ random }) => ({
    response: Layout.toHttp(content, FakeValues.nonce(random)),
    error: "location" in content ? content.error : undefined
  }))

// The members that are not secret. Long values are left out, so that the log stays small.
const loggedMembers = ["grantType", "clientId", "accountId", "roleName"] as const
const longestLogged = 256

const callOperation = Effect.fnUntraced(function* (
  options: RoutesOptions,
  endpoint: OperationEndpoints.OperationEndpoint,
  request: HttpServerRequest.HttpServerRequest,
  url: URL,
  record: RequestRecord
) {
  record.operation = endpoint.name
  const members = endpoint.read({
    query: url.searchParams,
    headers: request.headers,
    body: request.method === "POST" ? yield* RequestBody.read(request) : ""
  })
  if (Result.isSuccess(members)) {
    for (const member of loggedMembers) {
      const value = members.success[member]
      if (Predicate.isString(value) && value.length <= longestLogged) record[member] = value
    }
  }
  const handled = endpoint.handle({
    members,
    authorization: request.headers["authorization"],
    region: options.region,
    verificationUri: options.origin(url) + DevicePage.path
  })
  const fault = yield* Ref.modify(options.faults, (faults) => FaultQueue.take(faults, endpoint.name))
  const operation = Effect.flatMap(handled, ServerResponse.toHttp)
  return yield* fault === undefined ? operation : withFault(fault, endpoint.format, operation)
})

const unknownOperation = new GatewayError({
  exception: "UnknownOperationException",
  status: 404,
  description: "No operation has this method and path"
})

const unknownHost = new GatewayError({
  exception: "UnknownHostException",
  status: 403,
  description: "This host is not allowed. Use a loopback address, or set the baseUrl of the emulator"
})

const addOutcome = (record: RequestRecord, exit: Exit.Exit<ServerResponse.LoggedResponse, ConnectionDropped>): void => {
  const error = Exit.isSuccess(exit) ? exit.value.error : Cause.hasInterruptsOnly(exit.cause) ? "abandoned" : "dropped"
  if (Exit.isSuccess(exit)) record.status = exit.value.response.status
  if (error !== undefined) record.error = error
}

// HTTP/1.0 requests can lack a host. A request without a valid URL matches no route.
const urlOf = (request: HttpServerRequest.HttpServerRequest, baseUrl: string): URL =>
  Url.fromString(request.originalUrl).pipe(
    Result.orElse(() => Url.fromString(request.url, baseUrl)),
    Result.getOrElse(() => new URL("http://invalid/"))
  )

export const make = (options: RoutesOptions): RequestHandler => {
  const { log, state } = options
  const endpoints = OperationEndpoints.make(state)
  const operationPaths = new Set(endpoints.map(({ path }) => path))
  const hasOperation = ({ pathname }: URL) => operationPaths.has(pathname)

  const callPage = (
    request: HttpServerRequest.HttpServerRequest,
    url: URL,
    record: RequestRecord
  ): Effect.Effect<ServerResponse.LoggedResponse, GatewayError> => {
    switch (`${request.method} ${url.pathname}`) {
      case `GET ${DevicePage.path}`:
        return Effect.flatMap(DevicePage.visit(state, url), page)
      case `POST ${DevicePage.path}`:
        return RequestBody.read(request).pipe(
          Effect.flatMap((body) => DevicePage.submit(state, body)),
          Effect.flatMap(page)
        )
      case `GET ${AuthorizePage.path}`: {
        const clientId = url.searchParams.get("client_id")
        if (clientId !== null) record.clientId = clientId
        return Effect.flatMap(AuthorizePage.visit(state, url), page)
      }
      case `GET ${AuthorizePage.consentPath}`:
        return Effect.flatMap(AuthorizePage.visitConsent(state, url), page)
      case `POST ${AuthorizePage.consentPath}`:
        return RequestBody.read(request).pipe(
          Effect.flatMap((body) => AuthorizePage.submitConsent(state, body)),
          Effect.flatMap(page)
        )
      default:
        return Effect.fail(unknownOperation)
    }
  }

  const route = (
    request: HttpServerRequest.HttpServerRequest,
    url: URL,
    record: RequestRecord
  ): Effect.Effect<ServerResponse.LoggedResponse, ConnectionDropped | GatewayError> => {
    if (!options.acceptsHost(url.hostname)) {
      return Effect.fail(unknownHost)
    }
    if (!hasOperation(url)) {
      return callPage(request, url, record)
    }
    if (options.cors && Cors.isPreflight(request)) {
      return Effect.succeed({ response: Cors.preflight(request) })
    }
    const endpoint = endpoints.find(
      ({ method, path, query }) =>
        method === request.method &&
        path === url.pathname &&
        Object.entries(query).every(([name, value]) => url.searchParams.get(name) === value)
    )
    return endpoint === undefined
      ? Effect.fail(unknownOperation)
      : callOperation(options, endpoint, request, url, record)
  }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { now } = yield* moment
    const url = urlOf(request, options.baseUrl)
    const record: RequestRecord = { at: now, method: request.method, host: url.host, path: url.pathname }
    log.add(record)
    const { response } = yield* route(request, url, record).pipe(
      Effect.catchTag("GatewayError", (error) => ServerResponse.toHttp(ServerResponse.gatewayFailure(error))),
      Effect.onExit((exit) => Effect.sync(() => addOutcome(record, exit)))
    )
    return options.cors && hasOperation(url) ? Cors.allow(response) : response
  })
}
