/**
 * Where a response becomes an error: an exception that the operation models, or an `UnhandledServiceError`.
 *
 * Source: Smithy, "AWS restJson1 protocol", "Operation error serialization".
 */
import type * as Duration from "effect/Duration"
import type * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { ExceptionMembers } from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import * as ClockSkew from "./ClockSkew.ts"
import { UnhandledServiceError } from "./ClientError.ts"
import * as JsonObject from "./JsonObject.ts"
import * as ResponseHeaders from "./ResponseHeaders.ts"

/** What is known of the request that the response belongs to. */
export interface RequestContext {
  /** The time on this machine, in epoch milliseconds. */
  readonly now: number
  /** What was added to that time to sign the request. Absent for a request without a signature. */
  readonly clockOffset: Duration.Duration | undefined
  /** Removes the secrets of the request from a text, since a server can quote what it was sent. */
  readonly redact: (text: string) => string
}

/** The error of a response with a status of 400 or more. */
export const toError = <I, O, E extends Operation.ModelledException>(
  operation: Operation.TypedOperation<I, O, E>,
  response: { readonly status: number; readonly headers: Headers.Headers; readonly body: string },
  context: RequestContext
): E | UnhandledServiceError => {
  const { headers, status } = response
  const body = Result.getOrElse(JsonObject.parse(response.body), (): JsonObject.JsonObject => ({}))
  const texts = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
    Record.filterMap(values, (value) =>
      Predicate.isString(value) ? Result.succeed(context.redact(value).slice(0, maxLength)) : Result.failVoid
    )
  const retryAfter = ResponseHeaders.retryAfter(headers, context.now)
  const metadata = {
    ...texts({ requestId: ResponseHeaders.requestId(headers) }),
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
  const message = firstText(body["message"], body["Message"])
  const code = exceptionName(headers, body)
  // Where a proxy has removed the header, the OAuth code identifies the exception
  const Exception = operation.errors.find((exception) =>
    code === undefined
      ? exception.error !== undefined && exception.error === body["error"]
      : exception.identifier === code
  )
  if (Exception !== undefined) {
    const members: ExceptionMembers = {
      ...texts({
        message,
        error: body["error"],
        error_description: body["error_description"] ?? message,
        reason: body["reason"],
        region: body["region"],
        endpoint: body["endpoint"]
      }),
      ...metadata
    }
    return new Exception(members)
  }
  const clockSkew = ClockSkew.observe({ code, headers, ...context })
  return new UnhandledServiceError({
    operation: operation.name,
    status,
    ...texts({ code: firstText(code, body["error"]), description: firstText(message, body["error_description"]) }),
    ...metadata,
    ...(clockSkew === undefined ? {} : { clockSkew })
  })
}

// Longer descriptions are cut, since they are shown in messages
const maxLength = 1000

const firstText = (...values: ReadonlyArray<unknown>): unknown =>
  values.find((value) => Predicate.isString(value) && value !== "")

/** The name of the exception: from the header, else from `code` or `__type` in the body. */
export const exceptionName = (headers: Headers.Headers, body: JsonObject.JsonObject): string | undefined =>
  [headers["x-amzn-errortype"], body[keyOf(body, "code")], body["__type"]]
    .map((code) => (Predicate.isString(code) || Predicate.isNumber(code) ? withoutNamespace(String(code)) : ""))
    .find((code) => code !== "")

const keyOf = (body: JsonObject.JsonObject, name: string): string =>
  Object.keys(body).find((key) => key.toLowerCase() === name) ?? name

// `com.amazonaws.sso.oidc#SlowDownException:http://internal.amazon.com/…` becomes `SlowDownException`
const withoutNamespace = (code: string): string => {
  const name = code.split(/[,:]/, 1).join("")
  return (name.split("#", 2).at(-1) ?? name).trim()
}
