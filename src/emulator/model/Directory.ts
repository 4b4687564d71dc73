/**
 * The directory: the users who can sign in, and the AWS accounts and roles that are assigned to them.
 */
import * as Schema from "effect/Schema"
import { defaultAccounts, DirectoryAccount } from "./DirectoryAccount.ts"
import { defaultUsers, DirectoryUser, type DirectoryUsers } from "./DirectoryUser.ts"

const Fields = Schema.Struct({
  /**
   * The users who can sign in, at least one. Default: `alice`, with every role, and `bob`, with the last role of the
   * first account.
   */
  users: Schema.optional(Schema.NonEmptyArray(DirectoryUser)),
  /** The AWS accounts. Default: three, with two roles each. */
  accounts: Schema.optional(Schema.Array(DirectoryAccount))
})

/** The users and the accounts of an emulator. */
export type Directory = typeof Fields.Type

/** A directory with the defaults filled in. */
export interface CompleteDirectory {
  readonly users: DirectoryUsers
  readonly accounts: ReadonlyArray<DirectoryAccount>
}

export const complete = ({
  accounts = defaultAccounts,
  users = defaultUsers(accounts)
}: Directory): CompleteDirectory => ({ users, accounts })

const duplicates = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

// A misspelt entitlement would look like a role that is not assigned.
const unknownEntitlements = ({ accounts, users }: CompleteDirectory): ReadonlyArray<Schema.FilterIssue> => {
  const roles = new Map(accounts.map((account) => [account.accountId, new Set(account.roles)]))
  return users.flatMap(({ entitlements = [] }, user) =>
    entitlements.flatMap(({ accountId, roleNames }, entitlement) => {
      const path = ["users", user, "entitlements", entitlement]
      const known = roles.get(accountId)
      return known === undefined
        ? [{ path: [...path, "accountId"], issue: `unknown account ${accountId}` }]
        : roleNames
            .filter((roleName) => !known.has(roleName))
            .map((roleName) => ({
              path: [...path, "roleNames"],
              issue: `unknown role ${roleName} in account ${accountId}`
            }))
    })
  )
}

/**
 * The users and the accounts of an emulator, for example from a JSON file.
 *
 * **Details**
 *
 * User names and account ids are unique. An entitlement refers to an account and to roles of the directory.
 */
export const Directory = Fields.check(
  Schema.makeFilter((given) => {
    const directory = complete(given)
    return [
      ...duplicates(directory.users.map(({ name }) => name)).map((name) => ({
        path: ["users"],
        issue: `duplicate user ${name}`
      })),
      ...duplicates(directory.accounts.map(({ accountId }) => accountId)).map((accountId) => ({
        path: ["accounts"],
        issue: `duplicate account ${accountId}`
      })),
      ...unknownEntitlements(directory)
    ]
  })
)
