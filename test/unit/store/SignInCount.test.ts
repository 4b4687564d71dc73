import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as SignInCount from "../../../src/store/SignInCount.ts"

describe("SignInCount", () => {
  it.effect("changes the number of the session that changed only", () =>
    Effect.gen(function* () {
      const count = yield* SignInCount.make()
      const before = yield* count.get("a")
      assert.strictEqual(yield* count.get("b"), before)
      yield* count.increment("a")
      assert.notStrictEqual(yield* count.get("a"), before)
      assert.strictEqual(yield* count.get("b"), before)
    })
  )

  it.effect.prop(
    "never gives a session its earlier number after a change, with a capacity of 4",
    [Arbitrary.schema(Schema.Array(Schema.Literals(["a", "b", "c", "d", "e", "f", "g", "h"])))],
    ([changes]) =>
      Effect.gen(function* () {
        const count = yield* SignInCount.make(4)
        const seen = new Map<string, Set<number>>()
        for (const changed of changes) {
          for (const session of ["a", "b", "c", "d", "e", "f", "g", "h"]) {
            const numbers = seen.get(session) ?? new Set()
            seen.set(session, numbers.add(yield* count.get(session)))
          }
          yield* count.increment(changed)
          assert.isFalse(seen.get(changed)?.has(yield* count.get(changed)))
        }
      })
  )
})
