/** Keeps secrets out of errors, logs and spans. */
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** The secrets among the members of an input. */
export const secretsIn = (input: unknown): ReadonlyArray<Redacted.Redacted<unknown>> =>
  Predicate.isObject(input) ? Object.values(input).filter(Redacted.isRedacted) : []

/** Makes a function that removes secrets from a text, both as they are and URL-encoded. */
export const redactor = (secrets: ReadonlyArray<Redacted.Redacted<unknown>>): ((text: string) => string) => {
  const spellings = secrets
    .map(Redacted.value)
    .filter(Predicate.isString)
    .flatMap((secret) => (isPlain(secret) ? [secret] : [secret, urlEncode(secret)]))
    .filter((spelling) => spelling !== "")
    // The longest first, since one can be a part of another
    .toSorted((a, b) => b.length - a.length)
  return (text) => spellings.reduce((redacted, spelling) => redacted.replaceAll(spelling, "<redacted>"), text)
}

const isPlain = (secret: string): boolean => /^[\w.-]*$/.test(secret)

// Unlike `encodeURIComponent`, it accepts lone surrogates
const urlEncode = (secret: string): string => new URLSearchParams([["", secret]]).toString().slice(1)

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** Describes a schema error in one line: what was expected and where, but never the value that was found. */
export const describeSchemaError = (error: Schema.SchemaError): string =>
  format(error.issue)
    .issues.map(({ message, path = [] }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")
