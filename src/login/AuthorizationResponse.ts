/**
 * The checks of an authorization response: the URL that the authorization server redirects the browser to.
 *
 * **When to use**
 *
 * Use `read` in a custom `RedirectListener`. Each check is one function that names its RFC section, and each refusal has
 * its own code.
 *
 * Source: RFC 6749 §3.1, §4.1.2, §4.1.2.1 and §10.12.
 *
 * @since 0.2.0
 */
import * as Mac from "effect/crypto/Mac"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { AccessDeniedException } from "../operation/Exceptions.ts"
import { AuthorizationFailed } from "../session/LoginFailed.ts"

export { AuthorizationFailed } from "../session/LoginFailed.ts"

/**
 * The path of the redirect URI.
 *
 * @category constants
 * @since 0.2.0
 */
export const path = "/oauth/callback"

/**
 * A URL is not the response to our authorization request. It is refused, and the flow keeps waiting for the response.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallbackRefused extends Schema.TaggedError<CallbackRefused>()("CallbackRefused", {
  /**
   * - `WrongPath`: it is not a URL, or has another path
   * - `RepeatedParameter`: it has a parameter more than once
   * - `MissingState`, `WrongState`: it does not carry the state of our request, so it may be an attack
   * - `MissingCode`: it has neither a code nor an error
   */
  reason: Schema.Literals(["WrongPath", "RepeatedParameter", "MissingState", "WrongState", "MissingCode"])
}) {
  override get message(): string {
    return refusals[this.reason]
  }
}

const refusals = {
  WrongPath: "this is not the URL that the browser was redirected to: paste the complete URL",
  RepeatedParameter: "the callback was refused: it has a parameter more than once",
  MissingState: "the callback was refused: it has no state, so it does not belong to this sign-in",
  WrongState: "the callback was refused: it has another state, so it does not belong to this sign-in",
  MissingCode: "the callback was refused: it has neither a code nor an error"
}

/**
 * An authorization response: the code, or the error that the authorization server gave in its place.
 *
 * @category models
 * @since 0.2.0
 */
export type AuthorizationResponse = Result.Result<Redacted.Redacted, AccessDeniedException | AuthorizationFailed>

/**
 * Reads the URL of a callback: one that the listener received, or one that the user pasted.
 *
 * **Details**
 *
 * The `state` is checked before the code and the error, in constant time.
 *
 * @category parsing
 * @since 0.2.0
 */
export const read = (
  url: string,
  expectedState: Redacted.Redacted
): Result.Result<AuthorizationResponse, CallbackRefused> =>
  Result.gen(function* () {
    const parameters = yield* readParameters(url)
    yield* checkState(parameters, expectedState)
    const error = readError(parameters)
    return error === undefined ? Result.succeed(yield* readCode(parameters)) : Result.fail(error)
  })

/** RFC 6749 §3.1 and §4.1.2: the query of the redirect URI, in which no parameter is repeated. */
const readParameters = (url: string): Result.Result<URLSearchParams, CallbackRefused> => {
  if (!URL.canParse(url) || new URL(url).pathname !== path) return refuse("WrongPath")
  const { searchParams } = new URL(url)
  const names = [...searchParams.keys()].filter((name) => known.has(name))
  return new Set(names).size === names.length ? Result.succeed(searchParams) : refuse("RepeatedParameter")
}

/** The parameters that are read. An unknown one is ignored (RFC 6749 §4.1.2). */
const known: ReadonlySet<string> = new Set(["code", "error", "error_description", "state"])

/** RFC 6749 §3.1: a parameter without a value counts as absent. */
const parameter = (parameters: URLSearchParams, name: string): string | undefined => parameters.get(name) || undefined

/** RFC 6749 §10.12: without the state of our request it is a forged response. */
const checkState = (parameters: URLSearchParams, expected: Redacted.Redacted): Result.Result<void, CallbackRefused> => {
  const state = parameter(parameters, "state")
  if (state === undefined) return refuse("MissingState")
  const bytes = new TextEncoder()
  return Mac.timingSafeEqual(bytes.encode(state), bytes.encode(Redacted.value(expected)))
    ? Result.void
    : refuse("WrongState")
}

/** RFC 6749 §4.1.2.1: the error response. */
const readError = (parameters: URLSearchParams): AccessDeniedException | AuthorizationFailed | undefined => {
  const error = parameter(parameters, "error")
  if (error === undefined) return undefined
  const description = parameter(parameters, "error_description")
  const members = { error, ...(description === undefined ? {} : { error_description: description }) }
  return error === AccessDeniedException.error ? new AccessDeniedException(members) : new AuthorizationFailed(members)
}

/** RFC 6749 §4.1.2: the code. */
const readCode = (parameters: URLSearchParams): Result.Result<Redacted.Redacted, CallbackRefused> => {
  const code = parameter(parameters, "code")
  return code === undefined ? refuse("MissingCode") : Result.succeed(Redacted.make(code))
}

const refuse = (reason: CallbackRefused["reason"]): Result.Result<never, CallbackRefused> =>
  Result.fail(new CallbackRefused({ reason }))
