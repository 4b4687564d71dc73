/**
 * Standard error, where the person reads. Standard output is for data alone.
 */
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { LogLevel } from "effect/LogLevel"
import * as Stdio from "effect/Stdio"

/** Lines that stay, and below them one that is drawn over. */
export class Stderr extends Context.Service<
  Stderr,
  {
    /** Whether a line can be drawn over: not in a file, and not on a terminal that cannot move its cursor. */
    readonly canRedraw: boolean
    /** Whether the terminal has colours and the person wants them. */
    readonly canColor: boolean
    /** What a person should see first: bold, where the terminal has colours and the person wants them. */
    readonly emphasize: (text: string) => string
    /** Writes lines that stay. */
    readonly say: (text: string) => Effect.Effect<void>
    /** Draws over the line that was drawn before; an empty one leaves nothing. */
    readonly draw: (line: string) => Effect.Effect<void>
    readonly sayUnsafe: (text: string) => void
  }
>()("effect-aws-sso/cli/Stderr") {}

const variable = (name: string): Effect.Effect<string> =>
  Effect.orElseSucceed(Config.String(name).pipe(Config.withDefault("")), () => "")

// A terminal echoes ^C behind what is drawn
const echoed = 2

const make = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  const canRedraw = (yield* stdio.stderrIsTerminal) && (yield* variable("TERM")) !== "dumb"
  const canColor = canRedraw && (yield* variable("NO_COLOR")) === ""
  const { stderr } = process

  let drawn = ""
  // Blanks instead of an escape sequence: there is none then for a person who wants no colours
  const erase = (): string => (drawn === "" ? "" : `\r${" ".repeat(drawn.length + echoed)}\r`)
  const sayUnsafe = (text: string): void => {
    stderr.write(`${erase()}${text}\n${drawn}`)
  }
  return Stderr.of({
    canRedraw,
    canColor,
    emphasize: (text) => (canColor ? `\u001B[1m${text}\u001B[22m` : text),
    sayUnsafe,
    say: (text) => Effect.sync(() => sayUnsafe(text)),
    draw: (line) =>
      Effect.sync(() => {
        // A terminal that does not know its width says 0
        const columns = stderr.columns > 0 ? stderr.columns : 80
        const fitted = line.slice(0, Math.max(0, columns - echoed - 1))
        stderr.write(fitted === "" ? erase() : `\r${fitted.padEnd(drawn.length)}`)
        drawn = fitted
      })
  })
})

/** Provides the standard error of the process. */
export const layer: Layer.Layer<Stderr, never, Stdio.Stdio> = Layer.effect(Stderr, make)

const levels: { readonly [level in LogLevel]?: string } = { Debug: "debug: ", Trace: "trace: ", Warn: "warning: " }

/** Logs to standard error, each thing once: the config file is read for the session and for the client. */
export const layerLogger: Layer.Layer<never, never, Stderr> = Logger.layer([
  Effect.map(Stderr, (stderr) => {
    const said = new Set<string>()
    return Logger.make<unknown, void>(({ cause, logLevel, message }) => {
      const parts = (Array.isArray(message) ? message : [message]).map((part) => Inspectable.toStringUnknown(part))
      if (cause.reasons.length > 0) parts.push(Cause.pretty(cause))
      const line = `effect-sso: ${levels[logLevel]}${parts.join(" ")}`
      if (!said.has(line)) stderr.sayUnsafe(line)
      said.add(line)
    })
  })
])
