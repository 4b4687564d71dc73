/** A proxy and a server on the loopback address, as a company's network has them. They end with the scope. */
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import { Deferred, Effect, type Scope } from "effect"

/** Listens on a free port, and returns it. */
export const listen = (server: Net.Server): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
  })
  return Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(typeof address === "object" && address !== null ? Effect.succeed(address.port) : Effect.die(address))
      })
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )
}

/** A server over TLS that passes requests on to one in plain text, under its own host name. */
export const startSecureFront = Effect.fnUntraced(function* (
  certificate: { readonly key: string; readonly cert: string },
  origin: string
) {
  const { host, hostname, port } = new URL(origin)
  const asked: Array<string> = []
  const server = Https.createServer(certificate, (request, response) => {
    asked.push(`${request.method} https://${request.headers.host}${request.url?.split("?")[0]}`)
    const { headers, method, url: path } = request
    const passed = Http.request(
      { hostname, port, method, path, headers: { ...headers, host }, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      }
    )
    request.pipe(passed)
  })
  const ownPort = yield* listen(server)
  return { port: ownPort, /** What it was asked. */ asked }
})

export interface ProxyOptions {
  /** The port where a host is found, whatever its name and its port. By default, no host is found. */
  readonly leadsTo?: number | undefined
  /** The only credentials that it accepts, as `user:password`. */
  readonly credentials?: string | undefined
  /** The status of every response. */
  readonly refusesWith?: number | undefined
  /** Whether it accepts connections, and says nothing. */
  readonly isSilent?: boolean | undefined
  /** A key and a certificate, for a proxy that is reached over TLS. */
  readonly certificate?: { readonly key: string; readonly cert: string } | undefined
}

/** Starts a proxy. */
export const startProxy = Effect.fnUntraced(function* (options: ProxyOptions = {}) {
  const asked: Array<string> = []
  const wasAsked = yield* Deferred.make<void>()
  const hasEnded = yield* Deferred.make<void>()
  const status = (request: Http.IncomingMessage): number => {
    if (options.refusesWith !== undefined) return options.refusesWith
    const { credentials } = options
    const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`
    if (request.headers["proxy-authorization"] !== expected) return 407
    return options.leadsTo === undefined ? 502 : 200
  }
  const server = options.certificate === undefined ? Http.createServer() : Https.createServer(options.certificate)
  // A forwarded request has the whole URL
  server.on("request", (request: Http.IncomingMessage, response: Http.ServerResponse) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(status(request)).end("from the proxy")
  })
  server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket) => {
    asked.push(`CONNECT ${request.url}`)
    Deferred.doneUnsafe(wasAsked, Effect.void)
    if (options.isSilent === true) {
      socket.resume().once("end", () => socket.destroy())
      return
    }
    const code = status(request)
    if (code !== 200) {
      const page = '{"error":"invalid_grant","error_description":"from the proxy"}'
      socket.end(
        `HTTP/1.1 ${code} No\r\nx-amzn-ErrorType: InvalidGrantException\r\nContent-Length: ${page.length}\r\n\r\n${page}`
      )
      return
    }
    const target = Net.connect(options.leadsTo ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      target.pipe(socket).pipe(target)
    })
    target.on("error", () => socket.destroy())
    socket.on("error", () => target.destroy())
  })
  server.on("connection", (socket: Net.Socket) => {
    socket.once("close", () => Deferred.doneUnsafe(hasEnded, Effect.void))
  })
  const port = yield* listen(server)
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http${options.certificate === undefined ? "" : "s"}://127.0.0.1:${port}`,
    /** What it was asked: `CONNECT host:port`, or a method and a URL. */
    asked,
    /** The same without repetitions, whose number depends on how long a connection was idle. */
    tunnels: () => [...new Set(asked)],
    /** Waits until it is asked for a tunnel. */
    wasAsked: Deferred.await(wasAsked),
    /** Waits until a connection to it has ended. */
    hasEnded: Deferred.await(hasEnded)
  }
})
