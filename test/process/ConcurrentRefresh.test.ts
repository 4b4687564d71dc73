/** Many processes that ask for the token of one expired session at the same time. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample, slow } from "../support/Sample.ts"

/** Starts many processes, and waits until all are ready. */
const startMany = (size: number, start: ReturnType<typeof Worker.start>) =>
  Effect.all(
    Array.from({ length: size }, () => start),
    { concurrency: 4 }
  )

const size = sample(64, 8)
const rounds = sample(10, 1)

/** Asks all processes at the same time. */
const askAll = (workers: ReadonlyArray<Worker.Worker>, question: object) =>
  Effect.map(
    Effect.forEach(workers, (worker) => worker.ask(question), { concurrency: "unbounded" }),
    (responses) => responses.map(Option.getOrThrow)
  )

describe("Concurrent refreshes", () => {
  it.live(
    `by ${size} processes make one CreateToken call, and all processes get its token, in each of ${rounds} rounds`,
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
        const workers = yield* startMany(size, Worker.start(yield* Worker.bundled))
        yield* Emulator.latency("50 millis")
        const times: Array<string> = []
        for (let round = 0; round < rounds; round++) {
          const old = yield* ExpiredSession.make(directory, `session-${round}`)
          const [time, responses] = yield* Effect.timed(askAll(workers, { directory, endpoint, session: old.session }))
          times.push(Duration.toSeconds(time).toFixed(1))
          assert.deepStrictEqual(yield* old.calls, ["200"])
          const { accessToken } = yield* old.kept
          for (const response of responses) assert.strictEqual(response.accessToken, accessToken, response.message)
        }
        console.log(
          `concurrent refreshes: ${size} processes, 1 call and ${size} tokens, in ${times.join(", ")} seconds`
        )
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    Duration.toMillis("10 minutes")
  )

  it.live(
    "by 16 processes of the official library make more calls, and some processes get no token",
    () =>
      Effect.gen(function* () {
        const { aws, directory } = yield* ExpiredSession.home
        const { baseUrl } = yield* IdentityCenter.IdentityCenter
        const old = yield* ExpiredSession.make(aws, "team")
        const workers = yield* startMany(
          16,
          Worker.start(Worker.official, { HOME: directory, AWS_ENDPOINT_URL_SSO_OIDC: baseUrl })
        )
        yield* Emulator.latency("50 millis")
        const responses = yield* askAll(workers, { profile: "dev" })
        const calls = yield* old.calls
        const tokens = responses.filter(({ accessToken }) => accessToken !== undefined)
        console.log(`concurrent refreshes: 16 processes of fromSso, ${calls.length} calls and ${tokens.length} tokens`)
        assert.isAbove(calls.length, 1)
        assert.isBelow(tokens.length, 16)
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer)),
    { timeout: Duration.toMillis("5 minutes"), ...slow }
  )
})
