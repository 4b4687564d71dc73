/**
 * The 14 exceptions that the SSO OIDC service models, as tagged errors with the names that the service uses.
 *
 * **When to use**
 *
 * Use to catch an exception with `Effect.catchTag`, or to test for one with `Schema.is`.
 *
 * **Details**
 *
 * Each class has the HTTP `status` and the OAuth `error` code of its responses, so that a client can read them and a test
 * server can write them. The members `error` and `error_description` are spelled as in RFC 6749 §5.2 and in the AWS
 * model.
 *
 * Source: AWS IAM Identity Center OIDC API Reference, "Common Error Types" and the "Errors" of each action; RFC 6749
 * §5.2; RFC 8628 §3.5.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const members = {
  /** The OAuth error code, such as `authorization_pending`. */
  error: Schema.optionalKey(Schema.String),
  /** The description of the error that the service sent. */
  error_description: Schema.optionalKey(Schema.String),
  /** The `x-amzn-RequestId` of the response, for AWS Support. */
  requestId: Schema.optionalKey(Schema.String),
  /** How long the service asks the client to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration)
}

/**
 * All members that an exception can have, from the body and the headers of a response.
 *
 * @category models
 * @since 0.2.0
 */
export interface ExceptionMembers {
  /** The description in an exception of the portal. */
  readonly message?: string
  readonly error?: string
  readonly error_description?: string
  readonly requestId?: string
  readonly retryAfter?: Duration.Duration
  readonly reason?: string
  readonly endpoint?: string
  readonly region?: string
}

/**
 * What all exception classes have in common: a constructor, and how a response represents the exception.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExceptionClass<out E = SsoOidcException> {
  new (members: ExceptionMembers): E
  /** The name of the exception, as in `x-amzn-ErrorType`. */
  readonly identifier: string
  /** The HTTP status of the response. */
  readonly status: number
  /** The OAuth error code in the response. The portal sends none. */
  readonly error?: string
}

// The message that logs and terminals show after the name of the exception
const describe = (exception: ExceptionMembers): string =>
  exception.error_description ?? exception.error ?? "the service gave no description"

/**
 * Why the customer managed KMS key of the IAM Identity Center instance made the service deny a request. The service can
 * add reasons.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AccessDeniedReason: Schema.Union<
  readonly [typeof Schema.StringForLiteralAutocomplete, Schema.Literals<readonly ["KMS_AccessDeniedException"]>]
> = Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(["KMS_AccessDeniedException"])])

/**
 * Why the customer managed KMS key of the IAM Identity Center instance made a request invalid. The service can add
 * reasons.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InvalidRequestReason: Schema.Union<
  readonly [
    typeof Schema.StringForLiteralAutocomplete,
    Schema.Literals<
      readonly [
        "KMS_NotFoundException",
        "KMS_InvalidKeyUsageException",
        "KMS_InvalidStateException",
        "KMS_DisabledException"
      ]
    >
  ]
> = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals([
    "KMS_NotFoundException",
    "KMS_InvalidKeyUsageException",
    "KMS_InvalidStateException",
    "KMS_DisabledException"
  ])
])

/**
 * The user or a policy denied the request.
 *
 * @category errors
 * @since 0.1.0
 */
export class AccessDeniedException extends Schema.TaggedError<AccessDeniedException>()("AccessDeniedException", {
  ...members,
  reason: Schema.optionalKey(AccessDeniedReason)
}) {
  static readonly status = 400
  static readonly error = "access_denied"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The user has not approved or denied the request yet. Poll again after the interval (RFC 8628 §3.5).
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthorizationPendingException extends Schema.TaggedError<AuthorizationPendingException>()(
  "AuthorizationPendingException",
  members
) {
  static readonly status = 400
  static readonly error = "authorization_pending"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The device code, or another token of the request, has expired. Start again.
 *
 * @category errors
 * @since 0.1.0
 */
export class ExpiredTokenException extends Schema.TaggedError<ExpiredTokenException>()(
  "ExpiredTokenException",
  members
) {
  static readonly status = 400
  static readonly error = "expired_token"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The service failed. The retry policy of the client retries it.
 *
 * @category errors
 * @since 0.1.0
 */
export class InternalServerException extends Schema.TaggedError<InternalServerException>()(
  "InternalServerException",
  members
) {
  static readonly status = 500
  static readonly error = "server_error"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The client id or the client secret is unknown, wrong or expired. Register the client again.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidClientException extends Schema.TaggedError<InvalidClientException>()(
  "InvalidClientException",
  members
) {
  static readonly status = 401
  static readonly error = "invalid_client"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The metadata in the registration of a client is invalid.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidClientMetadataException extends Schema.TaggedError<InvalidClientMetadataException>()(
  "InvalidClientMetadataException",
  members
) {
  static readonly status = 400
  static readonly error = "invalid_client_metadata"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The device code, authorization code or refresh token is invalid, was used before, or belongs to another client.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidGrantException extends Schema.TaggedError<InvalidGrantException>()(
  "InvalidGrantException",
  members
) {
  static readonly status = 400
  static readonly error = "invalid_grant"
  override get message(): string {
    return describe(this)
  }
}

/**
 * A redirect URI is invalid or not allowed.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRedirectUriException extends Schema.TaggedError<InvalidRedirectUriException>()(
  "InvalidRedirectUriException",
  members
) {
  static readonly status = 400
  static readonly error = "invalid_redirect_uri"
  override get message(): string {
    return describe(this)
  }
}

/**
 * A parameter of the request is missing or malformed.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRequestException extends Schema.TaggedError<InvalidRequestException>()("InvalidRequestException", {
  ...members,
  reason: Schema.optionalKey(InvalidRequestReason)
}) {
  static readonly status = 400
  static readonly error = "invalid_request"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The request was sent to the wrong region. `endpoint` and `region` are the right ones.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRequestRegionException extends Schema.TaggedError<InvalidRequestRegionException>()(
  "InvalidRequestRegionException",
  {
    ...members,
    endpoint: Schema.optionalKey(Schema.String),
    region: Schema.optionalKey(Schema.String)
  }
) {
  static readonly status = 400
  static readonly error = "invalid_request"
  override get message(): string {
    return describe(this)
  }
}

/**
 * A scope is unknown, malformed or not allowed for this client.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidScopeException extends Schema.TaggedError<InvalidScopeException>()(
  "InvalidScopeException",
  members
) {
  static readonly status = 400
  static readonly error = "invalid_scope"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The client polls too often. Wait five seconds longer before this and all later polls (RFC 8628 §3.5).
 *
 * @category errors
 * @since 0.1.0
 */
export class SlowDownException extends Schema.TaggedError<SlowDownException>()("SlowDownException", members) {
  static readonly status = 400
  static readonly error = "slow_down"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The client is not allowed to make this request.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnauthorizedClientException extends Schema.TaggedError<UnauthorizedClientException>()(
  "UnauthorizedClientException",
  members
) {
  static readonly status = 400
  static readonly error = "unauthorized_client"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The service does not support the grant type.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnsupportedGrantTypeException extends Schema.TaggedError<UnsupportedGrantTypeException>()(
  "UnsupportedGrantTypeException",
  members
) {
  static readonly status = 400
  static readonly error = "unsupported_grant_type"
  override get message(): string {
    return describe(this)
  }
}

/**
 * Any exception that the SSO OIDC service models.
 *
 * @category models
 * @since 0.2.0
 */
export type SsoOidcException =
  | AccessDeniedException
  | AuthorizationPendingException
  | ExpiredTokenException
  | InternalServerException
  | InvalidClientException
  | InvalidClientMetadataException
  | InvalidGrantException
  | InvalidRedirectUriException
  | InvalidRequestException
  | InvalidRequestRegionException
  | InvalidScopeException
  | SlowDownException
  | UnauthorizedClientException
  | UnsupportedGrantTypeException

/**
 * The classes of all exceptions that the SSO OIDC service models.
 *
 * @category models
 * @since 0.1.0
 */
export const all = [
  AccessDeniedException,
  AuthorizationPendingException,
  ExpiredTokenException,
  InternalServerException,
  InvalidClientException,
  InvalidClientMetadataException,
  InvalidGrantException,
  InvalidRedirectUriException,
  InvalidRequestException,
  InvalidRequestRegionException,
  InvalidScopeException,
  SlowDownException,
  UnauthorizedClientException,
  UnsupportedGrantTypeException
] as const satisfies ReadonlyArray<ExceptionClass<SsoOidcException> & { readonly error: string }>
