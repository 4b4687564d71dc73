/** A terminal that a test can look at and type on: a tmux server of its own. */
import { Effect, FileSystem, Path, Stream, SubscriptionRef } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { spawnSync } from "node:child_process"
import { Home, main, spawn } from "./Command.ts"

export const isMissing = spawnSync("tmux", ["-V"]).status !== 0

/** Of the terminal, in characters. */
const size = { columns: 100, rows: 50 }

// The shell continues after an interrupt, and prints the exit code of the command
const wrapper = `trap : INT; "$@"; echo "[exit $?]"; exec cat`

/** Starts a command on a terminal, which is closed with the scope. `redirect` is for the shell, such as `>file`. */
export const start = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  options?: { readonly env?: Readonly<Record<string, string>>; readonly redirect?: string }
) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const home = yield* Home
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-sso-tmux-" })
  const config = join(directory, "tmux.conf")
  yield* fs.writeFileString(config, "set -g default-terminal screen-256color\n")
  // -u shows all characters in any locale
  const flags = ["-u", "-S", join(directory, "socket"), "-f", config] as const
  const tmux = (...words: ReadonlyArray<string>) => spawner.string(ChildProcess.make("tmux", [...flags, ...words]))

  const env = Object.entries({ BROWSER: "none", ...home.env, ...options?.env }).map(
    ([name, value]) => `${name}=${value}`
  )
  const script = options?.redirect === undefined ? wrapper : wrapper.replace('"$@"', `"$@" ${options.redirect}`)
  const terminal = ["-d", "-x", String(size.columns), "-y", String(size.rows), "--"]
  const command = ["env", ...env, "sh", "-c", script, "sh", process.execPath, main, ...args]
  yield* Effect.acquireRelease(tmux("new-session", ...terminal, ...command), () => Effect.ignore(tmux("kill-server")))
  // It sends an event for all output of the terminal
  const events = yield* spawn(["tmux", ...flags, "-C", "attach", "-f", "ignore-size"], {})

  const screen = Effect.map(tmux("capture-pane", "-p", "-J"), (text) => text.replaceAll(/ +$/gm, "").trimEnd())
  /** Waits until the screen matches. */
  const until = Effect.fnUntraced(function* (pattern: RegExp) {
    return yield* SubscriptionRef.changes(events.stdout.written).pipe(
      Stream.mapEffect(() => screen),
      Stream.filter((text) => pattern.test(text)),
      Stream.runHead,
      Effect.flatMap(Effect.fromOption),
      Effect.timeoutOrElse({
        duration: "60 seconds",
        orElse: () => Effect.flatMap(screen, (text) => Effect.die(new Error(`never showed ${pattern}, but:\n${text}`)))
      })
    )
  })
  return {
    screen,
    until,
    /** Types a text as it is. */
    type: (text: string) => tmux("send-keys", "-l", text),
    /** Presses keys by their names. */
    press: (...keys: ReadonlyArray<string>) => tmux("send-keys", ...keys)
  }
})
