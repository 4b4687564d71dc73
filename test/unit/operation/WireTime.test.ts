import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Result, Schema } from "effect"
import { RegisterClientOutput } from "../../../src/operation/RegisterClient.ts"
import { Timestamp } from "../../../src/operation/Timestamp.ts"
import {
  DateTimeUtcFromMillis,
  DateTimeUtcFromSeconds,
  DurationFromSeconds,
  ExpiryFromSeconds,
  LifetimeFromSeconds
} from "../../../src/operation/WireTime.ts"

describe("DurationFromSeconds", () => {
  it("reads seconds and writes whole seconds", () => {
    assert.deepStrictEqual(Schema.decodeSync(DurationFromSeconds)(90), Duration.seconds(90))
    assert.strictEqual(Schema.encodeSync(DurationFromSeconds)(Duration.millis(1999)), 1)
  })

  it.each([-1, 0.5, 2 ** 31, 9e15, Infinity, "600", null])("refuses %s", (seconds) => {
    assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(DurationFromSeconds)(seconds)))
  })

  it.each([Duration.seconds(-1), Duration.seconds(2 ** 31), Duration.infinity])("does not write %s", (duration) => {
    assert.isTrue(Result.isFailure(Schema.encodeResult(DurationFromSeconds)(duration)))
  })
})

describe("LifetimeFromSeconds", () => {
  it("reads a lifetime out of range as the longest one, so that the token of the response is not lost", () => {
    for (const seconds of [2 ** 31, 9e15]) {
      assert.deepStrictEqual(Schema.decodeSync(LifetimeFromSeconds)(seconds), Duration.seconds(2 ** 31 - 1))
    }
    assert.deepStrictEqual(Schema.decodeSync(LifetimeFromSeconds)(28_800), Duration.hours(8))
  })

  it.each([-1, 0.5, Infinity, "600", null])("refuses %s", (seconds) => {
    assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(LifetimeFromSeconds)(seconds)))
  })
})

describe.each([
  ["DateTimeUtcFromSeconds", DateTimeUtcFromSeconds, 1],
  ["DateTimeUtcFromMillis", DateTimeUtcFromMillis, 1000]
] as const)("%s", (_, schema, unit) => {
  it.prop(
    "reads dates that a file can hold, and writes them back",
    [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799 }))],
    ([seconds]) => {
      const time = Schema.decodeSync(schema)(seconds * unit)
      assert.strictEqual(DateTime.toEpochMillis(time), seconds * 1000)
      assert.strictEqual(Schema.encodeSync(schema)(time), seconds * unit)
      const written = Schema.encodeSync(Timestamp)(time)
      assert.isTrue(DateTime.Equivalence(Schema.decodeSync(Timestamp)(written), time))
    }
  )

  it.each([-1, 253_402_300_800, 9e15, 0.5 / unit, "1"])("refuses %s", (seconds) => {
    const value = typeof seconds === "number" ? seconds * unit : seconds
    assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(schema)(value)))
  })
})

describe("ExpiryFromSeconds", () => {
  const Expiring = Schema.Struct({ expiresAt: ExpiryFromSeconds })

  it("is absent where the service sends 0 or nothing", () => {
    assert.deepStrictEqual(Schema.decodeSync(Expiring)({ expiresAt: 0 }), {})
    assert.deepStrictEqual(Schema.decodeSync(Expiring)({}), {})
    assert.deepStrictEqual(Schema.encodeSync(Expiring)({}), {})
  })

  it("is a date otherwise, and is encoded in whole seconds", () => {
    const { expiresAt } = Schema.decodeSync(Expiring)({ expiresAt: 7_776_000 })
    assert.strictEqual(expiresAt && DateTime.formatIso(expiresAt), "1970-04-01T00:00:00.000Z")
    const fraction = DateTime.makeUnsafe(7_776_000_999)
    assert.deepStrictEqual(Schema.encodeSync(Expiring)({ expiresAt: fraction }), { expiresAt: 7_776_000 })
  })

  it.each([-1, 253_402_300_800, 0.5, "1"])("refuses %s, and names the member", (clientSecretExpiresAt) => {
    const output = { clientId: "a", clientSecret: "b", clientSecretExpiresAt }
    const result = Schema.decodeUnknownResult(RegisterClientOutput)(output)
    assert.include(Result.isFailure(result) ? result.failure.message : "", "clientSecretExpiresAt")
  })
})

describe("Timestamp", () => {
  it("neither reads nor writes a date beyond the year 9999", () => {
    assert.isTrue(Result.isFailure(Schema.decodeResult(Timestamp)("9999-12-31T23:59:59-01:00")))
    assert.isTrue(Result.isSuccess(Schema.decodeResult(Timestamp)("9999-12-31T23:59:59Z")))
    assert.isTrue(Result.isFailure(Schema.encodeResult(Timestamp)(DateTime.makeUnsafe(253_402_300_800_000))))
  })
})
