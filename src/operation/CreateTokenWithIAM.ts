/**
 * `CreateTokenWithIAM`: `CreateToken` for applications that AWS credentials identify, with token exchange between
 * issuers.
 *
 * Source: AWS IAM Identity Center OIDC API Reference, "CreateTokenWithIAM"; RFC 6749 §4.1.3, §5.1 and §6; RFC 7523
 * §2.1; RFC 8693 §2.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as CreateToken from "./CreateToken.ts"
import * as Exceptions from "./Exceptions.ts"
import * as GrantType from "./GrantType.ts"
import * as Operation from "./Operation.ts"
import { Secret } from "./Secret.ts"

// Members come in the order of the AWS model, in which the official clients write them
const client = {
  /** The ARN of the Identity Center application. */
  clientId: Schema.NonEmptyString
}

const scope = Schema.optional(Schema.Array(Schema.NonEmptyString))

/**
 * A kind of token, as RFC 8693 §3 names it. An open enum.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TokenType = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals(["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:refresh_token"])
])

/**
 * The exchange of an authorization code (RFC 6749 §4.1.3).
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
  codeVerifier: Schema.optional(Secret)
})

/**
 * The exchange of an authorization code (RFC 6749 §4.1.3).
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
 * A JSON Web Token of a trusted token issuer (RFC 7523 §2.1).
 *
 * @category schemas
 * @since 0.1.0
 */
export const JwtBearerGrant = Schema.Struct({
  ...client,
  grantType: Schema.Literal(GrantType.jwtBearer),
  assertion: Secret,
  scope
})

/**
 * A JSON Web Token of a trusted token issuer (RFC 7523 §2.1).
 *
 * @category models
 * @since 0.2.0
 */
export interface JwtBearerGrant extends Schema.Schema.Type<typeof JwtBearerGrant> {}

/**
 * A token in exchange for another (RFC 8693 §2.1).
 *
 * @category schemas
 * @since 0.1.0
 */
export const TokenExchangeGrant = Schema.Struct({
  ...client,
  grantType: Schema.Literal(GrantType.tokenExchange),
  scope,
  subjectToken: Secret,
  subjectTokenType: TokenType,
  requestedTokenType: Schema.optional(TokenType)
})

/**
 * A token in exchange for another (RFC 8693 §2.1).
 *
 * @category models
 * @since 0.2.0
 */
export interface TokenExchangeGrant extends Schema.Schema.Type<typeof TokenExchangeGrant> {}

/**
 * A grant with its own members, told apart by `grantType`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateTokenWithIAMInput = Schema.Union([
  AuthorizationCodeGrant,
  RefreshTokenGrant,
  JwtBearerGrant,
  TokenExchangeGrant
])

/**
 * A grant with its own members, told apart by `grantType`.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateTokenWithIAMInput = AuthorizationCodeGrant | RefreshTokenGrant | JwtBearerGrant | TokenExchangeGrant

/**
 * The token, and what Identity Center says of the identity behind it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateTokenWithIAMOutput = Schema.Struct({
  ...CreateToken.CreateTokenOutput.fields,
  issuedTokenType: Schema.optionalKey(Schema.String),
  scope: Schema.optionalKey(Schema.Array(Schema.String)),
  awsAdditionalDetails: Schema.optionalKey(
    Schema.Struct({
      /** An opaque context that STS turns into an identity-enhanced session, for a caller with AWS credentials alone. */
      identityContext: Schema.optionalKey(Schema.String)
    })
  )
})

/**
 * The token, and what Identity Center says of the identity behind it.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTokenWithIAMOutput extends Schema.Schema.Type<typeof CreateTokenWithIAMOutput> {}

/**
 * The descriptor that client and test server share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "CreateTokenWithIAM",
  path: "/token",
  query: { aws_iam: "t" },
  auth: "sigv4",
  input: CreateTokenWithIAMInput,
  output: CreateTokenWithIAMOutput,
  errors: [...CreateToken.errors, Exceptions.InvalidRequestRegionException]
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type CreateTokenWithIAMError = Operation.Failure<typeof operation>
