/**
 * The `RedirectListener` of Node: an HTTP server on the loopback address, for one callback.
 *
 * Source: RFC 8252 §7.3, §8.3 and §8.10.
 *
 * @since 0.1.0
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as RedirectListener from "../login/RedirectListener.ts"
import { systemCode } from "../wire/SystemCode.ts"

/** Where the browser is sent on to, so that no code stays in its address bar and its history. */
const donePath = "/oauth/done"

/** How long the browser may take to fetch the last page before the listener closes. */
const lastPage = Duration.seconds(2)

/**
 * Opens a listener on `127.0.0.1`, or on `::1` where there is no IPv4.
 *
 * **Details**
 *
 * A request that names another host is refused: it comes from a page whose name was made to lead here (DNS rebinding).
 * Other paths are answered with 404. A callback that is not the answer is refused, told of in the log, and the real one
 * waited for. When the scope closes, so do the listener and every connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<RedirectListener.RedirectListener> = Layer.succeed(RedirectListener.RedirectListener, {
  listen: Effect.fnUntraced(function* ({ host, port, state }) {
    const answered = yield* Deferred.make<RedirectListener.Answer>()
    const told = yield* Deferred.make<void>()
    const server = yield* acquireServer
    const address = yield* bind(server, port)
    const own = { host: host ?? address.host, port: address.port }
    const context = yield* Effect.context<never>()
    let refused = 0

    const respond = (request: Http.IncomingMessage, response: Http.ServerResponse): Effect.Effect<void> =>
      Effect.suspend(() => {
        const url = `http://${own.host}${request.url ?? ""}`
        const path = URL.canParse(url) ? new URL(url).pathname : ""
        const mayCome = [...loopbackHosts, own.host].includes(hostOf(request.headers.host))
        if (!mayCome) return send(response, pages.foreignHost)
        if (request.method !== "GET") return send(response, pages.wrongMethod)
        if (path === donePath) return tell(response)
        if (path !== RedirectListener.path) return send(response, pages.notFound)
        return callback(url, response)
      })

    const callback = Effect.fnUntraced(function* (url: string, response: Http.ServerResponse) {
      if (yield* Deferred.isDone(answered)) return yield* send(response, pages.usedAlready)
      const read = RedirectListener.readCallback(url, state)
      if (Result.isFailure(read)) {
        // Once is worth a person's attention; a flood of them is not worth a flood in the log
        yield* refused++ === 0 ? Effect.logWarning(read.failure.message) : Effect.logDebug(read.failure.message)
        return yield* send(response, { status: 400, title: "Not accepted", text: read.failure.message })
      }
      yield* Deferred.succeed(answered, read.success)
      yield* send(response, { status: 303, title: "Signed in", text: "", location: donePath })
    })

    const tell = Effect.fnUntraced(function* (response: Http.ServerResponse) {
      const answer = yield* Deferred.poll(answered)
      if (Option.isNone(answer)) return yield* send(response, pages.notFound)
      const result = yield* answer.value
      yield* send(response, Result.isSuccess(result) ? pages.done : pages.failed(result.failure.message))
      yield* Deferred.succeed(told, undefined)
    })

    server.on("request", (request, response) => {
      Effect.runForkWith(context)(respond(request, response))
    })
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(Deferred.isDone(answered), (done) =>
        done ? Effect.timeoutOption(Deferred.await(told), lastPage) : Effect.void
      )
    )
    return {
      redirectUri: `http://${own.host}:${own.port}${RedirectListener.path}`,
      answer: Deferred.await(answered)
    }
  })
})

const loopbackHosts: ReadonlyArray<string> = ["127.0.0.1", "[::1]", "localhost"]

const hostOf = (header: string | undefined): string => (header ?? "").replace(/:\d+$/, "").toLowerCase()

const acquireServer: Effect.Effect<Http.Server, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => Http.createServer({ keepAlive: false, requestTimeout: 10_000, maxHeaderSize: 16_384 })),
  (server) =>
    Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      // Who holds a connection open shall not hold us
      server.closeAllConnections()
    })
)

const listenOn = (
  server: Http.Server,
  address: string,
  port: number | undefined
): Effect.Effect<number, RedirectListener.ListenFailure> =>
  Effect.callback((resume) => {
    const failed = (error: Error) => {
      const code = systemCode(error)
      resume(
        Effect.fail(
          new RedirectListener.ListenFailure({
            ...(port === undefined ? {} : { port }),
            ...(code === undefined ? {} : { code })
          })
        )
      )
    }
    server.once("error", failed)
    server.listen({ host: address, port: port ?? 0, exclusive: true }, () => {
      server.off("error", failed)
      const bound = server.address()
      resume(Effect.succeed(typeof bound === "object" && bound !== null ? bound.port : 0))
    })
  })

const bind = (server: Http.Server, port: number | undefined) =>
  listenOn(server, "127.0.0.1", port).pipe(
    Effect.map((port) => ({ host: "127.0.0.1", port })),
    Effect.catchIf(
      ({ code }) => code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT",
      () => Effect.map(listenOn(server, "::1", port), (port) => ({ host: "[::1]", port }))
    )
  )

interface Page {
  readonly status: number
  readonly title: string
  readonly text: string
  readonly location?: string
}

const pages = {
  done: {
    status: 200,
    title: "You can close this page",
    text: "The sign-in goes on in the program that asked for it."
  },
  failed: (message: string): Page => ({ status: 200, title: "Not signed in", text: message }),
  usedAlready: { status: 409, title: "Used already", text: "This sign-in has its answer. To sign in, start again." },
  notFound: { status: 404, title: "Nothing here", text: "This server waits for one sign-in, and has no other pages." },
  wrongMethod: { status: 405, title: "Not accepted", text: "This server takes GET requests only." },
  foreignHost: { status: 421, title: "Not accepted", text: "This request was meant for another host." }
} satisfies Record<string, Page | ((message: string) => Page)>

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const send = (response: Http.ServerResponse, page: Page): Effect.Effect<void> =>
  Effect.sync(() => {
    const nonce = Base64Url.encode(SecureRandom.randomBytesUnsafe(16))
    response.writeHead(page.status, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      connection: "close",
      ...(page.location === undefined ? {} : { location: page.location })
    })
    response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)}</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { max-width: 32rem; padding: 1.5rem; overflow-wrap: anywhere; }
</style>
</head>
<body><main><h1>${escape(page.title)}</h1><p>${escape(page.text)}</p></main></body>
</html>
`)
  })
