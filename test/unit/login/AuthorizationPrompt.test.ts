import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Ref } from "effect"
import { TestConsole } from "effect/testing"
import * as AuthorizationPrompt from "../../../src/login/AuthorizationPrompt.ts"
import { LoginState } from "../../../src/login/LoginState.ts"
import { prompting, redirecting, timeLeft } from "../../support/PromptStates.ts"

const show = (...states: ReadonlyArray<LoginState>) =>
  Effect.flatMap(AuthorizationPrompt.AuthorizationPrompt, (prompt) =>
    Effect.forEach(states, prompt.show, { discard: true })
  )

describe("AuthorizationPrompt", () => {
  it.effect("prints the page and the code on standard error, and nothing else", () =>
    Effect.gen(function* () {
      yield* show(
        prompting,
        LoginState.cases.Pending.make({ timeLeft, nextPoll: Duration.seconds(5) }),
        LoginState.cases.SlowedDown.make({ timeLeft, interval: Duration.seconds(10) })
      )
      const [text, ...more] = yield* TestConsole.errorLines
      assert.deepStrictEqual(
        String(text)
          .split("\n")
          .filter((line) => line !== ""),
        [
          "To sign in, open this page in a browser:",
          "  https://device.example/",
          "and enter the code:",
          "  ABCD-EFGH",
          "This link contains the code. Compare it there:",
          "  https://device.example/?user_code=ABCD-EFGH"
        ]
      )
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
    }).pipe(Effect.provide(AuthorizationPrompt.layerConsole))
  )

  it.effect("prints the page of the browser flow", () =>
    Effect.gen(function* () {
      yield* show(redirecting)
      assert.include(String((yield* TestConsole.errorLines)[0]), "  https://oidc.example/authorize?state=s")
    }).pipe(Effect.provide(AuthorizationPrompt.layerConsole))
  )

  it("removes characters that control the terminal or reorder text", () => {
    const text = AuthorizationPrompt.instructions({
      ...prompting,
      userCode: "\u001B[2JABCD\u202Eabcd\u2066",
      verificationUri: "https://device.example/\r\nEvil: yes\u009B31m\u2028Evil: yes\u200F"
    })
    assert.notMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
    assert.include(text, "https://device.example/Evil: yes31mEvil: yes")
  })

  it.effect("shows nothing with layerSilent", () =>
    Effect.gen(function* () {
      yield* show(prompting, redirecting)
      assert.deepStrictEqual(yield* TestConsole.errorLines, [])
      assert.deepStrictEqual(yield* TestConsole.logLines, [])
    }).pipe(Effect.provide(AuthorizationPrompt.layerSilent))
  )

  it.effect("records the states with layerRecorded", () =>
    Effect.gen(function* () {
      yield* show(prompting, redirecting)
      assert.deepStrictEqual(yield* Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get), [prompting, redirecting])
    }).pipe(Effect.provide(AuthorizationPrompt.layerRecorded))
  )
})
