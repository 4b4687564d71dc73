import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer, Ref, Stdio, Terminal } from "effect"
import * as NodePrompt from "../../../src/node/NodePrompt.ts"
import { prompting, redirecting } from "../../support/PromptStates.ts"

interface Place {
  readonly env?: Record<string, string>
  /** Whether standard input and standard error are a terminal. */
  readonly terminal?: boolean
  readonly openBrowser?: boolean
}

const pasted = "http://127.0.0.1:4711/oauth/callback?code=c&state=s"

/** The prompt of a place, and what it printed. */
const promptIn = ({ env = {}, openBrowser = true, terminal = true }: Place) =>
  Effect.gen(function* () {
    const printed = yield* Ref.make<ReadonlyArray<string>>([])
    const print = (text: string) => Ref.update(printed, (all) => [...all, text])
    const prompt = yield* NodePrompt.extend({ show: (state) => print(state._tag) }, { openBrowser, print }).pipe(
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
    return { prompt, printed: Ref.get(printed) }
  })

const canOpen = (place: Place) =>
  Effect.flatMap(promptIn(place), ({ prompt }) => prompt.canOpenBrowser ?? Effect.succeed(false))

const browser = { BROWSER: "/nonexistent/browser" }

describe("NodePrompt", () => {
  for (const [where, place, expected] of [
    ["with a browser and a terminal", { env: browser }, true],
    ["without a terminal", { env: browser, terminal: false }, false],
    ["if BROWSER is none", { env: { DISPLAY: ":0", BROWSER: "none" } }, false],
    ["if openBrowser is false", { env: browser, openBrowser: false }, false]
  ] as const) {
    it.effect(`reports that a browser ${expected ? "can" : "cannot"} be opened ${where}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* canOpen(place), expected)
      })
    )
  }

  it.live("shows the link of the device flow as a QR code first, on a terminal with colors", () =>
    Effect.gen(function* () {
      const { prompt, printed } = yield* promptIn({ env: { TERM: "xterm-256color" }, openBrowser: false })
      yield* prompt.show(prompting)
      const [code = "", ...rest] = yield* printed
      const [line = ""] = code.split("\n")
      assert.isTrue(line.startsWith("\u001B[97;40m█") && line.endsWith("█\u001B[0m"))
      assert.deepStrictEqual(rest, ["Prompting"])
    })
  )

  it.live("leaves out the QR code of a link that is too long for one", () =>
    Effect.gen(function* () {
      const { prompt, printed } = yield* promptIn({ env: { TERM: "xterm-256color" }, openBrowser: false })
      yield* prompt.show({
        ...prompting,
        verificationUriComplete: `https://device.example/?user_code=${"A".repeat(4000)}`
      })
      assert.deepStrictEqual(yield* printed, ["Prompting"])
    })
  )

  for (const [where, place] of [
    ["without colors", { env: { NO_COLOR: "1" } }],
    ["on a dumb terminal", { env: { TERM: "dumb" } }],
    ["without a terminal", { terminal: false }]
  ] as const) {
    it.live(`shows no QR code ${where}`, () =>
      Effect.gen(function* () {
        const { prompt, printed } = yield* promptIn({ ...place, openBrowser: false })
        yield* prompt.show(prompting)
        assert.deepStrictEqual(yield* printed, ["Prompting"])
      })
    )
  }

  for (const [outcome, command, line] of [
    ["has opened", process.execPath, "Opened the page in the browser."],
    ["cannot be opened", "/nonexistent/browser", "The browser could not be opened: open the page yourself."]
  ] as const) {
    it.live(`reports that the browser ${outcome}`, () =>
      Effect.gen(function* () {
        const env = { BROWSER: `${command} --version` }
        const { prompt, printed } = yield* promptIn({ env, terminal: false })
        yield* Effect.forEach([prompting, redirecting], prompt.show).pipe(
          Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
        )
        assert.deepStrictEqual(yield* printed, ["Prompting", line, "Redirecting", line])
      })
    )
  }

  it.effect("accepts a pasted URL on a terminal, and prints a hint", () =>
    Effect.gen(function* () {
      const { prompt, printed } = yield* promptIn({ openBrowser: false })
      yield* prompt.show(redirecting)
      const [, hint = ""] = yield* printed
      assert.include(hint, "paste the URL")
      assert.strictEqual(yield* prompt.pastedUrl ?? Effect.succeed("nothing"), pasted)
    })
  )

  it.effect("does not ask for a pasted URL without a terminal", () =>
    Effect.gen(function* () {
      const { prompt, printed } = yield* promptIn({ openBrowser: false, terminal: false })
      yield* prompt.show(redirecting)
      assert.deepStrictEqual(yield* printed, ["Redirecting"])
      assert.isUndefined(prompt.pastedUrl)
    })
  )
})
