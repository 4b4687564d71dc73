/**
 * The AWS accounts that people are let into.
 */
import * as Schema from "effect/Schema"

/** @internal */
export const AccountId: Schema.String = Schema.String.check(Schema.isPattern(/^\d{12}$/, { expected: "twelve digits" }))

/** An AWS account, and the roles that there are in it. */
export const Account = Schema.Struct({
  /** Twelve digits. */
  accountId: AccountId,
  accountName: Schema.optional(Schema.String),
  /** The address of the account's owner. */
  emailAddress: Schema.optional(Schema.String),
  /** The roles that there are in it, which are the names of permission sets. */
  roles: Schema.Array(Schema.NonEmptyString)
})

/** An AWS account, and the roles that there are in it. */
export type Account = typeof Account.Type

/** @internal */
export const defaults: ReadonlyArray<Account> = (
  [
    ["111122223333", "production"],
    ["444455556666", "staging"],
    ["777788889999", "development"]
  ] as const
).map(([accountId, accountName]) => ({
  accountId,
  accountName,
  emailAddress: `${accountName}@example.com`,
  roles: ["AdministratorAccess", "ReadOnlyAccess"]
}))
