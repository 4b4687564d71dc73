/**
 * `GetRoleCredentials`: issues temporary AWS credentials for a role in an account.
 *
 * Source: AWS IAM Identity Center Portal API Reference, "GetRoleCredentials".
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import * as PortalExceptions from "./PortalExceptions.ts"
import { Secret } from "./Secret.ts"
import { DateTimeUtcFromMillis } from "./WireTime.ts"

/**
 * The role, the account and the access token of the user.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GetRoleCredentialsInput = Schema.Struct({
  /** The name of the permission set that is assigned to the user. */
  roleName: Schema.NonEmptyString,
  /** Twelve digits. */
  accountId: Schema.NonEmptyString,
  accessToken: Secret
})

/**
 * The role, the account and the access token of the user.
 *
 * @category models
 * @since 0.1.0
 */
export interface GetRoleCredentialsInput extends Schema.Schema.Type<typeof GetRoleCredentialsInput> {}

/**
 * Temporary AWS credentials of a role.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RoleCredentials = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  secretAccessKey: Secret,
  sessionToken: Secret,
  /** When they expire. */
  expiration: DateTimeUtcFromMillis
})

/**
 * Temporary AWS credentials of a role.
 *
 * @category models
 * @since 0.1.0
 */
export interface RoleCredentials extends Schema.Schema.Type<typeof RoleCredentials> {}

/**
 * The credentials that were issued.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GetRoleCredentialsOutput = Schema.Struct({ roleCredentials: RoleCredentials })

/**
 * The credentials that were issued.
 *
 * @category models
 * @since 0.1.0
 */
export interface GetRoleCredentialsOutput extends Schema.Schema.Type<typeof GetRoleCredentialsOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "GetRoleCredentials",
  method: "GET",
  path: "/federation/credentials",
  auth: "none",
  bindings: {
    roleName: { in: "query", name: "role_name" },
    accountId: { in: "query", name: "account_id" },
    accessToken: Operation.bearer
  },
  input: GetRoleCredentialsInput,
  output: GetRoleCredentialsOutput,
  errors: PortalExceptions.all
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type GetRoleCredentialsError = PortalExceptions.SsoPortalException
