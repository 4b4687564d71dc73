import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import { TestClock } from "effect/testing"
import * as LocalLeases from "../../../src/store/LocalLeases.ts"

/** Holds a lease until the fiber is interrupted. */
const hold = (leases: LocalLeases.LocalLeases, key: string) =>
  Effect.forkChild(Effect.scoped(Effect.andThen(leases.acquire(key), Effect.never)), { startImmediately: true })

describe("LocalLeases", () => {
  it.effect("has one holder for each key at a time", () =>
    Effect.gen(function* () {
      const leases = yield* LocalLeases.make
      const holders = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const work = Effect.gen(function* () {
        yield* leases.acquire("a")
        const n = yield* Ref.updateAndGet(holders, (n) => n + 1)
        yield* Ref.update(most, (m) => Math.max(m, n))
        yield* Effect.yieldNow
        yield* Ref.update(holders, (n) => n - 1)
      }).pipe(Effect.scoped)
      yield* Effect.replicateEffect(work, 20, { concurrency: "unbounded" })
      assert.strictEqual(yield* Ref.get(most), 1)
      assert.deepStrictEqual(yield* leases.keys, [])
    })
  )

  it.effect("remembers only the keys of leases that are held or waited for", () =>
    Effect.gen(function* () {
      const leases = yield* LocalLeases.make
      const holder = yield* hold(leases, "a")
      const waiting = yield* hold(leases, "a")
      yield* Effect.scoped(leases.acquire("b"))
      assert.deepStrictEqual(yield* leases.keys, ["a"])
      yield* Fiber.interrupt(holder)
      assert.deepStrictEqual(yield* leases.keys, ["a"])
      yield* Fiber.interrupt(waiting)
      assert.deepStrictEqual(yield* leases.keys, [])
    })
  )

  it.effect("fails after the acquire timeout of a minute", () =>
    Effect.gen(function* () {
      const leases = yield* LocalLeases.make
      const holder = yield* hold(leases, "a")
      const waiting = yield* Effect.forkChild(Effect.flip(Effect.scoped(leases.acquire("a"))))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(waiting)).reason._tag, "StoreUnavailable")
      yield* Fiber.interrupt(holder)
    })
  )
})
