/**
 * The emulator behind a real HTTP server.
 */
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as NetAddress from "effect/net/NetAddress"
import * as Stream from "effect/Stream"
import type { RequestHandler } from "./Routes.ts"

/** The URL of a server. A browser cannot open a wildcard address, so it is replaced by the loopback address. */
export const urlOf = ({ address }: HttpServer.HttpServer["Service"]): string => {
  const unspecified = NetAddress.isInetAddress(address) && NetAddress.isUnspecified(address.address)
  return HttpServer.formatAddress(
    unspecified ? NetAddress.inetAddressUnsafe(NetAddress.ipv4Loopback, address.port) : address
  )
}

/**
 * Whether a server with this URL accepts a host name. A web page can make its own host name resolve to the loopback
 * address (DNS rebinding), so any other host name is refused.
 */
export const acceptsHost =
  (baseUrl: string) =>
  (hostname: string): boolean =>
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
    hostname === "[::1]" ||
    hostname === new URL(baseUrl).hostname

// A server destroys the connection when a body fails before its first byte.
const droppedConnection = HttpServerResponse.stream(Stream.fail("dropped"))

/** Handles requests until the scope closes. */
export const serve = (server: HttpServer.HttpServer["Service"], handler: RequestHandler) =>
  server.serve(
    handler.pipe(
      Effect.catchTag("ConnectionDropped", () => Effect.succeed(droppedConnection)),
      // By default a server does not interrupt a handler when its client disconnects.
      Effect.interruptible
    )
  )
