/**
 * The `effect-sso` command: its parts, and how it speaks and ends.
 *
 * Standard output has data and the help that was asked for, standard error everything else. It ends with 0, with 1 and
 * one line that says what to do next, or with 130 where it was interrupted; `exec` as the command that it runs.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import { version } from "../wire/UserAgent.ts"
import { accounts } from "./commands/AccountsCommand.ts"
import { configure } from "./configure/ConfigureCommand.ts"
import { credentials } from "./commands/CredentialsCommand.ts"
import { emulator } from "./commands/EmulatorCommand.ts"
import { exec } from "./commands/ExecCommand.ts"
import * as Failure from "./terminal/Failure.ts"
import * as Log from "./terminal/Log.ts"
import { login } from "./commands/LoginCommand.ts"
import { logout } from "./commands/LogoutCommand.ts"
import { ofCommand } from "./terminal/SafeText.ts"
import { roles } from "./commands/RolesCommand.ts"
import { status } from "./commands/StatusCommand.ts"
import * as Stderr from "./terminal/Stderr.ts"
import { token } from "./commands/TokenCommand.ts"

const effectSso = Command.make("effect-sso").pipe(
  Command.withDescription("Sign in to AWS through IAM Identity Center, and stay signed in"),
  Command.withSubcommands([configure, login, token, status, logout, accounts, roles, credentials, exec, emulator])
)

const usage = (error: CliError.NonShowHelpErrors): string => {
  const hasSuggestions = error._tag === "UnrecognizedOption" || error._tag === "UnknownSubcommand"
  const [what = ""] = error.message.split("\n")
  return hasSuggestions && error.suggestions.length > 0
    ? `${what}. Did you mean ${error.suggestions.join(" or ")}?`
    : what
}

const layerPresenter: Layer.Layer<never, never, Stderr.Stderr> = Layer.effect(
  CliOutput.Presenter,
  Effect.map(Stderr.Stderr, (stderr) => ({
    present: (event) =>
      event._tag === "InvalidInvocation"
        ? stderr.say(`${ofCommand(event.errors.map(usage).join("; "))} (see ${event.commandPath.join(" ")} --help)`)
        : CliOutput.defaultPresenter.present(event)
  }))
)

const layer = Layer.mergeAll(
  layerPresenter,
  CliOutput.layer(CliOutput.defaultFormatter({ globalFlags: "summary" })),
  Log.layer,
  CliConfig.layer({
    builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]
  })
).pipe(Layer.provideMerge(Stderr.layer), Layer.provideMerge(NodeServices.layer))

const report = Effect.fnUntraced(function* (cause: Cause.Cause<Failure.Failure | CliError.CliError>) {
  if (Cause.hasInterruptsOnly(cause)) return
  const stderr = yield* Stderr.Stderr
  const failure = Cause.findError(cause)
  if (Result.isFailure(failure)) {
    const [defect] = cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect)
    const kind = defect instanceof Error ? defect.name : typeof defect
    yield* stderr.say(
      ofCommand(`something went wrong that should not (${kind}): run it with --log-level debug, and report it`)
    )
    return yield* Effect.logDebug(cause)
  }
  // What is wrong with the invocation has been presented
  if (CliError.isCliError(failure.success)) return
  yield* stderr.say(ofCommand(Failure.explain(failure.success)))
})

/** Runs the command with the arguments of the process. */
export const main = (): void =>
  NodeRuntime.runMain(Command.run(effectSso, { version }).pipe(Effect.tapCause(report), Effect.provide(layer)), {
    disableErrorReporting: true,
    // A command that was run in the place of this one has said how to end, whatever signal has come meanwhile
    teardown: (exit, onExit) => {
      Runtime.defaultTeardown(exit, (code) => onExit(Number(process.exitCode ?? code)))
    }
  })
