/**
 * Connections that are kept for the next request, and requests that find such a connection closed.
 *
 * A server can close an idle connection at any time. If it does so while a request is on its way, the request fails,
 * although the server has most likely not read it. Source: RFC 9112 §9.3.1 and §9.5.
 */
import * as Duration from "effect/Duration"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Http from "node:http"

/**
 * How long a connection is kept while it is idle.
 *
 * Less than servers keep it: Node's closes it after 5 seconds, a load balancer of AWS after 60. Where the server names a
 * time (`Keep-Alive: timeout=…`), Node's agent ends the connection a second before it.
 */
export const idleTimeout = Duration.seconds(4)

/** The options of an agent that keeps connections. */
export const keptAlive: Http.AgentOptions = { keepAlive: true, timeout: Duration.toMillis(idleTimeout) }

/** Failures of requests on a reused connection, without a byte of the response. */
export interface ClosedConnections {
  /** Makes an agent note such failures. */
  readonly watch: <A extends Http.Agent>(agent: A) => A
  /** Whether this is one. */
  readonly isOne: (error: HttpClientError.HttpClientError) => boolean
}

/** Makes an empty record of failures. It refers to them weakly. */
export const makeClosedConnections = (): ClosedConnections => {
  const errors = new WeakSet<object>()
  return {
    watch: (agent) => {
      const reuseSocket = agent.reuseSocket.bind(agent)
      agent.reuseSocket = (socket, request) => {
        reuseSocket(socket, request)
        const before = bytesRead(socket)
        request.once("error", (error) => {
          if (bytesRead(socket) === before) errors.add(error)
        })
      }
      return agent
    },
    isOne: ({ reason }) => reason._tag === "TransportError" && reason.cause instanceof Error && errors.has(reason.cause)
  }
}

const bytesRead = (socket: object): unknown => Reflect.get(socket, "bytesRead")

/**
 * Whether a request can be sent again at once, on a new connection, if a reused one was closed before a byte of the
 * response.
 *
 * **Details**
 *
 * RFC 9110 §9.2.2 allows it for idempotent methods, and where the client knows that a repetition does no harm. The
 * latter holds for the calls of this library, which AWS clients mark with `amz-sdk-invocation-id`: a connection failure
 * of any of them is tried again in any case, by the retry policy, by the schedule of the device flow or by the next
 * refresh. An immediate repetition adds no risk. A request is sent twice at most.
 *
 * If the server did read the first request, what is lost depends on the operation:
 *
 * - `RegisterClient`, `StartDeviceAuthorization`: a registration and a device code that are never used
 * - `CreateToken` with a code: the code is spent either way, and the user signs in again
 * - `CreateToken` with a refresh token: the same, but a service that takes a rotated refresh token for a short while
 *   after its use takes the second request, too, if it comes soon. So the safest choice for the session is to send it
 *   again immediately. It is also rare: a refresh finds an idle connection only within four seconds of another request.
 * - the portal: nothing
 */
export const isRepeatable = ({ body, headers, method }: HttpClientRequest.HttpClientRequest): boolean =>
  (idempotent.has(method) || headers["amz-sdk-invocation-id"] !== undefined) &&
  (body._tag === "Empty" || body._tag === "Uint8Array")

const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
