/**
 * Browser code that calls the emulator from another origin.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createServer } from "node:http"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Chromium from "../support/Chromium.ts"

const served = (options: IdentityCenter.IdentityCenterOptions) =>
  IdentityCenter.serve(options).pipe(Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })))

/** The result of a token request, as a script on an empty page sees it. */
const fetched = Effect.gen(function* () {
  const { baseUrl } = yield* IdentityCenter.IdentityCenter
  const chromium = yield* Chromium.Chromium
  const { page } = yield* chromium.open({ javaScriptEnabled: true })
  return yield* Effect.promise(() =>
    page.evaluate(async (url) => {
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", "x-amz-user-agent": "a browser" },
          body: "{}"
        })
        return `${response.status} ${response.headers.get("x-amzn-errortype")?.split(":")[0]}`
      } catch (error) {
        return String(error)
      }
    }, `${baseUrl}/token`)
  )
})

describe.skipIf(Chromium.missing !== undefined)(
  `cross-origin requests in Chromium${Chromium.missing ? `: ${Chromium.missing}` : ""}`,
  () => {
    layer(Chromium.layer, { timeout: "2 minutes" })((it) => {
      it.effect("succeed with the option cors", () =>
        Effect.gen(function* () {
          assert.strictEqual(yield* fetched, "400 InvalidRequestException")
        }).pipe(Effect.provide(served({ cors: true })))
      )

      it.effect("fail without the option cors", () =>
        Effect.gen(function* () {
          assert.strictEqual(yield* fetched, "TypeError: Failed to fetch")
        }).pipe(Effect.provide(served({})))
      )
    })
  }
)
