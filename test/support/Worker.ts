/**
 * Processes that are asked for tokens: `worker.mjs` and `official.mjs`. They end with the scope, and with this process.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { Effect, FileSystem, Option, type Scope, Schema } from "effect"
import { rolldown } from "rolldown"

const Answer = Schema.Struct({
  accessToken: Schema.optionalKey(Schema.String),
  /** The tag or the name of the error, where it has no token. */
  error: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String),
  action: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  /** What `worker.mjs` counts. */
  steps: Schema.optionalKey(Schema.Int),
  /** It stands still, and answers when it goes on. */
  stopped: Schema.optionalKey(Schema.Boolean)
})

export type Answer = typeof Answer.Type

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Answer))

export interface Worker {
  readonly pid: number
  /** Asks once. None where the process ended before it answered. */
  readonly ask: (question: object) => Effect.Effect<Option.Option<Answer>>
  /** Lets one that stands still go on, and waits for its answer. */
  readonly goOn: Effect.Effect<Option.Option<Answer>>
  /** Ends it, with no chance to clean up, and waits until it is gone. */
  readonly kill: Effect.Effect<void>
}

const gone = (child: ChildProcess): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
  })

const here = (script: string) => fileURLToPath(new URL(script, import.meta.url))

/** The commands that start them. */
export const ours = [process.execPath, here("worker.mjs")] as const
export const official = [process.execPath, here("official.mjs")] as const
export const botocore = ["python3", here("official.py")] as const

/** Ours with all that it imports in one file: where hundreds start, they start in half the time. */
export const bundled = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  yield* Effect.promise(async () => {
    await using bundle = await rolldown({ input: here("worker.mjs"), platform: "node" })
    await bundle.write({ dir: directory, entryFileNames: "worker.mjs", chunkFileNames: "[name].mjs" })
  })
  return [process.execPath, `${directory}/worker.mjs`] as const
})

/** Starts a process, and waits until it is ready to be asked. */
export const start = Effect.fnUntraced(function* (
  command: readonly [executable: string, ...args: ReadonlyArray<string>],
  env: Readonly<Record<string, string>> = {}
): Effect.fn.Return<Worker, never, Scope.Scope> {
  const [executable, ...args] = command
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(executable, args, {
        env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
        stdio: ["pipe", "pipe", "inherit", "pipe"]
      })
    ),
    (child) =>
      Effect.suspend(() => {
        child.kill("SIGKILL")
        return gone(child)
      })
  )
  const [stdin, stdout, , gate] = child.stdio
  if (!(stdin instanceof Writable && stdout instanceof Readable && gate instanceof Writable)) {
    return yield* Effect.die("a process without its streams")
  }
  // What is written to a process that has ended is lost, which its silence tells
  stdin.on("error", () => {})
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = Effect.map(
    Effect.promise(() => lines.next()),
    ({ done, value }) => (done === true ? Option.none<string>() : Option.some(String(value)))
  )
  const greeting = yield* next
  if (Option.getOrUndefined(greeting) !== "ready") return yield* Effect.die(`${command.join(" ")} did not start`)
  const answer = Effect.map(
    next,
    Option.map((line) => decode(line))
  )
  return {
    pid: child.pid ?? Number.NaN,
    ask: (question) =>
      Effect.suspend(() => {
        stdin.write(`${JSON.stringify(question)}\n`)
        return answer
      }),
    goOn: Effect.suspend(() => {
      gate.write("\n")
      return answer
    }),
    kill: Effect.suspend(() => {
      child.kill("SIGKILL")
      return gone(child)
    })
  }
})
