/**
 * What can go wrong on the client's side of a call, as five tagged errors.
 *
 * **When to use**
 *
 * Use to tell a call that never left (`ConstructionFailure`), one that got no answer (`CallTimeout`,
 * `DispatchFailure`), one whose answer could not be read (`ResponseError`) and one whose answer is an error that the
 * operation does not model (`UnhandledServiceError`). The classes are those of the official Rust client's `SdkError`.
 *
 * **Details**
 *
 * None of them holds the request, the response or a cause that could: these carry secrets. What a reader needs is in
 * the members and in `message`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The request was not sent: something in the call or in the configuration is wrong.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConstructionFailure extends Schema.TaggedError<ConstructionFailure>()("ConstructionFailure", {
  /** Which part was wrong. */
  reason: Schema.Literals([
    "InvalidInput",
    "InvalidRegion",
    "InvalidEndpoint",
    "InvalidConfiguration",
    "MissingCredentials"
  ]),
  /** What was wrong with it, and what to do. */
  description: Schema.String
}) {
  override get message(): string {
    return this.description
  }
}

/**
 * No answer came in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallTimeout extends Schema.TaggedError<CallTimeout>()("CallTimeout", {
  operation: Schema.String,
  /** Whether one attempt took too long, or the whole operation with its retries did. */
  limit: Schema.Literals(["attempt", "operation"]),
  /** The limit that was exceeded. */
  duration: Schema.Duration
}) {
  override get message(): string {
    return `${this.operation}: the ${this.limit} got no answer within ${Duration.format(this.duration)}`
  }
}

/**
 * The request could not be delivered, or the connection broke before the answer was complete.
 *
 * @category errors
 * @since 0.1.0
 */
export class DispatchFailure extends Schema.TaggedError<DispatchFailure>()("DispatchFailure", {
  operation: Schema.String,
  /** Where the request was to go: scheme, host and port. */
  origin: Schema.String,
  /** The system's or the runtime's error code, such as `ECONNREFUSED`, where it gave one. */
  code: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.operation}: no connection to ${this.origin}${this.code === undefined ? "" : ` (${this.code})`}`
  }
}

/**
 * An answer came, but it is not one of the service's.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResponseError extends Schema.TaggedError<ResponseError>()("ResponseError", {
  operation: Schema.String,
  /**
   * - `NotJson`: the body is no JSON object: a proxy's page, a truncated or an empty body
   * - `UnexpectedShape`: a required member is missing or of the wrong type
   * - `TooLarge`: the body exceeds 1 MiB
   * - `Redirect`: the server sent us elsewhere, where the secrets of the request do not belong
   */
  reason: Schema.Literals(["NotJson", "UnexpectedShape", "TooLarge", "Redirect"]),
  status: Schema.Int,
  requestId: Schema.optionalKey(Schema.String),
  /** What was found, without any of its content. */
  description: Schema.String
}) {
  override get message(): string {
    return `${this.operation}: HTTP ${this.status}: ${this.description}`
  }
}

/**
 * The service answered with an error that the operation does not model.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnhandledServiceError extends Schema.TaggedError<UnhandledServiceError>()("UnhandledServiceError", {
  operation: Schema.String,
  /** The name of the exception, where the answer had one. */
  code: Schema.optionalKey(Schema.String),
  status: Schema.Int,
  requestId: Schema.optionalKey(Schema.String),
  /** The service's own words, where it had any. */
  description: Schema.optionalKey(Schema.String),
  /** How long the service asks to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration),
  /** How far the service's clock is ahead of this machine's, where it refused a signature that was made by the latter. */
  clockSkew: Schema.optionalKey(Schema.Duration)
}) {
  override get message(): string {
    const code = this.code === undefined ? "" : ` ${this.code}`
    const words = this.description === undefined ? "" : `: ${this.description}`
    const advice =
      this.clockSkew === undefined
        ? ""
        : ` (the clock of this machine is off by ${Duration.format(Duration.abs(this.clockSkew))}: set it right)`
    return `${this.operation}: HTTP ${this.status}${code}${words}${advice}`
  }
}

/**
 * Any failure on the client's side of a call.
 *
 * @category models
 * @since 0.1.0
 */
export type ClientError = ConstructionFailure | CallTimeout | DispatchFailure | ResponseError | UnhandledServiceError
