/**
 * The error of a sign-in.
 *
 * **Example** (A second flow where no port is free)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { LoginFailed } from "effect-aws-sso"
 *
 * const orElse = <A, R, A2, R2>(
 *   browser: Effect.Effect<A, LoginFailed.LoginFailed, R>,
 *   device: Effect.Effect<A2, LoginFailed.LoginFailed, R2>
 * ) => Effect.catchReason(browser, "LoginFailed", "ListenFailure", () => device)
 * ```
 *
 * @since 0.2.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Exceptions from "../operation/Exceptions.ts"
import * as ClientError from "../wire/ClientError.ts"

/**
 * The browser did not return in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallbackTimeout extends Schema.TaggedError<CallbackTimeout>()("CallbackTimeout", {
  /** How long the flow waited. */
  duration: Schema.Duration
}) {
  override get message(): string {
    return `the browser did not return within ${Duration.format(this.duration)}: sign in again, or use the device flow`
  }
}

/**
 * The listener for the browser could not be opened.
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenFailure extends Schema.TaggedError<ListenFailure>()("ListenFailure", {
  /** The requested port, if any. */
  port: Schema.optionalKey(Schema.Int),
  /** The system error code, such as `EADDRINUSE`, if there is one. */
  code: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const where = this.port === undefined ? "on any port" : `on port ${this.port}`
    return `cannot listen for the browser ${where} (${this.code ?? "unknown cause"}): choose another port, or use the device flow`
  }
}

/**
 * The authorization server responded with an error (RFC 6749 §4.1.2.1).
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthorizationFailed extends Schema.TaggedError<AuthorizationFailed>()("AuthorizationFailed", {
  /** The error code, such as `server_error`. */
  error: Schema.String,
  /** The description that the server gave, if any. */
  error_description: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `the sign-in failed in the browser: ${this.error_description ?? this.error}`
  }
}

/**
 * The start URL does not lead to an AWS access portal.
 *
 * @category errors
 * @since 0.1.0
 */
export class StartUrlUnresolved extends Schema.TaggedError<StartUrlUnresolved>()("StartUrlUnresolved", {
  startUrl: Schema.String,
  /**
   * - `NotHttps`: the start URL or the URL it redirects to is not `https`
   * - `Unreachable`: the server could not be reached, or did not respond in time
   * - `NoRedirect`: the server did not respond with a redirect
   * - `NotAws`: the start URL redirects to a domain that is not an AWS domain
   * - `NoRegion`: neither the portal's host name nor the settings have a region
   * - `NoResolver`: the start URL has a custom domain, and nothing is provided to resolve it
   */
  reason: Schema.Literals(["NotHttps", "Unreachable", "NoRedirect", "NotAws", "NoRegion", "NoResolver"]),
  /** What was found, and what is expected. */
  description: Schema.String
}) {
  override get message(): string {
    return `the start URL ${this.startUrl} cannot be used: ${this.description}`
  }
}

/**
 * A sign-in failed. `reason` says why.
 *
 * **Details**
 *
 * The reason is an exception of the service, such as `AccessDeniedException` (the user declined) or
 * `ExpiredTokenException` (the user did not approve in time); a `ClientError`; or an error of the flow itself:
 * `CallbackTimeout`, `ListenFailure`, `AuthorizationFailed`, `StartUrlUnresolved`.
 *
 * @category errors
 * @since 0.2.0
 */
export class LoginFailed extends Schema.TaggedError<LoginFailed>()("LoginFailed", {
  reason: Schema.Union([
    ...Exceptions.all,
    ...ClientError.all,
    CallbackTimeout,
    ListenFailure,
    AuthorizationFailed,
    StartUrlUnresolved
  ])
}) {
  override get message(): string {
    return `the sign-in failed: ${this.reason.message}`
  }
}
