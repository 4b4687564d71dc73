/**
 * Waits on this machine for the browser to come back with the authorization code.
 *
 * Source: RFC 8252 §7.3 and §8; RFC 6749 §4.1.2.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { AccessDeniedException } from "../operation/Exceptions.ts"

/**
 * Where the browser is sent back to, below the listener's address.
 *
 * @category constants
 * @since 0.1.0
 */
export const path = "/oauth/callback"

/**
 * No listener could be opened.
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenFailure extends Schema.TaggedError<ListenFailure>()("ListenFailure", {
  /** The port that was asked for, if one was. */
  port: Schema.optionalKey(Schema.Int),
  /** The system's code, such as `EADDRINUSE`, where it gave one. */
  code: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const where = this.port === undefined ? "on any port" : `on port ${this.port}`
    return `nothing can listen for the browser ${where} (${this.code ?? "no reason given"}): choose another port, or sign in by the device flow`
  }
}

/**
 * A callback that is not the answer to our request. It is refused, and the real one waited for.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallbackRefused extends Schema.TaggedError<CallbackRefused>()("CallbackRefused", {
  /**
   * - `WrongPath`: it is no URL, or leads elsewhere
   * - `MissingState`, `WrongState`: it does not carry the state of our request: somebody else's answer, or an attack
   * - `MissingCode`: it has neither a code nor an error
   */
  reason: Schema.Literals(["WrongPath", "MissingState", "WrongState", "MissingCode"])
}) {
  override get message(): string {
    return refusals[this.reason]
  }
}

const refusals = {
  WrongPath: "this is not the address that the browser was sent back to: paste the whole of it",
  MissingState: "the callback carries no state, and was not taken: it is not the answer to this sign-in",
  WrongState: "the callback carries another state, and was not taken: it is not the answer to this sign-in",
  MissingCode: "the callback has neither a code nor an error"
}

/**
 * The authorization server answered with an error (RFC 6749 §4.1.2.1).
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthorizationFailed extends Schema.TaggedError<AuthorizationFailed>()("AuthorizationFailed", {
  error: Schema.String,
  error_description: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `the sign-in failed in the browser: ${this.error_description ?? this.error}`
  }
}

/**
 * What the browser came back with.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer = Result.Result<Redacted.Redacted, AccessDeniedException | AuthorizationFailed>

/**
 * A listener that is open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listening {
  /** Where the browser is to be sent back to. */
  readonly redirectUri: string
  /** The answer to the request with the state. Whatever else comes is refused. */
  readonly answer: Effect.Effect<Answer>
}

/**
 * Opens listeners.
 *
 * @category services
 * @since 0.1.0
 */
export class RedirectListener extends Context.Service<
  RedirectListener,
  {
    /**
     * Opens a listener that closes with the scope.
     *
     * - `state`: that of the request whose answer is waited for
     * - `port`: a free one by default
     * - `host`: the name by which the browser reaches it, for a tunnel; it listens on the loopback address all the same
     */
    readonly listen: (options: {
      readonly state: Redacted.Redacted
      readonly port?: number | undefined
      readonly host?: string | undefined
    }) => Effect.Effect<Listening, ListenFailure, Scope.Scope>
  }
>()("effect-aws-sso/RedirectListener") {}

/**
 * Reads a callback: what the listener was called with, or what a person pasted.
 *
 * **Details**
 *
 * The `state` is checked before anything else, in constant time.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readCallback = (url: string, state: Redacted.Redacted): Result.Result<Answer, CallbackRefused> => {
  if (!URL.canParse(url) || new URL(url).pathname !== path) return refuse("WrongPath")
  const { searchParams } = new URL(url)
  const returned = searchParams.get("state")
  if (returned === null || returned === "") return refuse("MissingState")
  if (!isEqual(returned, Redacted.value(state))) return refuse("WrongState")
  const error = searchParams.get("error")
  const description = searchParams.get("error_description")
  if (error !== null) {
    const members = { error, ...(description === null ? {} : { error_description: description }) }
    return Result.succeed(
      Result.fail(
        error === AccessDeniedException.error ? new AccessDeniedException(members) : new AuthorizationFailed(members)
      )
    )
  }
  const code = searchParams.get("code")
  return code === null || code === "" ? refuse("MissingCode") : Result.succeed(Result.succeed(Redacted.make(code)))
}

const refuse = (reason: CallbackRefused["reason"]) => Result.fail(new CallbackRefused({ reason }))

/** Compares without telling by its time how much was right. */
const isEqual = (one: string, other: string): boolean => {
  const a = new TextEncoder().encode(one)
  const b = new TextEncoder().encode(other)
  let difference = a.length ^ b.length
  for (let i = 0; i < b.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
