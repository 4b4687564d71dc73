/**
 * A process that asks for the token of a session: the built library, on the file system and the network of Node.
 *
 * It prints `ready`, responds to each line of its standard input with one line, and ends with its standard input. A line
 * asks a new provider for a token once:
 *
 * - `directory`, `endpoint`, `session`: a directory such as `~/.aws`, the service, and the session
 * - `redis`: the URL of a Redis instead of the directory
 * - `timeToLive`: the time to live of a lease, in milliseconds
 * - `dieAt`, `stopAt`: the step at which it kills itself, or prints a line and blocks until it can read a byte from its
 *   fourth stream. A call to the file system, to Redis or to the service is two steps: before the call and after it
 *
 * The response has the token or the error, and the number of steps.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { readSync, writeSync } from "node:fs"
import { createInterface } from "node:readline"
import { SsoSession } from "../../dist/session/SsoSession.js"
import * as SsoStore from "../../dist/store/SsoStore.js"
import * as TokenProvider from "../../dist/provider/TokenProvider.js"
import * as SsoOidc from "../../dist/service/SsoOidc.js"

let steps = 0
let dieAt
let stopAt

const step = Effect.sync(() => {
  steps++
  if (steps === dieAt) process.kill(process.pid, "SIGKILL")
  if (steps === stopAt) {
    writeSync(1, '{"stopped":true}\n')
    // Unlike a process that was stopped by a signal, it continues, and ends, when the other end of the stream is closed
    readSync(3, new Uint8Array(1))
  }
})

/** A service whose effects are steps, like those of the files that it opens. */
const stepwise = (service) => {
  const effect = (self) => step.pipe(Effect.andThen(Effect.ensuring(self, step)), Effect.map(result))
  const result = (value) => {
    if (Effect.isEffect(value)) return effect(value)
    return FileSystem.isFile(value) ? stepwise(value) : value
  }
  return new Proxy(service, {
    get: (target, name) => {
      const member = Reflect.get(target, name)
      // The holder of a lease extends it at any time, which would make each run different
      if (name === "utimes") return member
      return typeof member === "function" ? (...args) => result(member.apply(target, args)) : result(member)
    }
  })
}

const fileSystem = Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, stepwise)).pipe(
  Layer.provide(NodeFileSystem.layer)
)

const http = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (client) =>
    client.pipe(
      HttpClient.tapRequest(() => step),
      HttpClient.tap(() => step)
    )
  )
).pipe(Layer.provide(NodeHttpClient.layerNodeHttp))

/** A Redis whose calls are steps. */
const redisAt = (url) =>
  Layer.unwrap(
    Effect.promise(async () => {
      const NodeRedis = await import("@effect/platform-node/NodeRedis")
      const { Redis } = await import("effect/persistence/Redis")
      const stepped = (redis) => ({
        ...redis,
        send: (...args) => step.pipe(Effect.andThen(Effect.ensuring(redis.send(...args), step))),
        eval: (script) => {
          const call = redis.eval(script)
          // The extension of a lease, as with files
          if (script.lua.includes("PEXPIRE")) return call
          return (...args) => step.pipe(Effect.andThen(Effect.ensuring(call(...args), step)))
        }
      })
      return Layer.effect(Redis, Effect.map(Redis, stepped)).pipe(
        // On a busy machine, a connection takes long
        Layer.provide(NodeRedis.layer({ url, socket: { connectTimeout: 60_000 } }))
      )
    })
  )

const ask = ({ directory, endpoint, redis, session, timeToLive }) => {
  const store =
    redis === undefined
      ? SsoStore.layerFile({ directory, leaseTimeToLive: timeToLive }).pipe(Layer.provide([fileSystem, NodePath.layer]))
      : SsoStore.layerRedis({ leaseTimeToLive: timeToLive }).pipe(Layer.provide(redisAt(redis)))
  return Effect.gen(function* () {
    const { token } = yield* TokenProvider.make(new SsoSession(session))
    return yield* token
  }).pipe(
    Effect.scoped,
    Effect.match({
      onSuccess: ({ accessToken }) => ({ accessToken: Redacted.value(accessToken) }),
      onFailure: ({ _tag, message, reason }) => ({
        error: _tag,
        reason: reason?._tag ?? reason,
        action: reason?.action,
        message
      })
    }),
    Effect.provide([SsoOidc.layer({ endpoint }).pipe(Layer.provide(http)), store]),
    // Standard output has only the responses
    Effect.provide(Logger.layer([]))
  )
}

const lines = createInterface({ input: process.stdin })
process.stdout.write("ready\n")
for await (const line of lines) {
  const question = JSON.parse(line)
  steps = 0
  dieAt = question.dieAt
  stopAt = question.stopAt
  const answer = await Effect.runPromise(ask(question))
  process.stdout.write(`${JSON.stringify({ ...answer, steps })}\n`)
}
