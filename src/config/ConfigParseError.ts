/**
 * The error of a config or credentials file whose syntax is broken.
 */
import * as Schema from "effect/Schema"

const remedies = {
  UnterminatedSection: "a section header must end with ]",
  PropertyOutsideSection:
    "a property must come after a section header, such as [default]: add the header, or remove the line",
  ContinuationOutsideProperty:
    "an indented line without = continues the property above it, and there is none: write it as name = value, or remove it",
  MissingEquals:
    "there is no = in this line: write it as name = value, also where it is indented below a name without a value",
  EmptyName: "there is no name before the =: write one, or remove the line"
}

/**
 * The syntax of a file is broken.
 *
 * **Details**
 *
 * Neither the members nor the message quote the file: its values can be secrets.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigParseError extends Schema.TaggedError<ConfigParseError>()("ConfigParseError", {
  /** The path of the file if it was loaded, else `config` or `credentials`. */
  file: Schema.String,
  /** The broken line. Counts from 1. */
  line: Schema.Int,
  problem: Schema.Literals([
    "UnterminatedSection",
    "PropertyOutsideSection",
    "ContinuationOutsideProperty",
    "MissingEquals",
    "EmptyName"
  ])
}) {
  override get message(): string {
    return `${this.file}, line ${this.line}: ${remedies[this.problem]}`
  }
}
