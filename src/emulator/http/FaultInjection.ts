/**
 * The effect of an injected fault on a request.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Fault } from "../model/Fault.ts"
import { type ExceptionFormat, failure, type LoggedResponse, toHttp } from "./ServerResponse.ts"

/** The connection must break instead of a response. */
export class ConnectionDropped extends Data.TaggedError("ConnectionDropped") {}

const respond = ({ body, headers, status }: Extract<Fault, { readonly _tag: "Respond" }>): LoggedResponse => {
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
const dropMidway = Effect.fnUntraced(function* ({ response }: LoggedResponse) {
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
  } satisfies LoggedResponse
})

/** Handles a request with a fault. */
export const withFault = Effect.fnUntraced(function* (
  fault: Fault,
  format: ExceptionFormat,
  operation: Effect.Effect<LoggedResponse>
) {
  switch (fault._tag) {
    case "Respond":
      return respond(fault)
    case "Refuse":
      return yield* toHttp(failure(format, fault.exception, fault.members))
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
