/**
 * Runs a command in the place of this process: on its terminal, with its signals and with its exit code.
 *
 * Effect's spawner is not used: it puts the command into its own process group or ends it with the fiber, and it does not
 * report the signal that ended the command.
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import { systemCode } from "../../wire/SystemCode.ts"
import { isForeground } from "./Foreground.ts"

/** The command could not be started. */
export class CommandNotStarted extends Schema.TaggedError<CommandNotStarted>()("CommandNotStarted", {
  command: Schema.String,
  /** The error code of the system. */
  code: Schema.String
}) {
  override get message(): string {
    const advice = this.code === "ENOENT" ? "check its name and PATH" : "check that it is an executable file"
    return `cannot run ${this.command} (${this.code}): ${advice}`
  }

  /** The exit code of a shell in this case (POSIX, "Shell Command Language", 2.8.2). */
  override get [Runtime.errorExitCode](): number {
    return this.code === "ENOENT" ? 127 : 126
  }
}

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const

/** A terminal sends these to all processes in the foreground: passed on, the command would receive them twice. */
const ofTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"])

/** Passes signals on to a process instead of ending this one. Returns a function that stops it. */
const passSignals = (child: ChildProcess): (() => void) => {
  const listeners = signals.map((signal) => ({
    signal,
    listener: () => {
      if (!(ofTerminal.has(signal) && isForeground())) child.kill(signal)
    }
  }))
  for (const { signal, listener } of listeners) process.on(signal, listener)
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener)
  }
}

/**
 * Runs a command on the standard streams of this process, passes signals on, and sets the exit code of this process to the
 * exit code of the command, or to 128 plus the number of the signal that ended it.
 *
 * **Details**
 *
 * Only the end of the command ends it: a command that handles Ctrl-C takes the time that it needs.
 */
export const run = Effect.fnUntraced(function* (
  [command = "", ...args]: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.fn.Return<void, CommandNotStarted> {
  const notStarted = (error: unknown) => new CommandNotStarted({ command, code: systemCode(error) ?? "unknown" })
  const child = yield* Effect.try({ try: () => spawn(command, args, { stdio: "inherit", env }), catch: notStarted })
  process.exitCode = yield* Effect.callback<number, CommandNotStarted>((resume) => {
    const stopPassing = passSignals(child)
    const end = (result: Effect.Effect<number, CommandNotStarted>): void => {
      stopPassing()
      resume(result)
    }
    child.on("error", (error) => {
      // A signal that could not be sent is an error too, but not the end
      if (child.pid === undefined) end(Effect.fail(notStarted(error)))
    })
    child.once("exit", (code, signal) => {
      end(Effect.succeed(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  })
}, Effect.uninterruptible)
