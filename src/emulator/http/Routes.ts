/**
 * One request, from its arrival to its answer: written down, led to its operation or page, disturbed where a fault asks
 * for it.
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
import * as Answer from "./ServerResponse.ts"
import * as AuthorizePage from "../pages/AuthorizePage.ts"
import * as Checks from "../model/Checks.ts"
import * as DevicePage from "../pages/DevicePage.ts"
import * as Fake from "../model/Fake.ts"
import * as Fault from "../model/Fault.ts"
import * as Operations from "./Operations.ts"
import * as Page from "../pages/Layout.ts"
import type * as RequestLog from "./RequestLog.ts"
import type { State } from "../model/State.ts"

/**
 * The connection is to break before an answer is sent.
 *
 * @internal
 */
export class Dropped extends Data.TaggedError("Dropped") {}

/**
 * The server of one emulator.
 *
 * @internal
 */
export interface Server {
  readonly state: State
  readonly log: RequestLog.RequestLog
  readonly faults: Ref.Ref<ReadonlyArray<Fault.Queued>>
  readonly region: string
  readonly baseUrl: string
  /** What the links that it hands out begin with, for a request to this URL. */
  readonly origin: (url: URL) => string
}

// An answer, and what the log says of it besides the status.
interface Reply {
  readonly response: HttpServerResponse.HttpServerResponse
  readonly error?: string | undefined
}

type Note = (more: Partial<RequestLog.RequestRecord>) => void

const reply = Effect.fnUntraced(function* (answer: Answer.Answer) {
  const now = yield* Clock.currentTimeMillis
  const requestId = Fake.requestId(yield* Random.Random)
  return { response: Answer.toResponse(answer, { now, requestId }), error: answer.error }
})

const page = Effect.fnUntraced(function* (content: Page.Page | Page.Redirect) {
  return {
    response: Page.toResponse(content, Fake.nonce(yield* Random.Random)),
    error: "location" in content ? content.error : undefined
  }
})

const respond = (fault: Fault.Respond): Reply => {
  const options = { status: fault.status, headers: fault.headers }
  const body = Predicate.isString(fault.body) ? new TextEncoder().encode(fault.body) : fault.body
  return {
    response: body.length === 0 ? HttpServerResponse.empty(options) : HttpServerResponse.uint8Array(body, options)
  }
}

// The head promises the whole body, and the connection breaks in the middle of it. The yield lets a socket send the
// first half: destroying it throws away what it still holds.
const broken = Effect.fnUntraced(function* ({ response }: Reply) {
  const bytes = response.body._tag === "Uint8Array" ? response.body.body : new Uint8Array()
  // The head of an answer without a body would be all of it
  if (bytes.length === 0) return yield* new Dropped()
  const half = Stream.succeed(bytes.subarray(0, bytes.length / 2))
  const end = Stream.fromEffect(Effect.andThen(Effect.yieldNow, new Dropped()))
  return {
    error: "dropped",
    response: HttpServerResponse.stream(Stream.concat(half, end), {
      status: response.status,
      headers: response.headers,
      contentLength: bytes.length
    })
  } satisfies Reply
})

const disturbed = Effect.fnUntraced(function* (
  fault: Fault.Fault | undefined,
  service: Answer.Service,
  operation: Effect.Effect<Reply>
) {
  switch (fault?._tag) {
    case undefined:
      return yield* operation
    case "Respond":
      return respond(fault)
    case "Refuse":
      return yield* reply(Answer.refusal(service, fault.exception, fault.members))
    case "Delay":
      return yield* Effect.delay(operation, fault.duration)
    case "Drop":
      switch (fault.when) {
        case "before":
          return yield* new Dropped()
        case "after":
          yield* operation
          return yield* new Dropped()
        case "midway":
          return yield* Effect.flatMap(operation, broken)
      }
  }
})

// Members that can be shown.
const logged = ["grantType", "clientId", "accountId", "roleName"] as const

const callOperation = Effect.fnUntraced(function* (
  server: Server,
  endpoint: Operations.Endpoint,
  request: HttpServerRequest.HttpServerRequest,
  url: URL,
  note: Note
) {
  const members = endpoint.read({
    query: url.searchParams,
    headers: request.headers,
    body: yield* Effect.orElseSucceed(request.text, () => "")
  })
  const known = Result.getOrElse(members, (): Operations.Members => ({}))
  note({ operation: endpoint.name, ...Record.filter(Struct.pick(known, logged), Predicate.isString) })
  const answer = endpoint.answer({
    members,
    authorization: request.headers["authorization"],
    region: server.region,
    verificationUri: server.origin(url) + DevicePage.path
  })
  const fault = yield* Ref.modify(server.faults, (faults) => Fault.take(faults, endpoint.name))
  return yield* disturbed(fault, endpoint.service, Effect.flatMap(answer, reply))
})

const unknownOperation = Answer.gateway(
  new Checks.GatewayError({
    exception: "UnknownOperationException",
    status: 404,
    description: "No operation has this method and address"
  })
)

const outcome = (exit: Exit.Exit<Reply, Dropped>): Partial<RequestLog.RequestRecord> =>
  Exit.match(exit, {
    onSuccess: ({ response, error }) => ({ status: response.status, ...(error === undefined ? {} : { error }) }),
    onFailure: (cause) => ({ error: Cause.hasInterruptsOnly(cause) ? "abandoned" : "dropped" })
  })

// A client of HTTP/1.0 may name no host. What no URL can be made of is no address of this server.
const urlOf = (request: HttpServerRequest.HttpServerRequest, baseUrl: string): URL =>
  Url.fromString(request.originalUrl).pipe(
    Result.orElse(() => Url.fromString(request.url, baseUrl)),
    Result.getOrElse(() => new URL("http://invalid/"))
  )

/**
 * Answers requests.
 *
 * @internal
 */
export const make = (
  server: Server
): Effect.Effect<HttpServerResponse.HttpServerResponse, Dropped, HttpServerRequest.HttpServerRequest> => {
  const endpoints = Operations.make(server.state)

  const route = (request: HttpServerRequest.HttpServerRequest, url: URL, note: Note): Effect.Effect<Reply, Dropped> => {
    const endpoint = endpoints.find(
      ({ method, path, query }) =>
        request.method === method &&
        path === url.pathname &&
        Object.entries(query).every(([name, value]) => url.searchParams.get(name) === value)
    )
    if (endpoint !== undefined) {
      return callOperation(server, endpoint, request, url, note)
    }
    switch (`${request.method} ${url.pathname}`) {
      case `GET ${DevicePage.path}`:
        return Effect.flatMap(DevicePage.visit(server.state, url), page)
      case `POST ${DevicePage.path}`:
        return Effect.flatMap(DevicePage.answer(server.state, request), page)
      case `GET ${AuthorizePage.path}`: {
        const clientId = url.searchParams.get("client_id")
        note(clientId === null ? {} : { clientId })
        return Effect.flatMap(AuthorizePage.visit(server.state, url), page)
      }
      case `GET ${AuthorizePage.consentPath}`:
        return Effect.flatMap(AuthorizePage.consent(server.state, url), page)
      case `POST ${AuthorizePage.consentPath}`:
        return Effect.flatMap(AuthorizePage.answer(server.state, request), page)
      default:
        return reply(unknownOperation)
    }
  }

  return Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const url = urlOf(request, server.baseUrl)
    const at = yield* Clock.currentTimeMillis
    const note = server.log.open({ at, method: request.method, host: url.host, path: url.pathname })
    const { response } = yield* Effect.onExit(route(request, url, note), (exit) =>
      Effect.sync(() => note(outcome(exit)))
    )
    return response
  })
}
