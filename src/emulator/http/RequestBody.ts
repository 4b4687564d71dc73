/**
 * The body of a request, read up to a limit.
 */
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import { GatewayError } from "../model/RequestChecks.ts"

const maxBytes = 1024 * 1024

const tooLarge = new GatewayError({
  exception: "RequestEntityTooLargeException",
  status: 413,
  description: "The request body must have at most 1 MiB"
})

const decoder = new TextDecoder()

/** The body as text. A body that cannot be read is empty. */
export const read = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string, GatewayError> =>
  request.arrayBuffer.pipe(
    Effect.matchEffect({
      // Only a server applies MaxBodySize, so that it reads no more than that. In process, the body is in memory already.
      onSuccess: (bytes) =>
        bytes.byteLength > maxBytes ? Effect.fail(tooLarge) : Effect.succeed(decoder.decode(bytes)),
      onFailure: ({ reason }) =>
        reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
          ? Effect.fail(tooLarge)
          : Effect.succeed("")
    }),
    Effect.provideService(HttpServerRequest.MaxBodySize, BigInt(maxBytes))
  )
