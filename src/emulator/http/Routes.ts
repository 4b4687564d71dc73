/**
 * The handling of a request: it is logged, routed to its operation or page, and changed by an injected fault.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Url from "effect/http/Url"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Record from "effect/Record"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Struct from "effect/Struct"
import * as FakeValues from "../model/FakeValues.ts"
import * as FaultQueue from "../model/FaultQueue.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"
import { GatewayError } from "../model/RequestChecks.ts"
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

type AddDetails = (details: Partial<RequestLog.RequestRecord>) => void

const page = Effect.fnUntraced(function* (content: Layout.PageContent | Layout.PageRedirect) {
  return {
    response: Layout.toHttp(content, FakeValues.nonce(yield* Random.Random)),
    error: "location" in content ? content.error : undefined
  } satisfies ServerResponse.LoggedResponse
})

// The members that are not secret.
const loggedMembers = ["grantType", "clientId", "accountId", "roleName"] as const

const callOperation = Effect.fnUntraced(function* (
  options: RoutesOptions,
  endpoint: OperationEndpoints.OperationEndpoint,
  request: HttpServerRequest.HttpServerRequest,
  url: URL,
  addDetails: AddDetails
) {
  addDetails({ operation: endpoint.name })
  const members = endpoint.read({
    query: url.searchParams,
    headers: request.headers,
    body: request.method === "POST" ? yield* RequestBody.read(request) : ""
  })
  const known = Result.getOrElse(members, (): OperationEndpoints.InputMembers => ({}))
  addDetails(Record.filter(Struct.pick(known, loggedMembers), Predicate.isString))
  const response = endpoint.handle({
    members,
    authorization: request.headers["authorization"],
    region: options.region,
    verificationUri: options.origin(url) + DevicePage.path
  })
  const fault = yield* Ref.modify(options.faults, (faults) => FaultQueue.take(faults, endpoint.name))
  return yield* withFault(fault, endpoint.format, Effect.flatMap(response, ServerResponse.toHttp))
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

const outcome = (
  exit: Exit.Exit<ServerResponse.LoggedResponse, ConnectionDropped>
): Partial<RequestLog.RequestRecord> =>
  Exit.match(exit, {
    onSuccess: ({ response, error }) => ({ status: response.status, ...(error === undefined ? {} : { error }) }),
    onFailure: (cause) => ({ error: Cause.hasInterruptsOnly(cause) ? "abandoned" : "dropped" })
  })

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
    addDetails: AddDetails
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
        addDetails(clientId === null ? {} : { clientId })
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
    addDetails: AddDetails
  ): Effect.Effect<ServerResponse.LoggedResponse, ConnectionDropped | GatewayError> => {
    if (!options.acceptsHost(url.hostname)) {
      return Effect.fail(unknownHost)
    }
    if (!hasOperation(url)) {
      return callPage(request, url, addDetails)
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
      : callOperation(options, endpoint, request, url, addDetails)
  }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const url = urlOf(request, options.baseUrl)
    const at = yield* Clock.currentTimeMillis
    const addDetails = log.open({ at, method: request.method, host: url.host, path: url.pathname })
    const { response } = yield* route(request, url, addDetails).pipe(
      Effect.catchTag("GatewayError", (error) => ServerResponse.toHttp(ServerResponse.gatewayFailure(error))),
      Effect.onExit((exit) => Effect.sync(() => addDetails(outcome(exit))))
    )
    return options.cors && hasOperation(url) ? Cors.allow(response) : response
  })
}
