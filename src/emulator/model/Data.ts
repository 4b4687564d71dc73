/**
 * Who can sign in, and what there is to be let into: data that a person may have written.
 */
import * as Schema from "effect/Schema"
import * as Account from "./Account.ts"
import * as User from "./User.ts"

const Fields = Schema.Struct({
  /** Who can sign in, one at least. Default: `alice`, with every role, and `bob`, with the last role of the first account. */
  users: Schema.optional(Schema.NonEmptyArray(User.User)),
  /** The accounts that there are. Default: three, with two roles each. */
  accounts: Schema.optional(Schema.Array(Account.Account))
})

/** The users and the accounts of an emulator. */
export type Data = typeof Fields.Type

/**
 * The data with nothing left out.
 *
 * @internal
 */
export interface Complete {
  readonly users: User.Users
  readonly accounts: ReadonlyArray<Account.Account>
}

/**
 * What is not there is as usual.
 *
 * @internal
 */
export const complete = ({ accounts = Account.defaults, users = User.defaults(accounts) }: Data): Complete => ({
  users,
  accounts
})

const twice = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

// An entitlement to what there is not is a slip of the pen: left alone, it would look like a refusal of the portal.
const strayEntitlements = ({ accounts, users }: Complete): ReadonlyArray<Schema.FilterIssue> => {
  const roles = new Map(accounts.map((account) => [account.accountId, new Set(account.roles)]))
  return users.flatMap(({ entitlements = [] }, user) =>
    entitlements.flatMap(({ accountId, roleNames }, entitlement) => {
      const path = ["users", user, "entitlements", entitlement]
      const known = roles.get(accountId)
      return known === undefined
        ? [{ path: [...path, "accountId"], issue: `there is no account ${accountId}` }]
        : roleNames
            .filter((roleName) => !known.has(roleName))
            .map((roleName) => ({
              path: [...path, "roleNames"],
              issue: `there is no role ${roleName} in account ${accountId}`
            }))
    })
  )
}

/**
 * The users and the accounts of an emulator, as one reads them from a file.
 *
 * **Details**
 *
 * Names of users and ids of accounts are there once each, and an entitlement is to an account and to roles that there
 * are.
 */
export const Data = Fields.check(
  Schema.makeFilter((given) => {
    const data = complete(given)
    return [
      ...twice(data.users.map(({ name }) => name)).map((name) => ({
        path: ["users"],
        issue: `${name} is there twice`
      })),
      ...twice(data.accounts.map(({ accountId }) => accountId)).map((accountId) => ({
        path: ["accounts"],
        issue: `${accountId} is there twice`
      })),
      ...strayEntitlements(data)
    ]
  })
)
