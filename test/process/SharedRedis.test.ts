/** Processes, as on many hosts, that share the token of one expired session in Redis. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import * as RedisServer from "../support/RedisServer.ts"
import { suspendAt } from "../support/SuspendedWorker.ts"
import * as Worker from "../support/Worker.ts"
import { sample, slow } from "../support/Sample.ts"

const environment = Layer.merge(Emulator.layer, RedisServer.connection.pipe(Layer.provideMerge(RedisServer.layer)))

const timeout = Duration.toMillis("10 minutes")

/** The time to live of a lease, in milliseconds. */
const timeToLive = 200

const size = sample(64, 8)
const rounds = sample(3, 1)

/** The question for a worker, without the session. */
const questionOf = Effect.gen(function* () {
  const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
  const { url: redis } = yield* RedisServer.RedisServer
  return { endpoint, redis }
})

describe.skipIf(!RedisServer.hasRedis)("Processes that share a Redis", () => {
  it.live(
    `make one CreateToken call if ${size} of them ask for the token at the same time, and all get it, in each of ${rounds} rounds`,
    () =>
      Effect.gen(function* () {
        const question = yield* questionOf
        const command = yield* Worker.bundled
        const workers = yield* Effect.replicateEffect(Worker.start(command), size, { concurrency: 4 })
        yield* Emulator.latency("50 millis")
        for (let round = 0; round < rounds; round++) {
          const old = yield* ExpiredSession.makeInRedis(`session-${round}`)
          const responses = yield* Effect.forEach(
            workers,
            (worker) => Effect.map(worker.ask({ ...question, session: old.session }), Option.getOrThrow),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(yield* old.calls, ["200"])
          const { accessToken } = yield* old.kept
          for (const response of responses) assert.strictEqual(response.accessToken, accessToken, response.message)
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    timeout
  )

  it.live(
    "refresh after one of them was killed during a refresh, at any step",
    () =>
      Effect.gen(function* () {
        const question = { ...(yield* questionOf), timeToLive }
        const command = yield* Worker.bundled
        const next = yield* Worker.start(command)
        const startVictim = Effect.forkScoped(Worker.start(command))
        let starting = yield* startVictim
        const undisturbed = yield* ExpiredSession.makeInRedis("undisturbed")
        const { steps = 0 } = Option.getOrThrow(yield* next.ask({ ...question, session: undisturbed.session }))
        assert.isAbove(steps, 10)
        for (let dieAt = 1; dieAt <= steps; dieAt++) {
          const old = yield* ExpiredSession.makeInRedis(`step-${dieAt}`)
          const ask = { ...question, session: old.session }
          const victim = yield* Fiber.join(starting)
          starting = yield* startVictim
          assert.isTrue(Option.isNone(yield* victim.ask({ ...ask, dieAt })))
          const response = Option.getOrThrow(yield* next.ask(ask))
          const calls = yield* old.calls
          const state = JSON.stringify({ dieAt, response, calls })
          if (response.error === undefined) {
            assert.deepStrictEqual(calls, ["200"], state)
            assert.strictEqual(response.accessToken, (yield* old.kept).accessToken, state)
          } else {
            // The service has rotated the refresh token, and only the killed process had the response
            assert.strictEqual(response.reason, "RefreshRejected", state)
            assert.deepStrictEqual(calls, ["200", "InvalidGrantException"], state)
          }
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    { timeout, ...slow }
  )

  it.live(
    "do no harm if one is suspended during a refresh, at any step: there is one refresh, and all get its token",
    () =>
      Effect.gen(function* () {
        const question = { ...(yield* questionOf), timeToLive }
        const suspended = yield* Worker.start(Worker.ours)
        const other = yield* Worker.start(Worker.ours)
        const undisturbed = yield* ExpiredSession.makeInRedis("undisturbed")
        const { steps = 0 } = Option.getOrThrow(yield* suspended.ask({ ...question, session: undisturbed.session }))
        assert.isAbove(steps, 10)
        for (let stopAt = 1; stopAt <= steps; stopAt++) {
          const old = yield* ExpiredSession.makeInRedis(`step-${stopAt}`)
          yield* suspendAt(stopAt, [suspended, other], old, question)
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    { timeout, ...slow }
  )
})
