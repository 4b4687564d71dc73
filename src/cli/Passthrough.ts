/**
 * A command in the place of this process: on its terminal, with its signals, and with its end.
 *
 * The spawner of Effect puts a command into a process group of its own or ends it with the fiber, and tells no signal
 * that it died of; here the command decides all of that.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { systemCode } from "../wire/SystemCode.ts"

/**
 * The command could not be started.
 *
 * @category errors
 * @since 0.1.0
 */
export class CommandNotStarted extends Schema.TaggedError<CommandNotStarted>()("CommandNotStarted", {
  command: Schema.String,
  /** What the system said. */
  code: Schema.String
}) {
  override get message(): string {
    const advice =
      this.code === "ENOENT" ? "check its name, and PATH" : "check whether it is a program that you may run"
    return `cannot run ${this.command} (${this.code}): ${advice}`
  }

  /** As a shell ends then (POSIX, "Shell Command Language", 2.8.2). */
  override get [Runtime.errorExitCode](): number {
    return this.code === "ENOENT" ? 127 : 126
  }
}

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2", "SIGWINCH"] as const

/** What a terminal sends to all processes that it shows: passed on, the command would get it twice. */
const ofTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"])

const hasTerminal = (): boolean => process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY

/**
 * Runs a command on the standard streams of this process, passes signals on, and ends this process as the command ended:
 * with its exit code, or with 128 and the number of the signal that it died of.
 *
 * **Details**
 *
 * Nothing interrupts it but the end of the command: a command that handles Ctrl-C has the time it takes.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  [command = "", ...args]: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.Effect<void, CommandNotStarted> =>
  Effect.callback<void, CommandNotStarted>((resume) => {
    const child = spawn(command, args, { stdio: "inherit", env })
    const passed = signals
      .filter((signal) => !(ofTerminal.has(signal) && hasTerminal()))
      .map((signal) => ({ signal, listener: () => child.kill(signal) }))
    // Without a listener, a signal would end this process
    const kept = signals.filter((signal) => !passed.some((one) => one.signal === signal))
    const ignore = (): void => {}
    for (const { signal, listener } of passed) process.on(signal, listener)
    for (const signal of kept) process.on(signal, ignore)
    const end = (result: Effect.Effect<void, CommandNotStarted>): void => {
      for (const { signal, listener } of passed) process.off(signal, listener)
      for (const signal of kept) process.off(signal, ignore)
      resume(result)
    }
    child.once("error", (error) => {
      end(Effect.fail(new CommandNotStarted({ command, code: systemCode(error) ?? error.name })))
    })
    child.once("exit", (code, signal) => {
      end(
        Effect.sync(() => {
          process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
        })
      )
    })
  }).pipe(Effect.uninterruptible)
