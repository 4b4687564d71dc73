/**
 * The schemas of members that must never be seen.
 *
 * A secret is a plain string on the wire and a `Redacted` everywhere else: it is wrapped while an answer is decoded and
 * unwrapped while a request is encoded, and nowhere in between.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A non-empty string that is held as `Redacted<string>`.
 *
 * **Details**
 *
 * A failed decode says which member was wrong, never what it held.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Secret: Schema.RedactedFromValue<Schema.NonEmptyString> = Schema.RedactedFromValue(Schema.NonEmptyString)
