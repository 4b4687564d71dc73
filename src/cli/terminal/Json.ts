/**
 * Data, on standard output.
 */
import type * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Flags from "../flags/Flags.ts"
import { safeJson } from "./SafeText.ts"

/** Asks for data where a command speaks to the person otherwise. */
export const flag: Flag.Flag<boolean> = Flags.whenGiven("json", "Print the result as JSON")

/** Prints a value as JSON. */
export const print = (value: unknown): Effect.Effect<void> => Console.log(safeJson(value))

/** Whether a list is wanted as data: where that was asked for, and where no person reads it. */
export const isWanted = (asked: boolean): Effect.Effect<boolean, never, Stdio.Stdio> =>
  asked
    ? Effect.succeed(true)
    : Effect.flatMap(Stdio.Stdio, ({ stdoutIsTerminal }) => Effect.map(stdoutIsTerminal, (is) => !is))
