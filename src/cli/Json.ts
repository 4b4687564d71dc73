/**
 * Data, on standard output.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"

/**
 * Asks for data where a command speaks to the person otherwise.
 *
 * @category flags
 * @since 0.1.0
 */
export const flag: Flag.Flag<boolean> = Flag.Boolean("json").pipe(
  Flag.withDescription("Print the result as JSON"),
  Flag.withoutNegation,
  Flag.withDefault(false)
)

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
