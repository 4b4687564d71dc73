/**
 * `RegisterClient`: makes a client known to IAM Identity Center, and gives it an id and a secret.
 *
 * Source: AWS IAM Identity Center OIDC API Reference, "RegisterClient"; RFC 7591 §3.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Exceptions from "./Exceptions.ts"
import * as Operation from "./Operation.ts"
import { GrantType } from "./GrantType.ts"
import { Secret } from "./Secret.ts"
import { StartUrl } from "./StartUrl.ts"
import { DateTimeUtcFromSeconds, ExpiryFromSeconds } from "./WireTime.ts"

/**
 * What a client says of itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RegisterClientInput = Schema.Struct({
  /** A name that the person sees when asked to approve. */
  clientName: Schema.NonEmptyString,
  /** The service supports `public` alone. */
  clientType: Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(["public"])]).check(
    Schema.isNonEmpty()
  ),
  /** The scopes that its tokens shall be able to carry, such as `sso:account:access`. */
  scopes: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /** Where the authorization code may be sent; for a native client a loopback address without its port (RFC 8252 §7.3). */
  redirectUris: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /** The grants it will use. */
  grantTypes: Schema.optional(Schema.Array(GrantType)),
  /** The Identity Center issuer or start URL. */
  issuerUrl: Schema.optional(StartUrl),
  /** The ARN of the Identity Center application that entitles the client. */
  entitledApplicationArn: Schema.optional(Schema.NonEmptyString)
})

/**
 * What a client says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegisterClientInput extends Schema.Schema.Type<typeof RegisterClientInput> {}

/**
 * The client's credentials.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RegisterClientOutput = Schema.Struct({
  clientId: Schema.NonEmptyString,
  clientSecret: Secret,
  clientIdIssuedAt: Schema.optionalKey(DateTimeUtcFromSeconds),
  /** When the secret expires; absent where it never does (0 on the wire, RFC 7591 §3.2.1). */
  clientSecretExpiresAt: ExpiryFromSeconds,
  authorizationEndpoint: Schema.optionalKey(Schema.String),
  tokenEndpoint: Schema.optionalKey(Schema.String)
})

/**
 * The client's credentials.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegisterClientOutput extends Schema.Schema.Type<typeof RegisterClientOutput> {}

/**
 * The descriptor that client and test server share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "RegisterClient",
  path: "/client/register",
  auth: "none",
  input: RegisterClientInput,
  output: RegisterClientOutput,
  errors: [
    Exceptions.InternalServerException,
    Exceptions.InvalidClientMetadataException,
    Exceptions.InvalidRedirectUriException,
    Exceptions.InvalidRequestException,
    Exceptions.InvalidScopeException,
    Exceptions.SlowDownException,
    Exceptions.UnsupportedGrantTypeException
  ]
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type RegisterClientError = Operation.Failure<typeof operation>
