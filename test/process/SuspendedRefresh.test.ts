/**
 * Processes that are suspended, or busy with something else, while they refresh a token. Their lease expires, another
 * process refreshes, and then they continue.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import * as Worker from "../support/Worker.ts"
import { sample } from "../support/Sample.ts"

/** The time to live of a lease, in milliseconds. */
const timeToLive = 150

describe("A process that is suspended during a refresh", () => {
  it.live("does no harm when it continues, at any step: there is one refresh, and all processes get its token", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
      const suspended = yield* Worker.start(Worker.ours)
      const other = yield* Worker.start(Worker.ours)
      const undisturbed = yield* ExpiredSession.make(directory, "undisturbed")
      const { steps = 0 } = Option.getOrThrow(
        yield* suspended.ask({ directory, endpoint, session: undisturbed.session })
      )
      assert.isAbove(steps, 40)

      const blocked = new Set<number>()
      for (let stopAt = 1; stopAt <= steps; stopAt += sample(1, 20)) {
        const old = yield* ExpiredSession.make(directory, `step-${stopAt}`)
        const question = { directory, endpoint, session: old.session, timeToLive }
        const before = yield* old.kept
        assert.isTrue(Option.getOrThrow(yield* suspended.ask({ ...question, stopAt })).stopped)
        const meanwhile = Option.getOrThrow(yield* other.ask(question))
        const left = yield* old.kept
        const continued = Option.getOrThrow(yield* suspended.continue)
        const after = Option.getOrThrow(yield* other.ask(question))
        const kept = yield* old.kept
        const calls = yield* old.calls
        const state = JSON.stringify({ stopAt, meanwhile, continued, after, kept, calls })

        assert.deepStrictEqual([continued.accessToken, after.accessToken], [kept.accessToken, kept.accessToken], state)
        assert.strictEqual(calls.filter((call) => call === "200").length, 1, state)
        assert.isTrue(yield* old.spend, state)
        if (meanwhile.error === undefined) {
          assert.strictEqual(meanwhile.accessToken, kept.accessToken, state)
        } else {
          // The service has rotated the refresh token, and only the suspended process has the response: until it continues, no process can get a token
          assert.strictEqual(meanwhile.reason, "RefreshRejected", state)
          assert.strictEqual(left.refreshToken, before.refreshToken, state)
          blocked.add(stopAt)
        }
      }
      console.log(
        `suspended refresh: ${steps} steps; at ${blocked.size} of them, the other process got no token until the suspended one continued`
      )
    }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )
})
