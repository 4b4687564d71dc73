/**
 * The `HttpClient` of Node, with the proxies and the certificate authorities of the environment.
 *
 * @since 0.2.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Http from "node:http"
import type * as Https from "node:https"
import type { ConstructionFailure } from "../wire/ClientError.ts"
import * as CertificateAuthorities from "./CertificateAuthorities.ts"
import * as NetworkSettings from "./NetworkSettings.ts"
import * as ReusedConnection from "./ReusedConnection.ts"

// Not imported: that would load all of `node:http`, with a WebSocket client that is not needed here
const http: typeof Http = process.getBuiltinModule("node:http")
const https: typeof Https = process.getBuiltinModule("node:https")

type Agents = NodeHttpClient.HttpAgent["Service"]

/** A client whose requests are sent again on a new connection if the server has closed the one that they reused. */
const makeClient = Effect.fnUntraced(function* (
  agents: (options: Http.AgentOptions) => Agents
): Effect.fn.Return<HttpClient.HttpClient, never, Scope.Scope> {
  const acquire = (options: Http.AgentOptions) =>
    Effect.acquireRelease(
      Effect.sync(() => agents(options)),
      ({ http, https }) =>
        Effect.sync(() => {
          http.destroy()
          https.destroy()
        })
    )
  const client = (agents: Agents) =>
    Effect.provideService(NodeHttpClient.makeNodeHttp, NodeHttpClient.HttpAgent, agents)
  const closed = ReusedConnection.makeClosedConnections()
  const kept = yield* acquire(ReusedConnection.keptAlive)
  closed.watch(kept.http)
  closed.watch(kept.https)
  const onNewConnection = yield* Effect.flatMap(acquire({ keepAlive: false }), client)
  return HttpClient.transform(yield* client(kept), (sending, request) =>
    ReusedConnection.isRepeatable(request)
      ? Effect.catchIf(sending, closed.isOne, () =>
          Effect.andThen(
            Effect.logDebug("the server has closed an idle connection, sending the request again on a new one"),
            onNewConnection.execute(request)
          )
        )
      : sending
  )
})

const directly = makeClient((options) => ({ http: new http.Agent(options), https: new https.Agent(options) }))

/** The client for a URL, or the reason why there is none. */
type Route = (url: URL) => Result.Result<HttpClient.HttpClient, ConstructionFailure>

/** Sets up connections for settings that are not empty. */
const makeRoute = Effect.fnUntraced(function* (
  settings: NetworkSettings.NetworkSettings
): Effect.fn.Return<Route, never, FileSystem.FileSystem | Scope.Scope> {
  const { caBundle, proxies } = settings
  const authorities = caBundle === undefined ? undefined : yield* Effect.result(CertificateAuthorities.load(caBundle))
  const trusted =
    authorities !== undefined && Result.isSuccess(authorities) ? { secureContext: authorities.success } : {}
  const direct = yield* makeClient((options) => ({
    http: new http.Agent(options),
    https: new https.Agent({ ...options, ...trusted })
  }))
  const proxied = yield* makeProxied(proxies, trusted)
  return (url) =>
    Result.flatMap(NetworkSettings.proxyFor(settings, url), (proxy) => {
      const isEncrypted = url.protocol === "https:" || proxy?.origin.startsWith("https:") === true
      return isEncrypted && authorities !== undefined && Result.isFailure(authorities)
        ? Result.fail(authorities.failure)
        : Result.succeed(proxy === undefined ? direct : proxied)
    })
})

/** A client whose requests go through the proxies, each scheme through its own. */
const makeProxied = Effect.fnUntraced(function* (
  proxies: NetworkSettings.NetworkSettings["proxies"],
  trusted: Pick<Https.AgentOptions, "secureContext">
): Effect.fn.Return<HttpClient.HttpClient, never, Scope.Scope> {
  const [forHttp, forHttps] = [proxies["http:"], proxies["https:"]].map((proxy) =>
    proxy === undefined ? undefined : Option.getOrUndefined(Result.getSuccess(proxy))
  )
  if (forHttp === undefined && forHttps === undefined) return yield* directly
  const ProxyAgents = yield* Effect.promise(() => import("./ProxyAgents.ts"))
  const client = yield* makeClient((options) => ({
    http: forHttp === undefined ? new http.Agent(options) : ProxyAgents.forward(forHttp, { ...options, ...trusted }),
    https: forHttps === undefined ? new https.Agent(options) : ProxyAgents.tunnel(forHttps, { ...options, ...trusted })
  }))
  if (forHttp === undefined) return client
  // Without a tunnel, a refusal is a response like any other
  return HttpClient.transform(client, (sending, request) =>
    Effect.filterOrElse(
      sending,
      ({ status }) => status !== 407 || !/^http:/i.test(request.url),
      () => Effect.fail(notSent(request, ProxyAgents.refusal(forHttp, request.url, 407)))
    )
  )
})

const notSent = (request: HttpClientRequest.HttpClientRequest, cause: Error): HttpClientError.HttpClientError =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, cause, description: cause.message })
  })

/** A client that finds its route by the URL of each request. The first request sets up the connections. */
const routed = Effect.fnUntraced(function* (
  settings: NetworkSettings.NetworkSettings
): Effect.fn.Return<HttpClient.HttpClient, never, FileSystem.FileSystem | Scope.Scope> {
  const context = yield* Effect.context<FileSystem.FileSystem | Scope.Scope>()
  const route = yield* Effect.cached(Effect.provideContext(makeRoute(settings), context))
  return HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap((request) =>
      Effect.flatMap(route, (find) => {
        const client = URL.canParse(request.url) ? find(new URL(request.url)) : undefined
        if (client === undefined) {
          return Effect.fail(
            new HttpClientError.HttpClientError({
              reason: new HttpClientError.InvalidUrlError({ request, description: "the URL is not absolute" })
            })
          )
        }
        return Result.isFailure(client)
          ? Effect.fail(notSent(request, client.failure))
          : client.success.execute(request)
      })
    ),
    Effect.succeed
  )
})

const make = Effect.gen(function* () {
  const settings = yield* NetworkSettings.load
  const { caBundle, proxies } = settings
  const isEmpty = caBundle === undefined && proxies["http:"] === undefined && proxies["https:"] === undefined
  return yield* isEmpty ? directly : routed(settings)
})

/**
 * Provides an `HttpClient` on `node:http`.
 *
 * **When to use**
 *
 * Use it in a program that provides its own stores and prompts. `NodeSso.layer` includes it.
 *
 * **Details**
 *
 * - `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in lower or upper case, and `AWS_CA_BUNDLE` are honored as by the AWS
 *   CLI. They are read through Effect's `ConfigProvider`, when the layer is built. The code for proxies is loaded by the
 *   first request, and only if a proxy is set. See the guide on networks.
 * - An invalid setting fails the requests that need it. The cause of their error is a `ConstructionFailure` that says
 *   what to do, and with which the operations of this library fail.
 * - Connections are kept alive for four seconds. A request that finds its connection closed by the server, before a byte
 *   of the response, is sent again once on a new connection, if its method is idempotent or if it is one of this
 *   library's. The trace headers and the spans of a request are not repeated.
 *
 * @category layers
 * @since 0.2.0
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.effect(HttpClient.HttpClient, make).pipe(
  Layer.provide(NodeFileSystem.layer)
)
