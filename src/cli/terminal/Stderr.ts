/**
 * Standard error, where the user reads. Standard output is for data alone.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import { safe, safeLines } from "./SafeText.ts"
import { pad } from "./Table.ts"

/** Lines that stay, and below them one that can be redrawn. All text is made safe to show, but for `sayStyled`. */
export class Stderr extends Context.Service<
  Stderr,
  {
    /** Whether a line can be redrawn: not in a file, and not on a terminal that cannot move its cursor. */
    readonly canRedraw: boolean
    /** Whether the terminal has colors and the user wants them. */
    readonly canColor: boolean
    /** Makes a text bold, where the terminal has colors and the user wants them. For `sayStyled`. */
    readonly emphasize: (text: string) => string
    /** Writes lines that stay. */
    readonly say: (lines: string) => Effect.Effect<void>
    /** As `say`, outside of an effect: for the logger. */
    readonly saySync: (lines: string) => void
    /** Writes lines as they are, with their styles. The caller has made the rest of the text safe. */
    readonly sayStyled: (lines: string) => Effect.Effect<void>
    /** Draws a line in the place of the line that was drawn before. An empty line leaves nothing. */
    readonly draw: (line: string) => Effect.Effect<void>
  }
>()("effect-aws-sso/cli/Stderr") {}

/** A text in bold, for a terminal with colors. */
export const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`

const variable = (name: string): Effect.Effect<string> =>
  Effect.orElseSucceed(Config.String(name).pipe(Config.withDefault("")), () => "")

/** The longest beginning of a text that fits into so many cells of a terminal. */
const fit = (text: string, columns: number): string => {
  const fits = (length: number): boolean => CliOutput.displayWidth(text.slice(0, length)) <= columns
  const longest = Array.from({ length: text.length + 1 }, (_, length) => length).findLast(fits)
  return text.slice(0, longest)
}

// A terminal echoes ^C behind the drawn line
const echoed = 2

const make = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  const canRedraw = (yield* stdio.stderrIsTerminal) && (yield* variable("TERM")) !== "dumb"
  const canColor = canRedraw && (yield* variable("NO_COLOR")) === ""
  const { stderr } = process

  let drawn = ""
  // Blanks instead of an escape sequence: a user who wants no colors gets no sequences at all
  const erase = (): string => (drawn === "" ? "" : `\r${" ".repeat(CliOutput.displayWidth(drawn) + echoed)}\r`)
  const write = (lines: string): void => {
    stderr.write(`${erase()}${lines}\n${drawn}`)
  }
  const saySync = (lines: string): void => write(safeLines(lines))
  return Stderr.of({
    canRedraw,
    canColor,
    emphasize: (text) => (canColor ? bold(text) : text),
    say: (lines) => Effect.sync(() => saySync(lines)),
    saySync,
    sayStyled: (lines) => Effect.sync(() => write(lines)),
    draw: (line) =>
      Effect.sync(() => {
        // A terminal that does not know its width reports 0
        const columns = stderr.columns > 0 ? stderr.columns : 80
        const fitted = fit(safe(line), Math.max(0, columns - echoed - 1))
        stderr.write(fitted === "" ? erase() : `\r${pad(fitted, CliOutput.displayWidth(drawn))}`)
        drawn = fitted
      })
  })
})

/** Provides the standard error of the process. */
export const layer: Layer.Layer<Stderr, never, Stdio.Stdio> = Layer.effect(Stderr, make)
