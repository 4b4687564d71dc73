/**
 * Compares our retries with those of the official client, by the number of requests that a server receives.
 */
import { GetRoleCredentialsCommand, LogoutCommand, SSOClient } from "@aws-sdk/client-sso"
import { RegisterClientCommand, SSOOIDCClient } from "@aws-sdk/client-sso-oidc"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { StandardRetryStrategy } from "@smithy/core/retry"
import { Effect, Exit, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import * as Calls from "../support/Calls.ts"
import { failure, witness } from "../support/Witness.ts"

type Fault = (response: ServerResponse) => unknown

/** A server on the loopback address that responds to all requests with one fault, and counts them. */
const failing = (fault: Fault) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly endpoint: string; readonly count: () => number; readonly close: () => void }>(
      (resume) => {
        let requests = 0
        const server = createServer((request, response) => {
          requests += 1
          request.resume().once("end", () => fault(response))
        })
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(Effect.succeed({ endpoint: `http://127.0.0.1:${port}`, count: () => requests, close }))
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

/** The standard strategy of the official client, without its delays. */
const strategy = () =>
  new StandardRetryStrategy({ maxAttempts: 3, backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => {} } })

interface OfficialConfig {
  readonly region: string
  readonly endpoint: string
  readonly retryStrategy: StandardRetryStrategy
}

const role = { accessToken: "a", accountId: "b", roleName: "c" }

/** A call of a client that is closed afterwards. */
const once = <Client extends { readonly destroy: () => void }>(
  client: Client,
  call: (client: Client) => Promise<unknown>
): Promise<unknown> => call(client).finally(() => client.destroy())

// An operation of each service, and the one without an output
const [registerClient] = Calls.oidcCalls
const [, , getRoleCredentials, logout] = Calls.portalCalls
const operations = [
  {
    call: registerClient,
    official: (config: OfficialConfig) =>
      once(new SSOOIDCClient(config), (client) =>
        client.send(new RegisterClientCommand({ clientName: "a", clientType: "public" }))
      )
  },
  {
    call: getRoleCredentials,
    official: (config: OfficialConfig) =>
      once(new SSOClient(config), (client) => client.send(new GetRoleCredentialsCommand(role)))
  },
  {
    call: logout,
    official: (config: OfficialConfig) => once(new SSOClient(config), (client) => client.send(new LogoutCommand(role)))
  }
] as const

type Operation = (typeof operations)[number]

/** Whether the call of the official client succeeds. */
const official = ({ official }: Operation, endpoint: string) =>
  Effect.promise(() =>
    official({ region: "us-east-1", endpoint, retryStrategy: strategy() }).then(
      () => true,
      () => false
    )
  )

const transports = { fetch: FetchHttpClient.layer, "node:http": NodeHttpClient.layerNodeHttp }

const ours = ({ call }: Operation, endpoint: string, transport: keyof typeof transports) =>
  witness(Calls.run(call)).pipe(
    Effect.provide(
      Layer.provide(
        Calls.services({ endpoint, retryPolicy: RetryPolicy.standard({ baseDelay: 0 }) }),
        transports[transport]
      )
    )
  )

const response =
  (status: number, headers: Record<string, string> = {}, body = "{}"): Fault =>
  (response) =>
    response.writeHead(status, headers).end(body)

const exception = (name: string, status = 400): Fault => response(status, { "x-amzn-errortype": name })

const faults: ReadonlyArray<readonly [string, Fault, number]> = [
  ["HTTP 500", response(500), 3],
  ["HTTP 501", response(501), 1],
  ["HTTP 502, with a page", response(502, { "content-type": "text/html" }, "<html>"), 3],
  ["HTTP 503, with nothing", response(503, {}, ""), 3],
  ["HTTP 504", response(504), 3],
  ["HTTP 505", response(505), 1],
  ["HTTP 429", response(429), 3],
  ["HTTP 429, with a page", response(429, {}, "<html>"), 3],
  ["HTTP 408", response(408), 1],
  ["HTTP 400", response(400), 1],
  ["HTTP 403", response(403), 1],
  ["HTTP 404", response(404), 1],
  ["HTTP 307", response(307, { location: "http://127.0.0.1:1/" }), 1],
  ["InternalServerException", exception("InternalServerException", 500), 3],
  ["InvalidRequestException", exception("InvalidRequestException"), 1],
  ["InvalidClientMetadataException", exception("InvalidClientMetadataException"), 1],
  ["SlowDownException", exception("SlowDownException"), 1],
  ["AuthorizationPendingException", exception("AuthorizationPendingException"), 1],
  ["ThrottlingException", exception("ThrottlingException"), 3],
  ["TooManyRequestsException", exception("TooManyRequestsException"), 3],
  ["TooManyRequestsException, with its status", exception("TooManyRequestsException", 429), 3],
  ["UnauthorizedException", exception("UnauthorizedException", 401), 1],
  ["ResourceNotFoundException", exception("ResourceNotFoundException", 404), 1],
  ["ForbiddenException", exception("ForbiddenException", 403), 1],
  ["LimitExceededException", exception("LimitExceededException"), 3],
  ["RequestTimeout", exception("RequestTimeout"), 3],
  ["an exception of tomorrow", exception("NewException"), 1],
  ["an HTML page", response(200, {}, "<html>"), 1],
  ["a truncated response", response(200, {}, '{"clientId":'), 1],
  ["a connection that drops", (response) => response.destroy(), 3],
  [
    "a connection that drops during the response",
    (response) => {
      response.writeHead(200, { "content-length": "100" })
      response.write('{"clientId":', () => response.destroy())
    },
    3
  ],
  [
    "a connection that drops between the chunks of a response",
    (response) => {
      response.writeHead(200)
      response.write('{"clientId":', () => response.destroy())
    },
    3
  ]
]

describe.each(operations)(
  "A call of $call.operation.name makes as many attempts as the official client",
  (operation) => {
    it.effect.each(faults)("for %s", ([, fault, attempts]) =>
      Effect.gen(function* () {
        const theirs = yield* failing(fault)
        const succeeded = yield* official(operation, theirs.endpoint)
        assert.strictEqual(theirs.count(), attempts)
        for (const transport of ["fetch", "node:http"] as const) {
          const mine = yield* failing(fault)
          const { exit } = yield* ours(operation, mine.endpoint, transport)
          assert.strictEqual(mine.count(), attempts, transport)
          assert.strictEqual(Exit.isSuccess(exit), succeeded, transport)
        }
      })
    )

    it.effect("for a server that does not exist", () =>
      Effect.gen(function* () {
        const { close, endpoint } = yield* failing(response(200))
        close()
        for (const transport of ["fetch", "node:http"] as const) {
          const witnessed = yield* ours(operation, endpoint, transport)
          const error = failure(witnessed)
          assert.deepInclude({ ...error }, { _tag: "DispatchFailure", code: "ECONNREFUSED", origin: endpoint })
          assert.lengthOf(
            witnessed.spans.filter(({ name }) => name.endsWith(".attempt")),
            3
          )
        }
      })
    )
  }
)

// An exception that the operation models is never retried because of its status: see `docs/decisions.md`
describe("A call makes fewer attempts than the official client", () => {
  it.effect.each([
    ["SlowDownException", 429, operations[0]],
    ["InvalidScopeException", 503, operations[0]],
    ["InvalidRequestException", 500, operations[0]],
    ["UnauthorizedException", 503, operations[1]]
  ] as const)("for %s with HTTP %d", ([name, status, operation]) =>
    Effect.gen(function* () {
      const theirs = yield* failing(exception(name, status))
      yield* official(operation, theirs.endpoint)
      assert.strictEqual(theirs.count(), 3)
      const mine = yield* failing(exception(name, status))
      failure(yield* ours(operation, mine.endpoint, "node:http"))
      assert.strictEqual(mine.count(), 1)
    })
  )
})
