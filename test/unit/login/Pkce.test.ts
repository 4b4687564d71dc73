import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Pkce from "../../../src/login/Pkce.ts"

describe("Pkce", () => {
  it.effect("makes the challenge of the RFC's own verifier (RFC 7636, appendix B)", () =>
    Effect.gen(function* () {
      const challenge = yield* Pkce.challengeOf(Redacted.make("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
      assert.strictEqual(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    })
  )

  it.effect("makes a different verifier of 64 unreserved characters each time", () =>
    Effect.gen(function* () {
      const verifiers = yield* Effect.all(Array.from({ length: 200 }, () => Pkce.makeVerifier))
      for (const verifier of verifiers) assert.match(Redacted.value(verifier), /^[A-Za-z0-9._~-]{64}$/)
      assert.strictEqual(new Set(verifiers.map(Redacted.value)).size, 200)
    })
  )

  it.effect("pairs a verifier with its challenge", () =>
    Effect.gen(function* () {
      const { challenge, method, verifier } = yield* Pkce.make
      assert.strictEqual(method, "S256")
      assert.strictEqual(challenge, yield* Pkce.challengeOf(verifier))
    })
  )
})
