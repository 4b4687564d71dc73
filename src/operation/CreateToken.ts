/**
 * `CreateToken`: exchanges a device code, an authorization code or a refresh token for an access token.
 *
 * Source: AWS IAM Identity Center OIDC API Reference, "CreateToken"; RFC 6749 §4.1.3, §5.1 and §6; RFC 7636 §4.5; RFC
 * 8628 §3.4 and §3.5.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Exceptions from "./Exceptions.ts"
import * as GrantType from "./GrantType.ts"
import * as Operation from "./Operation.ts"
import { Secret } from "./Secret.ts"
import { LifetimeFromSeconds } from "./WireTime.ts"

// Members are in the order of the AWS model, in which the official clients send them
const client = {
  clientId: Schema.NonEmptyString,
  clientSecret: Secret
}

/** The scopes of the token: a subset of those that were granted. All of them by default. */
const scope = Schema.optional(Schema.Array(Schema.NonEmptyString))

/**
 * The grant of the device flow (RFC 8628 §3.4).
 *
 * @category schemas
 * @since 0.1.0
 */
export const DeviceCodeGrant = Schema.Struct({
  ...client,
  grantType: Schema.Literal(GrantType.deviceCode),
  deviceCode: Secret,
  scope
})

/**
 * The grant of the device flow (RFC 8628 §3.4).
 *
 * @category models
 * @since 0.2.0
 */
export interface DeviceCodeGrant extends Schema.Schema.Type<typeof DeviceCodeGrant> {}

/**
 * The grant of an authorization code (RFC 6749 §4.1.3). The PKCE verifier (RFC 7636 §4.5) is required, since these are
 * public clients.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AuthorizationCodeGrant = Schema.Struct({
  ...client,
  grantType: Schema.Literal(GrantType.authorizationCode),
  code: Secret,
  scope,
  /** The redirect URI of the authorization request, unchanged. */
  redirectUri: Schema.NonEmptyString,
  codeVerifier: Secret
})

/**
 * The grant of an authorization code (RFC 6749 §4.1.3). The PKCE verifier (RFC 7636 §4.5) is required, since these are
 * public clients.
 *
 * @category models
 * @since 0.2.0
 */
export interface AuthorizationCodeGrant extends Schema.Schema.Type<typeof AuthorizationCodeGrant> {}

/**
 * The grant that refreshes a token (RFC 6749 §6).
 *
 * @category schemas
 * @since 0.1.0
 */
export const RefreshTokenGrant = Schema.Struct({
  ...client,
  grantType: Schema.Literal(GrantType.refreshToken),
  refreshToken: Secret,
  scope
})

/**
 * The grant that refreshes a token (RFC 6749 §6).
 *
 * @category models
 * @since 0.2.0
 */
export interface RefreshTokenGrant extends Schema.Schema.Type<typeof RefreshTokenGrant> {}

/**
 * A grant with its members. `grantType` distinguishes the grants.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateTokenInput = Schema.Union([DeviceCodeGrant, AuthorizationCodeGrant, RefreshTokenGrant])

/**
 * A grant with its members. `grantType` distinguishes the grants.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateTokenInput = DeviceCodeGrant | AuthorizationCodeGrant | RefreshTokenGrant

/**
 * The token that was issued.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateTokenOutput = Schema.Struct({
  accessToken: Secret,
  /** `Bearer`. */
  tokenType: Schema.optionalKey(Schema.String),
  /** How long the access token is valid. */
  expiresIn: LifetimeFromSeconds,
  /** Replaces the refresh token that was sent, since refresh tokens rotate. */
  refreshToken: Schema.optionalKey(Secret),
  idToken: Schema.optionalKey(Secret)
})

/**
 * The token that was issued.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTokenOutput extends Schema.Schema.Type<typeof CreateTokenOutput> {}

/**
 * The exceptions that both `CreateToken` and `CreateTokenWithIAM` model.
 *
 * @category errors
 * @since 0.1.0
 */
export const errors = [
  Exceptions.AccessDeniedException,
  Exceptions.AuthorizationPendingException,
  Exceptions.ExpiredTokenException,
  Exceptions.InternalServerException,
  Exceptions.InvalidClientException,
  Exceptions.InvalidGrantException,
  Exceptions.InvalidRequestException,
  Exceptions.InvalidScopeException,
  Exceptions.SlowDownException,
  Exceptions.UnauthorizedClientException,
  Exceptions.UnsupportedGrantTypeException
] as const

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "CreateToken",
  path: "/token",
  auth: "none",
  input: CreateTokenInput,
  output: CreateTokenOutput,
  errors
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type CreateTokenError =
  | Exceptions.AccessDeniedException
  | Exceptions.AuthorizationPendingException
  | Exceptions.ExpiredTokenException
  | Exceptions.InternalServerException
  | Exceptions.InvalidClientException
  | Exceptions.InvalidGrantException
  | Exceptions.InvalidRequestException
  | Exceptions.InvalidScopeException
  | Exceptions.SlowDownException
  | Exceptions.UnauthorizedClientException
  | Exceptions.UnsupportedGrantTypeException
