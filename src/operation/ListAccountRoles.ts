/**
 * `ListAccountRoles`: the roles that are assigned to the person in an AWS account.
 *
 * Source: AWS IAM Identity Center Portal API Reference, "ListAccountRoles".
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import * as Page from "./Pagination.ts"
import * as PortalExceptions from "./PortalExceptions.ts"
import { Secret } from "./Secret.ts"

/**
 * Whose roles, in which account, and which page of them.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListAccountRolesInput = Schema.Struct({
  accessToken: Secret,
  /** Twelve digits. */
  accountId: Schema.NonEmptyString,
  ...Page.fields
})

/**
 * Whose roles, in which account, and which page of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListAccountRolesInput extends Schema.Schema.Type<typeof ListAccountRolesInput> {}

/**
 * A role, which is the name of a permission set.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RoleInfo = Schema.Struct({
  roleName: Schema.NonEmptyString,
  accountId: Schema.optionalKey(Schema.String)
})

/**
 * A role, which is the name of a permission set.
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
  nextToken: Page.next,
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
 * The descriptor that client and test server share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "ListAccountRoles",
  method: "GET",
  path: "/assignment/roles",
  auth: "none",
  bindings: { accessToken: Operation.bearer, accountId: { in: "query", name: "account_id" }, ...Page.bindings },
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
export type ListAccountRolesError = Operation.Failure<typeof operation>
