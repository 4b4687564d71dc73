/**
 * `CreateToken`: turns a device code, an authorization code or a refresh token into an access token.
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

// Members come in the order of the AWS model, in which the official clients write them
const client = {
  clientId: Schema.NonEmptyString,
  clientSecret: Secret
}

/** Fewer scopes than were granted, if the token shall carry fewer. */
const scope = Schema.optional(Schema.Array(Schema.NonEmptyString))

/**
 * The poll of the device flow (RFC 8628 §3.4).
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
 * The poll of the device flow (RFC 8628 §3.4).
 *
 * @category models
 * @since 0.2.0
 */
export interface DeviceCodeGrant extends Schema.Schema.Type<typeof DeviceCodeGrant> {}

/**
 * The exchange of an authorization code (RFC 6749 §4.1.3), always with its PKCE verifier (RFC 7636 §4.5): these are
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
  /** The redirect URI of the authorization request, to the letter. */
  redirectUri: Schema.NonEmptyString,
  codeVerifier: Secret
})

/**
 * The exchange of an authorization code (RFC 6749 §4.1.3), always with its PKCE verifier (RFC 7636 §4.5): these are
 * public clients.
 *
 * @category models
 * @since 0.2.0
 */
export interface AuthorizationCodeGrant extends Schema.Schema.Type<typeof AuthorizationCodeGrant> {}

/**
 * The renewal of a token (RFC 6749 §6).
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
 * The renewal of a token (RFC 6749 §6).
 *
 * @category models
 * @since 0.2.0
 */
export interface RefreshTokenGrant extends Schema.Schema.Type<typeof RefreshTokenGrant> {}

/**
 * A grant with its own members, told apart by `grantType`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateTokenInput = Schema.Union([DeviceCodeGrant, AuthorizationCodeGrant, RefreshTokenGrant])

/**
 * A grant with its own members, told apart by `grantType`.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateTokenInput = DeviceCodeGrant | AuthorizationCodeGrant | RefreshTokenGrant

/**
 * The token.
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
  /** Replaces the one that was sent, if any: refresh tokens rotate. */
  refreshToken: Schema.optionalKey(Secret),
  idToken: Schema.optionalKey(Secret)
})

/**
 * The token.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTokenOutput extends Schema.Schema.Type<typeof CreateTokenOutput> {}

/**
 * The exceptions that `CreateToken` and `CreateTokenWithIAM` have in common.
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
 * The descriptor that client and test server share.
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
export type CreateTokenError = Operation.Failure<typeof operation>
