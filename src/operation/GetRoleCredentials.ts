/**
 * `GetRoleCredentials`: the short-term AWS credentials of a role in an account.
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
 * Which role, in which account, and for whom.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GetRoleCredentialsInput = Schema.Struct({
  /** The name of the permission set that is assigned to the person. */
  roleName: Schema.NonEmptyString,
  /** Twelve digits. */
  accountId: Schema.NonEmptyString,
  accessToken: Secret
})

/**
 * Which role, in which account, and for whom.
 *
 * @category models
 * @since 0.1.0
 */
export interface GetRoleCredentialsInput extends Schema.Schema.Type<typeof GetRoleCredentialsInput> {}

/**
 * The credentials of a role.
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
 * The credentials of a role.
 *
 * @category models
 * @since 0.1.0
 */
export interface RoleCredentials extends Schema.Schema.Type<typeof RoleCredentials> {}

/**
 * The credentials.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GetRoleCredentialsOutput = Schema.Struct({ roleCredentials: RoleCredentials })

/**
 * The credentials.
 *
 * @category models
 * @since 0.1.0
 */
export interface GetRoleCredentialsOutput extends Schema.Schema.Type<typeof GetRoleCredentialsOutput> {}

/**
 * The descriptor that client and test server share.
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
export type GetRoleCredentialsError = Operation.Failure<typeof operation>
