/**
 * Processes that are suspended, or busy with something else, while they refresh a token. Their lease expires, another
 * process refreshes, and then they continue.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import { suspendAt } from "../support/SuspendedWorker.ts"
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
        const question = { directory, endpoint, timeToLive }
        if (yield* suspendAt(stopAt, [suspended, other], old, question)) blocked.add(stopAt)
      }
      console.log(
        `suspended refresh: ${steps} steps; at ${blocked.size} of them, the other process got no token until the suspended one continued`
      )
    }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )
})
