/**
 * The four exceptions that the portal of IAM Identity Center models, as tagged errors named as the service names them.
 *
 * **Details**
 *
 * `InvalidRequestException` is the one of `Exceptions`: in the portal's answers it has no `error` and no `reason`.
 *
 * **Gotchas**
 *
 * An account or a role that is not assigned to the person is none of these. The portal answers with a
 * `ForbiddenException`, which it does not model: an `UnhandledServiceError` with that `code`.
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
  /** What went wrong, in the service's own words. */
  message: Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed("the service gave no description"))),
  /** The `x-amzn-RequestId` of the answer: what AWS Support asks for. */
  requestId: Schema.optionalKey(Schema.String),
  /** How long the service asks to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration)
}

/**
 * There is no such thing.
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
 * The portal is asked too often. The client tries again by itself, as its retry policy says.
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
 * The access token has expired, or its session was ended: renew it, or sign in again.
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
 * Any modelled exception of the portal.
 *
 * @category models
 * @since 0.1.0
 */
export type Exception =
  | InvalidRequestException
  | ResourceNotFoundException
  | TooManyRequestsException
  | UnauthorizedException

/**
 * The class of every modelled exception of the portal.
 *
 * @category models
 * @since 0.1.0
 */
export const all: ReadonlyArray<ExceptionClass<Exception>> = [
  InvalidRequestException,
  ResourceNotFoundException,
  TooManyRequestsException,
  UnauthorizedException
]
