import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Layer, References } from "effect"
import * as Log from "../../../src/cli/terminal/Log.ts"
import { Stderr } from "../../../src/cli/terminal/Stderr.ts"

/** Runs a program with the logger of the command. Returns the lines that standard error receives. */
const logged = Effect.fnUntraced(function* (program: Effect.Effect<void>) {
  const lines: Array<string> = []
  const saySync = (text: string): void => {
    lines.push(...text.split("\n"))
  }
  const stderr = Stderr.of({
    canRedraw: false,
    canColor: false,
    emphasize: (text) => text,
    say: (text) => Effect.sync(() => saySync(text)),
    saySync,
    sayStyled: (text) => Effect.sync(() => saySync(text)),
    draw: () => Effect.void
  })
  yield* program.pipe(
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.provide(Layer.provide(Log.layer, Layer.succeed(Stderr, stderr)))
  )
  return lines
})

describe("Log", () => {
  it.effect("prefixes each line with its level", () =>
    Effect.gen(function* () {
      const lines = yield* logged(
        Effect.all(
          [
            Effect.logTrace("one"),
            Effect.logDebug("two"),
            Effect.logInfo("three"),
            Effect.logWarning("four"),
            Effect.logError("five"),
            Effect.logFatal("six")
          ],
          { discard: true }
        )
      )
      assert.deepStrictEqual(lines, [
        "effect-sso: trace: one",
        "effect-sso: debug: two",
        "effect-sso: three",
        "effect-sso: warning: four",
        "effect-sso: error: five",
        "effect-sso: error: six"
      ])
    })
  )

  it.effect("shows a warning once, and every other line each time", () =>
    Effect.gen(function* () {
      const twice = (effect: Effect.Effect<void>) => Effect.andThen(effect, effect)
      assert.deepStrictEqual(yield* logged(twice(Effect.logWarning("a"))), ["effect-sso: warning: a"])
      assert.lengthOf(yield* logged(twice(Effect.logDebug("a"))), 2)
    })
  )

  it.effect("keeps text from a server on one line, without control characters", () =>
    Effect.gen(function* () {
      const description = "denied\r\neffect-sso: warning: run this\u001B[2J\u001B]0;title\u0007\u202Eabc\u009B31m"
      assert.deepStrictEqual(yield* logged(Effect.logWarning(description)), [
        "effect-sso: warning: denied effect-sso: warning: run this [2J ]0;title abc 31m"
      ])
    })
  )

  it.effect("shows a cause with its stack, and without what can be a secret", () =>
    Effect.gen(function* () {
      const error = new TypeError('Unexpected token, "{"accessTok"... is not JSON: aoa0123456789abcdefXYZ\u001B[2J')
      const [first, second = "", ...stack] = yield* logged(Effect.logDebug("unexpected error", Cause.die(error)))
      assert.strictEqual(first, "effect-sso: debug: unexpected error")
      assert.match(second, /^TypeError: Unexpected token, "<redacted>"/)
      assert.include(second, "is not JSON: <redacted> [2J")
      assert.match(stack.join("\n"), /^ {4}at .*Log\.test\.ts/)
      for (const hidden of ["accessTok", "aoa0123", "\u001B"]) assert.notInclude([second, ...stack].join(), hidden)
    })
  )
})
