import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { readCallback } from "../../../src/login/RedirectListener.ts"

const state = Redacted.make("state-of-this-request")
const callback = (query: string, path = "/oauth/callback") => `http://127.0.0.1:4711${path}?${query}`

const refusal = (url: string) =>
  Result.match(readCallback(url, state), { onFailure: ({ reason }) => reason, onSuccess: () => "taken" as const })

describe("RedirectListener.readCallback", () => {
  it.effect("takes the code of a callback that carries the state", () =>
    Effect.gen(function* () {
      const answer = yield* Effect.fromResult(readCallback(callback("code=c%2B1&state=state-of-this-request"), state))
      assert.strictEqual(Redacted.value(yield* Effect.fromResult(answer)), "c+1")
    })
  )

  for (const [what, url, reason] of [
    ["another state", callback("code=c&state=other"), "WrongState"],
    ["a state that begins like ours", callback("code=c&state=state-of-this-request2"), "WrongState"],
    ["the beginning of our state", callback("code=c&state=state"), "WrongState"],
    ["no state", callback("code=c"), "MissingState"],
    ["an empty state", callback("code=c&state="), "MissingState"],
    ["an error with another state", callback("error=access_denied&state=other"), "WrongState"],
    ["an error without a state", callback("error=access_denied"), "MissingState"],
    ["neither a code nor an error", callback("state=state-of-this-request"), "MissingCode"],
    ["another path", callback("code=c&state=state-of-this-request", "/oauth/callback2"), "WrongPath"],
    ["no URL", "code=c&state=state-of-this-request", "WrongPath"]
  ] as const) {
    it(`refuses ${what} as ${reason}`, () => {
      assert.strictEqual(refusal(url), reason)
    })
  }

  it.effect("gives the denial of the person as AccessDeniedException, and other errors with their words", () =>
    Effect.gen(function* () {
      const read = Effect.fnUntraced(function* (query: string) {
        const answer = yield* Effect.fromResult(readCallback(callback(`${query}&state=state-of-this-request`), state))
        return yield* Effect.flip(Effect.fromResult(answer))
      })
      const denied = yield* read("error=access_denied&error_description=no")
      assert.strictEqual(denied._tag, "AccessDeniedException")
      assert.strictEqual(denied.message, "no")
      const failed = yield* read("error=invalid_scope&error_description=what+is+that")
      assert.strictEqual(failed._tag, "AuthorizationFailed")
      assert.include(failed.message, "what is that")
    })
  )
})
