/**
 * What the AWS restJson1 protocol says of an answer: which error it is, and what it holds. All of it pure.
 *
 * Source: Smithy, "AWS restJson1 protocol", "Operation error serialization".
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { Exception, Members } from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import { UnhandledServiceError } from "./ClientError.ts"

/**
 * A JSON object.
 *
 * @category models
 * @since 0.1.0
 */
export type JsonObject = Readonly<Record<string, unknown>>

const isJsonObject = (value: unknown): value is JsonObject => Predicate.isObject(value)

/**
 * Reads a text as a JSON object. A failure says what was found instead, and nothing of its content.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parseObject = (text: string): Result.Result<JsonObject, string> => {
  if (text.trim() === "") return Result.fail("it is empty")
  return Result.try({
    try: (): unknown => JSON.parse(text),
    // The engine's own message quotes what it read
    catch: () => (text.trimStart().startsWith("<") ? "it is HTML or XML" : "it is no valid JSON")
  }).pipe(Result.filterOrFail(isJsonObject, () => "it is JSON, but no object"))
}

/**
 * Leaves out what is `null`, at every depth of objects: to AWS, `null` is another way to leave a member out.
 *
 * @category parsing
 * @since 0.1.0
 */
export const withoutNulls = (object: JsonObject): JsonObject =>
  Record.filterMap(object, (value) =>
    value === null ? Result.failVoid : Result.succeed(isJsonObject(value) ? withoutNulls(value) : value)
  )

/**
 * The id that AWS gave to a request, as the headers of its answer tell it.
 *
 * @category parsing
 * @since 0.1.0
 */
export const requestId = (headers: Headers.Headers): string | undefined =>
  headers["x-amzn-requestid"] ?? headers["x-amzn-request-id"] ?? headers["x-amz-request-id"]

/**
 * How long the service asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), `x-amz-retry-after` in
 * milliseconds.
 *
 * @category parsing
 * @since 0.1.0
 */
export const retryAfter = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const standard = headers["retry-after"]
  if (standard !== undefined) {
    return Result.getOrUndefined(
      Result.map(Headers.parseRetryAfter(standard.trim()), (parsed) => Headers.retryAfterDelay(parsed, now))
    )
  }
  const amazon = headers["x-amz-retry-after"]?.trim()
  return amazon !== undefined && /^\d+$/.test(amazon) ? Duration.millis(Number(amazon)) : undefined
}

// `com.amazonaws.sso.oidc#SlowDownException:http://internal.amazon.com/…` names `SlowDownException`.
const sanitize = (code: string): string => {
  const beforeColon = code.split(":", 1)[0] ?? code
  return beforeColon.slice(beforeColon.indexOf("#") + 1).trim()
}

const text = (value: unknown): string | undefined =>
  Predicate.isString(value) && value !== "" ? value : Predicate.isNumber(value) ? String(value) : undefined

/**
 * The name of the exception: from the header, else from the body's `__type` or `code`.
 *
 * @category parsing
 * @since 0.1.0
 */
export const errorCode = (headers: Headers.Headers, body: JsonObject): string | undefined => {
  const raw = text(headers["x-amzn-errortype"]) ?? text(body["code"]) ?? text(body["__type"])
  return raw === undefined ? undefined : sanitize(raw)
}

// A service's own words are for people to read; nobody reads more than this.
const maxDescription = 1000

/**
 * Reads the answer of a failed call.
 *
 * **Details**
 *
 * `conceal` is applied to every text of the answer before it becomes part of an error, since a server may quote what it
 * was sent.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readError = <I, O, E extends Exception>(options: {
  readonly operation: Operation.Typed<I, O, E>
  readonly status: number
  readonly headers: Headers.Headers
  readonly body: string
  readonly now: DateTime.Utc
  readonly conceal: (text: string) => string
}): E | UnhandledServiceError => {
  const body = Result.getOrElse(parseObject(options.body), (): JsonObject => ({}))
  const wait = retryAfter(options.headers, DateTime.toEpochMillis(options.now))
  const id = requestId(options.headers)
  const metadata = {
    ...(id === undefined ? {} : { requestId: id }),
    ...(wait === undefined ? {} : { retryAfter: wait })
  }
  const shown = (texts: Record.ReadonlyRecord<string, string | undefined>): Record<string, string> =>
    Record.filterMap(texts, (value) =>
      value === undefined ? Result.failVoid : Result.succeed(options.conceal(value).slice(0, maxDescription))
    )
  const code = errorCode(options.headers, body)
  // A proxy that strips the header leaves the OAuth code
  const modelled = options.operation.errors.find((error) =>
    code === undefined ? error.error === body["error"] : error.identifier === code
  )
  if (modelled === undefined) {
    return new UnhandledServiceError({
      operation: options.operation.name,
      status: options.status,
      ...metadata,
      ...shown({
        code: code ?? text(body["error"]),
        description: text(body["message"]) ?? text(body["Message"]) ?? text(body["error_description"])
      })
    })
  }
  const members: Members = {
    ...shown({
      error: text(body["error"]),
      error_description: text(body["error_description"]),
      reason: text(body["reason"]),
      region: text(body["region"]),
      endpoint: text(body["endpoint"])
    }),
    ...metadata
  }
  return new modelled(members)
}
