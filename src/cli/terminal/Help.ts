/**
 * The help of a command, wrapped at the width of the terminal.
 */
import type * as HelpDoc from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import { pad } from "./Table.ts"

/** Longer lines are hard to read on a terminal of any width. */
const maxWidth = 80

const indent = "  "

/** A longer name has its description on the lines below. */
const maxNameWidth = 26

/** Breaks a text into lines between words. */
const wrap = (text: string, width: number): ReadonlyArray<string> =>
  text.match(new RegExp(String.raw`\S.{0,${Math.max(0, width - 1)}}(?=\s|$)|\S+`, "g")) ?? []

interface Entry {
  readonly name: string
  readonly description: string
}

/** Names with their descriptions beside or below them. */
const list = (entries: ReadonlyArray<Entry>, width: number): ReadonlyArray<string> => {
  const fitting = entries.map(({ name }) => name.length).filter((length) => length <= maxNameWidth)
  const column = Math.max(0, ...fitting) + 2
  return entries.flatMap(({ description, name }) => {
    const [first = "", ...rest] = wrap(description, width - indent.length - column)
    const below = [...(name.length <= maxNameWidth ? [] : [first]), ...rest]
    return [
      `${indent}${name.length <= maxNameWidth ? pad(name, column) + first : name}`.trimEnd(),
      ...below.map((line) => `${indent}${" ".repeat(column)}${line}`)
    ]
  })
}

const flagEntry = ({ aliases, description, name, type }: HelpDoc.FlagDoc): Entry => ({
  name: [`--${name}`, ...aliases].join(", ") + (type === "boolean" ? "" : ` ${type}`),
  // The choices are in the name already
  description: Option.getOrElse(description, () => "").replace(/ ?\(choices: [^)]*\)$/, "")
})

const argumentEntry = ({ description, name, variadic }: HelpDoc.ArgDoc): Entry => ({
  name: variadic ? `${name}...` : name,
  description: Option.getOrElse(description, () => "")
})

/** Formats help for a terminal of so many columns. */
export const format = (
  doc: HelpDoc.HelpDoc,
  options: { readonly columns: number; readonly emphasize: (text: string) => string }
): string => {
  // A terminal that does not know its width reports 0
  const width = options.columns > 0 ? Math.min(options.columns, maxWidth) : maxWidth
  const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
    lines.length === 0 ? [] : [[options.emphasize(title), ...lines].join("\n")]

  const isRoot = (doc.commandPath?.length ?? 1) === 1
  const commands = (doc.subcommands ?? []).flatMap(({ commands }) => commands)
  const examples = (doc.examples ?? []).flatMap(({ command, description }) =>
    description === undefined ? [indent + command] : [`${indent}# ${description}`, indent + command]
  )
  return [
    ...section(
      "DESCRIPTION",
      wrap(doc.description, width - indent.length).map((line) => indent + line)
    ),
    ...section("USAGE", [indent + doc.usage]),
    ...section("ARGUMENTS", list((doc.args ?? []).map(argumentEntry), width)),
    ...section(
      "COMMANDS",
      list(
        commands.map(({ description, name, shortDescription }) => ({
          name,
          description: shortDescription ?? description
        })),
        width
      )
    ),
    ...section("FLAGS", list(doc.flags.map(flagEntry), width)),
    ...(isRoot
      ? section("GLOBAL FLAGS", list((doc.globalFlags ?? []).map(flagEntry), width))
      : [`Run '${doc.commandPath?.[0] ?? ""} --help' for the global flags.`]),
    ...section("EXAMPLES", examples)
  ].join("\n\n")
}
