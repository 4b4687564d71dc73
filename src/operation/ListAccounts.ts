/**
 * `ListAccounts`: lists the AWS accounts that are assigned to the user.
 *
 * Source: AWS IAM Identity Center Portal API Reference, "ListAccounts".
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
 * The access token of the user, and the page.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListAccountsInput = Schema.Struct({
  accessToken: Secret,
  ...Pagination.fields
})

/**
 * The access token of the user, and the page.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListAccountsInput extends Schema.Schema.Type<typeof ListAccountsInput> {}

/**
 * An AWS account.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AccountInfo = Schema.Struct({
  /** Twelve digits. */
  accountId: Schema.NonEmptyString,
  accountName: Schema.optionalKey(Schema.String),
  /** The email address of the account. */
  emailAddress: Schema.optionalKey(Schema.String)
})

/**
 * An AWS account.
 *
 * @category models
 * @since 0.1.0
 */
export interface AccountInfo extends Schema.Schema.Type<typeof AccountInfo> {}

/**
 * A page of accounts.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListAccountsOutput = Schema.Struct({
  nextToken: Pagination.nextToken,
  accountList: Schema.Array(AccountInfo).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
})

/**
 * A page of accounts.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListAccountsOutput extends Schema.Schema.Type<typeof ListAccountsOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "ListAccounts",
  method: "GET",
  path: "/assignment/accounts",
  auth: "none",
  bindings: { accessToken: Operation.bearer, ...Pagination.bindings },
  input: ListAccountsInput,
  output: ListAccountsOutput,
  errors: PortalExceptions.all
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type ListAccountsError = PortalExceptions.SsoPortalException
