/**
 * The people who can sign in: data, and no passwords.
 */
import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Account, AccountId } from "./Account.ts"

/** The roles of an account that a person may take on. */
export const Entitlement = Schema.Struct({
  /** An account that there is. */
  accountId: AccountId,
  /** Roles that there are in it. */
  roleNames: Schema.Array(Schema.NonEmptyString)
})

/** The roles of an account that a person may take on. */
export type Entitlement = typeof Entitlement.Type

/** A person who can sign in. */
export const User = Schema.Struct({
  /** What programs call them by: one of its kind. */
  name: Schema.NonEmptyString,
  /** What the pages call them. Default: the name. */
  displayName: Schema.optional(Schema.String),
  /** What they may take on at the portal. Default: every role of every account. */
  entitlements: Schema.optional(Schema.Array(Entitlement))
})

/** A person who can sign in. */
export type User = typeof User.Type

/** @internal */
export type Users = Arr.NonEmptyReadonlyArray<User>

/** There is no user of this name. */
export class UnknownUser extends Schema.TaggedError<UnknownUser>()("UnknownUser", {
  user: Schema.String,
  /** The names that there are. */
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `there is no user ${this.user}: the users are ${this.known.join(", ")}`
  }
}

/**
 * One who may do everything, and one who may do little.
 *
 * @internal
 */
export const defaults = (accounts: ReadonlyArray<Account>): Users => [
  { name: "alice", displayName: "Alice Example" },
  {
    name: "bob",
    displayName: "Bob Example",
    entitlements: accounts.slice(0, 1).map(({ accountId, roles }) => ({ accountId, roleNames: roles.slice(-1) }))
  }
]

/**
 * The user of this name; without a name, the first one.
 *
 * @internal
 */
export const find = (users: Users, name: string | undefined): Result.Result<User, UnknownUser> =>
  name === undefined
    ? Result.succeed(users[0])
    : Result.fromNullishOr(
        users.find((user) => user.name === name),
        () => new UnknownUser({ user: name, known: users.map((user) => user.name) })
      )
