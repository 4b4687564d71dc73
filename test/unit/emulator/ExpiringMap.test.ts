import { assert, describe, it } from "@effect/vitest"
import * as ExpiringMap from "../../../src/emulator/model/ExpiringMap.ts"

interface Value {
  expiresAt: number
}

const make = () => ExpiringMap.make<Value>(({ expiresAt }) => expiresAt)

describe("an expiring map", () => {
  it("releases expired entries when a new one is added", () => {
    const map = make()
    map.set("a", { expiresAt: 100_000 }, 0)
    map.set("b", { expiresAt: 200_000 }, 0)
    map.set("c", { expiresAt: 300_000 }, 100_000)
    assert.isUndefined(map.get("a"))
    assert.deepStrictEqual(map.values(), [{ expiresAt: 200_000 }, { expiresAt: 300_000 }])
  })

  it("looks for expired entries at most once a minute", () => {
    const map = make()
    map.set("a", { expiresAt: 1 }, 0)
    map.set("b", { expiresAt: 100_000 }, 59_999)
    assert.isDefined(map.get("a"))
    map.set("c", { expiresAt: 100_000 }, 60_000)
    assert.isUndefined(map.get("a"))
    assert.lengthOf(map.values(), 2)
  })

  it("keeps an entry whose expiration was extended", () => {
    const map = make()
    const value = { expiresAt: 100_000 }
    map.set("a", value, 0)
    value.expiresAt = 200_000
    map.set("b", { expiresAt: 300_000 }, 100_000)
    assert.strictEqual(map.get("a"), value)
  })

  it("stays small while entries come and go", () => {
    const map = make()
    for (let now = 0; now < 1_000_000; now += 100) {
      map.set(String(now), { expiresAt: now + 10_000 }, now)
    }
    assert.isAtMost(map.values().length, 700)
  })
})
