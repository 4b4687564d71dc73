/**
 * A real browser: the Chromium that is installed, without a window, driven by Playwright.
 */
import { existsSync } from "node:fs"
import { assert } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import type { BrowserContextOptions, Page } from "playwright-core"

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium"

const playwright = await import("playwright-core").catch(() => undefined)

/** Why there is none; `undefined` where there is one. */
export const missing: string | undefined =
  playwright === undefined
    ? "playwright-core is not installed"
    : existsSync(executablePath)
      ? undefined
      : `there is no ${executablePath}: install chromium, or name it in CHROMIUM`

// It runs as root in containers, draws without a graphics card, and makes no requests of its own
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** A tab of its own, and what its pages complained of and asked for. */
export interface Tab {
  readonly page: Page
  /** What the console and the page said: errors, warnings, refusals by the Content-Security-Policy. */
  readonly complaints: ReadonlyArray<string>
  /** The addresses of all requests. */
  readonly requests: ReadonlyArray<string>
}

export class Chromium extends Context.Service<
  Chromium,
  {
    /** A tab without history, cookies and scripts, unless the options say otherwise. */
    readonly open: (options?: BrowserContextOptions) => Effect.Effect<Tab, never, Scope.Scope>
  }
>()("test/Chromium") {}

export const layer: Layer.Layer<Chromium> = Layer.effect(
  Chromium,
  Effect.gen(function* () {
    const browser = yield* Effect.acquireRelease(
      Effect.promise(async () =>
        playwright === undefined ? assert.fail(missing) : playwright.chromium.launch({ executablePath, args })
      ),
      (browser) => Effect.promise(() => browser.close())
    )
    return Chromium.of({
      open: Effect.fnUntraced(function* (options) {
        const context = yield* Effect.acquireRelease(
          Effect.promise(() => browser.newContext({ javaScriptEnabled: false, ...options })),
          (context) => Effect.promise(() => context.close())
        )
        const page = yield* Effect.promise(() => context.newPage())
        const complaints: Array<string> = []
        const requests: Array<string> = []
        page.on("console", (message) => complaints.push(message.text()))
        page.on("pageerror", (error) => complaints.push(error.message))
        page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
        page.on("request", (request) => requests.push(request.url()))
        return { page, complaints, requests }
      })
    })
  })
)
