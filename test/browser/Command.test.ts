/**
 * Signing in with the command and a real browser, from the first line to the kept token.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import type { Page } from "playwright-core"
import * as Chromium from "../support/Chromium.ts"
import { Emulator, Home, json, secret, session, start, startUrl } from "../support/Command.ts"
import { slow } from "../support/Sample.ts"

/** What the person is to open, in either flow. */
const link = /http:\/\/127\.0\.0\.1:\d+\/(?:authorize\?|device\?user_code=)\S+/

const environment = Layer.mergeAll(Chromium.layer, Emulator.layer(["--interval", "1"])).pipe(
  Layer.provideMerge(NodeServices.layer)
)

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor()

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click()

/** Starts a sign-in, opens what it shows, and answers there; gives the page that the person saw last. */
const signIn = Effect.fnUntraced(function* (flags: ReadonlyArray<string>, answer: (page: Page) => Promise<void>) {
  const chromium = yield* Chromium.Chromium
  const { handle, stderr, stdout } = yield* start(["login", ...session, ...flags, "--no-browser", "--json"])
  const [url] = yield* stderr.until(link)
  const { complaints, page } = yield* chromium.open()
  yield* Effect.promise(async () => {
    await page.goto(url)
    await answer(page)
  })
  const exitCode = yield* handle.exitCode
  const said = yield* stderr.all
  assert.notMatch(said, secret)
  assert.deepStrictEqual(complaints, [])
  return { address: page.url(), exitCode, said, stdout: yield* stdout.all }
})

const keptToken = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { tokenFile } = yield* Home
  return json(yield* fs.readFileString(tokenFile(startUrl)))
})

describe.skipIf(Chromium.missing !== undefined)(
  `effect-sso login in Chromium${Chromium.missing ? `: ${Chromium.missing}` : ""}`,
  () => {
    layer(environment, { excludeTestServices: true, timeout: "2 minutes" })((it) => {
      it.effect("keeps a token after the person has approved in the browser, whose address shows no code", () =>
        Effect.gen(function* () {
          const { address, exitCode, stdout } = yield* signIn(["--flow", "browser"], async (page) => {
            await press(page, /Alice/)
            await press(page, "Allow access")
            await heading(page, "You can close this page")
          })
          assert.strictEqual(exitCode, 0)
          assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/oauth\/done$/)
          assert.deepInclude(json(stdout), { state: "signed-in", refreshable: true })
          assert.containsAllKeys(yield* keptToken, ["accessToken", "refreshToken", "clientId", "clientSecret"])
        }).pipe(Effect.scoped, Effect.provide(Home.layer))
      )

      it.effect(
        "keeps nothing after the person has denied in the browser",
        () =>
          Effect.gen(function* () {
            const { address, exitCode, said } = yield* signIn(["--redirect-host", "localhost"], async (page) => {
              await press(page, /Bob/)
              await press(page, "Deny")
              await heading(page, "Not signed in")
            })
            assert.strictEqual(exitCode, 1)
            assert.match(address, /^http:\/\/localhost:\d+\/oauth\/done$/)
            assert.match(said, /\neffect-sso: the sign-in was denied .*\n$/)
            assert.strictEqual((yield* Effect.exit(keptToken))._tag, "Failure")
          }).pipe(Effect.scoped, Effect.provide(Home.layer)),
        slow
      )

      it.effect(
        "keeps a token after the person has approved the code on the device page",
        () =>
          Effect.gen(function* () {
            const { exitCode } = yield* signIn(["--use-device-code"], async (page) => {
              await press(page, "Allow access")
              await heading(page, "Request approved")
            })
            assert.strictEqual(exitCode, 0)
            assert.containsAllKeys(yield* keptToken, ["accessToken", "refreshToken"])
          }).pipe(Effect.scoped, Effect.provide(Home.layer)),
        slow
      )
    })
  }
)
