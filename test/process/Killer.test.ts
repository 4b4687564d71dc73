/** Processes that are killed while they renew a token, and the next ones that ask for it. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem, Option, Random, Schedule } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as OldSession from "../support/OldSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample } from "../support/Sample.ts"

const rounds = Number(process.env["KILLER_ROUNDS"] ?? sample(500, 5))
const seed = Number(process.env["KILLER_SEED"] ?? Math.floor(Math.random() * 2 ** 32))

/** Rounds that run side by side: while one waits, another has the processor. */
const lanes = 4

/** What a renewal takes after its request has arrived: most of it is the latency of the emulator. */
const afterRequest = Duration.millis(40)

/** Who is killed holds the lock for this long, in milliseconds. */
const silence = 300

/** When a process is killed. */
interface Moment {
  /** At a step it kills itself. It is killed some time after its start, or after its request. */
  readonly by: "step" | "start" | "request"
  /** From 0, which is at once, to 1, which is about when a renewal ends. */
  readonly at: number
}

const moment: Effect.Effect<Moment> = Effect.zipWith(
  Random.choice(["step", "start", "request"] as const),
  Random.next,
  (by, at) => ({ by, at })
)

type Outcome =
  /** Killed before the service knew: the next one has renewed. */
  | "renewed by the next"
  /** Killed after the new token was on disk: the next one has read it. */
  | "read by the next"
  /** Killed after the service had rotated, and before the new token was on disk: nobody has it. */
  | "lost with the answer"

describe("a killer", () => {
  it.live(
    `finds no moment to do harm in ${rounds} renewals`,
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
        const directory = yield* fs.makeTempDirectoryScoped()
        const command = yield* Worker.bundled
        yield* Emulator.latency("10 millis")
        const startVictim = Effect.forkScoped(Worker.start(command))

        // What a renewal takes in a process that has just started
        const { all, took } = yield* Effect.gen(function* () {
          const worker = yield* Worker.start(command)
          const { session } = yield* OldSession.make(directory, "undisturbed")
          const [took, answer] = yield* Effect.timed(worker.ask({ directory, endpoint, session }))
          return { all: Option.getOrThrow(answer).steps ?? 0, took }
        })
        assert.isAbove(all, 40)

        const round = Effect.fnUntraced(function* (
          name: string,
          moment: Moment,
          victim: Worker.Worker,
          next: Worker.Worker
        ) {
          const old = yield* OldSession.make(directory, name)
          const question = { directory, endpoint, session: old.session, silence }
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
          const answer = Option.getOrThrow(yield* next.ask(question))
          const kept = yield* old.kept
          const calls = yield* old.calls
          const about = JSON.stringify({ seed, moment, before, left, sent, answer, kept, calls })

          const written = left.refreshToken !== before.refreshToken
          if (answer.error === undefined) {
            assert.strictEqual(answer.accessToken, kept.accessToken, about)
            assert.strictEqual(calls.filter((call) => call === "200").length, 1, about)
            // The refresh token works too, and the lock, which nobody needed to read what is written, is not stuck
            yield* old.expire
            const later = Option.getOrThrow(yield* next.ask(question))
            assert.strictEqual(later.accessToken, (yield* old.kept).accessToken, about)
            assert.notStrictEqual(later.accessToken, answer.accessToken, about)
            return written ? "read by the next" : "renewed by the next"
          }
          // Nothing that was on disk is lost: the service had rotated, and its answer never arrived there
          assert.deepStrictEqual([answer.error, answer.reason], ["LoginRequired", "RefreshRejected"], about)
          assert.isFalse(written, about)
          assert.isFalse(yield* old.spend, about)
          assert.strictEqual(sent, 1, about)
          assert.strictEqual(calls.at(-1), "InvalidGrantException", about)
          return "lost with the answer"
        })

        const outcomes: Record<Outcome, number> = {
          "renewed by the next": 0,
          "read by the next": 0,
          "lost with the answer": 0
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
          `killer: seed ${seed}, ${rounds} rounds in ${Duration.toSeconds(elapsed).toFixed()} seconds: ${summary.join(", ")}`
        )
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    Duration.toMillis("20 minutes")
  )
})
