/** Processes, as on many hosts, that share the token of one expired session in one Redis. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as OldSession from "../support/OldSession.ts"
import * as RedisServer from "../support/RedisServer.ts"
import * as Worker from "../support/Worker.ts"
import { sample } from "../support/Sample.ts"

const environment = Layer.merge(Emulator.layer, RedisServer.connection.pipe(Layer.provideMerge(RedisServer.layer)))

const timeout = Duration.toMillis("10 minutes")

/** How long the holder of a lock may be silent before it is taken for dead, in milliseconds. */
const silence = 200

const size = sample(64, 8)
const rounds = sample(3, 1)

/** What a worker is to be asked, but for the session. */
const about = Effect.gen(function* () {
  const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
  const { url: redis } = yield* RedisServer.RedisServer
  return { endpoint, redis }
})

describe.skipIf(!RedisServer.hasRedis)("processes that share a Redis", () => {
  it.live(
    `make one call where ${size} of them want the token at the same moment, and everybody has it: ${rounds} times`,
    () =>
      Effect.gen(function* () {
        const question = yield* about
        const command = yield* Worker.bundled
        const workers = yield* Effect.replicateEffect(Worker.start(command), size, { concurrency: 4 })
        yield* Emulator.latency("50 millis")
        for (let round = 0; round < rounds; round++) {
          const old = yield* OldSession.makeInRedis(`session-${round}`)
          const answers = yield* Effect.forEach(
            workers,
            (worker) => Effect.map(worker.ask({ ...question, session: old.session }), Option.getOrThrow),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(yield* old.calls, ["200"])
          const { accessToken } = yield* old.kept
          for (const answer of answers) assert.strictEqual(answer.accessToken, accessToken, answer.message)
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    timeout
  )

  it.live(
    "renew what one of them was killed before it could",
    () =>
      Effect.gen(function* () {
        const question = { ...(yield* about), silence }
        const command = yield* Worker.bundled
        const next = yield* Worker.start(command)
        const startVictim = Effect.forkScoped(Worker.start(command))
        let starting = yield* startVictim
        const undisturbed = yield* OldSession.makeInRedis("undisturbed")
        const { steps = 0 } = Option.getOrThrow(yield* next.ask({ ...question, session: undisturbed.session }))
        assert.isAbove(steps, 10)
        for (let dieAt = 1; dieAt <= steps; dieAt += sample(1, 5)) {
          const old = yield* OldSession.makeInRedis(`step-${dieAt}`)
          const ask = { ...question, session: old.session }
          const victim = yield* Fiber.join(starting)
          starting = yield* startVictim
          assert.isTrue(Option.isNone(yield* victim.ask({ ...ask, dieAt })))
          const answer = Option.getOrThrow(yield* next.ask(ask))
          const calls = yield* old.calls
          const state = JSON.stringify({ dieAt, answer, calls })
          if (answer.error === undefined) {
            assert.deepStrictEqual(calls, ["200"], state)
            assert.strictEqual(answer.accessToken, (yield* old.kept).accessToken, state)
          } else {
            // The service had rotated, and the new token was with the dead alone
            assert.strictEqual(answer.reason, "RefreshRejected", state)
            assert.deepStrictEqual(calls, ["200", "InvalidGrantException"], state)
          }
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    timeout
  )

  it.live(
    "do no harm where one stood still, wherever it was: one renewal, and everybody ends with its token",
    () =>
      Effect.gen(function* () {
        const question = { ...(yield* about), silence }
        const sleeper = yield* Worker.start(Worker.ours)
        const other = yield* Worker.start(Worker.ours)
        const undisturbed = yield* OldSession.makeInRedis("undisturbed")
        const { steps = 0 } = Option.getOrThrow(yield* sleeper.ask({ ...question, session: undisturbed.session }))
        assert.isAbove(steps, 10)
        for (let stopAt = 1; stopAt <= steps; stopAt += sample(1, 5)) {
          const old = yield* OldSession.makeInRedis(`step-${stopAt}`)
          const ask = { ...question, session: old.session }
          const before = yield* old.kept
          assert.isTrue(Option.getOrThrow(yield* sleeper.ask({ ...ask, stopAt })).stopped)
          const meanwhile = Option.getOrThrow(yield* other.ask(ask))
          const left = yield* old.kept
          const slept = Option.getOrThrow(yield* sleeper.goOn)
          const after = Option.getOrThrow(yield* other.ask(ask))
          const kept = yield* old.kept
          const calls = yield* old.calls
          const state = JSON.stringify({ stopAt, meanwhile, slept, after, kept, calls })

          assert.deepStrictEqual([slept.accessToken, after.accessToken], [kept.accessToken, kept.accessToken], state)
          assert.strictEqual(calls.filter((call) => call === "200").length, 1, state)
          assert.isTrue(yield* old.spend, state)
          if (meanwhile.error === undefined) {
            assert.strictEqual(meanwhile.accessToken, kept.accessToken, state)
          } else {
            // The service has rotated, and the sleeper alone has the answer: until it goes on, nobody can have a token
            assert.strictEqual(meanwhile.reason, "RefreshRejected", state)
            assert.strictEqual(left.refreshToken, before.refreshToken, state)
          }
        }
      }).pipe(Effect.scoped, Effect.provide(environment)),
    timeout
  )
})
