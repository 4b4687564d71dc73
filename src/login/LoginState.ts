/**
 * The states of a sign-in, as data that can be sent to a page. None of them holds the token.
 *
 * **Example** (A state as JSON)
 *
 * ```ts
 * import { Schema } from "effect"
 * import { LoginState } from "effect-aws-sso"
 *
 * const toJson = Schema.encodeSync(Schema.fromJsonString(LoginState.LoginState))
 * ```
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * A state of a sign-in.
 *
 * - `Prompting`: the user must open `verificationUri` and enter `userCode`, or open `verificationUriComplete`
 * - `Redirecting`: the user must open `authorizationUrl` in a browser, which is then redirected to `redirectUri`
 * - `Pending`: the user has not approved yet; the next poll comes after `nextPoll`
 * - `SlowedDown`: the service asked for fewer polls; they come every `interval` from now on
 * - `Unreachable`: the service could not be reached (`failure` is the tag of the error); the next poll comes after
 *   `nextPoll`
 * - `Authorized`: the user approved; the token is valid until `expiresAt`
 *
 * **Details**
 *
 * `timeLeft` is how long the user has left to approve. Durations are encoded in milliseconds, `expiresAt` in RFC 3339.
 *
 * @category schemas
 * @since 0.2.0
 */
export const LoginState = Schema.TaggedUnion({
  Prompting: {
    userCode: Schema.String,
    verificationUri: Schema.String,
    verificationUriComplete: Schema.optionalKey(Schema.String),
    timeLeft: Schema.DurationFromMillis
  },
  Redirecting: {
    authorizationUrl: Schema.String,
    redirectUri: Schema.String,
    timeLeft: Schema.DurationFromMillis
  },
  Pending: { timeLeft: Schema.DurationFromMillis, nextPoll: Schema.DurationFromMillis },
  SlowedDown: { timeLeft: Schema.DurationFromMillis, interval: Schema.DurationFromMillis },
  Unreachable: { timeLeft: Schema.DurationFromMillis, nextPoll: Schema.DurationFromMillis, failure: Schema.String },
  Authorized: { expiresAt: Timestamp }
})

/**
 * A state of a sign-in.
 *
 * @category models
 * @since 0.2.0
 */
export type LoginState = typeof LoginState.Type

/**
 * The states in which the user must act.
 *
 * @category models
 * @since 0.2.0
 */
export type Instruction = Extract<LoginState, { readonly _tag: "Prompting" | "Redirecting" }>
