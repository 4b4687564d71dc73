/** Many processes that want the token of one expired session at the same moment. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as OldSession from "../support/OldSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample, slow } from "../support/Sample.ts"

/** Starts many, and waits until all are ready: what follows is the race alone. */
const crowd = (size: number, start: ReturnType<typeof Worker.start>) =>
  Effect.all(
    Array.from({ length: size }, () => start),
    { concurrency: 4 }
  )

const size = sample(64, 8)
const rounds = sample(10, 1)

/** Asks all at once. */
const askAll = (workers: ReadonlyArray<Worker.Worker>, question: object) =>
  Effect.map(
    Effect.forEach(workers, (worker) => worker.ask(question), { concurrency: "unbounded" }),
    (answers) => answers.map(Option.getOrThrow)
  )

describe("a stampede", () => {
  it.live(
    `of ${size} processes makes one call, and everybody has its token: ${rounds} times`,
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
        const workers = yield* crowd(size, Worker.start(yield* Worker.bundled))
        yield* Emulator.latency("50 millis")
        const times: Array<string> = []
        for (let round = 0; round < rounds; round++) {
          const old = yield* OldSession.make(directory, `session-${round}`)
          const [time, answers] = yield* Effect.timed(askAll(workers, { directory, endpoint, session: old.session }))
          times.push(Duration.toSeconds(time).toFixed(1))
          assert.deepStrictEqual(yield* old.calls, ["200"])
          const { accessToken } = yield* old.kept
          for (const answer of answers) assert.strictEqual(answer.accessToken, accessToken, answer.message)
        }
        console.log(
          `stampede: ${size} processes, 1 call and ${size} tokens, ${rounds} times, in ${times.join(", ")} seconds`
        )
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    Duration.toMillis("10 minutes")
  )

  it.live(
    "of 16 processes of the official library makes more calls, which leave some without a token",
    () =>
      Effect.gen(function* () {
        const { cache, directory } = yield* OldSession.home
        const { baseUrl } = yield* IdentityCenter.IdentityCenter
        const old = yield* OldSession.make(cache, "team")
        const workers = yield* crowd(
          16,
          Worker.start(Worker.official, { HOME: directory, AWS_ENDPOINT_URL_SSO_OIDC: baseUrl })
        )
        yield* Emulator.latency("50 millis")
        const answers = yield* askAll(workers, { profile: "dev" })
        const calls = yield* old.calls
        const tokens = answers.filter(({ accessToken }) => accessToken !== undefined)
        console.log(`stampede: 16 processes of fromSso, ${calls.length} calls and ${tokens.length} tokens`)
        assert.isAbove(calls.length, 1)
        assert.isBelow(tokens.length, 16)
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    { timeout: Duration.toMillis("5 minutes"), ...slow }
  )
})
