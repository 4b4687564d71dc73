/**
 * Data, on standard output.
 *
 * @since 0.1.0
 */
import type * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Flags from "./Flags.ts"

/**
 * Asks for data where a command speaks to the person otherwise.
 *
 * @category flags
 * @since 0.1.0
 */
export const flag: Flag.Flag<boolean> = Flags.whenGiven("json", "Print the result as JSON")

/**
 * Prints a value as JSON.
 *
 * @category printing
 * @since 0.1.0
 */
export const print = (value: unknown): Effect.Effect<void> => Console.log(JSON.stringify(value, null, 2))

/**
 * Whether a list is wanted as data: where that was asked for, and where no person reads it.
 *
 * @category flags
 * @since 0.1.0
 */
export const isWanted = (asked: boolean): Effect.Effect<boolean, never, Stdio.Stdio> =>
  asked
    ? Effect.succeed(true)
    : Effect.flatMap(Stdio.Stdio, ({ stdoutIsTerminal }) => Effect.map(stdoutIsTerminal, (is) => !is))
