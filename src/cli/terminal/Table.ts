/**
 * Columns of text, aligned on a terminal.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"
import { oneLine } from "./SafeText.ts"

type Row = ReadonlyArray<string>

/** Fills up a text with spaces to a number of terminal cells: a wide character takes two. */
export const pad = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - CliOutput.displayWidth(text)))

/** Rows as lines, each column as wide as its widest cell. The cells are made safe to show. */
export const align = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const cells = rows.map((row) => row.map(oneLine))
  const widthOf = (column: number): number =>
    cells.reduce((widest, row) => Math.max(widest, CliOutput.displayWidth(row[column] ?? "")), 0)
  const widths = Array.from({ length: Math.max(0, ...cells.map(({ length }) => length)) }, (_, column) =>
    widthOf(column)
  )
  return cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
}

/** Prints rows below a header. */
export const print = (header: Row, rows: ReadonlyArray<Row>): Effect.Effect<void> =>
  Console.log(align([header, ...rows]).join("\n"))
