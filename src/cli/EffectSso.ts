/**
 * The `effect-sso` command.
 *
 * Standard output is for data and for the help that was asked for, standard error for everything else. The exit code is 0,
 * or 1 after one line that says what to do next, or 130 after an interruption. `exec` exits with the code of the command that it runs.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { version } from "../wire/PackageVersion.ts"
import { accounts } from "./commands/AccountsCommand.ts"
import { credentials } from "./commands/CredentialsCommand.ts"
import { emulator } from "./commands/EmulatorCommand.ts"
import { exec } from "./commands/ExecCommand.ts"
import { login } from "./commands/LoginCommand.ts"
import { logout } from "./commands/LogoutCommand.ts"
import { roles } from "./commands/RolesCommand.ts"
import { status } from "./commands/StatusCommand.ts"
import { token } from "./commands/TokenCommand.ts"
import { configure } from "./configure/ConfigureCommand.ts"
import * as Log from "./terminal/Log.ts"
import * as Presenter from "./terminal/Presenter.ts"
import * as Report from "./terminal/Report.ts"
import * as Stderr from "./terminal/Stderr.ts"
import * as Stdout from "./terminal/Stdout.ts"

const effectSso = Command.make("effect-sso").pipe(
  Command.withDescription("Sign in to AWS with IAM Identity Center, and use the credentials of your roles"),
  Command.withSubcommands([configure, login, token, status, logout, accounts, roles, credentials, exec, emulator])
)

const layer = Layer.mergeAll(
  Presenter.layer,
  Log.layer,
  CliConfig.layer({
    builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]
  })
).pipe(Layer.provideMerge(Stderr.layer), Layer.provideMerge(NodeServices.layer))

/** Runs the command with the arguments of the process. */
export const main = (): void =>
  NodeRuntime.runMain(
    // A wrong invocation has been presented, and the commands report how they fail
    Command.run(effectSso, { version }).pipe(
      Stdout.checked,
      Effect.catchTag("OutputNotWritten", (failure) => Report.failures({ sessionFlags: [] })(Effect.fail(failure))),
      Report.defects,
      Effect.provide(layer)
    ),
    {
      disableErrorReporting: true,
      // `exec` has set the exit code of the command that it ran, whatever signal came meanwhile
      teardown: (exit, onExit) => {
        Runtime.defaultTeardown(exit, (code) => onExit(Number(process.exitCode ?? code)))
      }
    }
  )
