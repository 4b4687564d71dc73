/**
 * The `RedirectListener` of Node: an HTTP server on the loopback address that receives one callback.
 *
 * Source: RFC 8252 §7.3, §8.3 and §8.10.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as AuthorizationResponse from "../login/AuthorizationResponse.ts"
import * as RedirectListener from "../login/RedirectListener.ts"
import { systemCode } from "../wire/SystemCode.ts"
import * as RedirectPage from "./RedirectPage.ts"

/** Where the browser is redirected to after the callback. */
const donePath = "/oauth/done"

/** How long the listener stays open for the browser to load the last page. */
const lastPageTimeout = Duration.seconds(2)

/** More connections than a browser opens, and few enough that a flood of them does not use up the file descriptors. */
const maxConnections = 256

/**
 * Opens a listener on `127.0.0.1`, or on `::1` where there is no IPv4.
 *
 * **Details**
 *
 * - A request with another `Host` is refused: its page may have been resolved to this machine (DNS rebinding).
 * - Another path gets a 404.
 * - A callback that is not the authorization response is refused and logged, and the listener keeps waiting.
 * - At most 256 connections are open at a time. One more is closed at once.
 * - When the scope closes, the listener closes, with every connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<RedirectListener.RedirectListener> = Layer.succeed(RedirectListener.RedirectListener, {
  listen: Effect.fnUntraced(function* ({ host, port, state }) {
    const received = yield* Deferred.make<AuthorizationResponse.AuthorizationResponse>()
    const lastPageSent = yield* Deferred.make<void>()
    const refusals = yield* Ref.make(0)
    const server = yield* acquireServer
    const address = yield* bind(server, port)
    const own = { host: host ?? address.host, port: address.port }
    const context = yield* Effect.context<never>()

    const respond = (request: Http.IncomingMessage, response: Http.ServerResponse): Effect.Effect<void> => {
      const send = (page: RedirectPage.RedirectPage) => RedirectPage.write(response, page)
      const url = `http://${own.host}${request.url ?? ""}`
      const path = URL.canParse(url) ? new URL(url).pathname : ""
      const isOwnHost = [...loopbackHosts, own.host].includes(hostOf(request.headers.host))
      if (!isOwnHost) return send(RedirectPage.wrongHost)
      if (request.method !== "GET") return send(RedirectPage.wrongMethod)
      if (path === AuthorizationResponse.path) return Effect.flatMap(callback(url), send)
      if (path !== donePath) return send(RedirectPage.notFound)
      return Effect.flatMap(
        Deferred.poll(received),
        Option.match({
          onNone: () => send(RedirectPage.notFound),
          onSome: (response) =>
            Effect.andThen(Effect.flatMap(lastPage(response), send), Deferred.succeed(lastPageSent, undefined))
        })
      )
    }

    const callback = Effect.fnUntraced(function* (url: string) {
      if (yield* Deferred.isDone(received)) return RedirectPage.alreadyReceived
      const response = AuthorizationResponse.read(url, state)
      if (Result.isSuccess(response)) {
        yield* Deferred.succeed(received, response.success)
        return RedirectPage.redirect(donePath)
      }
      // Only the first one is logged as a warning, so that many of them cannot flood the log
      const { message } = response.failure
      const isFirst = (yield* Ref.getAndUpdate(refusals, (count) => count + 1)) === 0
      yield* isFirst ? Effect.logWarning(message) : Effect.logDebug(message)
      return RedirectPage.refused(message)
    })

    server.on("request", (request, response) => {
      Effect.runForkWith(context)(respond(request, response))
    })
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(Deferred.isDone(received), (isReceived) =>
        isReceived ? Effect.timeoutOption(Deferred.await(lastPageSent), lastPageTimeout) : Effect.void
      )
    )
    return {
      redirectUri: `http://${own.host}:${own.port}${AuthorizationResponse.path}`,
      response: Deferred.await(received)
    }
  })
})

const lastPage = (
  response: Effect.Effect<AuthorizationResponse.AuthorizationResponse>
): Effect.Effect<RedirectPage.RedirectPage> =>
  Effect.map(
    response,
    Result.match({
      onSuccess: () => RedirectPage.signedIn,
      onFailure: ({ message }) => RedirectPage.failed(message)
    })
  )

const loopbackHosts: ReadonlyArray<string> = ["127.0.0.1", "[::1]", "localhost"]

const hostOf = (header: string | undefined): string => (header ?? "").replace(/:\d+$/, "").toLowerCase()

const acquireServer: Effect.Effect<Http.Server, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const server = Http.createServer({ keepAlive: false, requestTimeout: 10_000, maxHeaderSize: 16_384 })
    server.maxConnections = maxConnections
    return server
  }),
  (server) =>
    Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      // A client that keeps its connection open must not delay the close
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
