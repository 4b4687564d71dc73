import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { address, get, poll, post, refresh, register, signIn, start } from "./support.ts"

const { Fault } = IdentityCenter

const registration = { clientName: "a tool", clientType: "public" }
const center = IdentityCenter.IdentityCenter

const reason = <A, E, R>(effect: Effect.Effect<A, E | HttpClientError.HttpClientError, R>) =>
  Effect.flip(effect).pipe(
    Effect.map((error) => (HttpClientError.isHttpClientError(error) ? error.reason._tag : undefined))
  )

describe("a fault", () => {
  it.effect("affects only the next request by default", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.respond({ status: 503 }))
      assert.strictEqual((yield* post("/client/register", registration)).status, 503)
      assert.strictEqual((yield* post("/client/register", registration)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("affects only its operation, and as many requests as configured", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.respond({ status: 503 }), { operation: "CreateToken", times: 2 })
      const { client, device, token } = yield* signIn()
      assert.strictEqual(token.status, 503)
      assert.strictEqual((yield* poll(client, device)).status, 503)
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("waits until the faults before it are used", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      yield* fault(Fault.respond({ status: 500 }), { operation: "CreateToken" })
      yield* fault(Fault.respond({ status: 502 }))
      yield* fault(Fault.respond({ status: 504 }))
      const statuses = [
        (yield* post("/client/register", registration)).status,
        (yield* post("/token", {})).status,
        (yield* post("/token", {})).status,
        (yield* post("/token", {})).status
      ]
      assert.deepStrictEqual(statuses, [502, 500, 504, 400])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("with infinite times lasts until clearFaults", () =>
    Effect.gen(function* () {
      const { clearFaults, fault } = yield* center
      yield* fault(Fault.respond({ status: 503 }), { times: Infinity })
      for (let index = 0; index < 20; index++) {
        assert.strictEqual((yield* post("/client/register", registration)).status, 503)
      }
      yield* clearFaults
      assert.strictEqual((yield* post("/client/register", registration)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("does not affect pages and unknown operations", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.respond({ status: 503 }))
      assert.strictEqual((yield* get("/device")).status, 200)
      assert.strictEqual((yield* post("/nowhere", {})).status, 404)
      assert.strictEqual((yield* post("/client/register", registration)).status, 503)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is shown in the log of requests", () =>
    Effect.gen(function* () {
      const { fault, requests } = yield* center
      yield* fault(Fault.respond({ status: 503 }))
      yield* fault(Fault.refuse("SlowDownException"))
      yield* fault(Fault.drop("before"))
      yield* Effect.repeat(Effect.exit(post("/client/register", registration)), { times: 2 })
      assert.deepStrictEqual(
        (yield* requests).map(({ operation, status, error }) => [operation, status, error]),
        [
          ["RegisterClient", 503, undefined],
          ["RegisterClient", 400, "SlowDownException"],
          ["RegisterClient", undefined, "dropped"]
        ]
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("respond", () => {
  it.effect("sends only the given status, headers and body", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(
        Fault.respond({
          status: 502,
          headers: { "content-type": "text/html", "retry-after": "7" },
          body: "<h1>Bad gateway</h1>"
        })
      )
      const { status, headers, text } = yield* post("/token", {})
      assert.strictEqual(status, 502)
      assert.strictEqual(text, "<h1>Bad gateway</h1>")
      assert.strictEqual(headers["content-type"], "text/html")
      assert.strictEqual(headers["retry-after"], "7")
      assert.isUndefined(headers["x-amzn-requestid"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("sends bytes, a truncated body or no body", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      const garbage = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256)
      yield* fault(Fault.respond({ status: 200, body: garbage }))
      yield* fault(Fault.respond({ status: 200, body: '{"accessToken":"tru' }))
      yield* fault(Fault.respond({ status: 200 }))
      const body = (path: string) =>
        Effect.flatMap(address(path), (url) => HttpClient.post(url)).pipe(
          Effect.flatMap((response) => response.arrayBuffer),
          Effect.map((buffer) => new Uint8Array(buffer))
        )
      assert.deepStrictEqual(yield* body("/token"), garbage)
      assert.strictEqual((yield* post("/token", {})).text, '{"accessToken":"tru')
      assert.strictEqual((yield* post("/token", {})).text, "")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("prevents the effect of the operation", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).fault(Fault.respond({ status: 500 }))
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 500)
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("redirect", () => {
  it.effect("sends the location", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      yield* fault(Fault.redirect("https://elsewhere.example/token"))
      yield* fault(Fault.redirect("/token", 308))
      const first = yield* post("/token", {})
      assert.deepStrictEqual([first.status, first.headers["location"]], [307, "https://elsewhere.example/token"])
      const second = yield* post("/token", {})
      assert.deepStrictEqual([second.status, second.headers["location"]], [308, "/token"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("refuse", () => {
  it.effect("responds with any modelled exception and its members", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      yield* fault(Fault.refuse("AccessDeniedException", { reason: "KMS_AccessDeniedException" }))
      yield* fault(
        Fault.refuse("InvalidRequestRegionException", { region: "eu-west-1", endpoint: "https://x.example" })
      )
      yield* fault(Fault.refuse("InternalServerException", { error: "other", error_description: "broken" }))
      const denied = yield* post("/token", {})
      assert.deepStrictEqual([denied.status, denied.exception], [400, "AccessDeniedException"])
      assert.deepStrictEqual(denied.members, { error: "access_denied", reason: "KMS_AccessDeniedException" })
      assert.isDefined(denied.headers["x-amzn-requestid"])
      const elsewhere = yield* post("/token", {})
      assert.deepStrictEqual(elsewhere.members, {
        error: "invalid_request",
        endpoint: "https://x.example",
        region: "eu-west-1"
      })
      const broken = yield* post("/token", {})
      assert.deepStrictEqual([broken.status, broken.exception], [500, "InternalServerException"])
      assert.deepStrictEqual(broken.members, { error: "other", error_description: "broken" })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("delay", () => {
  it.effect("handles the request after the delay", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.delay("3 seconds"))
      const fiber = yield* Effect.forkChild(post("/client/register", registration))
      yield* TestClock.adjust("2999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      const [underWay] = yield* (yield* center).requests
      assert.deepStrictEqual([underWay?.operation, underWay?.status], ["RegisterClient", undefined])
      yield* TestClock.adjust("1 millis")
      const { status, headers } = yield* Fiber.join(fiber)
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["date"], new Date(3000).toUTCString())
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("ends when the client is interrupted, and the operation does not take effect", () =>
    Effect.gen(function* () {
      const { fault, requests } = yield* center
      const { client, token } = yield* signIn()
      yield* fault(Fault.delay("3 seconds"))
      const fiber = yield* Effect.forkChild(refresh(client, token.members.refreshToken))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      assert.strictEqual((yield* requests).at(-1)?.error, "abandoned")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("drop", () => {
  it.effect("before: fails with a transport error, and the operation does not take effect", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).fault(Fault.drop("before"))
      assert.strictEqual(yield* reason(refresh(client, token.members.refreshToken)), "TransportError")
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("after: fails with a transport error, and the operation takes effect", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).fault(Fault.drop("after"))
      assert.strictEqual(yield* reason(refresh(client, token.members.refreshToken)), "TransportError")
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("midway: sends the head, and fails in the body", () =>
    Effect.gen(function* () {
      const client = yield* register()
      yield* (yield* center).fault(Fault.drop("midway"), { operation: "StartDeviceAuthorization" })
      assert.strictEqual(yield* reason(start(client)), "DecodeError")
      assert.lengthOf(yield* (yield* center).deviceAuthorizations, 1)
      const last = (yield* (yield* center).requests).at(-1)
      assert.deepStrictEqual([last?.status, last?.error], [200, "dropped"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
