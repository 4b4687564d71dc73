import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { systemCode } from "../../../src/wire/SystemCode.ts"

const nested = (depth: number): unknown => (depth === 0 ? { code: "ECONNRESET" } : { cause: nested(depth - 1) })

const cycle: { cause?: unknown } = {}
cycle.cause = cycle

describe("systemCode", () => {
  it.each([
    [{ code: "ECONNREFUSED" }, "ECONNREFUSED"],
    [Object.assign(new Error("secret"), { code: "UND_ERR_SOCKET" }), "UND_ERR_SOCKET"],
    [new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }), "ENOTFOUND"],
    [{ code: "is no code", cause: { code: "EPIPE" } }, "EPIPE"],
    [{ code: 7, cause: { code: "EPIPE" } }, "EPIPE"],
    [nested(5), "ECONNRESET"],
    [nested(6), undefined],
    [cycle, undefined],
    [{ code: "" }, undefined],
    [new Error("secret"), undefined],
    ["ECONNREFUSED", undefined],
    [null, undefined],
    [undefined, undefined]
  ])("finds in %o the code %s", (error, code) => {
    assert.strictEqual(systemCode(error), code)
  })

  it.prop("accepts only a single word", [Schema.String], ([code]) => {
    assert.match(systemCode({ code }) ?? "", /^\w*$/)
  })
})
