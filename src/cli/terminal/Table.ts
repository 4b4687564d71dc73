/**
 * Tables, for people.
 */
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"
import { oneLine } from "./OneLine.ts"

/** Prints rows below a header, each column as wide as its longest cell. */
export const print = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): Effect.Effect<void> => {
  // What servers and files say becomes a part of it
  const all = [header, ...rows.map((cells) => cells.map(oneLine))]
  const widths = header.map((_, column) =>
    all.reduce((widest, cells) => Math.max(widest, cells[column]?.length ?? 0), 0)
  )
  const lines = all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
  return Console.log(lines.join("\n"))
}
