/**
 * A Redis server on a free port, which writes nothing to disk. It ends with the scope, and with this process.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { createInterface } from "node:readline"
import { NodeRedis } from "@effect/platform-node"
import { Context, Effect, Layer } from "effect"
import { type Redis } from "effect/persistence"

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0

export class RedisServer extends Context.Service<
  RedisServer,
  {
    readonly url: string
    /** Stops the server, and waits until it has ended. */
    readonly stop: Effect.Effect<void>
  }
>()("test/RedisServer") {}

const freePort = Effect.promise(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === "object" ? address?.port : undefined
})

/** A server does not notice that its parent process has ended. A shell does, by the end of its standard input. */
const withStdin = 'redis-server "$@" & server=$!; cat; kill $server; wait $server'

export const layer: Layer.Layer<RedisServer> = Layer.effect(
  RedisServer,
  Effect.gen(function* () {
    const port = yield* freePort
    const settings = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--dir", "/"]
    const shell = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("sh", ["-c", withStdin, "redis-server", ...settings], { stdio: ["pipe", "pipe", "inherit"] })
      ),
      (shell) => stop(shell)
    )
    yield* Effect.promise(async () => {
      for await (const line of createInterface({ input: shell.stdout })) {
        if (line.includes("Ready to accept connections")) return
      }
      throw new Error("redis-server did not start")
    })
    shell.stdout.resume()
    return RedisServer.of({ url: `redis://127.0.0.1:${port}`, stop: stop(shell) })
  })
)

const stop = (shell: ReturnType<typeof spawn>): Effect.Effect<void> =>
  Effect.promise(async () => {
    if (shell.exitCode !== null || shell.signalCode !== null) return
    const gone = once(shell, "exit")
    shell.stdin?.end()
    await gone
  })

/** A separate connection. It does not reconnect. */
export const connection: Layer.Layer<Redis.Redis, Redis.RedisError, RedisServer> = Layer.unwrap(
  Effect.map(RedisServer, ({ url }) =>
    NodeRedis.layer({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } })
  )
).pipe(Layer.fresh)
