/** Sign-ins whose token could not be stored: they must fail before the user is asked. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { Redis } from "effect/persistence"
import { AuthorizationPrompt, Login, SsoOidc, SsoStore, StoreError } from "../../src/index.ts"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Command from "../support/Command.ts"
import * as RedisServer from "../support/RedisServer.ts"
import { session } from "../support/Session.ts"

/** A home directory, and an emulator that commands use from there. */
const home = Command.Home.layer.pipe(Layer.provide(Command.Emulator.layer([])), Layer.provideMerge(NodeServices.layer))

describe("a sign-in", () => {
  it.live("fails before it shows a code if the directory of tokens cannot be made", () =>
    Effect.gen(function* () {
      const { directory } = yield* Command.Home
      // A file where there should be a directory stops every user, even root
      yield* Command.write(`${directory}/.aws/sso`, "")
      const { exitCode, stderr } = yield* Command.run(["login", ...Command.session, "--flow", "device"])
      assert.strictEqual(exitCode, 1)
      assert.match(stderr, /ENOTDIR|EEXIST/)
      assert.notInclude(stderr, "user_code")
    }).pipe(Effect.scoped, Effect.provide(home))
  )

  it.live.skipIf(!RedisServer.hasRedis)("fails before it shows a code if Redis refuses writes", () =>
    Effect.gen(function* () {
      const { send } = yield* Redis.Redis
      const { requests } = yield* IdentityCenter.IdentityCenter
      yield* send("CONFIG", "SET", "maxmemory", "1")
      const error = yield* Effect.flip(Login.device(session))
      assert.instanceOf(error, StoreError.StoreError)
      assert.include(error.message, "OOM")
      assert.deepStrictEqual(yield* requests, [])
      assert.deepStrictEqual(yield* Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get), [])

      yield* send("CONFIG", "SET", "maxmemory", "0")
      yield* Login.device(session)
    }).pipe(
      Effect.provide(
        Layer.mergeAll(SsoStore.layerRedis(), SsoOidc.layer(), AuthorizationPrompt.layerRecorded).pipe(
          Layer.provideMerge(Layer.mergeAll(RedisServer.connection, IdentityCenter.layer({ autoApprove: 0 }))),
          Layer.provide(RedisServer.layer)
        )
      )
    )
  )
})
