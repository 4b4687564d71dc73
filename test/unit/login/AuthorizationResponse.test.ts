import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { read } from "../../../src/login/AuthorizationResponse.ts"

const state = Redacted.make("state-of-this-request")
const callback = (query: string, path = "/oauth/callback") => `http://127.0.0.1:4711${path}?${query}`

const refusal = (url: string) =>
  Result.match(read(url, state), { onFailure: ({ reason }) => reason, onSuccess: () => "accepted" as const })

describe("AuthorizationResponse.read", () => {
  it.effect("accepts the code of a callback that carries the state", () =>
    Effect.gen(function* () {
      const response = yield* Effect.fromResult(read(callback("code=c%2B1&state=state-of-this-request"), state))
      assert.strictEqual(Redacted.value(yield* Effect.fromResult(response)), "c+1")
    })
  )

  for (const [what, url, reason] of [
    ["another state", callback("code=c&state=other"), "WrongState"],
    ["a state that begins like ours", callback("code=c&state=state-of-this-request2"), "WrongState"],
    ["the beginning of our state", callback("code=c&state=state"), "WrongState"],
    ["a state that differs in one character", callback("code=c&state=state-of-this-requesT"), "WrongState"],
    ["no state", callback("code=c"), "MissingState"],
    ["an empty state", callback("code=c&state="), "MissingState"],
    ["an error with another state", callback("error=access_denied&state=other"), "WrongState"],
    ["an error without a state", callback("error=access_denied"), "MissingState"],
    ["neither a code nor an error", callback("state=state-of-this-request"), "MissingCode"],
    ["an empty code", callback("code=&state=state-of-this-request"), "MissingCode"],
    ["two states", callback("code=c&state=state-of-this-request&state=other"), "RepeatedParameter"],
    ["two codes", callback("code=c&code=d&state=state-of-this-request"), "RepeatedParameter"],
    ["another path", callback("code=c&state=state-of-this-request", "/oauth/callback2"), "WrongPath"],
    ["text that is not a URL", "code=c&state=state-of-this-request", "WrongPath"]
  ] as const) {
    it(`refuses ${what} as ${reason}`, () => {
      assert.strictEqual(refusal(url), reason)
    })
  }

  it("ignores unknown parameters, repeated or not (RFC 6749 §4.1.2)", () => {
    assert.strictEqual(refusal(callback("code=c&state=state-of-this-request&more=1&more=2")), "accepted")
  })

  it.effect("returns the denial of the user as AccessDeniedException, and another error with its description", () =>
    Effect.gen(function* () {
      const errorOf = Effect.fnUntraced(function* (query: string) {
        const response = yield* Effect.fromResult(read(callback(`${query}&state=state-of-this-request`), state))
        return yield* Effect.flip(Effect.fromResult(response))
      })
      const denied = yield* errorOf("error=access_denied&error_description=no")
      assert.strictEqual(denied._tag, "AccessDeniedException")
      assert.strictEqual(denied.message, "no")
      const failed = yield* errorOf("error=invalid_scope&error_description=what+is+that")
      assert.strictEqual(failed._tag, "AuthorizationFailed")
      assert.include(failed.message, "what is that")
    })
  )
})
