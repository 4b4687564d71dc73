/**
 * The people who can sign in: data, and no passwords.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * A person who can sign in.
 *
 * @category models
 * @since 0.1.0
 */
export interface User {
  /** What programs call them by: one of its kind. */
  readonly name: string
  /** What the pages call them. Default: the name. */
  readonly displayName?: string | undefined
}

/** @internal */
export type Users = Arr.NonEmptyReadonlyArray<User>

/**
 * There is no user of this name.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownUser extends Schema.TaggedError<UnknownUser>()("UnknownUser", {
  user: Schema.String,
  /** The names that there are. */
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `there is no user ${this.user}: the users are ${this.known.join(", ")}`
  }
}

/** @internal */
export const defaults: Users = [
  { name: "alice", displayName: "Alice Example" },
  { name: "bob", displayName: "Bob Example" }
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
