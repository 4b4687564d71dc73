/**
 * Reads an answer, whatever it is: an output, an exception that the operation models, or a typed account of why it is
 * neither.
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
import { constructionFailure } from "./NotSent.ts"
import * as RestJson from "./RestJson.ts"
import { explain } from "./Redaction.ts"
import { systemCode } from "./SystemCode.ts"
import * as Telemetry from "./Telemetry.ts"

/** The most that is read of an answer, in bytes. The longest that the service sends is some 10 KiB. */
const maxBodySize = 1024 * 1024

/** What is known of the request. The time comes from Effect's `Clock`. */
export interface Reading extends Omit<RestJson.Reading, "now"> {
  /** Where the request went: scheme, host and port. */
  readonly origin: string
}

/** Reads the answers of one operation. Build it once: it holds the compiled codec. */
export const reader = <I, O, E extends Operation.Exception>(
  operation: Operation.Typed<I, O, E>
): ((
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading
) => Effect.Effect<O, E | UnhandledServiceError | ResponseError | ConstructionFailure | DispatchFailure>) => {
  const decode = Schema.decodeUnknownResult(operation.output)
  const isEmpty = SchemaAST.isVoid(operation.output.ast)

  return Effect.fnUntraced(function* (response, reading) {
    const { headers, status } = response
    const { conceal, origin } = reading
    const requestId = RestJson.requestId(headers)
    yield* Telemetry.responded({ status, requestId: requestId === undefined ? undefined : conceal(requestId) })

    const unreadable = (reason: ResponseError["reason"], description: string) =>
      Effect.fail(
        new ResponseError({
          operation: operation.name,
          status,
          reason,
          description: conceal(description),
          ...(requestId === undefined ? {} : { requestId: conceal(requestId) })
        })
      )

    // A browser tells of a redirect that it did not follow by a status of 0
    if (status === 0 || (status >= 300 && status < 400)) {
      yield* discard(response)
      const to = originOf(headers["location"])
      return yield* unreadable(
        "Redirect",
        `the server redirects${to === undefined ? "" : ` to ${to}`}, which is never followed: check the endpoint`
      )
    }

    const body = yield* readBody(response, headers).pipe(
      Effect.mapError((error) => unreachable(operation.name, origin, error))
    )
    if (body === undefined) return yield* unreadable("TooLarge", "the body is larger than 1 MiB")
    if (status >= 400) {
      return yield* Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.fail(RestJson.readError(operation, { status, headers, body }, { ...reading, now }))
      )
    }
    const json = isEmpty ? Result.succeed(undefined) : Result.map(RestJson.parseObject(body), RestJson.withoutNulls)
    if (Result.isFailure(json)) return yield* unreadable("NotJson", `the body is no JSON object: ${json.failure}`)
    const output = decode(json.success, { errors: "all" })
    if (Result.isFailure(output)) return yield* unreadable("UnexpectedShape", explain(output.failure))
    return output.success
  })
}

/** The failure of a request that was not sent or not delivered, or of a response that broke off. */
export const unreachable = (
  operation: string,
  origin: string,
  error: HttpClientError.HttpClientError
): ConstructionFailure | DispatchFailure => {
  const notSent = constructionFailure(error)
  if (notSent !== undefined) return notSent
  const code = systemCode(error.cause)
  return new DispatchFailure({ operation, origin, ...(code === undefined ? {} : { code }) })
}

/** The text of the body; nothing where it is too large. */
const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers
): Effect.Effect<string | undefined, HttpClientError.HttpClientError> => {
  const length = headers["content-length"]?.trim() ?? ""
  const declared = /^\d+$/.test(length) ? Number(length) : undefined
  if (declared !== undefined && declared > maxBodySize) return Effect.as(discard(response), undefined)
  // A declared length needs no counting, but a compressed body grows beyond it
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
      // To a web `Response`, a body without a byte is none
      Effect.catchReason("HttpClientError", "EmptyBodyError", () => Effect.succeed(""))
    )
  })

/** Lets go of a body that nobody reads, and with it of the connection. */
const discard = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.ignore(Stream.run(response.stream, Sink.succeed(undefined)))

const originOf = (location: string | undefined): string | undefined =>
  location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined
