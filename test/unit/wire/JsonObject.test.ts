import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as JsonObject from "../../../src/wire/JsonObject.ts"

describe("JsonObject.parse", () => {
  it.each([
    ["", "it is empty"],
    [" \r\n", "it is empty"],
    ["<html>secret", "it is HTML or XML"],
    ["\n<?xml", "it is HTML or XML"],
    ['{"a":"secret', "it is not valid JSON"],
    ["secret", "it is not valid JSON"],
    ['["secret"]', "it is JSON, but not an object"],
    ['"secret"', "it is JSON, but not an object"],
    ["null", "it is JSON, but not an object"]
  ])("describes %j, and quotes nothing of it", (text, fault) => {
    assert.deepStrictEqual(JsonObject.parse(text), Result.fail(fault))
  })

  it.prop("parses any JSON object", [Schema.Record(Schema.String, Schema.Json)], ([object]) => {
    const text = JSON.stringify(object)
    assert.deepStrictEqual(JsonObject.parse(` ${text} `), Result.succeed(JSON.parse(text)))
  })
})

describe("JsonObject.withoutNulls", () => {
  it("removes null members, down to the eighth level", () => {
    assert.deepStrictEqual(
      JsonObject.withoutNulls({ a: null, b: { c: null, d: { e: null, f: 0 } }, g: [null], h: "", i: false }),
      { b: { d: { f: 0 } }, g: [null], h: "", i: false }
    )
  })

  it("removes null members of objects in lists, but no items of lists", () => {
    assert.deepStrictEqual(JsonObject.withoutNulls({ a: [{ b: null, c: 1 }, null, [{ d: null }, null], {}] }), {
      a: [{ c: 1 }, null, [{}, null], {}]
    })
  })

  it("handles very deep objects and names such as __proto__", () => {
    const depth = 100_000
    const nested = JSON.parse(`${'{"a":'.repeat(depth)}null${"}".repeat(depth)}`)
    assert.deepStrictEqual(Object.keys(JsonObject.withoutNulls(nested)), ["a"])
    const listed = JSON.parse(`{"a":${"[".repeat(depth)}null${"]".repeat(depth)}}`)
    assert.deepStrictEqual(Object.keys(JsonObject.withoutNulls(listed)), ["a"])
    const named = JsonObject.withoutNulls(JSON.parse('{"__proto__":{"a":1},"constructor":null}'))
    assert.deepStrictEqual(Object.keys(named), ["__proto__"])
    assert.isUndefined(named["a"])
  })
})
