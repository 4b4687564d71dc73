/**
 * A command in the place of this process: on its terminal, with its signals, and with its end.
 *
 * The spawner of Effect puts a command into a process group of its own or ends it with the fiber, and tells no signal
 * that it died of; here the command decides all of that.
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

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const

/** What a terminal sends to all processes in the foreground: passed on, the command would get it twice. */
const ofTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"])

/** Passes signals on to a process, and keeps them from ending this one; returns how to stop that. */
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
 * Runs a command on the standard streams of this process, passes signals on, and ends this process as the command ended:
 * with its exit code, or with 128 and the number of the signal that it died of.
 *
 * **Details**
 *
 * Nothing interrupts it but the end of the command: a command that handles Ctrl-C has the time it takes.
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
      // A signal that could not be sent is an error too, and not the end
      if (child.pid === undefined) end(Effect.fail(notStarted(error)))
    })
    child.once("exit", (code, signal) => {
      end(Effect.succeed(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  })
}, Effect.uninterruptible)
