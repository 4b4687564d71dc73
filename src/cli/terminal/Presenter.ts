/**
 * Presents the help, the version and a wrong invocation.
 */
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Help from "./Help.ts"
import { ofCommand } from "./SafeText.ts"
import { bold, Stderr } from "./Stderr.ts"
import { versionLine } from "./VersionLine.ts"

/** The first line of an error, with what the user may have meant. */
const usage = (error: CliError.NonShowHelpErrors): string => {
  const hasSuggestions = error._tag === "UnrecognizedOption" || error._tag === "UnknownSubcommand"
  const [message = ""] = error.message.split("\n")
  return hasSuggestions && error.suggestions.length > 0
    ? `${message}. Did you mean ${error.suggestions.join(" or ")}?`
    : message
}

/** Writes help and version to standard output, and what is wrong with an invocation to standard error. */
export const layer: Layer.Layer<never, never, Stderr> = Layer.effect(
  CliOutput.Presenter,
  Effect.gen(function* () {
    const { say } = yield* Stderr
    const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
    return {
      present: (event) => {
        switch (event._tag) {
          case "Help":
            return Console.log(
              Help.format(event.helpDoc, {
                columns: process.stdout.columns ?? 0,
                emphasize: canColor ? bold : (text) => text
              })
            )
          case "InvalidInvocation":
            return say(`${ofCommand(event.errors.map(usage).join("; "))} (see ${event.commandPath.join(" ")} --help)`)
          case "Version":
            return Console.log(versionLine)
        }
      }
    }
  })
)
