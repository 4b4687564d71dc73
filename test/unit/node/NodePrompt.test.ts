import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer, Ref, Stdio, Terminal } from "effect"
import * as NodePrompt from "../../../src/node/NodePrompt.ts"
import { prompting, redirecting } from "../../support/PromptStates.ts"

interface Place {
  readonly env?: Record<string, string>
  /** Whether a person sits at a terminal. */
  readonly terminal?: boolean
  readonly openBrowser?: boolean
}

const pasted = "http://127.0.0.1:4711/oauth/callback?code=c&state=s"

/** The prompt of a place, and what it said. */
const promptIn = ({ env = {}, openBrowser = true, terminal = true }: Place) =>
  Effect.gen(function* () {
    const said = yield* Ref.make<ReadonlyArray<string>>([])
    const say = (text: string) => Ref.update(said, (all) => [...all, text])
    const prompt = yield* NodePrompt.extend({ show: (state) => say(state._tag) }, { openBrowser, say }).pipe(
      Effect.provide(
        Layer.mergeAll(
          FileSystem.layerNoop({ exists: () => Effect.succeed(false) }),
          Stdio.layerTest({
            stdinIsTerminal: Effect.succeed(terminal),
            stderrIsTerminal: Effect.succeed(terminal)
          }),
          Layer.succeed(
            Terminal.Terminal,
            Terminal.make({
              columns: Effect.succeed(80),
              rows: Effect.succeed(24),
              size: Effect.die("unused"),
              readInput: Effect.die("unused"),
              readLine: Effect.succeed(pasted),
              display: () => Effect.void
            })
          ),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
        )
      )
    )
    return { prompt, said: Ref.get(said) }
  })

const canOpen = (place: Place) =>
  Effect.flatMap(promptIn(place), ({ prompt }) => prompt.canOpenBrowser ?? Effect.succeed(false))

const browser = { BROWSER: "/nonexistent/browser" }

describe("NodePrompt", () => {
  for (const [where, place, expected] of [
    ["with a browser and a terminal", { env: browser }, true],
    ["without a terminal", { env: browser, terminal: false }, false],
    ["where BROWSER says that there is none", { env: { DISPLAY: ":0", BROWSER: "none" } }, false],
    ["where it is told not to", { env: browser, openBrowser: false }, false]
  ] as const) {
    it.effect(`says that a browser ${expected ? "can" : "cannot"} be opened ${where}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* canOpen(place), expected)
      })
    )
  }

  it.live("shows the link of the device flow as a QR code first, on a terminal of colours", () =>
    Effect.gen(function* () {
      const { prompt, said } = yield* promptIn({ env: { TERM: "xterm-256color" }, openBrowser: false })
      yield* prompt.show(prompting)
      const [code = "", ...rest] = yield* said
      const [line = ""] = code.split("\n")
      assert.isTrue(line.startsWith("\u001B[97;40m█") && line.endsWith("█\u001B[0m"))
      assert.deepStrictEqual(rest, ["Prompting"])
    })
  )

  for (const [where, place] of [
    ["without colours", { env: { NO_COLOR: "1" } }],
    ["on a dumb terminal", { env: { TERM: "dumb" } }],
    ["without a terminal", { terminal: false }]
  ] as const) {
    it.live(`shows no QR code ${where}`, () =>
      Effect.gen(function* () {
        const { prompt, said } = yield* promptIn({ ...place, openBrowser: false })
        yield* prompt.show(prompting)
        assert.deepStrictEqual(yield* said, ["Prompting"])
      })
    )
  }

  it.effect("takes what the person pastes on a terminal, and says that they can", () =>
    Effect.gen(function* () {
      const { prompt, said } = yield* promptIn({ openBrowser: false })
      yield* prompt.show(redirecting)
      const [, hint = ""] = yield* said
      assert.include(hint, "paste here the address")
      assert.strictEqual(yield* prompt.pastedUrl ?? Effect.succeed("nothing"), pasted)
    })
  )

  it.effect("asks nobody to paste where there is no terminal", () =>
    Effect.gen(function* () {
      const { prompt, said } = yield* promptIn({ openBrowser: false, terminal: false })
      yield* prompt.show(redirecting)
      assert.deepStrictEqual(yield* said, ["Redirecting"])
      assert.isUndefined(prompt.pastedUrl)
    })
  )
})
