/**
 * Lists, for users and for programs.
 */
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import * as Json from "./Json.ts"
import { Stderr } from "./Stderr.ts"
import * as Table from "./Table.ts"

/** Prints a list: as JSON if that is requested, else as a table. If it is empty, a line on standard error reports it. */
export const print = Effect.fnUntraced(function* <A>(
  items: ReadonlyArray<A>,
  {
    encode = (item) => item,
    header,
    json,
    none,
    row
  }: {
    readonly json: boolean
    readonly header: ReadonlyArray<string>
    readonly row: (item: A) => ReadonlyArray<string>
    /** The item as JSON. */
    readonly encode?: (item: A) => unknown
    /** The line for an empty list. */
    readonly none: string
  }
): Effect.fn.Return<void, never, Stderr | Stdio.Stdio> {
  if (items.length === 0) yield* Stderr.use(({ say }) => say(none))
  if (yield* Json.isWanted(json)) return yield* Json.print(items.map(encode))
  if (items.length > 0) yield* Table.print(header, items.map(row))
})
