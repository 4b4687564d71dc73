/**
 * The emulator's pages in a real browser, with scripts disabled. Screenshots are written to `build/screenshots` or to the
 * directory in SCREENSHOTS.
 */
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Chromium from "../support/Chromium.ts"
import { sampleOf } from "../support/Sample.ts"
import {
  address,
  authorizePath,
  deviceGrant,
  exchange,
  poll,
  register,
  registerBrowser,
  registeredUri,
  start
} from "../unit/emulator/support.ts"
import * as Accessibility from "./Accessibility.ts"

const center = IdentityCenter.IdentityCenter

const screenshots = process.env["SCREENSHOTS"] ?? fileURLToPath(new URL("../../build/screenshots", import.meta.url))

const served = (options?: IdentityCenter.IdentityCenterOptions) =>
  Layer.mergeAll(IdentityCenter.serve(options), NodeHttpClient.layerNodeHttp).pipe(
    Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
  )

/** An application that waits for the redirect on a loopback port. */
const listener = Effect.gen(function* () {
  const visits: Array<URL> = []
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((request, response) => {
        visits.push(new URL(request.url ?? "", "http://127.0.0.1"))
        response.setHeader("content-type", "text/html").end("<!doctype html><title>Back</title><h1>Back</h1>")
      }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.promise(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  )
  const bound = server.address()
  const port = typeof bound === "object" ? bound?.port : undefined
  return { visits, redirectUri: registeredUri.replace("127.0.0.1", `127.0.0.1:${port}`) }
})

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor()

/** The accessible name of the focused element, and whether the focus is visible. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    const text = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent
    const shown = [element, element?.closest("label") ?? null].some(
      (place) => place !== null && Number.parseFloat(getComputedStyle(place).outlineWidth) >= 2
    )
    return [text?.replaceAll(/\s+/g, " ").trim(), shown]
  })

const tabTo = async (page: Page, name: string) => {
  await page.keyboard.press("Tab")
  assert.deepStrictEqual(await focused(page), [name, true])
}

describe.skipIf(Chromium.missing !== undefined)(
  `pages in Chromium${Chromium.missing ? `: ${Chromium.missing}` : ""}`,
  () => {
    layer(Chromium.layer, { timeout: "2 minutes" })((it) => {
      const open = (options?: Parameters<Chromium.Chromium["Service"]["open"]>[0]) =>
        Effect.flatMap(Chromium.Chromium, (chromium) => chromium.open(options))

      it.effect("a device is approved with the keyboard, as the selected user", () =>
        Effect.gen(function* () {
          const client = yield* register({ clientName: "my tool" })
          const device = yield* start(client)
          const { complaints, page } = yield* open()
          yield* Effect.promise(async () => {
            await page.goto(device.verificationUri)
            assert.deepStrictEqual(await focused(page), ["Code displayed on your device", true])
            await page.keyboard.type(device.userCode.toLowerCase().replace("-", ""))
            await page.keyboard.press("Enter")
            await heading(page, "Allow access?")
            await tabTo(page, "Alice Example alice")
            await page.keyboard.press("ArrowDown")
            assert.deepStrictEqual(await focused(page), ["Bob Example bob", true])
            await tabTo(page, "Allow access")
            await page.keyboard.press("Enter")
            await heading(page, "Request approved")
          })
          assert.strictEqual((yield* poll(client, device)).status, 200)
          assert.strictEqual((yield* (yield* center).deviceAuthorizations)[0]?.user, "bob")
          assert.deepStrictEqual(complaints, [])
        }).pipe(Effect.provide(served()))
      )

      it.effect("a device is denied with the keyboard", () =>
        Effect.gen(function* () {
          const client = yield* register()
          const device = yield* start(client)
          const { complaints, page } = yield* open()
          yield* Effect.promise(async () => {
            await page.goto(device.verificationUriComplete)
            await tabTo(page, "Alice Example alice")
            await tabTo(page, "Allow access")
            await tabTo(page, "Deny")
            await page.keyboard.press("Space")
            await heading(page, "Request denied")
          })
          assert.strictEqual((yield* poll(client, device)).exception, "AccessDeniedException")
          assert.deepStrictEqual(complaints, [])
        }).pipe(Effect.provide(served()))
      )

      it.effect("a user signs in, changes the user, and is redirected to the application", () =>
        Effect.gen(function* () {
          const { redirectUri, visits } = yield* listener
          const client = yield* registerBrowser()
          const authorizeUrl = yield* address(authorizePath(client, { redirect_uri: redirectUri, state: "s&<é>" }))
          const { complaints, page, requests } = yield* open()
          yield* Effect.promise(async () => {
            await page.goto(authorizeUrl)
            await heading(page, "Sign in")
            await tabTo(page, "Alice Example alice")
            await page.keyboard.press("Enter")
            await heading(page, "Allow access?")
            await tabTo(page, "Sign in as a different user")
            await page.keyboard.press("Enter")
            await heading(page, "Sign in")
            await tabTo(page, "Alice Example alice")
            await tabTo(page, "Bob Example bob")
            await page.keyboard.press("Enter")
            await heading(page, "Allow access?")
            await page.reload()
            await tabTo(page, "Sign in as a different user")
            await tabTo(page, "Allow access")
            await page.keyboard.press("Enter")
            await heading(page, "Back")
          })
          const [visit] = visits
          assert.strictEqual(visit?.searchParams.get("state"), "s&<é>")
          assert.strictEqual((yield* exchange(client, visit ?? new URL("nowhere:"), { redirectUri })).status, 200)
          assert.strictEqual((yield* (yield* center).authorizationRequests)[0]?.user, "bob")
          assert.deepStrictEqual(complaints, [])
          const { baseUrl } = yield* center
          const elsewhere = requests.filter((url) => !url.startsWith(baseUrl) && !url.startsWith(redirectUri))
          assert.deepStrictEqual(elsewhere, [])
        }).pipe(Effect.provide(served()))
      )

      it.effect("a user who denies is redirected to the application", () =>
        Effect.gen(function* () {
          const { redirectUri, visits } = yield* listener
          const client = yield* registerBrowser()
          const authorizeUrl = yield* address(authorizePath(client, { redirect_uri: redirectUri }))
          const { complaints, page } = yield* open()
          yield* Effect.promise(async () => {
            await page.goto(authorizeUrl)
            await page.getByRole("button", { name: "Bob Example" }).click()
            await page.getByRole("button", { name: "Deny" }).click()
            await heading(page, "Back")
          })
          assert.strictEqual(visits[0]?.searchParams.get("error"), "access_denied")
          assert.deepStrictEqual(complaints, [])
        }).pipe(Effect.provide(served()))
      )

      it.effect("the policy of a page blocks injected scripts, styles, images and forms", () =>
        Effect.gen(function* () {
          const { complaints, page } = yield* open({ javaScriptEnabled: true })
          const url = yield* address("/device")
          const refused = yield* Effect.promise(async () => {
            await page.goto(url)
            return page.evaluate(
              () =>
                new Promise<ReadonlyArray<string>>((resolve) => {
                  const directives = new Set<string>()
                  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
                    directives.add(effectiveDirective)
                    if (directives.size === 4) resolve([...directives])
                  })
                  const script = document.createElement("script")
                  script.textContent = "document.title = 'taken over'"
                  const style = document.createElement("style")
                  style.textContent = "h1 { display: none }"
                  const image = document.createElement("img")
                  image.src = "http://127.0.0.1:9/pixel"
                  document.body.append(script, style, image)
                  const form = document.createElement("form")
                  form.action = "http://127.0.0.1:9/steal"
                  document.body.append(form)
                  form.submit()
                })
            )
          })
          assert.deepStrictEqual(refused.toSorted(), ["form-action", "img-src", "script-src-elem", "style-src-elem"])
          // The other tests rely on these messages
          assert.isAtLeast(complaints.length, 4)
        }).pipe(Effect.provide(served()))
      )

      // Each page, and the way to it.
      const pages = Effect.gen(function* () {
        const client = yield* registerBrowser({
          clientName: `a-client-with-a-long-name-${"x".repeat(60)}`,
          scopes: ["sso:account:access", "codewhisperer:completions"],
          grantTypes: ["authorization_code", "refresh_token", deviceGrant]
        })
        const [late, pending, approved, denied] = [
          yield* start(client),
          yield* start(client),
          yield* start(client),
          yield* start(client)
        ]
        const authorizeUrl = yield* address(authorizePath(client))
        const go = (url: string) => (page: Page) => page.goto(url)
        const press = (url: string, button: string) => async (page: Page) => {
          await page.goto(url)
          await page.getByRole("button", { name: button }).click()
        }
        return [
          { name: "device-enter", title: "Sign in to your device", visit: go(pending.verificationUri) },
          {
            name: "device-invalid",
            title: "Invalid code",
            visit: go(`${pending.verificationUri}?user_code=WRNG-CODE`)
          },
          { name: "device-confirm", title: "Allow access?", visit: go(pending.verificationUriComplete) },
          {
            name: "device-approved",
            title: "Request approved",
            visit: press(approved.verificationUriComplete, "Allow access")
          },
          { name: "device-denied", title: "Request denied", visit: press(denied.verificationUriComplete, "Deny") },
          { name: "device-completed", title: "Request already completed", visit: go(denied.verificationUriComplete) },
          { name: "authorize-sign-in", title: "Sign in", visit: go(authorizeUrl) },
          { name: "authorize-consent", title: "Allow access?", visit: press(authorizeUrl, "Alice Example") },
          {
            name: "authorize-refused",
            title: "Invalid request",
            visit: go(yield* address(authorizePath(client, { redirect_uri: "http://127.0.0.1/elsewhere" })))
          },
          {
            name: "device-expired",
            title: "Code expired",
            before: TestClock.adjust("10 minutes"),
            visit: go(late.verificationUriComplete)
          }
        ]
      })

      const looks = (["light", "dark"] as const).flatMap((colorScheme) =>
        (
          [
            ["narrow", 320, 640],
            ["phone", 390, 844],
            ["desktop", 1280, 800]
          ] as const
        ).map(([size, width, height]) => ({ colorScheme, size, viewport: { width, height } }))
      )

      it.effect.each(sampleOf(looks, 1))("every page is accessible: $size, $colorScheme", ({ size, ...options }) =>
        Effect.gen(function* () {
          const { complaints, page } = yield* open(options)
          for (const { before, name, title, visit } of yield* pages) {
            yield* before ?? Effect.void
            yield* Effect.promise(async () => {
              await visit(page)
              await heading(page, title)
              assert.strictEqual(await page.title(), `${title} - IAM Identity Center emulator`)
              assert.deepStrictEqual(await Accessibility.check(page), [], name)
              const path = `${screenshots}/${name}-${size}-${options.colorScheme}.png`
              if (size !== "narrow") await page.screenshot({ path, fullPage: true })
            })
          }
          // The browser also logs the status of an error page
          assert.deepStrictEqual(
            complaints.filter((complaint) => !/the server responded with a status of 4\d\d/.test(complaint)),
            []
          )
        }).pipe(Effect.scoped, Effect.provide(served()))
      )
    })
  }
)
