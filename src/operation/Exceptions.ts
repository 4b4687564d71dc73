/**
 * The 14 exceptions that the SSO OIDC service models, as tagged errors named as the service names them.
 *
 * **When to use**
 *
 * Use to catch an answer of the service by its name, with `Effect.catchTag`, or to recognise one with `Schema.is`.
 *
 * **Details**
 *
 * Each class knows its HTTP `status` and the OAuth `error` code that the service sends with it, so that a client can
 * read one from the wire and a test server can write one to it. The members `error` and `error_description` keep the
 * spelling of RFC 6749 §5.2, which is also that of the AWS model.
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
  /** What went wrong, in the service's own words. */
  error_description: Schema.optionalKey(Schema.String),
  /** The `x-amzn-RequestId` of the answer: what AWS Support asks for. */
  requestId: Schema.optionalKey(Schema.String),
  /** How long the service asks to wait before the next attempt. */
  retryAfter: Schema.optionalKey(Schema.Duration)
}

/**
 * Every member that an exception can carry: those of its body, and what the headers of the answer say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Members {
  /** The words of a portal's exception, which has no other members. */
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
 * What all exception classes have in common: how to construct one, and how the service puts it on the wire.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExceptionClass<out E = Exception> {
  new (members: Members): E
  /** The name of the exception, as in `x-amzn-ErrorType`. */
  readonly identifier: string
  /** The HTTP status it is sent with. */
  readonly status: number
  /** The OAuth error code it is sent with; the portal sends none. */
  readonly error?: string
}

// What a log line or a terminal shows behind the name of the exception.
const describe = (exception: Members): string =>
  exception.error_description ?? exception.error ?? "the service gave no description"

/**
 * Why a request was denied because of the customer managed KMS key of the Identity Center instance. An open enum: the
 * service may add to it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AccessDeniedReason: Schema.Union<
  readonly [typeof Schema.StringForLiteralAutocomplete, Schema.Literals<readonly ["KMS_AccessDeniedException"]>]
> = Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(["KMS_AccessDeniedException"])])

/**
 * Why a request was refused because of the customer managed KMS key of the Identity Center instance. An open enum: the
 * service may add to it.
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
 * The person, or a policy, said no.
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
 * The person has not answered yet: ask again after the interval (RFC 8628 §3.5).
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
 * The device code, or another token of the request, has expired: start again.
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
 * The service failed. Worth another try later.
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
 * The client id or secret is unknown, wrong or expired: register again.
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
 * What a client said of itself when it registered was not accepted.
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
 * The device code, authorization code or refresh token is wrong, used up or was given to another client.
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
 * A redirect URI is not one that the service accepts.
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
 * A required parameter is missing or malformed.
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
 * The request went to the wrong region: `endpoint` and `region` say which is right.
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
 * A scope is unknown, malformed or not allowed to this client.
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
 * The client asks too often: wait five seconds longer from now on (RFC 8628 §3.5).
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
 * This client may not do what it asked for.
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
 * The service does not know the grant type.
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
 * Any modelled exception of the service.
 *
 * @category models
 * @since 0.1.0
 */
export type Exception =
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
 * The class of every modelled exception.
 *
 * @category models
 * @since 0.1.0
 */
export const all: ReadonlyArray<ExceptionClass<Exception> & { readonly error: string }> = [
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
]
