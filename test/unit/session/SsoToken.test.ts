import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import { SsoToken } from "../../../src/session/SsoToken.ts"

const values = {
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
  accessToken: Redacted.make("access"),
  expiresAt: DateTime.makeUnsafe("2026-11-24T10:06:25Z")
}

describe("SsoToken", () => {
  it("does not compile with a string as its expiry", () => {
    // @ts-expect-error
    const make = () => new SsoToken({ ...values, expiresAt: "tomorrow" })
    assert.throws(make)
  })

  it("can be constructed from all values of its types", () => {
    const token = new SsoToken({ ...values, startUrl: "", region: "", clientId: "" })
    assert.strictEqual(token.clientId, "")
  })
})
