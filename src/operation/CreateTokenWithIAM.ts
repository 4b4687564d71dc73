/**
 * `CreateTokenWithIAM`: issues tokens to an application that signs its requests with AWS credentials. It also exchanges
 * the tokens of other issuers.
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

// Members are in the order of the AWS model, in which the official clients send them
const client = {
  /** The ARN of the Identity Center application. */
  clientId: Schema.NonEmptyString
}

const scope = Schema.optional(Schema.Array(Schema.NonEmptyString))

/**
 * The type of a token, as RFC 8693 §3 names it. The service can add types.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TokenType = Schema.Union([
  Schema.StringForLiteralAutocomplete,
  Schema.Literals(["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:refresh_token"])
])

/**
 * The grant of an authorization code (RFC 6749 §4.1.3).
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
  codeVerifier: Schema.optional(Secret)
})

/**
 * The grant of an authorization code (RFC 6749 §4.1.3).
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
 * The grant of a JSON Web Token from a trusted token issuer (RFC 7523 §2.1).
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
 * The grant of a JSON Web Token from a trusted token issuer (RFC 7523 §2.1).
 *
 * @category models
 * @since 0.2.0
 */
export interface JwtBearerGrant extends Schema.Schema.Type<typeof JwtBearerGrant> {}

/**
 * The grant that exchanges one token for another (RFC 8693 §2.1).
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
 * The grant that exchanges one token for another (RFC 8693 §2.1).
 *
 * @category models
 * @since 0.2.0
 */
export interface TokenExchangeGrant extends Schema.Schema.Type<typeof TokenExchangeGrant> {}

/**
 * A grant with its members. `grantType` distinguishes the grants.
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
 * A grant with its members. `grantType` distinguishes the grants.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateTokenWithIAMInput = AuthorizationCodeGrant | RefreshTokenGrant | JwtBearerGrant | TokenExchangeGrant

/**
 * The token that was issued, and the identity context of its user.
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
      /** An opaque context. Pass it to STS `AssumeRole` to get an identity-enhanced session. */
      identityContext: Schema.optionalKey(Schema.String)
    })
  )
})

/**
 * The token that was issued, and the identity context of its user.
 *
 * @category models
 * @since 0.1.0
 */
export interface CreateTokenWithIAMOutput extends Schema.Schema.Type<typeof CreateTokenWithIAMOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
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
export type CreateTokenWithIAMError = CreateToken.CreateTokenError | Exceptions.InvalidRequestRegionException
