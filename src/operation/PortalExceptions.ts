/**
 * The four exceptions that the AWS access portal models, as tagged errors with the names that the service uses.
 *
 * **Details**
 *
 * `InvalidRequestException` is the class of `Exceptions`. In a response of the portal it has no `error` and no `reason`.
 *
 * **Gotchas**
 *
 * For an account or a role that is not assigned to the user, the portal responds with a `ForbiddenException`, which it
 * does not model: an `UnhandledServiceError` with that `code`.
 *
 * Source: AWS IAM Identity Center Portal API Reference, the "Errors" of each action.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type ExceptionClass, InvalidRequestException } from "./Exceptions.ts"

export { InvalidRequestException } from "./Exceptions.ts"

const members = {
  /** The description of the error that the service sent. */
  message: Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed("the service gave no description"))),
  /** The `x-amzn-RequestId` of the response, for AWS Support. */
  requestId: Schema.optionalKey(Schema.String),
  /** How long the service asks the client to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration)
}

/**
 * The account or role does not exist.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResourceNotFoundException extends Schema.TaggedError<ResourceNotFoundException>()(
  "ResourceNotFoundException",
  members
) {
  static readonly status = 404
}

/**
 * There were too many requests. The retry policy of the client retries it.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyRequestsException extends Schema.TaggedError<TooManyRequestsException>()(
  "TooManyRequestsException",
  members
) {
  static readonly status = 429
}

/**
 * The access token has expired, or its session has ended. Refresh the token, or sign in again.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnauthorizedException extends Schema.TaggedError<UnauthorizedException>()(
  "UnauthorizedException",
  members
) {
  static readonly status = 401
}

/**
 * Any exception that the portal models.
 *
 * @category models
 * @since 0.2.0
 */
export type SsoPortalException =
  | InvalidRequestException
  | ResourceNotFoundException
  | TooManyRequestsException
  | UnauthorizedException

/**
 * The classes of all exceptions that the portal models.
 *
 * @category models
 * @since 0.1.0
 */
export const all = [
  InvalidRequestException,
  ResourceNotFoundException,
  TooManyRequestsException,
  UnauthorizedException
] as const satisfies ReadonlyArray<ExceptionClass<SsoPortalException>>
