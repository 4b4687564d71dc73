/**
 * JSON on standard output.
 */
import type * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Flags from "../flags/Flags.ts"
import { safeJson } from "./SafeText.ts"

/** Asks for JSON where a command prints text for a user otherwise. */
export const flag: Flag.Flag<boolean> = Flags.whenGiven("json", "Print JSON")

/** Prints a value as JSON. */
export const print = (value: unknown): Effect.Effect<void> => Console.log(safeJson(value))

/** Whether a list is wanted as JSON: where the flag is given, and where standard output is not a terminal. */
export const isWanted = (asked: boolean): Effect.Effect<boolean, never, Stdio.Stdio> =>
  asked
    ? Effect.succeed(true)
    : Effect.flatMap(Stdio.Stdio, ({ stdoutIsTerminal }) => Effect.map(stdoutIsTerminal, (is) => !is))
