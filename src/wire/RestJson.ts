/**
 * What the AWS restJson1 protocol says of an answer: which error it is, and what it holds. All of it pure.
 *
 * Source: Smithy, "AWS restJson1 protocol", "Operation error serialization".
 */
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { Members } from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import * as ClockSkew from "./ClockSkew.ts"
import { UnhandledServiceError } from "./ClientError.ts"

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

const isJsonObject = (value: unknown): value is JsonObject => Predicate.isObject(value)

/** Reads a text as a JSON object. A failure says what was found instead, and nothing of its content. */
export const parseObject = (text: string): Result.Result<JsonObject, string> => {
  if (text.trim() === "") return Result.fail("it is empty")
  return Result.try({
    try: (): unknown => JSON.parse(text),
    // The engine's own message quotes what it read
    catch: () => (text.trimStart().startsWith("<") ? "it is HTML or XML" : "it is no valid JSON")
  }).pipe(Result.filterOrFail(isJsonObject, () => "it is JSON, but no object"))
}

/**
 * Leaves out what is `null`, in objects and lists down to the eighth level: to AWS, `null` is another way to leave a
 * member out.
 */
export const withoutNulls = (object: JsonObject): JsonObject => strip(object, maxDepth)

// Nothing that is read lies deeper, and what a server nests without end must not exhaust the stack
const maxDepth = 8

const strip = (object: JsonObject, depth: number): JsonObject =>
  Record.filterMap(object, (value) =>
    value === null ? Result.failVoid : Result.succeed(depth > 1 ? stripWithin(value, depth - 1) : value)
  )

const stripWithin = (value: unknown, depth: number): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => (depth > 1 ? stripWithin(item, depth - 1) : item))
  return isJsonObject(value) ? strip(value, depth) : value
}

/** The id that AWS gave to a request, as the headers of its answer tell it. */
export const requestId = (headers: Headers.Headers): string | undefined =>
  headers["x-amzn-requestid"] ?? headers["x-amzn-request-id"] ?? headers["x-amz-request-id"]

/**
 * How long the service asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), `x-amz-retry-after` in
 * milliseconds. One that cannot be read counts as none.
 *
 * - `now`: epoch milliseconds
 */
export const retryAfter = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const standard = headers["retry-after"]
  const amazon = headers["x-amz-retry-after"]?.trim() ?? ""
  return standard === undefined
    ? wholeNumber(amazon, Duration.millis)
    : Headers.parseRetryAfter(standard).pipe(
        Result.map((parsed) => Headers.retryAfterDelay(parsed, now)),
        Result.getOrElse(() => wholeNumber(amazon, Duration.millis))
      )
}

const wholeNumber = <A>(text: string, use: (value: number) => A): A | undefined =>
  /^\d+$/.test(text) ? use(Number(text)) : undefined

// `com.amazonaws.sso.oidc#SlowDownException:http://internal.amazon.com/…` names `SlowDownException`.
const sanitize = (code: string): string => {
  const named = code.split(/[,:]/, 1).join("")
  return (named.split("#", 2).at(-1) ?? named).trim()
}

const keyOf = (body: JsonObject, name: string): string =>
  Object.keys(body).find((key) => key.toLowerCase() === name) ?? name

/** The name of the exception: from the header, else from the body's `code` or `__type`. */
export const errorCode = (headers: Headers.Headers, body: JsonObject): string | undefined =>
  [headers["x-amzn-errortype"], body[keyOf(body, "code")], body["__type"]]
    .map((code) => (Predicate.isString(code) || Predicate.isNumber(code) ? sanitize(String(code)) : ""))
    .find((code) => code !== "")

/** What an answer is read with. */
export interface Reading {
  /** The time on this machine, in epoch milliseconds. */
  readonly now: number
  /** What was added to that time to sign the request; nothing where it was not signed. */
  readonly clockOffset: Duration.Duration | undefined
  /** Strikes out what an error must not show: a server may quote what it was sent. */
  readonly conceal: (text: string) => string
}

const firstText = (...values: ReadonlyArray<unknown>): unknown =>
  values.find((value) => Predicate.isString(value) && value !== "")

// A service's own words are for people to read; nobody reads more than this.
const maxLength = 1000

/** Reads the answer of a failed call: an exception that the operation models, or any other. */
export const readError = <I, O, E extends Operation.Exception>(
  operation: Operation.Typed<I, O, E>,
  answer: { readonly status: number; readonly headers: Headers.Headers; readonly body: string },
  reading: Reading
): E | UnhandledServiceError => {
  const { headers, status } = answer
  const body = Result.getOrElse(parseObject(answer.body), (): JsonObject => ({}))
  const shown = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
    Record.filterMap(values, (value) =>
      Predicate.isString(value) ? Result.succeed(reading.conceal(value).slice(0, maxLength)) : Result.failVoid
    )
  const wait = retryAfter(headers, reading.now)
  const metadata = {
    ...shown({ requestId: requestId(headers) }),
    ...(wait === undefined ? {} : { retryAfter: wait })
  }
  const words = firstText(body["message"], body["Message"])
  const code = errorCode(headers, body)
  // A proxy that strips the header leaves the OAuth code
  const modelled = operation.errors.find((error) =>
    code === undefined ? error.error !== undefined && error.error === body["error"] : error.identifier === code
  )
  if (modelled !== undefined) {
    const members: Members = {
      ...shown({
        message: words,
        error: body["error"],
        error_description: body["error_description"] ?? words,
        reason: body["reason"],
        region: body["region"],
        endpoint: body["endpoint"]
      }),
      ...metadata
    }
    return new modelled(members)
  }
  const clockSkew = ClockSkew.observe({ code, headers, ...reading })
  return new UnhandledServiceError({
    operation: operation.name,
    status,
    ...shown({ code: firstText(code, body["error"]), description: firstText(words, body["error_description"]) }),
    ...metadata,
    ...(clockSkew === undefined ? {} : { clockSkew })
  })
}
