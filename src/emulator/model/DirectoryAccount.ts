/**
 * The AWS accounts of the directory.
 */
import * as Schema from "effect/Schema"

export const AccountId: Schema.String = Schema.String.check(Schema.isPattern(/^\d{12}$/, { expected: "twelve digits" }))

/** An AWS account and its roles. */
export const DirectoryAccount = Schema.Struct({
  /** Twelve digits. */
  accountId: AccountId,
  accountName: Schema.optional(Schema.String),
  /** The email address of the account's owner. */
  emailAddress: Schema.optional(Schema.String),
  /** The names of the roles in this account: the names of permission sets. */
  roles: Schema.Array(Schema.NonEmptyString)
})

/** An AWS account and its roles. */
export type DirectoryAccount = typeof DirectoryAccount.Type

export const defaultAccounts: ReadonlyArray<DirectoryAccount> = (
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
