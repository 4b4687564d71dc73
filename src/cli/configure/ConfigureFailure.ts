/**
 * How `effect-sso configure` can come to nothing.
 */
import * as Schema from "effect/Schema"

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

// A line of hundreds of accounts is none that anybody reads
const maxExamples = 10

const someOf = (words: ReadonlyArray<string>): string =>
  words.length > maxExamples
    ? listed([...words.slice(0, maxExamples), `${words.length - maxExamples} more`])
    : listed(words)

/** There is nobody to ask for what the flags do not say. */
export class AnswerMissing extends Schema.TaggedError<AnswerMissing>()("AnswerMissing", {
  /** The flags that answer. */
  flags: Schema.Array(Schema.String),
  /** What can be answered. */
  choices: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message(): string {
    const choices = this.choices === undefined ? "" : `, one of ${someOf(this.choices)}`
    return `there is no terminal to ask on: give ${listed(this.flags)}${choices}`
  }
}

/** The person may not do what they want to configure. */
export class NotAssigned extends Schema.TaggedError<NotAssigned>()("NotAssigned", {
  what: Schema.Literals(["account", "role"]),
  /** What was asked for; absent where there is nothing to choose. */
  wanted: Schema.optionalKey(Schema.String),
  /** What there is. */
  assigned: Schema.Array(Schema.String),
  /** Where it was looked for. */
  where: Schema.String
}) {
  override get message(): string {
    return this.wanted === undefined || this.assigned.length === 0
      ? `no ${this.what} is assigned to you ${this.where}: ask for one, or sign in as somebody else`
      : `the ${this.what} ${this.wanted} is not assigned to you ${this.where}: choose one of ${someOf(this.assigned)}`
  }
}

/** The person wants to keep what is there. */
export class Declined extends Schema.TaggedError<Declined>()("Declined", {
  /** The flag that names another section. */
  flag: Schema.String
}) {
  override get message(): string {
    return `nothing was written: choose another name with ${this.flag}`
  }
}

/** Any of them. */
export type ConfigureFailure = AnswerMissing | NotAssigned | Declined
