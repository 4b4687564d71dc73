import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { FetchHttpClient, HttpBody, HttpClient, HttpClientError, HttpClientRequest, HttpServer } from "effect/http"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import { connect } from "node:net"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { get, poll, post, refresh, register, send, signIn, start, startUrl } from "./support.ts"

const { Fault } = IdentityCenter
const center = IdentityCenter.IdentityCenter

const server = NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })

const served = (
  options?: IdentityCenter.IdentityCenterOptions,
  client: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerNodeHttp
) => Layer.mergeAll(IdentityCenter.serve(options), client).pipe(Layer.provideMerge(server))

const reason = <A, E, R>(effect: Effect.Effect<A, E | HttpClientError.HttpClientError, R>) =>
  Effect.flip(effect).pipe(
    Effect.map((error) => (HttpClientError.isHttpClientError(error) ? error.reason._tag : undefined))
  )

/** Sends text over a socket, and returns the whole response. */
const raw = Effect.fnUntraced(function* (text: string) {
  const { address } = yield* HttpServer.HttpServer
  return yield* Effect.callback<string>((resume) => {
    const socket = connect(Number(new URL(HttpServer.formatAddress(address)).port), "127.0.0.1")
    let received = ""
    socket.on("data", (chunk) => (received += chunk))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(received)))
    socket.write(text)
  })
})

const statusLine = (text: string) => Effect.map(raw(text), (response) => response.split("\r\n")[0] ?? "")

describe("in process", () => {
  it.effect("has the URL of its region or the configured URL", () =>
    Effect.gen(function* () {
      const baseUrl = (options?: IdentityCenter.IdentityCenterOptions) =>
        Effect.provide(
          Effect.map(center, (center) => center.baseUrl),
          IdentityCenter.layer(options)
        )
      assert.strictEqual(yield* baseUrl(), "https://oidc.us-east-1.amazonaws.com")
      assert.strictEqual(yield* baseUrl({ region: "eu-west-1" }), "https://oidc.eu-west-1.amazonaws.com")
      assert.strictEqual(yield* baseUrl({ baseUrl: "https://sso.test" }), "https://sso.test")
    })
  )

  it.effect("creates links to the configured URL", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* start(yield* register())).verificationUri, "https://sso.test/device")
    }).pipe(Effect.provide(IdentityCenter.layer({ baseUrl: "https://sso.test" })))
  )
})

describe("behind a server", () => {
  it.effect("signs in a device over a socket, controlled by TestClock", () =>
    Effect.gen(function* () {
      const { approve, baseUrl } = yield* center
      assert.match(baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
      const client = yield* register()
      const device = yield* start(client)
      assert.strictEqual(device.verificationUri, `${baseUrl}/device`)
      assert.strictEqual((yield* poll(client, device)).exception, "AuthorizationPendingException")
      assert.strictEqual((yield* poll(client, device)).exception, "SlowDownException")
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual((yield* poll(client, device)).exception, "AuthorizationPendingException")
      yield* approve(device.userCode)
      const token = yield* poll(client, device)
      assert.strictEqual(token.status, 200)
      assert.strictEqual(token.headers["date"], new Date(6000).toUTCString())
      assert.strictEqual(token.headers["content-type"], "application/json")
    }).pipe(Effect.provide(served({ interval: "1 second" })))
  )

  it.effect("serves the device page", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register({ clientName: "näme <b>" }))
      const page = yield* get(`/device?user_code=${device.userCode}`)
      assert.strictEqual(page.status, 200)
      assert.include(page.text, "näme &lt;b&gt;")
    }).pipe(Effect.provide(served()))
  )

  it.effect("creates links to the host of the request", () =>
    Effect.gen(function* () {
      const byName = (yield* center).baseUrl.replace("127.0.0.1", "localhost")
      const started = yield* send(
        HttpClientRequest.post(`${byName}/device_authorization`).pipe(
          HttpClientRequest.bodyJsonUnsafe({ ...(yield* register()), startUrl })
        )
      )
      assert.strictEqual(started.members["verificationUri"], `${byName}/device`)
    }).pipe(Effect.provide(served()))
  )

  it.effect("creates links to the configured URL", () =>
    Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      const url = `${HttpServer.formatAddress(address)}/client/register`
      assert.strictEqual((yield* center).baseUrl, "https://sso.test")
      const reply = yield* send(
        HttpClientRequest.post(url).pipe(HttpClientRequest.bodyJsonUnsafe({ clientName: "a", clientType: "public" }))
      )
      assert.strictEqual(reply.status, 200)
      const started = yield* send(
        HttpClientRequest.post(url.replace("/client/register", "/device_authorization")).pipe(
          HttpClientRequest.bodyJsonUnsafe({ ...reply.members, startUrl: startUrl })
        )
      )
      assert.strictEqual(started.members["verificationUri"], "https://sso.test/device")
    }).pipe(Effect.provide(served({ baseUrl: "https://sso.test" })))
  )

  const clients = [
    ["node:http", NodeHttpClient.layerNodeHttp],
    ["fetch", FetchHttpClient.layer]
  ] as const

  it.effect.each(clients)("breaks the connection before the operation takes effect: %s", ([, layer]) =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).fault(Fault.drop("before"))
      assert.strictEqual(yield* reason(refresh(client, token.members["refreshToken"])), "TransportError")
      assert.strictEqual((yield* (yield* center).requests).at(-1)?.error, "dropped")
      assert.strictEqual((yield* refresh(client, token.members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(served({}, layer)))
  )

  it.effect.each(clients)("breaks the connection after the operation took effect: %s", ([, layer]) =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).fault(Fault.drop("after"))
      assert.strictEqual(yield* reason(refresh(client, token.members["refreshToken"])), "TransportError")
      assert.strictEqual((yield* refresh(client, token.members["refreshToken"])).exception, "InvalidGrantException")
    }).pipe(Effect.provide(served({}, layer)))
  )

  it.effect.each(clients)("breaks the connection midway through the response: %s", ([, layer]) =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.drop("midway"))
      const response = yield* HttpClient.post(`${(yield* center).baseUrl}/token`)
      assert.strictEqual(response.status, 400)
      assert.strictEqual(yield* reason(response.text), "DecodeError")
    }).pipe(Effect.provide(served({}, layer)))
  )

  it.effect("sends no bytes before it breaks the connection", () =>
    Effect.gen(function* () {
      yield* (yield* center).fault(Fault.drop("before"))
      const received = yield* raw("POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}")
      assert.strictEqual(received, "")
    }).pipe(Effect.provide(served()))
  )

  it.effect("sends the responses of other faults unchanged", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      yield* fault(
        Fault.respond({ status: 503, headers: { "retry-after": "7", "content-type": "text/html" }, body: "<p>" })
      )
      yield* fault(Fault.redirect("https://elsewhere.example/token"))
      const unavailable = yield* post("/token", {})
      assert.deepStrictEqual([unavailable.status, unavailable.text], [503, "<p>"])
      assert.strictEqual(unavailable.headers["retry-after"], "7")
      const redirect = yield* post("/token", {})
      assert.deepStrictEqual([redirect.status, redirect.headers["location"]], [307, "https://elsewhere.example/token"])
    }).pipe(Effect.provide(served()))
  )

  it.effect("abandons a delayed request when its client disconnects", () =>
    Effect.gen(function* () {
      const { fault, requests } = yield* center
      yield* fault(Fault.delay("1 minute"))
      const fiber = yield* Effect.forkChild(post("/token", {}))
      const log = (wanted: (record: IdentityCenter.RequestRecord | undefined) => boolean) =>
        Effect.repeat(
          Effect.tap(requests, () => Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))),
          { until: ([record]) => wanted(record) }
        )
      yield* log((record) => record?.operation === "CreateToken")
      yield* Fiber.interrupt(fiber)
      const [record] = yield* log((record) => record?.error !== undefined)
      assert.strictEqual(record?.error, "abandoned")
    }).pipe(Effect.provide(served()))
  )

  it.effect("refuses malformed HTTP requests, and continues to serve", () =>
    Effect.gen(function* () {
      assert.match(yield* statusLine("OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"), / 404 /)
      assert.match(yield* statusLine("POST /token HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}"), / 400 /)
      assert.match(
        yield* statusLine("POST //token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
        / 404 /
      )
      assert.match(
        yield* statusLine("POST /token HTTP/1.1\r\nhost: a b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
        / 400 /
      )
      assert.strictEqual((yield* get("/device")).status, 200)
    }).pipe(Effect.provide(served()))
  )

  const visit = (host: string, target = "/device") =>
    statusLine(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)

  it.effect("refuses requests for hosts that are not loopback hosts", () =>
    Effect.gen(function* () {
      for (const host of [
        "evil.com",
        "evil.com:8080",
        "127.0.0.1.evil.com",
        "localhost.evil.com",
        "10.0.0.1",
        "[::2]"
      ]) {
        assert.match(yield* visit(host), / 403 /, host)
      }
      assert.match(yield* visit("localhost", "http://evil.com/device"), / 403 /)
      const body = JSON.stringify({ ...(yield* register()), startUrl })
      const started = yield* raw(
        `POST /device_authorization HTTP/1.1\r\nhost: evil.com\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      )
      assert.match(started, /^HTTP\/1.1 403 /)
      assert.notInclude(started, "verificationUri")
      assert.deepInclude((yield* (yield* center).requests).at(-1), { host: "evil.com", error: "UnknownHostException" })
    }).pipe(Effect.provide(served()))
  )

  it.effect("accepts requests for loopback hosts", () =>
    Effect.gen(function* () {
      for (const host of ["localhost", "LOCALHOST:8080", "sso.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]:8080"]) {
        assert.match(yield* visit(host), / 200 /, host)
      }
    }).pipe(Effect.provide(served()))
  )

  it.effect("accepts requests for the host of the configured URL", () =>
    Effect.gen(function* () {
      assert.match(yield* visit("sso.test"), / 200 /)
      assert.match(yield* visit("sso.test:8443"), / 200 /)
      assert.match(yield* visit("other.test"), / 403 /)
    }).pipe(Effect.provide(served({ baseUrl: "https://sso.test" })))
  )

  it.effect("refuses request bodies of more than 1 MiB, with and without a content length", () =>
    Effect.gen(function* () {
      const url = `${(yield* center).baseUrl}/client/register`
      const bytes = new TextEncoder().encode(
        JSON.stringify({ clientName: "a", clientType: "public" }).padEnd(1024 * 1024 + 1)
      )
      const chunks = Stream.make(bytes.subarray(0, 1024 * 1024), bytes.subarray(1024 * 1024))
      for (const body of [HttpBody.uint8Array(bytes), HttpBody.stream(chunks)]) {
        const { exception, status } = yield* send(HttpClientRequest.post(url).pipe(HttpClientRequest.setBody(body)))
        assert.deepStrictEqual([status, exception], [413, "RequestEntityTooLargeException"])
      }
      const allowed = yield* send(
        HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUint8Array(bytes.subarray(0, 1024 * 1024)))
      )
      assert.strictEqual(allowed.status, 200)
    }).pipe(Effect.provide(served()))
  )

  it.effect("has a loopback URL if it listens on a wildcard address", () =>
    Effect.gen(function* () {
      assert.match((yield* center).baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.strictEqual((yield* get("/device")).status, 200)
    }).pipe(
      Effect.provide(
        Layer.mergeAll(IdentityCenter.serve(), NodeHttpClient.layerNodeHttp).pipe(
          Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "0.0.0.0" }))
        )
      )
    )
  )
})
