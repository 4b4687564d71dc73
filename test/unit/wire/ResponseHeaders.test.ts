import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { Headers } from "effect/http"
import * as ResponseHeaders from "../../../src/wire/ResponseHeaders.ts"

describe("ResponseHeaders.retryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z")
  const huge = "9".repeat(400)

  it.each([
    [{}, undefined],
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": " 3 " }, 3000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }, 7000],
    [{ "retry-after": "Wed, 31 Dec 2025 23:59:59 GMT" }, 0],
    [{ "retry-after": "-3" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "x-amz-retry-after": "1500" }, 1500],
    [{ "x-amz-retry-after": " 1500 " }, 1500],
    [{ "x-amz-retry-after": "0" }, 0],
    [{ "x-amz-retry-after": "-1" }, undefined],
    [{ "x-amz-retry-after": "1.5" }, undefined],
    [{ "x-amz-retry-after": "soon" }, undefined],
    [{ "retry-after": "3", "x-amz-retry-after": "1500" }, 3000],
    [{ "retry-after": "soon", "x-amz-retry-after": "1500" }, 1500],
    [{ "x-amz-retry-after": huge }, Infinity]
  ])("parses %j as %s milliseconds", (headers, millis) => {
    const wait = ResponseHeaders.retryAfter(Headers.fromInput(headers), now)
    assert.strictEqual(wait === undefined ? undefined : Duration.toMillis(wait), millis)
  })
})
