/**
 * The users of the directory. They have no passwords.
 */
import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { AccountId, type DirectoryAccount } from "./DirectoryAccount.ts"

/** The roles of an account that are assigned to a user. */
export const Entitlement = Schema.Struct({
  /** The id of an account in the directory. */
  accountId: AccountId,
  /** Names of roles in that account. */
  roleNames: Schema.Array(Schema.NonEmptyString)
})

/** The roles of an account that are assigned to a user. */
export type Entitlement = typeof Entitlement.Type

/** A user who can sign in. */
export const DirectoryUser = Schema.Struct({
  /** The unique name of the user, as programs use it. */
  name: Schema.NonEmptyString,
  /** The name that the pages show. Default: `name`. */
  displayName: Schema.optional(Schema.String),
  /** The roles that are assigned to the user. Default: every role of every account. */
  entitlements: Schema.optional(Schema.Array(Entitlement))
})

/** A user who can sign in. */
export type DirectoryUser = typeof DirectoryUser.Type

export type DirectoryUsers = Arr.NonEmptyReadonlyArray<DirectoryUser>

/** The directory has no user with this name. */
export class UnknownUser extends Schema.TaggedError<UnknownUser>()("UnknownUser", {
  user: Schema.String,
  /** The names of all users. */
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `unknown user ${this.user}: the users are ${this.known.join(", ")}`
  }
}

/** One user with all roles, and one with a single role. */
export const defaultUsers = (accounts: ReadonlyArray<DirectoryAccount>): DirectoryUsers => [
  { name: "alice", displayName: "Alice Example" },
  {
    name: "bob",
    displayName: "Bob Example",
    entitlements: accounts.slice(0, 1).map(({ accountId, roles }) => ({ accountId, roleNames: roles.slice(-1) }))
  }
]

/** The user with this name. Without a name: the first user. */
export const findUser = (users: DirectoryUsers, name: string | undefined): Result.Result<DirectoryUser, UnknownUser> =>
  name === undefined
    ? Result.succeed(users[0])
    : Result.fromNullishOr(
        users.find((user) => user.name === name),
        () => new UnknownUser({ user: name, known: users.map((user) => user.name) })
      )
