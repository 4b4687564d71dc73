import * as Http from "node:http"
import * as Net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Redacted, Result, Scope } from "effect"
import { RedirectListener } from "../../../src/login/RedirectListener.ts"
import * as NodeRedirectListener from "../../../src/node/NodeRedirectListener.ts"
import { sample } from "../../support/Sample.ts"

const state = Redacted.make("state-of-this-request")

const listen = (options: { readonly port?: number; readonly host?: string } = {}) =>
  Effect.flatMap(RedirectListener, (listener) => listener.listen({ state, ...options }))

interface Got {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

const get = (url: string, options: Http.RequestOptions = {}): Effect.Effect<Got, Error> =>
  Effect.callback((resume) => {
    const request = Http.request(url, { agent: false, ...options }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(
          Effect.succeed({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString()
          })
        )
      )
    })
    request.on("error", (error) => resume(Effect.fail(error)))
    request.end()
  })

const portOf = (redirectUri: string): number => Number(new URL(redirectUri).port)

const test = (name: string, body: Effect.Effect<void, unknown, RedirectListener | Scope.Scope>): void =>
  it.live(name, () => Effect.provide(Effect.scoped(body), NodeRedirectListener.layer))

describe("NodeRedirectListener", () => {
  test(
    "receives the response, redirects the browser to a URL without the code, and shows the result",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/)
      const reply = yield* get(`${redirectUri}?code=the-code&state=state-of-this-request`)
      assert.strictEqual(reply.status, 303)
      const done = yield* get(new URL(reply.headers.location ?? "", redirectUri).href)
      assert.strictEqual(done.status, 200)
      assert.include(done.body, "You can close this page")
      assert.notInclude(reply.body + done.body + String(reply.headers.location), "the-code")
      const code = yield* Effect.flatMap(response, Effect.fromResult)
      assert.strictEqual(Redacted.value(code), "the-code")
    })
  )

  test(
    "refuses a second callback",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      yield* get(`${redirectUri}?code=first&state=state-of-this-request`)
      const second = yield* get(`${redirectUri}?code=second&state=state-of-this-request`)
      assert.strictEqual(second.status, 409)
      assert.strictEqual(Redacted.value(yield* Effect.flatMap(response, Effect.fromResult)), "first")
      yield* get(new URL("/oauth/done", redirectUri).href)
    })
  )

  test(
    "refuses a wrong and a missing state, other paths, methods and hosts, and then still receives the response",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      const status = (url: string, options?: Http.RequestOptions) =>
        Effect.map(get(url, options), ({ status }) => status)
      const right = `${redirectUri}?code=c&state=state-of-this-request`
      assert.strictEqual(yield* status(`${redirectUri}?code=c&state=other`), 400)
      assert.strictEqual(yield* status(`${redirectUri}?code=c`), 400)
      assert.strictEqual(yield* status(new URL("/", redirectUri).href), 404)
      assert.strictEqual(yield* status(new URL("/oauth/done", redirectUri).href), 404)
      assert.strictEqual(yield* status(right, { method: "POST" }), 405)
      assert.strictEqual(yield* status(right, { headers: { host: "attacker.example" } }), 421)
      assert.strictEqual(yield* status(right, { headers: { host: "127.0.0.1.attacker.example:80" } }), 421)
      assert.strictEqual(yield* status(right), 303)
      assert.isTrue(Result.isSuccess(yield* response))
      yield* get(new URL("/oauth/done", redirectUri).href)
    })
  )

  test(
    "returns the error of a callback, and shows its description as text",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      const words = encodeURIComponent("<script>alert(1)</script>")
      yield* get(`${redirectUri}?error=access_denied&error_description=${words}&state=state-of-this-request`)
      const done = yield* get(new URL("/oauth/done", redirectUri).href)
      assert.include(done.body, "Not signed in")
      assert.notInclude(done.body, "<script>")
      const error = yield* Effect.flip(Effect.flatMap(response, Effect.fromResult))
      assert.strictEqual(error._tag, "AccessDeniedException")
    })
  )

  test(
    "accepts the host of a tunnel, and still listens on the loopback address",
    Effect.gen(function* () {
      const { redirectUri } = yield* listen({ host: "tunnel.example" })
      assert.strictEqual(new URL(redirectUri).hostname, "tunnel.example")
      const local = `http://127.0.0.1:${portOf(redirectUri)}/oauth/callback?code=c&state=state-of-this-request`
      assert.strictEqual((yield* get(local, { headers: { host: "tunnel.example" } })).status, 303)
      yield* get(`http://127.0.0.1:${portOf(redirectUri)}/oauth/done`)
    })
  )

  test(
    "fails with ListenFailure if the port is in use",
    Effect.gen(function* () {
      const { redirectUri } = yield* listen()
      const port = portOf(redirectUri)
      const error = yield* Effect.flip(listen({ port }))
      assert.strictEqual(error._tag, "ListenFailure")
      assert.strictEqual(error.code, "EADDRINUSE")
      assert.include(error.message, `on port ${port}`)
    })
  )

  test(
    "closes with its scope, even if a client keeps its connection open",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { redirectUri } = yield* Scope.provide(listen(), scope)
      const closed = yield* Effect.callback<Net.Socket, Error>((resume) => {
        const socket = Net.connect(portOf(redirectUri), "127.0.0.1", () => resume(Effect.succeed(socket)))
        socket.on("error", () => {})
      })
      const ended = yield* Effect.forkChild(
        Effect.callback<void>((resume) => void closed.on("close", () => resume(Effect.void)))
      )
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.join(ended)
      assert.strictEqual((yield* Effect.exit(get(redirectUri)))._tag, "Failure")
    })
  )

  test(
    "closes connections above its limit at once, and receives the response when there is room again",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      const connect = Effect.callback<Net.Socket, Error>((resume) => {
        const socket = Net.connect(portOf(redirectUri), "127.0.0.1")
        socket.on("error", () => {})
        socket.on("connect", () => resume(Effect.succeed(socket)))
      })
      const idle = yield* Effect.forEach(Array.from({ length: 256 }), () => connect, { concurrency: 16 })
      const refused = yield* connect
      yield* Effect.callback<void>((resume) => {
        refused.resume()
        refused.on("close", () => resume(Effect.void))
      })
      for (const socket of idle) socket.destroy()
      const real = `${redirectUri}?code=real&state=state-of-this-request`
      yield* Effect.eventually(get(real))
      assert.strictEqual(Redacted.value(yield* Effect.flatMap(response, Effect.fromResult)), "real")
      yield* get(new URL("/oauth/done", redirectUri).href)
    })
  )

  test(
    "receives the response in a flood of other callbacks",
    Effect.gen(function* () {
      const { redirectUri, response } = yield* listen()
      const flood = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: sample(10_000, 1000) }, (_, i) => i),
          (i) => Effect.exit(get(`${redirectUri}?code=${i}&state=${i}`)),
          { concurrency: 100, discard: true }
        )
      )
      const real = yield* get(`${redirectUri}?code=real&state=state-of-this-request`)
      assert.strictEqual(real.status, 303)
      assert.strictEqual(Redacted.value(yield* Effect.flatMap(response, Effect.fromResult)), "real")
      yield* Fiber.join(flood)
      yield* get(new URL("/oauth/done", redirectUri).href)
    })
  )
})
