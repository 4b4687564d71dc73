/**
 * How `effect-sso configure` can fail.
 */
import * as Schema from "effect/Schema"

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

// Nobody reads a line with hundreds of accounts
const maxExamples = 10

const someOf = (words: ReadonlyArray<string>): string =>
  words.length > maxExamples
    ? listed([...words.slice(0, maxExamples), `${words.length - maxExamples} more`])
    : listed(words)

/** Flags are missing, and there is no terminal to ask on. */
export class AnswerMissing extends Schema.TaggedError<AnswerMissing>()("AnswerMissing", {
  /** The missing flags. */
  flags: Schema.Array(Schema.String),
  /** The values that the flag can have. */
  choices: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message(): string {
    const choices = this.choices === undefined ? "" : `, one of ${someOf(this.choices)}`
    return `there is no terminal to ask on: specify ${listed(this.flags)}${choices}`
  }
}

/** The account or the role is not assigned to the user. */
export class NotAssigned extends Schema.TaggedError<NotAssigned>()("NotAssigned", {
  what: Schema.Literals(["account", "role"]),
  /** The wanted account or role; absent where there is nothing to choose from. */
  wanted: Schema.optionalKey(Schema.String),
  /** The accounts or roles that are assigned. */
  assigned: Schema.Array(Schema.String),
  /** Where: at the portal, or in an account. */
  where: Schema.String
}) {
  override get message(): string {
    return this.wanted === undefined || this.assigned.length === 0
      ? `no ${this.what} is assigned to you ${this.where}: ask your administrator, or sign in as another user`
      : `the ${this.what} ${this.wanted} is not assigned to you ${this.where}: choose one of ${someOf(this.assigned)}`
  }
}

/** The user wants to keep the existing settings. */
export class Declined extends Schema.TaggedError<Declined>()("Declined", {
  /** The flag that chooses another section. */
  flag: Schema.String
}) {
  override get message(): string {
    return `nothing was written: choose another name with ${this.flag}`
  }
}

/** Any of them. */
export type ConfigureFailure = AnswerMissing | NotAssigned | Declined
