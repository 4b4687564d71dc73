/**
 * The handling of a request: it is logged, routed to its operation or page, and changed by an injected fault.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Url from "effect/http/Url"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Record from "effect/Record"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import * as FakeValues from "../model/FakeValues.ts"
import type { Fault } from "../model/Fault.ts"
import * as FaultQueue from "../model/FaultQueue.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"
import * as RequestChecks from "../model/RequestChecks.ts"
import * as AuthorizePage from "../pages/AuthorizePage.ts"
import * as DevicePage from "../pages/DevicePage.ts"
import * as Layout from "../pages/Layout.ts"
import * as OperationEndpoints from "./OperationEndpoints.ts"
import type * as RequestLog from "./RequestLog.ts"
import * as ServerResponse from "./ServerResponse.ts"

/** The connection must break instead of a response. */
export class ConnectionDropped extends Data.TaggedError("ConnectionDropped") {}

export interface RoutesOptions {
  readonly state: IdentityCenterState
  readonly log: RequestLog.RequestLog
  readonly faults: Ref.Ref<ReadonlyArray<FaultQueue.QueuedFault>>
  readonly region: string
  readonly baseUrl: string
  /** The origin of the links in the response to a request for this URL. */
  readonly origin: (url: URL) => string
}

// A response, and the error that the log shows for it.
interface Reply {
  readonly response: HttpServerResponse.HttpServerResponse
  readonly error?: string | undefined
}

type AddDetails = (details: Partial<RequestLog.RequestRecord>) => void

const reply = Effect.fnUntraced(function* (response: ServerResponse.ServerResponse) {
  const now = yield* Clock.currentTimeMillis
  const requestId = FakeValues.requestId(yield* Random.Random)
  return { response: ServerResponse.toHttp(response, { now, requestId }), error: response.error }
})

const page = Effect.fnUntraced(function* (content: Layout.PageContent | Layout.PageRedirect) {
  return {
    response: Layout.toHttp(content, FakeValues.nonce(yield* Random.Random)),
    error: "location" in content ? content.error : undefined
  }
})

const respond = ({ body, headers, status }: Extract<Fault, { readonly _tag: "Respond" }>): Reply => {
  const bytes = Predicate.isString(body) ? new TextEncoder().encode(body) : body
  return {
    response:
      bytes.length === 0
        ? HttpServerResponse.empty({ status, headers })
        : HttpServerResponse.uint8Array(bytes, { status, headers })
  }
}

// The head announces the whole body, and the connection breaks in the middle of it. The yield lets a socket send the first
// half before it is destroyed.
const dropMidway = Effect.fnUntraced(function* ({ response }: Reply) {
  const bytes = response.body._tag === "Uint8Array" ? response.body.body : new Uint8Array()
  // Without a body, the head alone would be a complete response.
  if (bytes.length === 0) return yield* new ConnectionDropped()
  const half = Stream.succeed(bytes.subarray(0, bytes.length / 2))
  const end = Stream.fromEffect(Effect.andThen(Effect.yieldNow, new ConnectionDropped()))
  return {
    error: "dropped",
    response: HttpServerResponse.stream(Stream.concat(half, end), {
      status: response.status,
      headers: response.headers,
      contentLength: bytes.length
    })
  } satisfies Reply
})

const withFault = Effect.fnUntraced(function* (
  fault: Fault | undefined,
  format: ServerResponse.ExceptionFormat,
  operation: Effect.Effect<Reply>
) {
  switch (fault?._tag) {
    case undefined:
      return yield* operation
    case "Respond":
      return respond(fault)
    case "Refuse":
      return yield* reply(ServerResponse.failure(format, fault.exception, fault.members))
    case "Delay":
      return yield* Effect.delay(operation, fault.duration)
    case "Drop":
      switch (fault.when) {
        case "before":
          return yield* new ConnectionDropped()
        case "after":
          yield* operation
          return yield* new ConnectionDropped()
        case "midway":
          return yield* Effect.flatMap(operation, dropMidway)
      }
  }
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
  const members = endpoint.read({
    query: url.searchParams,
    headers: request.headers,
    body: yield* Effect.orElseSucceed(request.text, () => "")
  })
  const known = Result.getOrElse(members, (): OperationEndpoints.InputMembers => ({}))
  addDetails({ operation: endpoint.name, ...Record.filter(Struct.pick(known, loggedMembers), Predicate.isString) })
  const response = endpoint.handle({
    members,
    authorization: request.headers["authorization"],
    region: options.region,
    verificationUri: options.origin(url) + DevicePage.path
  })
  const fault = yield* Ref.modify(options.faults, (faults) => FaultQueue.take(faults, endpoint.name))
  return yield* withFault(fault, endpoint.format, Effect.flatMap(response, reply))
})

const unknownOperation = ServerResponse.gatewayFailure(
  new RequestChecks.GatewayError({
    exception: "UnknownOperationException",
    status: 404,
    description: "No operation has this method and path"
  })
)

const outcome = (exit: Exit.Exit<Reply, ConnectionDropped>): Partial<RequestLog.RequestRecord> =>
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

/** Handles one request. */
export type RequestHandler = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  ConnectionDropped,
  HttpServerRequest.HttpServerRequest
>

export const make = (options: RoutesOptions): RequestHandler => {
  const { baseUrl, log, state } = options
  const endpoints = OperationEndpoints.make(state)

  const route = (
    request: HttpServerRequest.HttpServerRequest,
    url: URL,
    addDetails: AddDetails
  ): Effect.Effect<Reply, ConnectionDropped> => {
    const endpoint = endpoints.find(
      ({ method, path, query }) =>
        request.method === method &&
        path === url.pathname &&
        Object.entries(query).every(([name, value]) => url.searchParams.get(name) === value)
    )
    if (endpoint !== undefined) {
      return callOperation(options, endpoint, request, url, addDetails)
    }
    switch (`${request.method} ${url.pathname}`) {
      case `GET ${DevicePage.path}`:
        return Effect.flatMap(DevicePage.visit(state, url), page)
      case `POST ${DevicePage.path}`:
        return Effect.flatMap(DevicePage.submit(state, request), page)
      case `GET ${AuthorizePage.path}`: {
        const clientId = url.searchParams.get("client_id")
        addDetails(clientId === null ? {} : { clientId })
        return Effect.flatMap(AuthorizePage.visit(state, url), page)
      }
      case `GET ${AuthorizePage.consentPath}`:
        return Effect.flatMap(AuthorizePage.visitConsent(state, url), page)
      case `POST ${AuthorizePage.consentPath}`:
        return Effect.flatMap(AuthorizePage.submitConsent(state, request), page)
      default:
        return reply(unknownOperation)
    }
  }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const url = urlOf(request, baseUrl)
    const at = yield* Clock.currentTimeMillis
    const addDetails = log.open({ at, method: request.method, host: url.host, path: url.pathname })
    const { response } = yield* Effect.onExit(route(request, url, addDetails), (exit) =>
      Effect.sync(() => addDetails(outcome(exit)))
    )
    return response
  })
}
