import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClientRequest } from "effect/http"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { address, get, post, send } from "./support.ts"

const origin = "http://localhost:3000"

const preflight = Effect.fnUntraced(function* (path: string) {
  return yield* send(
    HttpClientRequest.options(yield* address(path)).pipe(
      HttpClientRequest.setHeaders({
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-amz-sso_bearer_token"
      })
    )
  )
})

const registration = { clientName: "a tool", clientType: "public" }

describe("with the option cors", () => {
  const layer = IdentityCenter.layer({ cors: true })

  it.effect("a preflight request allows the method and the headers of a cross-origin request", () =>
    Effect.gen(function* () {
      for (const path of ["/client/register", "/token", "/token?aws_iam=t", "/assignment/accounts", "/logout"]) {
        const { headers, status, text } = yield* preflight(path)
        assert.deepStrictEqual([status, text], [204, ""], path)
        assert.strictEqual(headers["access-control-allow-origin"], "*")
        assert.strictEqual(headers["access-control-allow-methods"], "GET, POST")
        assert.strictEqual(headers["access-control-allow-headers"], "content-type,x-amz-sso_bearer_token")
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("a cross-origin request can read responses and exceptions, with their headers", () =>
    Effect.gen(function* () {
      yield* (yield* IdentityCenter.IdentityCenter).fault(IdentityCenter.Fault.respond({ status: 503 }), {
        operation: "StartDeviceAuthorization"
      })
      for (const [path, expected] of [
        ["/client/register", 200],
        ["/token", 400],
        ["/device_authorization", 503]
      ] as const) {
        const { headers, status } = yield* post(path, registration, { origin })
        assert.strictEqual(status, expected)
        assert.strictEqual(headers["access-control-allow-origin"], "*")
        assert.include(headers["access-control-expose-headers"], "x-amzn-errortype")
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("the pages allow no cross-origin requests", () =>
    Effect.gen(function* () {
      for (const path of ["/device", "/authorize", "/authorize/consent"]) {
        assert.notProperty((yield* get(path, { origin })).headers, "access-control-allow-origin")
        const { headers, status } = yield* preflight(path)
        assert.strictEqual(status, 404)
        assert.notProperty(headers, "access-control-allow-origin")
      }
    }).pipe(Effect.provide(layer))
  )
})

describe("without the option cors", () => {
  it.effect("cross-origin requests are not allowed", () =>
    Effect.gen(function* () {
      const refused = yield* preflight("/client/register")
      assert.strictEqual(refused.status, 404)
      const replies = [refused, yield* post("/client/register", registration, { origin })]
      for (const { headers } of replies) {
        assert.notProperty(headers, "access-control-allow-origin")
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
