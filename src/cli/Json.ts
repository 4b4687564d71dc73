/**
 * Data, on standard output.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"

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
