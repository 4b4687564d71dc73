/**
 * The syntax of one AWS config or credentials file: how its text is read into sections, and written from them.
 *
 * **Details**
 *
 * The file is read line by line, and only space and tab count as whitespace:
 *
 * | a line that | is |
 * | --- | --- |
 * | is blank, or starts (after whitespace) with `#` or `;` | nothing |
 * | starts with `[` | a section header; a comment may follow it, with or without whitespace between |
 * | starts with whitespace, below `key = value` | one more line of that value, with what looks like a comment in it |
 * | starts with whitespace, below `key =` | a sub-property of that key: `name = value`, where the value keeps what looks like a comment |
 * | is anything else | `key = value`; a comment may follow after whitespace |
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files"; where that page is silent, what the
 * SDKs for Java, Kotlin, Rust and Go have in common. An indented comment, on which they differ, is read as Go, JavaScript
 * and the AWS CLI read it.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Which of the two files: they name profiles differently, and only `config` has other sections than profiles. */
export type FileKind = "config" | "credentials"

/** The first word of a section header. */
export type SectionKind = "profile" | "sso-session" | "services"

/** One `key = value`, with the lines below it. */
export interface Property {
  /** In lower case. */
  readonly key: string
  /** Trimmed; lines after the first are joined with `\n`. Empty where there are sub-properties. */
  value: string
  /** The sub-properties, by name in lower case. */
  readonly nested: Map<string, string>
  /** Where it begins. Counts from 1. */
  readonly line: number
  /** The lines below it that are its own. */
  readonly below: Array<number>
}

/** A header with the properties below it. One name can have several. */
export interface Section {
  readonly kind: SectionKind
  readonly name: string
  /** In the order of the file. A key that comes twice is there twice. */
  readonly properties: ReadonlyArray<Property>
  /** Its last line that is neither blank nor a comment. Counts from 1. */
  readonly lastLine: number
}

/** Something in a file that is no error, and yet has no effect. */
export interface Ignored {
  /** As in `ConfigParseError`. */
  readonly file: string
  /** Where it begins. Counts from 1. */
  readonly line: number
  /** What is ignored and why. Quotes nothing of the file: a garbled line can have a secret where its name should be. */
  readonly what: string
}

/** What a file says. */
export interface Contents {
  readonly sections: ReadonlyArray<Section>
  readonly ignored: ReadonlyArray<Ignored>
}

const remedies = {
  UnterminatedSection: "a section header must end with ]",
  PropertyOutsideSection:
    "a property must stand below a section header, such as [default]: add the header, or remove the line",
  ContinuationOutsideProperty:
    "an indented line continues the property above it, and there is none: remove the whitespace at its start",
  MissingEquals:
    "there is no = in this line: write it as name = value, also where it is indented below a name without a value",
  EmptyName: "there is no name before the =: write one, or remove the line"
}

/**
 * A file breaks the syntax.
 *
 * **Details**
 *
 * Neither the members nor the message quote the file: its values can be secrets.
 */
export class ConfigParseError extends Schema.TaggedError<ConfigParseError>()("ConfigParseError", {
  /** The file's path where it was loaded, else `config` or `credentials`. */
  file: Schema.String,
  /** The line that is wrong. Counts from 1. */
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

type Problem = ConfigParseError["problem"]

const identifier = /^[\w\-/.%@:+]+$/
const quotedName = /^(["'])([\w\-/.%@:+ \t]+)\1$/
const prefixedHeader = /^([^ \t]+)[ \t]+(.+)$/s
const blankOrComment = /^[ \t]*(?:[#;]|$)/
const indented = /^[ \t]/
const valueComment = /[ \t][#;]/
const lineEnd = /\r\n|\n|\r/

const isWhitespace = (character: string | undefined): boolean => character === " " || character === "\t"

// `String.trim` would take no-break spaces and the like, which are part of a value.
const trim = (text: string): string => {
  let start = 0
  let end = text.length
  while (start < end && isWhitespace(text[start])) start++
  while (end > start && isWhitespace(text[end - 1])) end--
  return text.slice(start, end)
}

const before = (text: string, pattern: RegExp): string => {
  const index = text.search(pattern)
  return index === -1 ? text : text.slice(0, index)
}

const assignment = (text: string): Result.Result<readonly [key: string, value: string], Problem> => {
  const equals = text.indexOf("=")
  if (equals === -1) return Result.fail("MissingEquals")
  const key = trim(text.slice(0, equals))
  if (key === "") return Result.fail("EmptyName")
  return Result.succeed([key, trim(text.slice(equals + 1))])
}

const invalidCharacters = "only letters, digits and _ - / . % @ : + are allowed in it"

interface Header {
  readonly kind: SectionKind
  readonly name: string
  /** Whether the kind was written out, as in `[profile default]` and not in `[default]`. */
  readonly prefixed: boolean
}

const configHeader = (text: string): Result.Result<Header, string> => {
  if (text === "default") return Result.succeed({ kind: "profile", name: text, prefixed: false })
  const [, kind, rest = ""] = prefixedHeader.exec(text) ?? []
  if (kind !== "profile" && kind !== "sso-session" && kind !== "services") {
    return Result.fail("a section that is none of [default], [profile name], [sso-session name] and [services name]")
  }
  const name = identifier.test(rest) ? rest : quotedName.exec(rest)?.[2]
  return name === undefined
    ? Result.fail(`a section with an invalid name: ${invalidCharacters} (and, within quotes, spaces)`)
    : Result.succeed({ kind, name, prefixed: true })
}

const credentialsHeader = (text: string): Result.Result<Header, string> =>
  identifier.test(text)
    ? Result.succeed({ kind: "profile", name: text, prefixed: false })
    : Result.fail(`a section that is not the bare name of a profile: ${invalidCharacters}`)

/**
 * Reads the text of one file.
 *
 * **Details**
 *
 * A byte order mark is skipped; lines end in `\n`, `\r\n` or `\r`. Keys are lower-cased. In a section that is ignored
 * nothing is checked but headers. `[default]` is ignored where the same config file has `[profile default]`.
 */
export const read = (options: {
  readonly kind: FileKind
  /** How errors name the file. */
  readonly file: string
  readonly text: string
}): Result.Result<Contents, ConfigParseError> => {
  const sections: Array<Header & { readonly line: number; lastLine: number; readonly properties: Array<Property> }> = []
  const ignored: Array<Ignored> = []
  const readHeader = options.kind === "config" ? configHeader : credentialsHeader

  let line = 0
  // What the next line belongs to. What is ignored takes the lines that belong to it along.
  let section: (typeof sections)[number] | "ignored" | undefined
  let property: Property | "ignored" | undefined

  const ignore = (what: string): "ignored" => {
    ignored.push({ file: options.file, line, what })
    return "ignored"
  }

  const onHeader = (text: string): Problem | undefined => {
    const header = trim(before(text, /[#;]/))
    if (!header.endsWith("]")) return "UnterminatedSection"
    property = undefined
    section = Result.match(readHeader(trim(header.slice(1, -1))), {
      onFailure: ignore,
      onSuccess: (header) => ({ ...header, line, lastLine: line, properties: [] })
    })
    if (section !== "ignored") sections.push(section)
    return undefined
  }

  const onProperty = (text: string): Problem | undefined => {
    if (section === "ignored") return undefined
    if (section === undefined) return "PropertyOutsideSection"
    const pair = assignment(before(text, valueComment))
    if (Result.isFailure(pair)) return pair.failure
    const [key, value] = pair.success
    if (!identifier.test(key)) {
      property = ignore(`a property with an invalid name: ${invalidCharacters}`)
      return undefined
    }
    property = { key: key.toLowerCase(), value, nested: new Map(), line, below: [] }
    section.properties.push(property)
    return undefined
  }

  const onIndented = (text: string): Problem | undefined => {
    if (section === "ignored" || property === "ignored") return undefined
    if (property === undefined) return "ContinuationOutsideProperty"
    property.below.push(line)
    if (property.value !== "") {
      property.value += `\n${trim(text)}`
      return undefined
    }
    const pair = assignment(text)
    if (Result.isFailure(pair)) return pair.failure
    const [key, value] = pair.success
    if (identifier.test(key)) property.nested.set(key.toLowerCase(), value)
    else ignore(`a sub-property with an invalid name: ${invalidCharacters}`)
    return undefined
  }

  for (const text of options.text.replace(/^\uFEFF/, "").split(lineEnd)) {
    line++
    if (blankOrComment.test(text)) continue
    const on = text.startsWith("[") ? onHeader : indented.test(text) ? onIndented : onProperty
    const problem = on(text)
    if (problem !== undefined) return Result.fail(new ConfigParseError({ file: options.file, line, problem }))
    if (section !== undefined && section !== "ignored") section.lastLine = line
  }

  const isDefault = ({ kind, name }: Header): boolean => kind === "profile" && name === "default"
  const hasPrefixedDefault = sections.some((section) => isDefault(section) && section.prefixed)
  const isShadowed = (section: Header): boolean => hasPrefixedDefault && isDefault(section) && !section.prefixed
  for (const { line } of sections.filter(isShadowed)) {
    ignored.push({ file: options.file, line, what: "[default], since the file also has [profile default]" })
  }
  return Result.succeed({ sections: sections.filter((section) => !isShadowed(section)), ignored })
}

/** The header of a section, or none where no header has that name. */
export const header = (kind: SectionKind, name: string): string | undefined => {
  if (kind === "profile" && name === "default") return "[default]"
  if (identifier.test(name)) return `[${kind} ${name}]`
  return quotedName.test(`'${name}'`) ? `[${kind} '${name}']` : undefined
}

const isTrimmedLine = (text: string): boolean => trim(text) === text && !lineEnd.test(text)

const isValue = (value: string): boolean => {
  const [first = "", ...rest] = value.split("\n")
  return (
    isTrimmedLine(first) &&
    !valueComment.test(first) &&
    (rest.length === 0 || first !== "") &&
    rest.every((line) => isTrimmedLine(line) && !blankOrComment.test(line))
  )
}

const startsComment = /^[#;]/

/** Whether a setting can be written on one line, so that it reads back the same. */
export const isOneLine = (key: string, value: string): boolean =>
  identifier.test(key) && key === key.toLowerCase() && isValue(value) && !lineEnd.test(value)

/**
 * Puts a value in the place of the one that a line has. What is written around it stays: the key, whitespace, a comment.
 */
export const reassign = (line: string, value: string): string => {
  const assigned = before(line, valueComment)
  const equals = assigned.indexOf("=") + 1
  const old = assigned.slice(equals)
  const [, space = "", end = ""] = /^([ \t]*).*?([ \t]*)$/s.exec(old) ?? []
  const lead = startsComment.test(value) ? "" : old === "" && value !== "" ? " " : space
  return `${line.slice(0, equals)}${lead}${value}${end}${line.slice(assigned.length)}`
}

// After whitespace, a value that starts with a comment sign would be a comment.
export const assign = (key: string, value: string): string =>
  `${key} =${value === "" || startsComment.test(value) ? "" : " "}${value.replaceAll("\n", "\n  ")}`

/**
 * Writes one section so that it reads back the same, or says which key cannot be written; without a key, the section's
 * name cannot.
 *
 * **Details**
 *
 * A key with a dot, such as `sso_oidc.endpoint_url`, becomes a sub-property, which is what other readers of the file
 * look for.
 */
export const write = (
  kind: SectionKind,
  name: string,
  settings: Readonly<Record<string, string>>
): Result.Result<string, { readonly key?: string }> => {
  const first = header(kind, name)
  if (first === undefined) return Result.fail({})

  const keys = new Set(Object.keys(settings))
  // A parent that has a value of its own cannot have sub-properties.
  const parentOf = (key: string): string | undefined => {
    for (let dot = key.indexOf(".", 1); dot !== -1 && dot < key.length - 1; dot = key.indexOf(".", dot + 1)) {
      if (!keys.has(key.slice(0, dot))) return key.slice(0, dot)
    }
    return undefined
  }

  const properties = new Map<string, Array<string>>()
  for (const [key, value] of Object.entries(settings)) {
    if (!identifier.test(key) || key !== key.toLowerCase()) return Result.fail({ key })
    const parent = isTrimmedLine(value) ? parentOf(key) : undefined
    if (parent !== undefined) {
      const lines = properties.get(parent) ?? [assign(parent, "")]
      lines.push(`  ${assign(key.slice(parent.length + 1), value)}`)
      properties.set(parent, lines)
    } else if (isValue(value)) {
      properties.set(key, [assign(key, value)])
    } else {
      return Result.fail({ key })
    }
  }
  return Result.succeed([first, ...[...properties.values()].flat()].join("\n"))
}
