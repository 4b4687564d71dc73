/**
 * `ListAccountRoles`: lists the roles that are assigned to the user in an AWS account.
 *
 * Source: AWS IAM Identity Center Portal API Reference, "ListAccountRoles".
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import * as Pagination from "./Pagination.ts"
import * as PortalExceptions from "./PortalExceptions.ts"
import { Secret } from "./Secret.ts"

/**
 * The access token of the user, the account and the page.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListAccountRolesInput = Schema.Struct({
  accessToken: Secret,
  /** Twelve digits. */
  accountId: Schema.NonEmptyString,
  ...Pagination.fields
})

/**
 * The access token of the user, the account and the page.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListAccountRolesInput extends Schema.Schema.Type<typeof ListAccountRolesInput> {}

/**
 * A role. Its name is the name of a permission set.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RoleInfo = Schema.Struct({
  roleName: Schema.NonEmptyString,
  accountId: Schema.optionalKey(Schema.String)
})

/**
 * A role. Its name is the name of a permission set.
 *
 * @category models
 * @since 0.1.0
 */
export interface RoleInfo extends Schema.Schema.Type<typeof RoleInfo> {}

/**
 * A page of roles.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListAccountRolesOutput = Schema.Struct({
  nextToken: Pagination.nextToken,
  roleList: Schema.Array(RoleInfo).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
})

/**
 * A page of roles.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListAccountRolesOutput extends Schema.Schema.Type<typeof ListAccountRolesOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "ListAccountRoles",
  method: "GET",
  path: "/assignment/roles",
  auth: "none",
  bindings: { accessToken: Operation.bearer, accountId: { in: "query", name: "account_id" }, ...Pagination.bindings },
  input: ListAccountRolesInput,
  output: ListAccountRolesOutput,
  errors: PortalExceptions.all
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type ListAccountRolesError = PortalExceptions.SsoPortalException
