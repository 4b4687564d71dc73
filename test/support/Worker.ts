/**
 * Processes that respond with tokens: `worker.mjs` and `official.mjs`. They end with the scope, and with this process.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { Effect, FileSystem, Option, type Scope, Schema } from "effect"
import { rolldown } from "rolldown"

const Response = Schema.Struct({
  accessToken: Schema.optionalKey(Schema.String),
  /** The tag or the name of the error, if there is no token. */
  error: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String),
  action: Schema.optionalKey(Schema.String),
  message: Schema.optionalKey(Schema.String),
  /** The steps that `worker.mjs` counted. */
  steps: Schema.optionalKey(Schema.Int),
  /** It is suspended, and responds when it continues. */
  stopped: Schema.optionalKey(Schema.Boolean)
})

export type Response = typeof Response.Type

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Response))

export interface Worker {
  readonly pid: number
  /** Asks once. None if the process ended before it responded. */
  readonly ask: (question: object) => Effect.Effect<Option.Option<Response>>
  /** Continues a suspended process, and waits for its response. */
  readonly continue: Effect.Effect<Option.Option<Response>>
  /** Kills it without cleanup, and waits until it has ended. */
  readonly kill: Effect.Effect<void>
}

const gone = (child: ChildProcess): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
  })

const here = (script: string) => fileURLToPath(new URL(script, import.meta.url))

/** The commands that start the processes. */
export const ours = [process.execPath, here("worker.mjs")] as const
export const official = [process.execPath, here("official.mjs")] as const
export const botocore = ["python3", here("official.py")] as const

/** `ours` and everything that it imports in one file: it starts in half the time. */
export const bundled = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  yield* Effect.promise(async () => {
    await using bundle = await rolldown({ input: here("worker.mjs"), platform: "node" })
    await bundle.write({ dir: directory, entryFileNames: "worker.mjs", chunkFileNames: "[name].mjs" })
  })
  return [process.execPath, `${directory}/worker.mjs`] as const
})

/** Starts a process, and waits until it is ready. */
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
  // A message to a process that has ended is lost, and there is no response
  stdin.on("error", () => {})
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const next = Effect.map(
    Effect.promise(() => lines.next()),
    ({ done, value }) => (done === true ? Option.none<string>() : Option.some(String(value)))
  )
  const greeting = yield* next
  if (Option.getOrUndefined(greeting) !== "ready") return yield* Effect.die(`${command.join(" ")} did not start`)
  const response = Effect.map(
    next,
    Option.map((line) => decode(line))
  )
  return {
    pid: child.pid ?? Number.NaN,
    ask: (question) =>
      Effect.suspend(() => {
        stdin.write(`${JSON.stringify(question)}\n`)
        return response
      }),
    continue: Effect.suspend(() => {
      gate.write("\n")
      return response
    }),
    kill: Effect.suspend(() => {
      child.kill("SIGKILL")
      return gone(child)
    })
  }
})
