/**
 * Agents that connect through a proxy. Loaded only if the environment names one.
 */
import * as Redacted from "effect/Redacted"
import { HttpProxyAgent } from "http-proxy-agent"
import { HttpsProxyAgent } from "https-proxy-agent"
import type * as Http from "node:http"
import * as Net from "node:net"
import type * as Tls from "node:tls"
import { ConstructionFailure } from "../wire/ClientError.ts"
import type { Proxy } from "./NetworkSettings.ts"

/** How connections are made. */
export interface Options extends Http.AgentOptions {
  /** The certificate authorities to trust instead of those of Node. */
  readonly secureContext?: Tls.SecureContext | undefined
}

/** An agent for `https:` URLs: asks the proxy for a tunnel (`CONNECT`, RFC 9110 §9.3.6). */
export const tunnel = (proxy: Proxy, options: Options): HttpsProxyAgent<string> => new Tunnel(proxy, options)

/** An agent for `http:` URLs: sends the proxy the whole URL (RFC 9112 §3.2.2). */
export const forward = (proxy: Proxy, options: Options): Http.Agent => new Forward(proxy, options)

type ConnectOptions = Net.TcpNetConnectOpts & Tls.ConnectionOptions

class Tunnel extends HttpsProxyAgent<string> {
  readonly #proxy: Proxy
  readonly #trusted: ReturnType<typeof trustedBy>
  readonly #connectOptions: ConnectOptions

  constructor(proxy: Proxy, { secureContext, ...options }: Options) {
    super(proxy.origin, { ...options, headers: () => headersFor(proxy) })
    // The class drops the options of an agent, and with them how long it keeps connections
    this.options = { ...this.options, ...(options.timeout === undefined ? {} : { timeout: options.timeout }) }
    this.#proxy = proxy
    this.#trusted = trustedBy(secureContext)
    this.#connectOptions = { ...this.connectOpts, ...this.#trusted }
  }

  override connect(request: Http.ClientRequest, options: Parameters<HttpsProxyAgent<string>["connect"]>[1]) {
    const { signal, end } = whileConnecting(request)
    this.connectOpts = abortable(this.#proxy, this.#connectOptions, signal)
    // Without this, the class hands the proxy's response to the caller as if it were the service's
    request.once("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
      end()
      if (statusCode !== 200) request.destroy(refusal(this.#proxy, `${options.host}:${options.port}`, statusCode))
    })
    return super.connect(request, options.secureEndpoint ? { ...options, ...this.#trusted } : options)
  }
}

class Forward extends HttpProxyAgent<string> {
  readonly #proxy: Proxy
  readonly #connectOptions: ConnectOptions

  constructor(proxy: Proxy, { secureContext, ...options }: Options) {
    super(proxy.origin, { ...options, headers: () => headersFor(proxy) })
    this.#proxy = proxy
    this.#connectOptions = { ...this.connectOpts, ...trustedBy(secureContext) }
  }

  override connect(...[request, options]: Parameters<HttpProxyAgent<string>["connect"]>) {
    const { signal, end } = whileConnecting(request)
    this.connectOpts = abortable(this.#proxy, this.#connectOptions, signal)
    request.once("socket", end)
    return super.connect(request, options)
  }
}

const trustedBy = (secureContext: Tls.SecureContext | undefined): { readonly secureContext?: Tls.SecureContext } =>
  secureContext === undefined ? {} : { secureContext }

const headersFor = ({ authorization }: Proxy): Record<string, string> =>
  authorization === undefined ? {} : { "Proxy-Authorization": Redacted.value(authorization) }

/**
 * A signal that ends the connection to the proxy if the request is aborted before it has a connection.
 *
 * Node does not notify an agent of that. Without the signal, the connection stays open until the proxy responds.
 */
const whileConnecting = (request: Http.ClientRequest): { readonly signal: AbortSignal; readonly end: () => void } => {
  const controller = new AbortController()
  const destroy = request.destroy.bind(request)
  request.destroy = (error) => {
    controller.abort()
    return destroy(error)
  }
  return {
    signal: controller.signal,
    end: () => {
      request.destroy = destroy
    }
  }
}

const abortable = ({ origin }: Proxy, options: ConnectOptions, signal: AbortSignal): ConnectOptions =>
  // Over TLS, the options of the connection below are not passed on
  origin.startsWith("https:") ? { ...options, socket: Net.connect({ ...options, signal }) } : { ...options, signal }

/** The failure of a request that a proxy refused, with the status of its response. */
export const refusal = (proxy: Proxy, target: string, status: number): Error => {
  const name = `the proxy ${proxy.origin} (${proxy.variable})`
  const description =
    status === 407
      ? proxy.authorization === undefined
        ? `${name} requires a user and a password (HTTP 407): add them to ${proxy.variable}, as in http://user:password@proxy.example.com:3128`
        : `${name} refused the user and the password in ${proxy.variable} (HTTP 407): correct them`
      : `${name} refused to connect to ${target} (HTTP ${status}): check ${proxy.variable}, add the host to NO_PROXY if it can be reached directly, or have the proxy allow it`
  return isPermanent(status)
    ? new ConstructionFailure({ reason: "InvalidConfiguration", description })
    : Object.assign(new Error(description), { code: `PROXY_HTTP_${status}` })
}

/** Whether the same request will be refused again: the status is about the request, not about the proxy or the server. */
const isPermanent = (status: number): boolean => status < 500 && ![408, 425, 429].includes(status)
