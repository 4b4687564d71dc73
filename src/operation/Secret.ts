/** The schema of secrets: plain strings on the wire, `Redacted` everywhere else. */
import * as Schema from "effect/Schema"

/** A non-empty string that is held as `Redacted<string>`. A decode error names the member, never its value. */
export const Secret: Schema.RedactedFromValue<Schema.NonEmptyString> = Schema.RedactedFromValue(Schema.NonEmptyString)
