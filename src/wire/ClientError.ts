/**
 * The errors of a call other than the exceptions that the service models, as five tagged errors.
 *
 * **When to use**
 *
 * Use to distinguish a request that was not sent (`ConstructionFailure`), one without a response (`CallTimeout`,
 * `DispatchFailure`), an invalid response (`ResponseError`), and an error that the operation does not model
 * (`UnhandledServiceError`). The classes follow `SdkError` of the AWS SDK for Rust.
 *
 * **Details**
 *
 * None of them has the request, the response or a cause as a member, since these contain secrets.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The request was not sent, because the input or a setting is invalid.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConstructionFailure extends Schema.TaggedError<ConstructionFailure>()("ConstructionFailure", {
  /** What is invalid. */
  reason: Schema.Literals([
    "InvalidInput",
    "InvalidRegion",
    "InvalidEndpoint",
    "InvalidConfiguration",
    "MissingCredentials"
  ]),
  /** What is wrong with it, and what to do. */
  description: Schema.String
}) {
  override get message(): string {
    return this.description
  }
}

/**
 * There was no response in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallTimeout extends Schema.TaggedError<CallTimeout>()("CallTimeout", {
  operation: Schema.String,
  /** Whether one attempt took too long, or the whole call with its retries. */
  limit: Schema.Literals(["attempt", "operation"]),
  /** The limit that was exceeded. */
  duration: Schema.Duration
}) {
  override get message(): string {
    return `${this.operation}: the ${this.limit} got no response within ${Duration.format(this.duration)}`
  }
}

/**
 * The request could not be delivered, or the connection broke before the response was complete.
 *
 * @category errors
 * @since 0.1.0
 */
export class DispatchFailure extends Schema.TaggedError<DispatchFailure>()("DispatchFailure", {
  operation: Schema.String,
  /** Where the request was sent: scheme, host and port. */
  origin: Schema.String,
  /** The error code of the operating system or of the runtime, such as `ECONNREFUSED`, where there is one. */
  code: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.operation}: no connection to ${this.origin}${this.code === undefined ? "" : ` (${this.code})`}`
  }
}

/**
 * The response is not one that the service sends.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResponseError extends Schema.TaggedError<ResponseError>()("ResponseError", {
  operation: Schema.String,
  /**
   * - `NotJson`: the body is not a JSON object, such as the page of a proxy, or a truncated or empty body
   * - `UnexpectedShape`: a required member is missing, has the wrong type or is out of range
   * - `TooLarge`: the body exceeds 1 MiB
   * - `Redirect`: the server redirects, which is never followed, since the request contains secrets
   */
  reason: Schema.Literals(["NotJson", "UnexpectedShape", "TooLarge", "Redirect"]),
  status: Schema.Int,
  requestId: Schema.optionalKey(Schema.String),
  /** What is wrong with the response, without any of its content. */
  description: Schema.String
}) {
  override get message(): string {
    return `${this.operation}: HTTP ${this.status}: ${this.description}`
  }
}

/**
 * The service responded with an error that the operation does not model.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnhandledServiceError extends Schema.TaggedError<UnhandledServiceError>()("UnhandledServiceError", {
  operation: Schema.String,
  /** The name of the exception, where the response has one. */
  code: Schema.optionalKey(Schema.String),
  status: Schema.Int,
  requestId: Schema.optionalKey(Schema.String),
  /** The description that the service sent, where there is one. */
  description: Schema.optionalKey(Schema.String),
  /** How long the service asks the client to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration),
  /** How far the clock of the service is ahead of this machine, where it refused a signature because of its time. */
  clockSkew: Schema.optionalKey(Schema.Duration)
}) {
  override get message(): string {
    const code = this.code === undefined ? "" : ` ${this.code}`
    const description = this.description === undefined ? "" : `: ${this.description}`
    const advice =
      this.clockSkew === undefined
        ? ""
        : ` (the clock of this machine is wrong by ${Duration.format(Duration.abs(this.clockSkew))}: correct it)`
    return `${this.operation}: HTTP ${this.status}${code}${description}${advice}`
  }
}

/**
 * Any error of a call that is not an exception that the service models.
 *
 * @category models
 * @since 0.1.0
 */
export type ClientError = ConstructionFailure | CallTimeout | DispatchFailure | ResponseError | UnhandledServiceError

/**
 * The classes of all errors of a call that are not exceptions that the service models.
 *
 * @category models
 * @since 0.2.0
 */
export const all = [ConstructionFailure, CallTimeout, DispatchFailure, ResponseError, UnhandledServiceError] as const
