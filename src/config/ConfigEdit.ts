/**
 * Changes to the text of an AWS config file that leave everything else in it as it is.
 *
 * **Details**
 *
 * The file is read as `SharedConfig` reads it:
 *
 * - Of a key that comes twice, in one section or in several of one name, the last one has effect, and its value is
 *   replaced. Whitespace around it, the case of the key and a comment after it stay; the AWS CLI reads such a comment as a
 *   part of the value, as it did before. Lines that continue the old value, and its sub-properties, are removed.
 * - A missing key is written below the last line of the section that is neither blank nor a comment, with the indentation
 *   of the property above it; of several sections of one name, in the last one.
 * - A missing section is written at the end, after one blank line.
 *
 * New lines end as the lines around them do. A byte order mark stays. If the last line has no end, it has none afterwards.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ConfigLine from "./ConfigLine.ts"
import { ConfigParseError } from "./ConfigParseError.ts"
import * as ConfigSyntax from "./ConfigSyntax.ts"

/** The settings that a section must have. */
export interface Edit {
  readonly kind: ConfigLine.SectionKind
  /** The name of the section. The profile `default` is written as `[default]`. */
  readonly name: string
  /** By key, in lower case. Missing ones are written in this order. Other settings of the section stay. */
  readonly settings: Readonly<Record<string, string>>
}

/** No line of a config file can hold this name, key or value: it would be read back as something else. */
export class ConfigEditError extends Schema.TaggedError<ConfigEditError>()("ConfigEditError", {
  kind: Schema.Literals(["profile", "sso-session", "services"]),
  /** The name of the section. */
  name: Schema.String,
  /** The key that cannot be written, or whose value cannot. Absent if the name of the section cannot be written. */
  key: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const section = `[${this.kind} ${this.name}]`
    return this.key === undefined
      ? `${section} cannot be written: use a name of letters, digits, spaces and _ - / . % @ : + ( ) & , ~`
      : `"${this.key}" of ${section} cannot be written: a key has only lower-case letters, digits and _ - / % @ +, and a value is one line without whitespace at its ends, and without # or ; after whitespace`
  }
}

const byteOrderMark = "\uFEFF"

/** A line of the file, with its end. The last one can lack an end. */
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
  // After the last end there is no line
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
  const header = ConfigLine.writeHeader(kind, name)
  if (header === undefined) return Result.fail(new ConfigEditError({ kind, name }))
  for (const [key, value] of Object.entries(settings)) {
    // One with a dot is a sub-property elsewhere
    if (key.includes(".") || !ConfigLine.canHold(key, value)) {
      return Result.fail(new ConfigEditError({ kind, name, key }))
    }
  }
  return Result.succeed(header)
}

const settingLines = (
  settings: ReadonlyArray<readonly [key: string, value: string]>,
  { end, indentation }: { readonly end: string; readonly indentation: string }
): Array<Line> => settings.map(([key, value]) => ({ text: indentation + ConfigLine.writeProperty(key, value), end }))

const sectionLines = (header: string, settings: Edit["settings"]): ReadonlyArray<Line> => [
  { text: header, end: "" },
  ...settingLines(Object.entries(settings), { end: "", indentation: "" })
]

const isBlank = (line: Line | undefined): boolean => line === undefined || ConfigLine.trim(line.text) === ""

/** One edit for each section, with the settings of all its edits. */
const merge = (edits: ReadonlyArray<Edit>): ReadonlyArray<Edit> => {
  const merged = new Map<string, Edit>()
  for (const edit of edits) {
    const section = `${edit.kind} ${edit.name}`
    merged.set(section, { ...edit, settings: { ...merged.get(section)?.settings, ...edit.settings } })
  }
  return [...merged.values()]
}

/** Changes sections that exist. */
const change = (
  lines: ReadonlyArray<Line>,
  changes: ReadonlyArray<{ readonly sections: ReadonlyArray<ConfigSyntax.Section>; readonly edit: Edit }>
): ReadonlyArray<Line> => {
  const replaced = new Map<number, string>()
  const removed = new Set<number>()
  const added = new Map<number, Array<Line>>()
  for (const { edit, sections } of changes) {
    const missing: Array<readonly [string, string]> = []
    for (const [key, value] of Object.entries(edit.settings)) {
      const found = sections.flatMap(({ properties }) => properties).findLast((property) => property.key === key)
      if (found === undefined) {
        missing.push([key, value])
      } else if (found.value !== value || found.nested.size > 0) {
        replaced.set(found.line, value)
        for (const line of found.below) removed.add(line)
      }
    }
    const last = sections.at(-1)
    const end = lines[(last?.lastLine ?? 0) - 1]?.end ?? ""
    if (last !== undefined) added.set(last.lastLine, settingLines(missing, { ...last, end }))
  }
  return lines.flatMap((line, index) => {
    const at = index + 1
    const value = replaced.get(at)
    const kept = value === undefined ? line : { ...line, text: ConfigLine.replaceValue(line.text, value) }
    return [...(removed.has(at) ? [] : [kept]), ...(added.get(at) ?? [])]
  })
}

const append = (lines: ReadonlyArray<Line>, sections: ReadonlyArray<ReadonlyArray<Line>>): ReadonlyArray<Line> => {
  const appended = [...lines]
  for (const section of sections) {
    if (!isBlank(appended.at(-1))) appended.push({ text: "", end: "" })
    appended.push(...section)
  }
  return appended
}

const apply = (text: string, edits: ReadonlyArray<Edit>, file: string): Result.Result<string, Failure> =>
  Result.gen(function* () {
    const checked = yield* Result.all(edits.map((edit) => Result.map(check(edit), (header) => ({ edit, header }))))
    const { sections } = yield* Result.mapError(
      ConfigSyntax.read({ kind: "config", file, text }),
      (line) => new ConfigParseError(line)
    )
    const found = checked.map(({ edit, header }) => ({
      edit,
      header,
      sections: sections.filter(({ kind, name }) => kind === edit.kind && name === edit.name)
    }))
    const lines = split(text)
    const changed = change(
      lines,
      found.filter(({ sections }) => sections.length > 0)
    )
    const missing = found.filter(({ sections }) => sections.length === 0)
    const added = missing.map(({ edit, header }) => sectionLines(header, edit.settings))
    return join(lines, append(changed, added))
  })

/** Why there is no edited text. */
export type Failure = ConfigEditError | ConfigParseError

/**
 * Edits the text of a config file. `file` is how a `ConfigParseError` names the file.
 *
 * **Errors**
 *
 * - `ConfigEditError`: no line can hold a name, key or value
 * - `ConfigParseError`: the syntax of the text is broken already
 */
export const edit = (text: string, edits: ReadonlyArray<Edit>, file = "config"): Result.Result<string, Failure> => {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : ""
  return Result.map(apply(text.slice(mark.length), merge(edits), file), (edited) => mark + edited)
}
