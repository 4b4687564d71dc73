/**
 * Lists, for whoever reads them.
 */
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import * as Json from "./Json.ts"
import { Stderr } from "./Stderr.ts"
import * as Table from "./Table.ts"

/** Prints a list: as data where that is wanted, else as a table, and a sentence where there is nothing. */
export const print = Effect.fnUntraced(function* <A>(
  items: ReadonlyArray<A>,
  {
    header,
    json,
    none,
    row
  }: {
    readonly json: boolean
    readonly header: ReadonlyArray<string>
    readonly row: (item: A) => ReadonlyArray<string>
    readonly none: string
  }
): Effect.fn.Return<void, never, Stderr | Stdio.Stdio> {
  if (yield* Json.isWanted(json)) return yield* Json.print(items)
  if (items.length > 0) return yield* Table.print(header, items.map(row))
  yield* Effect.flatMap(Stderr, ({ say }) => say(none))
})
