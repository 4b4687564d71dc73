/**
 * Reads an answer, whatever it is: an output, an exception that the operation models, or a typed account of why it is
 * neither.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Exception } from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import type { UnhandledServiceError } from "./ClientError.ts"
import { DispatchFailure, ResponseError } from "./ClientError.ts"
import * as RestJson from "./RestJson.ts"
import { systemCode } from "./SystemCode.ts"

/** The most that is read of an answer, in bytes. The longest that the service sends is some 10 KiB. */
const maxBodySize = 1024 * 1024

/**
 * Reads the answers of one operation. Build it once: it holds the compiled codec.
 *
 * **Details**
 *
 * `conceal` is applied to every text of a failed answer before it becomes part of an error.
 *
 * @category reading
 * @since 0.1.0
 */
export const reader = <I, O, E extends Exception>(
  operation: Operation.Typed<I, O, E>,
  origin: string
): ((
  response: HttpClientResponse.HttpClientResponse,
  conceal: (text: string) => string
) => Effect.Effect<O, E | UnhandledServiceError | ResponseError | DispatchFailure>) => {
  const decode = Schema.decodeUnknownResult(operation.output)

  const unreadable = (
    response: HttpClientResponse.HttpClientResponse,
    reason: ResponseError["reason"],
    description: string
  ): Effect.Effect<never, ResponseError> => {
    const requestId = RestJson.requestId(response.headers)
    return Effect.fail(
      new ResponseError({
        operation: operation.name,
        reason,
        status: response.status,
        description,
        ...(requestId === undefined ? {} : { requestId })
      })
    )
  }

  const broken = (error: HttpClientError.HttpClientError) => unreachable(operation.name, origin, error)

  const readBody = (
    response: HttpClientResponse.HttpClientResponse
  ): Effect.Effect<string, ResponseError | DispatchFailure> => {
    const declared = Number(response.headers["content-length"] ?? Number.NaN)
    // A declared length needs no counting, but a compressed body grows beyond it
    if (declared <= maxBodySize && response.headers["content-encoding"] === undefined) {
      return Effect.mapError(response.text, broken)
    }
    return Effect.suspend(() => {
      let size = 0
      return response.stream.pipe(
        Stream.mapError(broken),
        Stream.mapEffect((chunk) => {
          size += chunk.byteLength
          return size <= maxBodySize
            ? Effect.succeed(chunk)
            : unreadable(response, "TooLarge", "the body is larger than 1 MiB")
        }),
        Stream.decodeText,
        Stream.mkString
      )
    })
  }

  return Effect.fnUntraced(function* (response, conceal) {
    const { headers, status } = response
    const requestId = RestJson.requestId(headers)
    if (requestId !== undefined) yield* Effect.annotateCurrentSpan("aws.request_id", requestId)
    // A browser tells of a redirect that it did not follow by a status of 0
    if (status === 0 || (status >= 300 && status < 400)) {
      const to = originOf(headers["location"])
      return yield* unreadable(
        response,
        "Redirect",
        `the server redirects${to === undefined ? "" : ` to ${to}`}, which is never followed: check the endpoint`
      )
    }
    const body = yield* readBody(response)
    if (status >= 400) {
      return yield* Effect.flatMap(DateTime.now, (now) =>
        Effect.fail(RestJson.readError({ operation, status, headers, body, now, conceal }))
      )
    }
    const json = RestJson.parseObject(body)
    if (Result.isFailure(json))
      return yield* unreadable(response, "NotJson", `the body is no JSON object: ${json.failure}`)
    const output = decode(RestJson.withoutNulls(json.success))
    if (Result.isFailure(output)) return yield* unreadable(response, "UnexpectedShape", output.failure.message)
    return output.success
  })
}

/**
 * Tells of a request that was not delivered, or of an answer that broke off.
 *
 * @category reading
 * @since 0.1.0
 */
export const unreachable = (
  operation: string,
  origin: string,
  error: HttpClientError.HttpClientError
): DispatchFailure => {
  const code = systemCode(error.cause)
  return new DispatchFailure({ operation, origin, ...(code === undefined ? {} : { code }) })
}

const originOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined
