/**
 * Keeps what must not be seen out of what is said.
 */
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** The secrets among the members of an input. */
export const secretsOf = (input: unknown): ReadonlyArray<Redacted.Redacted<unknown>> =>
  Predicate.isObject(input) ? Object.values(input).filter(Redacted.isRedacted) : []

/** Strikes the secrets out of texts, as they are and as a URL writes them: a server may quote what it was sent. */
export const concealer = (secrets: ReadonlyArray<Redacted.Redacted<unknown>>): ((text: string) => string) => {
  const spellings = secrets
    .map(Redacted.value)
    .filter(Predicate.isString)
    .flatMap((secret) => (isPlain(secret) ? [secret] : [secret, encoded(secret)]))
    .filter((spelling) => spelling !== "")
    // One can be a part of another
    .toSorted((a, b) => b.length - a.length)
  return (text) => spellings.reduce((concealed, spelling) => concealed.replaceAll(spelling, "<redacted>"), text)
}

const isPlain = (secret: string): boolean => /^[\w.-]*$/.test(secret)

// Unlike `encodeURIComponent`, it takes any string, as those of half a surrogate pair
const encoded = (secret: string): string => new URLSearchParams([["", secret]]).toString().slice(1)

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Says in one line what a schema expected and where, and never what it found instead. */
export const explain = (error: Schema.SchemaError): string =>
  format(error.issue)
    .issues.map(({ message, path = [] }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")
