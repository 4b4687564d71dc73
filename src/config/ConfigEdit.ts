/**
 * Changes to the text of an AWS config file that leave the rest of it to the letter.
 *
 * **Details**
 *
 * What the file means is decided by the parser of `SharedConfig`:
 *
 * - Of a key that comes twice, in one section or in several of one name, the last one counts, and its value is replaced.
 *   Whitespace around it, the case of the key and a comment behind it stay; the AWS CLI takes such a comment for a part of
 *   the value, as it did before. Lines that continued the old value, and its sub-properties, go.
 * - A key that is missing is written below the last line of the section that is neither blank nor a comment; of several
 *   sections of one name, in the last one.
 * - A section that is missing is written at the end, with one blank line before it.
 *
 * Lines end as those around them do. A byte order mark stays, and a file whose last line has no end stays so.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ConfigSyntax from "./ConfigSyntax.ts"

/** What a section shall say. */
export interface Edit {
  readonly kind: ConfigSyntax.SectionKind
  /** The name of the section; the profile `default` is `[default]`. */
  readonly name: string
  /** By key, in lower case. Those that are missing are written in this order; others of the section stay. */
  readonly settings: Readonly<Record<string, string>>
}

/** A name, key or value is such that no line of a config file reads back the same. */
export class ConfigEditError extends Schema.TaggedError<ConfigEditError>()("ConfigEditError", {
  kind: Schema.Literals(["profile", "sso-session", "services"]),
  /** The name of the section. */
  name: Schema.String,
  /** The key that cannot be written, or whose value cannot; absent where the section's name cannot. */
  key: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const section = `[${this.kind} ${this.name}]`
    return this.key === undefined
      ? `${section} cannot be written: name it with ASCII letters, digits, spaces and _ - / . % @ : + alone`
      : `"${this.key}" of ${section} cannot be written: a key is of lower-case letters, digits and _ - / % @ : +, and a value is one line with no whitespace at its ends, and no # or ; after whitespace`
  }
}

const byteOrderMark = "\uFEFF"

/** With what ends it, which the last one can lack. */
interface Line {
  readonly text: string
  readonly end: string
}

const split = (text: string): ReadonlyArray<Line> => {
  const parts = text.split(/(\r\n|\n|\r)/)
  const lines: Array<Line> = []
  for (let index = 0; index < parts.length; index += 2) {
    lines.push({ text: parts[index] ?? "", end: parts[index + 1] ?? "" })
  }
  // What follows the last end is no line
  return lines.filter(({ end, text }, index) => index < lines.length - 1 || text !== "" || end !== "")
}

const join = (before: ReadonlyArray<Line>, lines: ReadonlyArray<Line>): string => {
  const usual = before.find(({ end }) => end !== "")?.end ?? "\n"
  const lastHasEnd = before.at(-1)?.end !== ""
  return lines
    .map(({ end, text }, index) => {
      if (index === lines.length - 1 && !lastHasEnd) return text
      return `${text}${end === "" ? usual : end}`
    })
    .join("")
}

const check = ({ kind, name, settings }: Edit): Result.Result<string, ConfigEditError> => {
  const header = ConfigSyntax.header(kind, name)
  if (header === undefined) return Result.fail(new ConfigEditError({ kind, name }))
  for (const [key, value] of Object.entries(settings)) {
    // One with a dot is a sub-property elsewhere
    if (key.includes(".") || !ConfigSyntax.isOneLine(key, value)) {
      return Result.fail(new ConfigEditError({ kind, name, key }))
    }
  }
  return Result.succeed(header)
}

const settingLines = (settings: ReadonlyArray<readonly [key: string, value: string]>, end: string): Array<Line> =>
  settings.map(([key, value]) => ({ text: ConfigSyntax.assign(key, value), end }))

const isBlank = (line: Line | undefined): boolean => line === undefined || /^[ \t]*$/.test(line.text)

const append = (lines: ReadonlyArray<Line>, header: string, settings: Edit["settings"]): ReadonlyArray<Line> => [
  ...lines,
  ...(isBlank(lines.at(-1)) ? [] : [{ text: "", end: "" }]),
  { text: header, end: "" },
  ...settingLines(Object.entries(settings), "")
]

const change = (
  lines: ReadonlyArray<Line>,
  sections: ReadonlyArray<ConfigSyntax.Section>,
  settings: Edit["settings"]
): ReadonlyArray<Line> => {
  const replaced = new Map<number, string>()
  const removed = new Set<number>()
  const missing: Array<readonly [string, string]> = []
  for (const [key, value] of Object.entries(settings)) {
    const found = sections.flatMap(({ properties }) => properties).findLast((property) => property.key === key)
    if (found === undefined) {
      missing.push([key, value])
    } else if (found.value !== value || found.nested.size > 0) {
      replaced.set(found.line, value)
      for (const line of found.below) removed.add(line)
    }
  }
  const last = sections.at(-1)?.lastLine
  return lines.flatMap((line, index) => {
    const at = index + 1
    const text = replaced.get(at)
    const kept = text === undefined ? line : { ...line, text: ConfigSyntax.reassign(line.text, text) }
    return [...(removed.has(at) ? [] : [kept]), ...(at === last ? settingLines(missing, line.end) : [])]
  })
}

const apply = (text: string, edit: Edit, file: string): Result.Result<string, Failure> =>
  Result.gen(function* () {
    const header = yield* check(edit)
    const { sections } = yield* ConfigSyntax.read({ kind: "config", file, text })
    const named = sections.filter(({ kind, name }) => kind === edit.kind && name === edit.name)
    const lines = split(text)
    return join(lines, named.length === 0 ? append(lines, header, edit.settings) : change(lines, named, edit.settings))
  })

/** How an edit can be refused. Either way there is no new text. */
export type Failure = ConfigEditError | ConfigSyntax.ConfigParseError

/**
 * The text of a config file with what some of its sections shall say. `file` is how a `ConfigParseError` names the file.
 *
 * **Errors**
 *
 * - `ConfigEditError`: a name, key or value that no line can hold
 * - `ConfigParseError`: the text breaks the syntax already
 */
export const edit = (text: string, edits: ReadonlyArray<Edit>, file = "config"): Result.Result<string, Failure> => {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : ""
  let edited: Result.Result<string, Failure> = Result.succeed(text.slice(mark.length))
  for (const one of edits) edited = Result.flatMap(edited, (text) => apply(text, one, file))
  return Result.map(edited, (text) => mark + text)
}
