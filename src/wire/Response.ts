/**
 * Reads a response to an output, or to the reason why there is none: an error of the service (see `ErrorResponse`), or a
 * response that the service would not send (`ResponseError`).
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type * as Operation from "../operation/Operation.ts"
import type { ConstructionFailure, UnhandledServiceError } from "./ClientError.ts"
import { DispatchFailure, ResponseError } from "./ClientError.ts"
import * as ErrorResponse from "./ErrorResponse.ts"
import * as JsonObject from "./JsonObject.ts"
import { constructionFailure } from "./NotSent.ts"
import { describeSchemaError } from "./Redaction.ts"
import * as ResponseHeaders from "./ResponseHeaders.ts"
import { systemCode } from "./SystemCode.ts"
import * as Telemetry from "./Telemetry.ts"

/** The maximum size of a body, in bytes. The largest that the service sends is about 10 KiB. */
const maxBodySize = 1024 * 1024

/** What is known of the request. The time comes from Effect's `Clock`. */
export interface RequestContext extends Omit<ErrorResponse.RequestContext, "now"> {
  /** Where the request went: scheme, host and port. */
  readonly origin: string
}

/** Makes a function that reads the responses of one operation. Make it once, since it holds the compiled codec. */
export const reader = <I, O, E extends Operation.ModelledException>(
  operation: Operation.TypedOperation<I, O, E>
): ((
  response: HttpClientResponse.HttpClientResponse,
  context: RequestContext
) => Effect.Effect<O, E | UnhandledServiceError | ResponseError | ConstructionFailure | DispatchFailure>) => {
  const decode = Schema.decodeUnknownResult(operation.output)
  const isEmpty = SchemaAST.isVoid(operation.output.ast)

  return Effect.fnUntraced(function* (response, context) {
    const { headers, status } = response
    const { origin, redact } = context
    const id = ResponseHeaders.requestId(headers)
    const requestId = id === undefined ? undefined : redact(id)
    yield* Telemetry.responded({ status, requestId })

    const unreadable = (reason: ResponseError["reason"], description: string) =>
      Effect.fail(
        new ResponseError({
          operation: operation.name,
          status,
          reason,
          description: redact(description),
          ...(requestId === undefined ? {} : { requestId })
        })
      )

    // In a browser, a redirect that was not followed has the status 0
    if (status === 0 || (status >= 300 && status < 400)) {
      yield* discard(response)
      const target = originOf(headers["location"])
      return yield* unreadable(
        "Redirect",
        `the server redirects${target === undefined ? "" : ` to ${target}`}, which is never followed: check the endpoint`
      )
    }

    const body = yield* readBody(response, headers).pipe(
      Effect.mapError((error) => transportError(operation.name, origin, error))
    )
    if (body === undefined) return yield* unreadable("TooLarge", "the body is larger than 1 MiB")
    if (status >= 400) {
      return yield* Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.fail(ErrorResponse.toError(operation, { status, headers, body }, { ...context, now }))
      )
    }
    const json = isEmpty ? Result.succeed(undefined) : Result.map(JsonObject.parse(body), JsonObject.withoutNulls)
    if (Result.isFailure(json)) return yield* unreadable("NotJson", `the body is not a JSON object: ${json.failure}`)
    const output = decode(json.success, { errors: "all" })
    if (Result.isFailure(output)) return yield* unreadable("UnexpectedShape", describeSchemaError(output.failure))
    return output.success
  })
}

/** The error of a request that was not sent or not delivered, or of a response that broke off. */
export const transportError = (
  operation: string,
  origin: string,
  error: HttpClientError.HttpClientError
): ConstructionFailure | DispatchFailure => {
  const notSent = constructionFailure(error)
  if (notSent !== undefined) return notSent
  const code = systemCode(error.cause)
  return new DispatchFailure({ operation, origin, ...(code === undefined ? {} : { code }) })
}

/** The text of the body. Absent where it is too large. */
const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> => {
  const length = headers["content-length"]?.trim() ?? ""
  const declared = /^\d+$/.test(length) ? Number(length) : undefined
  if (declared !== undefined && declared > maxBodySize) return Effect.as(discard(response), undefined)
  // A compressed body is larger than its declared length
  return declared === undefined || headers["content-encoding"] !== undefined ? countedText(response) : response.text
}

const countedText = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> =>
  Effect.suspend(() => {
    let size = 0
    return response.stream.pipe(
      Stream.takeWhile((chunk) => {
        size += chunk.byteLength
        return size <= maxBodySize
      }),
      Stream.decodeText,
      Stream.mkString,
      Effect.map((text) => (size <= maxBodySize ? text : undefined)),
      // A web `Response` has no body where the body is empty
      Effect.catchReason("HttpClientError", "EmptyBodyError", () => Effect.succeed(""))
    )
  })

/** Discards a body, which frees the connection. */
const discard = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.ignore(Stream.run(response.stream, Sink.succeed(undefined)))

const originOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined
