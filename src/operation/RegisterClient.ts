/**
 * `RegisterClient`: registers a client with IAM Identity Center, and gives it an id and a secret.
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
 * The metadata of the client.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RegisterClientInput = Schema.Struct({
  /** The name that the user sees when asked to approve the sign-in. */
  clientName: Schema.NonEmptyString,
  /** The service supports only `public`. */
  clientType: Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(["public"])]).check(
    Schema.isNonEmpty()
  ),
  /** The scopes that the client can request, such as `sso:account:access`. */
  scopes: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /** Where authorization codes can be sent. For a native client: a loopback address without a port (RFC 8252 §7.3). */
  redirectUris: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /** The grants that the client uses. */
  grantTypes: Schema.optional(Schema.Array(GrantType)),
  /** The Identity Center issuer or start URL. */
  issuerUrl: Schema.optional(StartUrl),
  /** The ARN of the IAM Identity Center application that the client belongs to. */
  entitledApplicationArn: Schema.optional(Schema.NonEmptyString)
})

/**
 * The metadata of the client.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegisterClientInput extends Schema.Schema.Type<typeof RegisterClientInput> {}

/**
 * The id and the secret of the client.
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
 * The id and the secret of the client.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegisterClientOutput extends Schema.Schema.Type<typeof RegisterClientOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
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
export type RegisterClientError =
  | Exceptions.InternalServerException
  | Exceptions.InvalidClientMetadataException
  | Exceptions.InvalidRedirectUriException
  | Exceptions.InvalidRequestException
  | Exceptions.InvalidScopeException
  | Exceptions.SlowDownException
  | Exceptions.UnsupportedGrantTypeException
