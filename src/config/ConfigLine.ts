/**
 * One line of an AWS config or credentials file: how it is read, and how it is written so that it reads back the same.
 *
 * Only space and tab are whitespace.
 */
import * as Result from "effect/Result"

/** The two files. They name profiles differently, and only `config` has sections that are not profiles. */
export type FileKind = "config" | "credentials"

/** The first word of a section header. */
export type SectionKind = "profile" | "sso-session" | "services"

/** The content of a section header. */
export interface Header {
  readonly kind: SectionKind
  readonly name: string
  /** Whether the kind is written, as in `[profile default]` and not in `[default]`. */
  readonly prefixed: boolean
}

/** Why a line has no effect. */
export interface Unused {
  /** What has no effect, and why. Quotes nothing of the file: an unreadable line can have a secret anywhere. */
  readonly what: string
  /** Whether it is a mistake. A section of another program is not a mistake. */
  readonly isMistake: boolean
}

/** What is wrong with a line that assigns no value. */
export type AssignmentProblem = "MissingEquals" | "EmptyName"

const key = /^[\w\-/.%@:+]+$/
// The SDKs ignore names with a letter that is not ASCII, or with one of the last five characters. The AWS CLI does not
const nameCharacters = String.raw`\p{L}\p{M}\p{N}_\-/.%@:+()&,~`
const bareName = new RegExp(`^[${nameCharacters}]+$`, "u")
const quotedName = new RegExp(String.raw`^(["'])([${nameCharacters} \t]+)\1$`, "u")
const prefixedHeader = /^([^ \t]+)[ \t]+(.+)$/s
const blankOrComment = /^[ \t]*(?:[#;]|$)/
const valueComment = /[ \t][#;]/
const startsComment = /^[#;]/
const lineEnd = /\r\n|\n|\r/
// Python's configparser, and so the AWS CLI, also reads `key: value`. The SDKs refuse `key : value`
const delimiter = /=|(?<![ \t]):/

const nameRule = "a name has only letters, digits and _ - / . % @ : + ( ) & , ~"
const keyRule = "it has only ASCII letters, digits and _ - / . % @ : +"

const isWhitespace = (character: string | undefined): boolean => character === " " || character === "\t"

/** Removes whitespace at both ends. `String.trim` would also remove no-break spaces, which are part of a value. */
export const trim = (text: string): string => {
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

/** The lines of a text, without a byte order mark. */
export const split = (text: string): ReadonlyArray<string> => text.replace(/^\uFEFF/, "").split(lineEnd)

/** Whether a line has no meaning. */
export const isBlankOrComment = (line: string): boolean => blankOrComment.test(line)

/** Whether a line is a section header, or the start of one. */
export const isHeader = (line: string): boolean => trim(line).startsWith("[")

/** The whitespace at the start of a line. */
export const indentation = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? ""

/**
 * What a section header has between its brackets, and what follows them, without a comment. None where there is no `]`.
 */
export const brackets = (line: string): { readonly inner: string; readonly rest: string } | undefined => {
  const header = trim(line)
  const end = header.indexOf("]")
  if (end === -1) return undefined
  const rest = header.slice(end + 1)
  return { inner: trim(header.slice(1, end)), rest: isBlankOrComment(rest) ? "" : rest }
}

/** Reads what a section header has between its brackets. */
export const readHeader = (file: FileKind, inner: string): Result.Result<Header, Unused> => {
  const unused = (what: string, isMistake = true) => Result.fail({ what, isMistake })
  if (file === "credentials") {
    return bareName.test(inner)
      ? Result.succeed({ kind: "profile", name: inner, prefixed: false })
      : unused(`a section that is not the name of a profile: ${nameRule}`)
  }
  if (inner === "default") return Result.succeed({ kind: "profile", name: inner, prefixed: false })
  const [, kind, rest = ""] = prefixedHeader.exec(inner) ?? []
  if (kind !== "profile" && kind !== "sso-session" && kind !== "services") {
    return unused("a section that is none of [default], [profile name], [sso-session name] and [services name]", false)
  }
  const name = bareName.test(rest) ? rest : quotedName.exec(rest)?.[2]
  return name === undefined
    ? unused(`a section with an invalid name: ${nameRule}, and spaces within quotes`)
    : Result.succeed({ kind, name, prefixed: true })
}

const assignment = (
  text: string,
  delimiter: RegExp
): Result.Result<readonly [key: string, value: string], AssignmentProblem> => {
  const index = text.search(delimiter)
  if (index === -1) return Result.fail("MissingEquals")
  const key = trim(text.slice(0, index))
  return key === "" ? Result.fail("EmptyName") : Result.succeed([key, trim(text.slice(index + 1))])
}

/** Splits a property into its key and its value. A comment after whitespace is left out. */
export const readProperty = (line: string) => assignment(before(line, valueComment), delimiter)

/** Splits a sub-property into its key and its value, which can look like a comment. */
export const readSubProperty = (line: string) => assignment(line, /=/)

/** Checks a key, and puts it into lower case. */
export const readKey = (name: string, of: "property" | "sub-property"): Result.Result<string, Unused> =>
  key.test(name)
    ? Result.succeed(name.toLowerCase())
    : Result.fail({ what: `a ${of} with an invalid name: ${keyRule}`, isMistake: true })

/** The header of a section. None where no header has that name. */
export const writeHeader = (kind: SectionKind, name: string): string | undefined => {
  if (kind === "profile" && name === "default") return "[default]"
  if (bareName.test(name)) return `[${kind} ${name}]`
  return quotedName.test(`'${name}'`) ? `[${kind} '${name}']` : undefined
}

/** Writes a property. */
export const writeProperty = (name: string, value: string): string =>
  // After whitespace, a value that starts with a comment sign would be a comment
  `${name} =${value === "" || startsComment.test(value) ? "" : " "}${value}`

/** Whether a line can hold a property with this key and this value. */
export const canHold = (name: string, value: string): boolean => {
  if (!key.test(name) || name !== name.toLowerCase() || lineEnd.test(value)) return false
  const [writtenName, writtenValue] = Result.getOrElse(readProperty(writeProperty(name, value)), () => [])
  return writtenName === name && writtenValue === value
}

/** Replaces the value of a property. The key, whitespace and a comment stay as they are. */
export const replaceValue = (line: string, value: string): string => {
  const assigned = before(line, valueComment)
  const start = assigned.search(delimiter) + 1
  const old = assigned.slice(start)
  const [, space = "", end = ""] = /^([ \t]*).*?([ \t]*)$/s.exec(old) ?? []
  const lead = startsComment.test(value) ? "" : old === "" && value !== "" ? " " : space
  return `${line.slice(0, start)}${lead}${value}${end}${line.slice(assigned.length)}`
}
