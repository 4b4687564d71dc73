/**
 * The schemas of members that must never be seen.
 *
 * A secret is a plain string on the wire and a `Redacted` everywhere else: it is wrapped while an answer is decoded and
 * unwrapped while a request is encoded, and nowhere in between.
 */
import * as Schema from "effect/Schema"

/**
 * A non-empty string that is held as `Redacted<string>`.
 *
 * **Details**
 *
 * A failed decode says which member was wrong, never what it held.
 */
export const Secret: Schema.RedactedFromValue<Schema.NonEmptyString> = Schema.RedactedFromValue(Schema.NonEmptyString)
