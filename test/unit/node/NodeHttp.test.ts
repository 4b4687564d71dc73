import * as Http from "node:http"
import type * as Net from "node:net"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Duration, Effect, Fiber, Layer, Queue, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { HttpClient, HttpClientRequest } from "effect/http"
import { AuthorizationPrompt, DeviceFlow, type LoginState, SsoOidc, SsoSession, SsoStore } from "../../../src/index.ts"
import * as NodeHttp from "../../../src/node/NodeHttp.ts"
import * as ReusedConnection from "../../../src/node/ReusedConnection.ts"
import { constructionFailure } from "../../../src/wire/NotSent.ts"
import { systemCode } from "../../../src/wire/SystemCode.ts"
import * as Authority from "../../support/Authority.ts"
import * as Proxy from "../../support/Proxy.ts"

/** The client in an environment. It lives as long as the scope. */
const clientIn = (env: Readonly<Record<string, string>>): Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> =>
  Effect.flatMap(
    Layer.build(NodeHttp.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))),
    (context) => Effect.provide(HttpClient.HttpClient, context)
  )

interface Received {
  /** The number of the request, from 1 on. */
  readonly index: number
  /** The number of the request on its connection, from 1 on. */
  readonly onConnection: number
  readonly request: string
}

type Respond = (received: Received, socket: Net.Socket) => string | "close" | "reset" | undefined

/** A server that responds with a text, or ends the connection instead. */
const startServer = Effect.fnUntraced(function* (respond: Respond) {
  const received: Array<Received> = []
  const perConnection = new Map<Net.Socket, number>()
  const server = Http.createServer((request, response) => {
    const { socket } = request
    const onConnection = (perConnection.get(socket) ?? 0) + 1
    perConnection.set(socket, onConnection)
    let body = ""
    request.setEncoding("utf8")
    request.on("data", (text: string) => {
      body += text
    })
    request.on("end", () => {
      const one = {
        index: received.length + 1,
        onConnection,
        request: `${request.method} ${request.url} ${body}`.trim()
      }
      received.push(one)
      const answer = respond(one, socket)
      if (answer === "close") socket.destroy()
      else if (answer === "reset") socket.resetAndDestroy()
      else if (answer !== undefined) response.end(answer)
    })
  })
  const port = yield* Proxy.listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    /** How many connections it had. */ connections: perConnection
  }
})

const text = (client: HttpClient.HttpClient, request: HttpClientRequest.HttpClientRequest) =>
  Effect.flatMap(client.execute(request), (response) => response.text)

/** A request as the library makes them. */
const call = (url: string) =>
  HttpClientRequest.post(url).pipe(
    HttpClientRequest.setHeader("amz-sdk-invocation-id", "1"),
    HttpClientRequest.bodyText("{}")
  )

const { get } = HttpClientRequest

describe("NodeHttp.layer", () => {
  it.live("sends one request after another on the same connection", () =>
    Effect.gen(function* () {
      const server = yield* startServer(({ request }) => request)
      const client = yield* clientIn({})
      assert.strictEqual(yield* text(client, call(server.url)), "POST / {}")
      assert.strictEqual(yield* text(client, call(server.url)), "POST / {}")
      assert.deepStrictEqual(
        server.received.map(({ onConnection }) => onConnection),
        [1, 2]
      )
    }).pipe(Effect.scoped)
  )

  it.live("sends a request again on a new connection if the server has closed the one that it reused", () =>
    Effect.gen(function* () {
      for (const ending of ["close", "reset"] as const) {
        for (const make of [call, get, HttpClientRequest.put]) {
          const server = yield* startServer(({ onConnection }) => (onConnection === 1 ? "response" : ending))
          const client = yield* clientIn({})
          yield* text(client, make(server.url))
          assert.strictEqual(yield* text(client, make(server.url)), "response")
          assert.deepStrictEqual(
            server.received.map(({ onConnection }) => onConnection),
            [1, 2, 1]
          )
          assert.strictEqual(server.received[2]?.request, server.received[1]?.request)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.live("does so on a connection that is really new, while others are idle", () =>
    Effect.gen(function* () {
      const server = yield* startServer(({ onConnection }) => (onConnection === 1 ? "response" : "close"))
      const client = yield* clientIn({})
      const calls = Effect.all([text(client, call(server.url)), text(client, call(server.url))], {
        concurrency: "unbounded"
      })
      yield* calls
      assert.strictEqual(yield* text(client, call(server.url)), "response")
      assert.deepStrictEqual(
        server.received.map(({ onConnection }) => onConnection),
        [1, 1, 2, 1]
      )
    }).pipe(Effect.scoped)
  )

  it.live("fails if the new connection is closed, too, after two requests", () =>
    Effect.gen(function* () {
      const server = yield* startServer(({ index }) => (index === 1 ? "response" : "close"))
      const client = yield* clientIn({})
      yield* text(client, call(server.url))
      const error = yield* Effect.flip(text(client, call(server.url)))
      assert.strictEqual(systemCode(error.cause), "ECONNRESET")
      assert.lengthOf(server.received, 3)
    }).pipe(Effect.scoped)
  )

  it.live("fails if a connection that is not reused is closed, after one request", () =>
    Effect.gen(function* () {
      const server = yield* startServer(() => "close")
      const client = yield* clientIn({})
      const error = yield* Effect.flip(text(client, call(server.url)))
      assert.strictEqual(systemCode(error.cause), "ECONNRESET")
      assert.lengthOf(server.received, 1)
    }).pipe(Effect.scoped)
  )

  it.live("fails if a byte of the response has come", () =>
    Effect.gen(function* () {
      const server = yield* startServer(({ onConnection }, socket) => {
        if (onConnection === 1) return "response"
        socket.end("H")
        return undefined
      })
      const client = yield* clientIn({})
      yield* text(client, call(server.url))
      yield* Effect.flip(text(client, call(server.url)))
      assert.lengthOf(server.received, 2)
    }).pipe(Effect.scoped)
  )

  it.live("does not repeat a request of another program that is not idempotent", () =>
    Effect.gen(function* () {
      const server = yield* startServer(({ onConnection }) => (onConnection === 1 ? "response" : "close"))
      const client = yield* clientIn({})
      yield* text(client, get(server.url))
      yield* Effect.flip(text(client, HttpClientRequest.post(server.url).pipe(HttpClientRequest.bodyText("order"))))
      assert.lengthOf(server.received, 2)
    }).pipe(Effect.scoped)
  )

  it.live("closes its connections with its scope", () =>
    Effect.gen(function* () {
      const server = yield* startServer(() => "response")
      yield* Effect.scoped(Effect.flatMap(clientIn({}), (client) => text(client, get(server.url))))
      const [socket] = server.connections.keys()
      assert.isDefined(socket)
      if (socket?.destroyed === false) {
        yield* Effect.callback<void>((resume) => {
          socket.once("close", () => resume(Effect.void))
        })
      }
    }).pipe(Effect.scoped)
  )
})

describe("ReusedConnection.keptAlive", () => {
  const idleTime = Effect.fnUntraced(function* (headers: Readonly<Record<string, string>>) {
    const agent = new Http.Agent(ReusedConnection.keptAlive)
    const server = Http.createServer((_, response) => {
      response.writeHead(200, headers).end()
    })
    server.keepAliveTimeout = 0
    const port = yield* Proxy.listen(server)
    const socket = yield* Effect.callback<Net.Socket>((resume) => {
      agent.once("free", (freed: Net.Socket) => resume(Effect.succeed(freed)))
      Http.get({ host: "127.0.0.1", port, agent }, (response) => response.resume())
    })
    agent.destroy()
    return socket.timeout
  }, Effect.scoped)

  it.live(
    "gives up an idle connection before Node's server does, and a second before the server says that it will",
    () =>
      Effect.gen(function* () {
        assert.isBelow(Duration.toMillis(ReusedConnection.idleTimeout), Http.createServer().keepAliveTimeout)
        assert.strictEqual(yield* idleTime({}), 4000)
        assert.strictEqual(yield* idleTime({ "keep-alive": "timeout=60" }), 4000)
        assert.strictEqual(yield* idleTime({ "keep-alive": "timeout=3" }), 2000)
      })
  )
})

describe("DeviceFlow.authorize over NodeHttp.layer", () => {
  const responses = ["SlowDownException", "AuthorizationPendingException", "AuthorizationPendingException", undefined]
  const outputs: Readonly<Record<string, object>> = {
    "/client/register": { clientId: "client", clientSecret: "secret", clientSecretExpiresAt: 7_776_000 },
    "/device_authorization": {
      deviceCode: "device",
      userCode: "ABCD-EFGH",
      verificationUri: "https://device.example/",
      expiresIn: 600,
      interval: 1
    },
    "/token": { accessToken: "token", expiresIn: 28_800 }
  }

  /** A service that closes each connection just when the next request arrives on it. */
  const startService = Effect.gen(function* () {
    const seen = new Set<Net.Socket>()
    const polls: Array<string> = []
    const server = Http.createServer((request, response) => {
      request.resume().once("end", () => {
        const path = request.url ?? ""
        const isClosed = seen.has(request.socket)
        seen.add(request.socket)
        if (path === "/token") polls.push(isClosed ? "closed" : "answered")
        if (isClosed) return request.socket.resetAndDestroy()
        const exception =
          path === "/token" ? responses[polls.filter((poll) => poll === "answered").length - 1] : undefined
        if (exception === undefined) return response.end(JSON.stringify(outputs[path]))
        return response.writeHead(400, { "x-amzn-errortype": exception }).end("{}")
      })
    })
    const port = yield* Proxy.listen(server)
    return { endpoint: `http://127.0.0.1:${port}`, polls }
  })

  it.effect("keeps its interval, and shows no outage, where the server closes the connection as the poll arrives", () =>
    Effect.gen(function* () {
      const { endpoint, polls } = yield* startService
      const states = yield* Queue.unbounded<readonly [tag: string, seconds: number]>()
      const show = (state: LoginState.LoginState) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Queue.offer(states, [state._tag, now / 1000]))
      const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
      const fiber = yield* DeviceFlow.authorize(session).pipe(
        Effect.provideService(AuthorizationPrompt.AuthorizationPrompt, { show }),
        Effect.provide([SsoOidc.layer({ endpoint }).pipe(Layer.provide(NodeHttp.layer)), SsoStore.layerMemory()]),
        Effect.forkChild
      )
      const shown: Array<readonly [string, number]> = []
      while (shown.at(-1)?.[0] !== "Authorized") {
        shown.push(yield* Queue.take(states))
        if (shown.at(-1)?.[0] !== "Prompting") yield* TestClock.adjust("6 seconds")
      }
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(shown, [
        ["Prompting", 0],
        ["SlowedDown", 0],
        ["Pending", 6],
        ["Pending", 12],
        ["Authorized", 18]
      ])
      assert.include(polls, "closed")
    }).pipe(Effect.scoped)
  )
})

const secureUrl = "https://aws.example.com/path"

describe.skipIf(!Authority.hasOpenssl)("NodeHttp.layer in a network with a proxy", () => {
  /** A server that only the proxy finds, with a certificate that only the authority vouches for. */
  const network = Effect.gen(function* () {
    const server = yield* startServer(({ request }) => request)
    const authority = yield* Authority.make
    const front = yield* Proxy.startSecureFront(yield* authority.issue("DNS:aws.example.com"), server.url)
    return { authority, front }
  })

  it.live("asks the proxy for a tunnel, and keeps it", () =>
    Effect.gen(function* () {
      const { authority, front } = yield* network
      const certificate = yield* authority.issue("IP:127.0.0.1")
      for (const options of [{}, { certificate }, { credentials: "user:sekret" }]) {
        const proxy = yield* Proxy.startProxy({ leadsTo: front.port, ...options })
        const url = "credentials" in options ? proxy.url.replace("//", "//user:sekret@") : proxy.url
        const client = yield* clientIn({ HTTPS_PROXY: url, AWS_CA_BUNDLE: authority.file })
        assert.strictEqual(yield* text(client, get(secureUrl)), "GET /path")
        assert.strictEqual(yield* text(client, call(secureUrl)), "POST /path {}")
        assert.deepStrictEqual(proxy.asked, ["CONNECT aws.example.com:443"])
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("sends the proxy the whole URL of a request in plain text", () =>
    Effect.gen(function* () {
      const proxy = yield* Proxy.startProxy({ leadsTo: 1, credentials: "user:sekret" })
      const client = yield* clientIn({ HTTP_PROXY: proxy.url.replace("//", "//user:sekret@") })
      assert.strictEqual(yield* text(client, get("http://example.com/path?a=b")), "from the proxy")
      assert.deepStrictEqual(proxy.asked, ["GET http://example.com/path?a=b"])
    }).pipe(Effect.scoped)
  )

  it.live("connects directly to what NO_PROXY has, and to this machine", () =>
    Effect.gen(function* () {
      const { authority, front } = yield* network
      const proxy = yield* Proxy.startProxy({ leadsTo: front.port })
      const server = yield* startServer(() => "response")
      const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, AWS_CA_BUNDLE: authority.file }
      assert.strictEqual(yield* text(yield* clientIn(env), get(server.url)), "response")
      const error = yield* Effect.flip(text(yield* clientIn({ ...env, NO_PROXY: "example.com" }), get(secureUrl)))
      assert.include(["ENOTFOUND", "EAI_AGAIN"], systemCode(error.cause))
      assert.deepStrictEqual(proxy.asked, [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("trusts the authorities of AWS_CA_BUNDLE alone", () =>
    Effect.gen(function* () {
      const { front } = yield* network
      const proxy = yield* Proxy.startProxy({ leadsTo: front.port })
      const others = yield* Authority.make
      for (const [env, code] of [
        [{}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
        [{ AWS_CA_BUNDLE: others.file }, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]
      ] as const) {
        const error = yield* Effect.flip(text(yield* clientIn({ HTTPS_PROXY: proxy.url, ...env }), get(secureUrl)))
        assert.strictEqual(systemCode(error.cause), code)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("fails with what to do if the proxy refuses, and never takes its response for the service's", () =>
    Effect.gen(function* () {
      for (const [refusesWith, expected] of [
        [302, "refused to connect to aws.example.com:443 (HTTP 302)"],
        [400, "refused to connect to aws.example.com:443 (HTTP 400)"],
        [403, "refused to connect to aws.example.com:443 (HTTP 403)"],
        [407, "requires a user and a password (HTTP 407)"]
      ] as const) {
        const proxy = yield* Proxy.startProxy({ refusesWith })
        const error = yield* Effect.flip(text(yield* clientIn({ HTTPS_PROXY: proxy.url }), call(secureUrl)))
        assert.include(constructionFailure(error)?.message, `the proxy ${proxy.url} (HTTPS_PROXY) ${expected}: `)
        assert.lengthOf(proxy.asked, 1)
      }
    }).pipe(Effect.scoped)
  )

  it.live("fails as without a connection if the proxy is busy or cannot reach the server", () =>
    Effect.gen(function* () {
      for (const refusesWith of [408, 429, 500, 502, 503, 504]) {
        const proxy = yield* Proxy.startProxy({ refusesWith })
        const error = yield* Effect.flip(text(yield* clientIn({ HTTPS_PROXY: proxy.url }), call(secureUrl)))
        assert.isUndefined(constructionFailure(error))
        assert.strictEqual(systemCode(error.cause), `PROXY_HTTP_${refusesWith}`)
      }
    }).pipe(Effect.scoped)
  )

  it.live("reports a wrong password without showing it", () =>
    Effect.gen(function* () {
      const proxy = yield* Proxy.startProxy({ credentials: "user:sekret" })
      const url = proxy.url.replace("//", "//user:sekret-wrong@")
      for (const target of [secureUrl, "http://example.com"]) {
        const client = yield* clientIn({ HTTPS_PROXY: url, HTTP_PROXY: url })
        const error = yield* Effect.flip(text(client, call(target)))
        const variable = target === secureUrl ? "HTTPS_PROXY" : "HTTP_PROXY"
        assert.strictEqual(
          constructionFailure(error)?.message,
          `the proxy ${proxy.url} (${variable}) refused the user and the password in ${variable} (HTTP 407): correct them`
        )
      }
    }).pipe(Effect.scoped)
  )

  it.live("ends the connection to a proxy that is silent when the request is interrupted", () =>
    Effect.gen(function* () {
      const authority = yield* Authority.make
      const certificate = yield* authority.issue("IP:127.0.0.1")
      for (const options of [{}, { certificate }]) {
        const proxy = yield* Proxy.startProxy({ isSilent: true, ...options })
        const client = yield* clientIn({ HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: authority.file })
        const fiber = yield* Effect.forkChild(client.execute(call(secureUrl)))
        yield* proxy.wasAsked
        yield* Fiber.interrupt(fiber)
        yield* proxy.hasEnded
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("an operation in an environment with invalid settings", () => {
  const register = (env: Readonly<Record<string, string>>, endpoint = "https://aws.example.com") =>
    SsoOidc.registerClient({ clientName: "test", clientType: "public" }).pipe(
      Effect.flip,
      Effect.provide(
        SsoOidc.layer({ endpoint }).pipe(
          Layer.provide(NodeHttp.layer),
          Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
        )
      )
    )

  it.effect("fails at once with a ConstructionFailure that says what to do", () =>
    Effect.gen(function* () {
      for (const [env, message] of [
        [{ HTTPS_PROXY: "socks5://user:sekret@proxy" }, "HTTPS_PROXY names a proxy for socks5"],
        [{ https_proxy: "http://user:sekret@:1" }, "https_proxy is not the URL of a proxy"],
        [{ AWS_CA_BUNDLE: "/missing/ca.pem" }, "AWS_CA_BUNDLE names /missing/ca.pem, which cannot be read (ENOENT)"]
      ] as const) {
        const error = yield* register(env)
        assert.strictEqual(error._tag, "ConstructionFailure")
        assert.include(error.message, message)
        assert.notInclude(JSON.stringify(error), "sekret")
      }
    })
  )

  it.live("does not care for settings that it does not need", () =>
    Effect.gen(function* () {
      const server = yield* startServer(() => "no JSON")
      const error = yield* register({ HTTPS_PROXY: "socks5://proxy", AWS_CA_BUNDLE: "/missing/ca.pem" }, server.url)
      assert.strictEqual(error._tag, "ResponseError")
    }).pipe(Effect.scoped)
  )
})
