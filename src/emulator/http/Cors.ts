/**
 * Cross-origin requests of browser code (Fetch Standard, "CORS protocol").
 */
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

const allowOrigin = { "access-control-allow-origin": "*" }

export const isPreflight = ({ headers, method }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "OPTIONS" && headers["access-control-request-method"] !== undefined

/** Allows the headers that the browser asks for. */
export const preflight = ({ headers }: HttpServerRequest.HttpServerRequest): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.empty({
    status: 204,
    headers: {
      ...allowOrigin,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
      vary: "access-control-request-headers"
    }
  })

/** Lets scripts of all origins read a response. */
export const allow = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    ...allowOrigin,
    "access-control-expose-headers": "date, retry-after, x-amzn-errortype, x-amzn-requestid"
  })
