/**
 * Processes that stand still while they renew a token, suspended or busy with something else, until another has taken
 * them for dead, and that then go on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as OldSession from "../support/OldSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample } from "../support/Sample.ts"

/** How long they may stand still before they are taken for dead, in milliseconds. */
const silence = 150

describe("a process that stands still in a renewal", () => {
  it.live("does no harm when it goes on, wherever it was: one renewal, and everybody ends with its token", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
      const sleeper = yield* Worker.start(Worker.ours)
      const other = yield* Worker.start(Worker.ours)
      const undisturbed = yield* OldSession.make(directory, "undisturbed")
      const { steps = 0 } = Option.getOrThrow(yield* sleeper.ask({ directory, endpoint, session: undisturbed.session }))
      assert.isAbove(steps, 40)

      const without = new Set<number>()
      for (let stopAt = 1; stopAt <= steps; stopAt += sample(1, 20)) {
        const old = yield* OldSession.make(directory, `step-${stopAt}`)
        const question = { directory, endpoint, session: old.session, silence }
        const before = yield* old.kept
        assert.isTrue(Option.getOrThrow(yield* sleeper.ask({ ...question, stopAt })).stopped)
        const meanwhile = Option.getOrThrow(yield* other.ask(question))
        const left = yield* old.kept
        const slept = Option.getOrThrow(yield* sleeper.goOn)
        const after = Option.getOrThrow(yield* other.ask(question))
        const kept = yield* old.kept
        const calls = yield* old.calls
        const about = JSON.stringify({ stopAt, meanwhile, slept, after, kept, calls })

        assert.deepStrictEqual([slept.accessToken, after.accessToken], [kept.accessToken, kept.accessToken], about)
        assert.strictEqual(calls.filter((call) => call === "200").length, 1, about)
        assert.isTrue(yield* old.spend, about)
        if (meanwhile.error === undefined) {
          assert.strictEqual(meanwhile.accessToken, kept.accessToken, about)
        } else {
          // The service has rotated, and the sleeper alone has the answer: until it goes on, nobody can have a token
          assert.strictEqual(meanwhile.reason, "RefreshRejected", about)
          assert.strictEqual(left.refreshToken, before.refreshToken, about)
          without.add(stopAt)
        }
      }
      console.log(
        `standing still: ${steps} steps, at ${without.size} of which others were left without a token meanwhile`
      )
    }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )
})
