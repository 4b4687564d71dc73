/**
 * An `HttpClient` that calls the emulator without a socket.
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { RequestHandler } from "./Routes.ts"

/** Every host reaches the emulator. */
export const make = (handler: RequestHandler): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    handler.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
      Effect.mapBoth({
        onSuccess: (response) => HttpServerResponse.toClientResponse(response, { request }),
        onFailure: () =>
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, description: "the connection was dropped" })
          })
      })
    )
  )
