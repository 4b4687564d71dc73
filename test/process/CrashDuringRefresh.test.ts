/** Processes that are killed while they refresh a token, and the next process that asks for it. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem, Option, Random, Schedule } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample } from "../support/Sample.ts"

const rounds = Number(process.env["CRASH_ROUNDS"] ?? sample(500, 5))
const seed = Number(process.env["CRASH_SEED"] ?? Math.floor(Math.random() * 2 ** 32))

/** Rounds that run at the same time: while one waits, another uses the processor. */
const lanes = 4

/** The duration of a refresh after its request has arrived: mostly the latency of the emulator. */
const afterRequest = Duration.millis(40)

/** The time to live of the killed process's lease, in milliseconds. */
const timeToLive = 300

/** When a process is killed. */
interface Moment {
  /** `step`: it kills itself at a step. `start` and `request`: it is killed some time after its start or its request. */
  readonly by: "step" | "start" | "request"
  /** From 0, which is at once, to 1, which is about the end of a refresh. */
  readonly at: number
}

const moment: Effect.Effect<Moment> = Effect.zipWith(
  Random.choice(["step", "start", "request"] as const),
  Random.next,
  (by, at) => ({ by, at })
)

type Outcome =
  /** Killed before the service received the request: the next process has refreshed. */
  | "refreshed by the next"
  /** Killed after the new token was on disk: the next process has read it. */
  | "read by the next"
  /** Killed after the service had rotated the refresh token, and before the new one was on disk: it is lost. */
  | "lost with the response"

describe("A process that is killed during a refresh", () => {
  it.live(
    `loses no token that was on disk, in ${rounds} rounds`,
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
        const directory = yield* fs.makeTempDirectoryScoped()
        const command = yield* Worker.bundled
        yield* Emulator.latency("10 millis")
        const startVictim = Effect.forkScoped(Worker.start(command))

        // The duration of a refresh in a process that has just started
        const { all, took } = yield* Effect.gen(function* () {
          const worker = yield* Worker.start(command)
          const { session } = yield* ExpiredSession.make(directory, "undisturbed")
          const [took, response] = yield* Effect.timed(worker.ask({ directory, endpoint, session }))
          return { all: Option.getOrThrow(response).steps ?? 0, took }
        })
        assert.isAbove(all, 40)

        const round = Effect.fnUntraced(function* (
          name: string,
          moment: Moment,
          victim: Worker.Worker,
          next: Worker.Worker
        ) {
          const old = yield* ExpiredSession.make(directory, name)
          const question = { directory, endpoint, session: old.session, timeToLive }
          const before = yield* old.kept
          const dieAt = moment.by === "step" ? { dieAt: 1 + Math.floor(moment.at * all) } : {}
          const dying = yield* Effect.forkChild(victim.ask({ ...question, ...dieAt }))
          switch (moment.by) {
            case "step":
              yield* Fiber.join(dying)
              break
            case "start":
              yield* Effect.sleep(Duration.times(took, moment.at))
              break
            case "request":
              yield* Effect.raceFirst(
                Fiber.join(dying),
                Effect.repeat(old.calls, { until: ({ length }) => length > 0, schedule: Schedule.spaced(1) })
              )
              yield* Effect.sleep(Duration.times(afterRequest, moment.at))
          }
          yield* victim.kill
          const left = yield* old.kept
          const sent = (yield* old.calls).length
          const response = Option.getOrThrow(yield* next.ask(question))
          const kept = yield* old.kept
          const calls = yield* old.calls
          const state = JSON.stringify({ seed, moment, before, left, sent, response, kept, calls })

          const written = left.refreshToken !== before.refreshToken
          if (response.error === undefined) {
            assert.strictEqual(response.accessToken, kept.accessToken, state)
            assert.strictEqual(calls.filter((call) => call === "200").length, 1, state)
            // The refresh token is valid too, and the lease is not stuck: reading the written token did not need it
            yield* old.expire
            const later = Option.getOrThrow(yield* next.ask(question))
            assert.strictEqual(later.accessToken, (yield* old.kept).accessToken, state)
            assert.notStrictEqual(later.accessToken, response.accessToken, state)
            return written ? "read by the next" : "refreshed by the next"
          }
          // Nothing that was on disk is lost: the service had rotated the refresh token, and its response was never written
          assert.deepStrictEqual([response.error, response.reason], ["LoginRequired", "RefreshRejected"], state)
          assert.isFalse(written, state)
          assert.isFalse(yield* old.spend, state)
          assert.strictEqual(sent, 1, state)
          assert.strictEqual(calls.at(-1), "InvalidGrantException", state)
          return "lost with the response"
        })

        const outcomes: Record<Outcome, number> = {
          "refreshed by the next": 0,
          "read by the next": 0,
          "lost with the response": 0
        }
        const moments = yield* Effect.replicateEffect(moment, rounds).pipe(Random.withSeed(seed))
        const plans = moments.map((moment, n) => ({ moment, name: `round-${n}` }))
        const [elapsed] = yield* Effect.timed(
          Effect.forEach(
            Array.from({ length: lanes }, (_, lane) => lane),
            Effect.fnUntraced(function* (lane) {
              const next = yield* Worker.start(command)
              let starting = yield* startVictim
              for (const { moment, name } of plans.filter((_, n) => n % lanes === lane)) {
                const victim = yield* Fiber.join(starting)
                starting = yield* startVictim
                outcomes[yield* round(name, moment, victim, next)]++
              }
            }),
            { concurrency: "unbounded" }
          )
        )
        const summary = Object.entries(outcomes).map(([outcome, times]) => `${times} ${outcome}`)
        console.log(
          `crash during refresh: seed ${seed}, ${rounds} rounds in ${Duration.toSeconds(elapsed).toFixed()} seconds: ${summary.join(", ")}`
        )
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    Duration.toMillis("20 minutes")
  )
})
