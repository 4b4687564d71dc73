/**
 * The syntax of an AWS config or credentials file: how its lines make sections and properties.
 *
 * **Details**
 *
 * The first rule that fits a line decides:
 *
 * | a line that | is |
 * | --- | --- |
 * | is blank, or starts (after whitespace) with `#` or `;` | nothing |
 * | is indented deeper than the `key = value` above it | one more line of that value, with what looks like a comment in it |
 * | is indented deeper than the `key =` above it | a sub-property of that key: `name = value`, where the value keeps what looks like a comment |
 * | starts with `[` | a section header; what follows the `]` has no meaning |
 * | is anything else | `key = value` or `key: value`; a comment may follow after whitespace |
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". Where that page does not specify
 * something, the SDKs for Java, Kotlin, Rust and Go decide. Some things that they refuse or ignore are read as in the
 * AWS CLI: sections whose properties are all indented, `key: value`, text after a `]`, and more characters in the names
 * of sections. The SDKs differ on indented comments; here they are comments, as in the AWS CLI, Go and JavaScript.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as ConfigLine from "./ConfigLine.ts"

/** One `key = value`, with the lines below it. */
export interface Property {
  /** In lower case. */
  readonly key: string
  /** Trimmed; lines after the first are joined with `\n`. Empty where there are sub-properties. */
  value: string
  /** The sub-properties, by name in lower case. */
  readonly nested: Map<string, string>
  /** The line where it begins. Counts from 1. */
  readonly line: number
  /** The lines below it that belong to it. */
  readonly below: Array<number>
}

/** A header with the properties below it. A file can have several sections of one name. */
export interface Section {
  readonly kind: ConfigLine.SectionKind
  readonly name: string
  /** In the order of the file. A key that comes twice is there twice. */
  readonly properties: ReadonlyArray<Property>
  /** The whitespace to write before a property below its last line. */
  readonly indentation: string
  /** Its last line that is neither blank nor a comment. Counts from 1. */
  readonly lastLine: number
}

/** A part of a file that has no effect, but is not an error. */
export interface Ignored extends ConfigLine.Unused {
  /** As in `ConfigParseError`. */
  readonly file: string
  /** The line where it begins. Counts from 1. */
  readonly line: number
  /** Of a section: what it has between its brackets. */
  readonly header?: Redacted.Redacted
}

/** The content of a file. */
export interface Contents {
  readonly sections: ReadonlyArray<Section>
  readonly ignored: ReadonlyArray<Ignored>
}

/** What is wrong with a line that breaks the syntax. */
export type Problem =
  | "UnterminatedSection"
  | "PropertyOutsideSection"
  | "ContinuationOutsideProperty"
  | "MissingEquals"
  | "EmptyName"

/** The first line that breaks the syntax. */
export interface BrokenLine {
  /** As in `ConfigParseError`. */
  readonly file: string
  /** Counts from 1. */
  readonly line: number
  readonly problem: Problem
}

/** A section while its lines are read. */
interface OpenSection extends ConfigLine.Header {
  readonly properties: Array<Property>
  readonly line: number
  indentation: string
  lastLine: number
}

/**
 * What a deeper indented line continues. A property without effect has no `property`, and its lines have no effect
 * either.
 */
interface Continued {
  readonly indent: number
  readonly property: Property | undefined
}

const deeper = (a: string, b: string): string => (a.length < b.length ? b : a)

/**
 * Reads the text of a file.
 *
 * **Details**
 *
 * A byte order mark is left out; lines end in `\n`, `\r\n` or `\r`. Keys are put into lower case. Lines of a section
 * without effect are not checked. `[default]` has no effect if the same config file has `[profile default]`.
 *
 * Fails at the first line that breaks the syntax.
 */
export const read = (options: {
  readonly kind: ConfigLine.FileKind
  /** How errors name the file. */
  readonly file: string
  readonly text: string
}): Result.Result<Contents, BrokenLine> => {
  const { file, kind } = options
  const sections: Array<OpenSection> = []
  const ignored: Array<Ignored> = []
  let section: OpenSection | "ignored" | undefined
  let continued: Continued | undefined

  const ignore = (line: number, unused: ConfigLine.Unused & Pick<Ignored, "header">): undefined => {
    ignored.push({ file, line, ...unused })
  }

  const onHeader = (text: string, line: number): Problem | undefined => {
    const header = ConfigLine.brackets(text)
    if (header === undefined) return "UnterminatedSection"
    if (header.rest !== "") ignore(line, { what: "the text after the ] of a section header", isMistake: true })
    const indentation = ConfigLine.indentation(text)
    // A property that is added to the empty section above must not be continued by this line
    if (section !== undefined && section !== "ignored" && continued === undefined) {
      section.indentation = deeper(section.indentation, indentation)
    }
    continued = undefined
    const read = ConfigLine.readHeader(kind, header.inner)
    if (Result.isFailure(read)) {
      section = "ignored"
      return ignore(line, { ...read.failure, header: Redacted.make(header.inner) })
    }
    section = { ...read.success, properties: [], line, indentation, lastLine: line }
    sections.push(section)
    return undefined
  }

  const onProperty = (text: string, line: number): Problem | undefined => {
    const indentation = ConfigLine.indentation(text)
    const isContinuation = continued === undefined && indentation !== ""
    continued = { indent: indentation.length, property: undefined }
    if (section === "ignored") return undefined
    const pair = ConfigLine.readProperty(text)
    if (Result.isFailure(pair)) {
      if (pair.failure === "MissingEquals" && isContinuation) return "ContinuationOutsideProperty"
      return section === undefined ? "PropertyOutsideSection" : pair.failure
    }
    if (section === undefined) return "PropertyOutsideSection"
    section.indentation = indentation
    const key = ConfigLine.readKey(pair.success[0], "property")
    if (Result.isFailure(key)) return ignore(line, key.failure)
    const property = { key: key.success, value: pair.success[1], nested: new Map(), line, below: [] }
    section.properties.push(property)
    continued = { indent: indentation.length, property }
    return undefined
  }

  const onContinuation = (property: Property, text: string, line: number): Problem | undefined => {
    property.below.push(line)
    if (property.value !== "") {
      property.value += `\n${ConfigLine.trim(text)}`
      return undefined
    }
    const pair = ConfigLine.readSubProperty(text)
    if (Result.isFailure(pair)) return pair.failure
    const key = ConfigLine.readKey(pair.success[0], "sub-property")
    if (Result.isFailure(key)) return ignore(line, key.failure)
    property.nested.set(key.success, pair.success[1])
    return undefined
  }

  const onLine = (text: string, line: number): Problem | undefined => {
    if (continued !== undefined && ConfigLine.indentation(text).length > continued.indent) {
      return continued.property === undefined ? undefined : onContinuation(continued.property, text, line)
    }
    return ConfigLine.isHeader(text) ? onHeader(text, line) : onProperty(text, line)
  }

  for (const [index, text] of ConfigLine.split(options.text).entries()) {
    if (ConfigLine.isBlankOrComment(text)) continue
    const line = index + 1
    const problem = onLine(text, line)
    if (problem !== undefined) return Result.fail({ file, line, problem })
    if (section !== undefined && section !== "ignored") section.lastLine = line
  }

  const isDefault = ({ kind, name }: ConfigLine.Header): boolean => kind === "profile" && name === "default"
  const hasPrefixedDefault = sections.some((section) => isDefault(section) && section.prefixed)
  const isReplaced = (section: ConfigLine.Header): boolean =>
    hasPrefixedDefault && isDefault(section) && !section.prefixed
  for (const { line } of sections.filter(isReplaced)) {
    ignore(line, { what: "[default], because the file also has [profile default]", isMistake: false })
  }
  return Result.succeed({ sections: sections.filter((section) => !isReplaced(section)), ignored })
}
