/**
 * Each operation, on Node's network, with everything that can be wrong with a connection or a response: it fails with a
 * typed error within its limits, and no secret is in what it says.
 */
import * as Net from "node:net"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Inspectable, Layer, Logger, Queue, References, Schedule } from "effect"
import { TestClock } from "effect/testing"
import * as NodeHttp from "../../src/node/NodeHttp.ts"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import * as Calls from "../support/Calls.ts"
import * as Proxy from "../support/Proxy.ts"
import { sample } from "../support/Sample.ts"

/** What a server does when it has received a request. */
type Behavior = (socket: Net.Socket, request: string) => void

/** A server that behaves as it was last told, without any knowledge of HTTP. */
const startServer = Effect.gen(function* () {
  const requests = yield* Queue.unbounded<string>()
  const closed = yield* Queue.unbounded<void>()
  const told: { behave: Behavior } = { behave: () => {} }
  const server = Net.createServer((socket) => {
    let received = ""
    socket.setEncoding("latin1")
    socket.on("error", () => {})
    socket.once("close", () => Queue.offerUnsafe(closed, undefined))
    socket.on("data", (text: string) => {
      received += text
      const head = received.indexOf("\r\n\r\n")
      const length = Number(/\ncontent-length: *(\d+)/i.exec(received)?.[1] ?? 0)
      if (head === -1 || received.length < head + 4 + length) return
      const request = received
      received = ""
      Queue.offerUnsafe(requests, request)
      told.behave(socket, request)
    })
  })
  const port = yield* Proxy.listen(server)
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    behave: (behave: Behavior) =>
      Effect.sync(() => {
        told.behave = behave
      }),
    /** Waits for a request. */
    request: Queue.take(requests),
    /** Waits until a connection has ended. */
    closed: Queue.take(closed)
  }
})

const response = (
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string | number>> = {}
): Buffer =>
  Buffer.concat([
    Buffer.from(
      [
        `HTTP/1.1 ${status} Status`,
        ...Object.entries({ "content-length": Buffer.byteLength(body), ...headers }).map(
          ([name, value]) => `${name}: ${value}`
        ),
        "\r\n"
      ].join("\r\n")
    ),
    Buffer.from(body)
  ])

const sends =
  (...parts: ReadonlyArray<string | Uint8Array>): Behavior =>
  (socket) => {
    for (const part of parts) socket.write(part)
  }

const sendsAndCloses =
  (...parts: ReadonlyArray<string | Uint8Array>): Behavior =>
  (socket) => {
    socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))))
  }

/** Sends bytes as long as the client reads them. */
const sendsForever =
  (head: string, chunk: string): Behavior =>
  (socket) => {
    socket.write(head)
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
      socket.once("drain", more)
    }
    more()
  }

/** The tags of the errors that an operation declares. */
const tagsOf = ({ operation, service }: Calls.Call): ReadonlySet<string> => {
  const modelled = service.exceptions.map(({ name }) => name)
  assert.isAbove(modelled.length, 0, operation.name)
  return new Set([
    ...modelled,
    "CallTimeout",
    "ConstructionFailure",
    "DispatchFailure",
    "ResponseError",
    "UnhandledServiceError"
  ])
}

const secretsOf = ({ secrets }: Calls.Call): ReadonlyArray<string> =>
  secrets.flatMap((secret) => [secret, encodeURIComponent(secret)])

/** Runs a call, and checks what holds for every failure. Returns the tag of the error, or `success`. */
const outcome = Effect.fnUntraced(function* (call: Calls.Call, context: string) {
  const logged: Array<string> = []
  const logger = Logger.make(({ cause, message }) => {
    logged.push(Inspectable.toStringUnknown(message), Cause.pretty(cause))
  })
  const exit = yield* Calls.run(call).pipe(
    Effect.exit,
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "All")
  )
  const name = `${call.operation.name}, ${context}`
  if (Exit.isSuccess(exit)) return "success"
  const [reason, ...others] = exit.cause.reasons
  assert.isDefined(reason, name)
  assert.lengthOf(others, 0, name)
  if (reason === undefined || !Cause.isFailReason(reason)) return assert.fail(`${name}: ${Cause.pretty(exit.cause)}`)
  const { error } = reason
  assert.include([...tagsOf(call)], error._tag, name)
  const said = [error.message, JSON.stringify(error), Inspectable.toStringUnknown(error), Cause.pretty(exit.cause)]
  for (const text of [...said, ...logged]) {
    for (const secret of secretsOf(call)) assert.notInclude(text, secret, name)
  }
  assert.isBelow(error.message.length, 4096, name)
  return error._tag
})

/** The services of Node at this endpoint, with one attempt for each call. */
const at = (endpoint: string) =>
  Calls.services({ endpoint, retryPolicy: RetryPolicy.none }).pipe(Layer.provide(NodeHttp.layer))

interface Fault {
  readonly name: string
  readonly behavior: (call: Calls.Call) => Behavior
  /** What each call ends with. A success has read the response as it is. */
  readonly expected: ReadonlyArray<string>
}

const json = (call: Calls.Call) => (call.response === undefined ? "" : JSON.stringify(call.response))

const bomb = gzipSync(Buffer.alloc(50_000_000, " "))

const faults: ReadonlyArray<Fault> = [
  {
    name: "a reset without a response",
    behavior: () => (socket) => socket.resetAndDestroy(),
    expected: ["DispatchFailure"]
  },
  { name: "a close without a response", behavior: () => (socket) => socket.end(), expected: ["DispatchFailure"] },
  {
    name: "a reset in the head",
    behavior: () => (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-", () => socket.resetAndDestroy()),
    expected: ["DispatchFailure"]
  },
  {
    name: "a close in the head",
    behavior: () => sendsAndCloses("HTTP/1.1 200 OK\r\nConte"),
    expected: ["DispatchFailure"]
  },
  {
    name: "a close in the body",
    behavior: () => sendsAndCloses('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"a":'),
    expected: ["DispatchFailure", "success"]
  },
  {
    name: "a close in a chunk",
    behavior: () => sendsAndCloses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
    expected: ["DispatchFailure", "success"]
  },
  {
    name: "a response in pieces of one byte",
    behavior: (call) => (socket) => {
      socket.setNoDelay(true)
      for (const byte of response(200, json(call))) socket.write(Uint8Array.of(byte))
    },
    expected: ["success"]
  },
  {
    name: "chunks of one byte",
    behavior: (call) =>
      sends(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ...[...json(call)].map((character) => `1\r\n${character}\r\n`),
        "0\r\n\r\n"
      ),
    expected: ["success"]
  },
  {
    name: "a body that ends with the connection",
    behavior: (call) => sendsAndCloses(`HTTP/1.1 200 OK\r\n\r\n${json(call)}`),
    expected: ["success"]
  },
  {
    name: "informational responses before the final one",
    behavior: (call) => sends("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100), response(200, json(call))),
    expected: ["success"]
  },
  {
    name: "a body of 3 GB that is declared",
    behavior: () => sendsForever("HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n", "{".repeat(65_536)),
    expected: ["ResponseError", "success"]
  },
  {
    name: "a body without an end",
    behavior: () => sendsForever("HTTP/1.1 200 OK\r\n\r\n", "[".repeat(65_536)),
    expected: ["ResponseError"]
  },
  {
    name: "chunks without an end",
    behavior: () =>
      sendsForever("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", `1000\r\n${"[".repeat(4096)}\r\n`),
    expected: ["ResponseError"]
  },
  {
    name: "an error without an end",
    behavior: () => sendsForever("HTTP/1.1 500 Error\r\n\r\n", " ".repeat(65_536)),
    expected: ["ResponseError"]
  },
  {
    name: "a head without an end",
    behavior: () => sendsForever("HTTP/1.1 200 OK\r\n", `X-Header: ${"a".repeat(1000)}\r\n`),
    expected: ["DispatchFailure"]
  },
  {
    name: "a gzip bomb",
    behavior: () => sends(response(200, bomb, { "content-encoding": "gzip" })),
    expected: ["ResponseError", "success"]
  },
  {
    name: "nested JSON",
    behavior: () => sends(response(200, "[".repeat(500_000))),
    expected: ["ResponseError", "success"]
  },
  {
    name: "an unknown member that is nested 100,000 deep",
    behavior: (call) =>
      sends(
        response(
          200,
          `${json(call).slice(0, -1)}${call.response === undefined ? "" : ","}"x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`
        )
      ),
    expected: ["success", "ResponseError"]
  },
  {
    name: "a length that is too short",
    behavior: () => sends(response(200, '{"accessToken":"a","expiresIn":1}', { "content-length": 3 })),
    expected: ["ResponseError", "success"]
  },
  {
    name: "a length that is no number",
    behavior: (call) => sends(response(200, json(call), { "content-length": "ten" })),
    expected: ["DispatchFailure"]
  },
  {
    name: "a length below zero",
    behavior: (call) => sends(response(200, json(call), { "content-length": "-1" })),
    expected: ["DispatchFailure"]
  },
  {
    name: "two lengths",
    behavior: (call) => sends(response(200, json(call), { "Content-length": 2 })),
    expected: ["DispatchFailure"]
  },
  {
    name: "a length and chunks",
    behavior: (call) => sends(response(200, json(call), { "transfer-encoding": "chunked" })),
    expected: ["DispatchFailure"]
  },
  {
    name: "a page",
    behavior: () =>
      sends(response(200, "<html><body>Sign in to the Wi-Fi</body></html>", { "content-type": "text/html" })),
    expected: ["ResponseError", "success"]
  },
  {
    name: "another type",
    behavior: (call) => sends(response(200, json(call), { "content-type": "image/png" })),
    expected: ["success"]
  },
  {
    name: "bytes that are no UTF-8",
    behavior: () => sends(response(200, Uint8Array.of(0xff, 0xfe, 0x7b, 0x80, 0xc0))),
    expected: ["ResponseError", "success"]
  },
  { name: "another protocol", behavior: () => sends("SSH-2.0-OpenSSH_9.9\r\n"), expected: ["DispatchFailure"] },
  { name: "nulls", behavior: () => sends(Buffer.alloc(1000)), expected: ["DispatchFailure"] },
  {
    name: "a response to each request twice",
    behavior: (call) => sends(response(200, json(call)), response(200, json(call))),
    expected: ["success"]
  },
  {
    name: "an upgrade that was not requested",
    behavior: () => sends("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"),
    expected: ["ResponseError", "success"]
  },
  { name: "no body", behavior: () => sends("HTTP/1.1 204 No Content\r\n\r\n"), expected: ["ResponseError", "success"] }
]

/** What a hostile service sends back: all that it was sent, wherever it fits. */
const echo = (request: string, status: number): Buffer => {
  const line = request.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, 4000)
  return response(
    status,
    JSON.stringify({
      error: line,
      error_description: `${request}${line}`,
      message: line,
      Message: line,
      __type: line,
      reason: line
    }),
    {
      location: `http://evil.example/${encodeURIComponent(line)}?${line.replaceAll(" ", "+")}`,
      "x-amzn-requestid": line
    }
  )
}

/** In a sample, one operation of each service. */
const calls = Calls.calls.filter(
  ({ operation }) => sample(1, 0) === 1 || ["CreateToken", "GetRoleCredentials"].includes(operation.name)
)

const year = { "retry-after": "31536000", "x-amz-retry-after": "31536000000" }

const statuses = Array.from({ length: 300 }, (_, index) => 300 + index).filter((status) => status % sample(1, 23) === 0)

describe("an operation on a network with faults", () => {
  for (const fault of faults) {
    it.effect(`ends with a typed result after ${fault.name}`, () =>
      Effect.gen(function* () {
        const server = yield* startServer
        yield* Effect.forEach(calls, (call) =>
          Effect.gen(function* () {
            yield* server.behave(fault.behavior(call))
            const tag = yield* outcome(call, fault.name)
            const name = `${call.operation.name}, ${fault.name}`
            assert.include(fault.expected, tag, name)
            // Where both can be, a success is that of an operation without an output
            if (tag === "success" && fault.expected[0] !== "success") assert.isUndefined(call.response, name)
          })
        ).pipe(Effect.provide(at(server.endpoint)))
      }).pipe(Effect.scoped)
    )
  }

  it.effect("ends in a timeout, and ends the connection, if the service is silent at any point", () =>
    Effect.gen(function* () {
      const server = yield* startServer
      for (const start of [
        "",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"accessToken":',
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        'HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{"error":'
      ]) {
        yield* server.behave((socket) => socket.write(start))
        for (const call of calls) {
          const fiber = yield* Effect.forkChild(
            outcome(call, `silence after ${start}`).pipe(Effect.provide(at(server.endpoint)))
          )
          yield* server.request
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(yield* Fiber.join(fiber), "CallTimeout", `${call.operation.name}: ${start}`)
          yield* server.closed
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("fails as an unreachable service does, if there is none, or one without TLS", () =>
    Effect.gen(function* () {
      const free = yield* Effect.scoped(startServer)
      const plain = yield* Proxy.listen(Net.createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))
      for (const endpoint of ["https://nowhere.invalid", free.endpoint, `https://127.0.0.1:${plain}`]) {
        for (const call of calls) {
          const tag = yield* outcome(call, endpoint).pipe(Effect.provide(at(endpoint)))
          assert.strictEqual(tag, "DispatchFailure", `${call.operation.name}: ${endpoint}`)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect(`fails with a typed error on each status from 300 to 599, also if the service quotes the request`, () =>
    Effect.gen(function* () {
      const server = yield* startServer
      yield* Effect.gen(function* () {
        for (const status of statuses) {
          const page = response(status, "<html></html>", {
            "retry-after": "31536000",
            "x-amz-retry-after": "31536000000"
          })
          for (const [name, behavior] of [
            ["an echo", (socket: Net.Socket, request: string) => socket.write(echo(request, status))],
            ["a page", sends(page)]
          ] as const) {
            yield* server.behave(behavior)
            for (const call of calls) {
              const tag = yield* outcome(call, `${name} with status ${status}`)
              assert.notStrictEqual(tag, "success", `${call.operation.name}, ${name} with status ${status}`)
              if (status < 400) assert.strictEqual(tag, "ResponseError")
            }
          }
        }
      }).pipe(Effect.provide(at(server.endpoint)))
    }).pipe(Effect.scoped)
  )

  it.effect("waits half a minute at most, and three times at most, where Retry-After names a year", () =>
    Effect.gen(function* () {
      const server = yield* startServer
      const waits = yield* Queue.unbounded<Duration.Duration>()
      const standard = RetryPolicy.standard()
      const schedule = Schedule.tap(standard.schedule, ({ duration }) => Queue.offer(waits, duration))
      const services = Calls.services({ endpoint: server.endpoint, retryPolicy: { ...standard, schedule } })
      yield* Effect.gen(function* () {
        for (const status of [429, 500, 503]) {
          yield* server.behave(sends(response(status, "{}", year)))
          for (const call of calls) {
            const fiber = yield* Effect.forkChild(outcome(call, `${status}`))
            for (const _ of ["the second attempt", "the third attempt"]) {
              assert.isBelow(Duration.toSeconds(yield* Queue.take(waits)), 30)
              yield* TestClock.adjust("30 seconds")
            }
            assert.notStrictEqual(yield* Fiber.join(fiber), "success")
            assert.strictEqual(yield* Queue.size(waits), 0)
          }
        }
      }).pipe(Effect.provide(services.pipe(Layer.provide(NodeHttp.layer))))
    }).pipe(Effect.scoped)
  )
})
