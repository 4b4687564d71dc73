/**
 * What a call costs of the processor's time: microseconds, over transports that respond from memory.
 *
 * - `call-cpu`: `RegisterClient`, with its output
 * - `poll-cpu`: `CreateToken` with a device code, with `AuthorizationPendingException`
 * - `credentials-cpu`: `GetRoleCredentials`, with its output
 *
 * and each of them
 *
 * - with a ready response in memory: each on the least that it takes for a transport, so that what remains is its own
 * - with a web `Response` each time, made without a call of `fetch`
 * - on a stub of `fetch`, as on any runtime
 */
import { GetRoleCredentialsCommand, SSOClient } from "@aws-sdk/client-sso"
import { CreateTokenCommand, RegisterClientCommand, SSOOIDCClient } from "@aws-sdk/client-sso-oidc"
import { HttpResponse } from "@smithy/core/transport"
import { FetchHttpHandler } from "@smithy/fetch-http-handler"
import { Effect, Layer, Redacted, type Scope, Stream } from "effect"
import {
  FetchHttpClient,
  Headers,
  HttpClient,
  type HttpClientError,
  HttpClientRequest,
  HttpClientResponse
} from "effect/http"
import * as SsoPortal from "../../src/service/SsoPortal.ts"
import * as SsoOidc from "../../src/service/SsoOidc.ts"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import type { Benchmark, Sample } from "./Benchmark.ts"

const rounds = 10
const callsARound = 3000

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

const answer = (status: number, body: object, headers: Record<string, string> = {}): Answer => {
  const text = JSON.stringify(body)
  return {
    status,
    headers: {
      "content-type": "application/json",
      "content-length": String(text.length),
      "x-amzn-requestid": "11111111-2222-4333-8444-555555555555",
      ...headers
    },
    body: text
  }
}

const deviceCode = "urn:ietf:params:oauth:grant-type:device_code"

interface Officials {
  readonly oidc: SSOOIDCClient
  readonly portal: SSOClient
}

const cases = {
  call: {
    answer: answer(200, { clientId: "client-1", clientSecret: "secret-1", clientSecretExpiresAt: 7_776_000 }),
    official: ({ oidc }: Officials) =>
      oidc.send(new RegisterClientCommand({ clientName: "my-tool", clientType: "public" })),
    ours: Effect.exit(SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" }))
  },
  poll: {
    answer: answer(
      400,
      { error: "authorization_pending", error_description: "Waiting for the user" },
      { "x-amzn-errortype": "AuthorizationPendingException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/" }
    ),
    official: ({ oidc }: Officials) =>
      oidc
        .send(
          new CreateTokenCommand({
            clientId: "a",
            clientSecret: "b",
            grantType: deviceCode,
            deviceCode: "device-code-1"
          })
        )
        .catch(() => undefined),
    ours: Effect.exit(
      SsoOidc.createToken({
        clientId: "a",
        clientSecret: Redacted.make("b"),
        grantType: deviceCode,
        deviceCode: Redacted.make("device-code-1")
      })
    ).pipe(Effect.provideService(RetryPolicy.Override, RetryPolicy.none))
  },
  credentials: {
    answer: answer(200, {
      roleCredentials: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        secretAccessKey: "secret-access-key",
        sessionToken: "session-token",
        expiration: 1_795_514_785_000
      }
    }),
    official: ({ portal }: Officials) =>
      portal.send(new GetRoleCredentialsCommand({ accessToken: "a", accountId: "123456789012", roleName: "Reader" })),
    ours: Effect.exit(
      SsoPortal.getRoleCredentials({
        accessToken: Redacted.make("a"),
        accountId: "123456789012",
        roleName: "Reader"
      })
    )
  }
}

const request = HttpClientRequest.post("https://oidc.us-east-1.amazonaws.com/")

const clientOf = (respond: () => HttpClientResponse.HttpClientResponse) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(Effect.map(respond), Effect.succeed)
  )

/** The official client's least: a response whose body is there. */
const handlerOf = ({ body, headers, status }: Answer) => {
  const bytes = new TextEncoder().encode(body)
  return {
    handle: () =>
      Promise.resolve({ response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: bytes }) })
  }
}

interface Transport {
  readonly official: object
  readonly ours: Layer.Layer<HttpClient.HttpClient>
  /** What a program without any client does. */
  readonly floor: () => Promise<unknown>
  readonly fetch: typeof globalThis.fetch
}

const transports: Readonly<Record<string, (answer: Answer) => Transport>> = {
  "ready response in memory": (answer) => {
    const { body, headers, status } = answer
    const bytes = new TextEncoder().encode(body)
    const response: HttpClientResponse.HttpClientResponse = Object.create(
      HttpClientResponse.fromWeb(request, new Response()),
      {
        status: { value: status },
        headers: { value: Headers.fromInput(headers) },
        text: { value: Effect.succeed(body) },
        arrayBuffer: { value: Effect.succeed(bytes.buffer) },
        stream: { value: Stream.make(bytes) }
      }
    )
    return {
      official: handlerOf(answer),
      ours: clientOf(() => response),
      floor: async () => [JSON.stringify({ clientName: "my-tool" }), JSON.parse(body)],
      fetch: globalThis.fetch
    }
  },
  "a web Response each time": (answer) => {
    const { body, headers, status } = answer
    const make = () => new Response(body, { status, headers })
    return {
      official: handlerOf(answer),
      ours: clientOf(() => HttpClientResponse.fromWeb(request, make())),
      floor: async () => [JSON.stringify({ clientName: "my-tool" }), JSON.parse(await make().text())],
      fetch: globalThis.fetch
    }
  },
  "stub of fetch": ({ body, headers, status }) => {
    const fetch = () => Promise.resolve(new Response(body, { status, headers }))
    return {
      // The official handler knows no fetch but the global one
      official: Object.assign(new FetchHttpHandler(), { fetch }),
      ours: FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))),
      floor: async () => [JSON.stringify({ clientName: "my-tool" }), JSON.parse(await (await fetch()).text())],
      fetch
    }
  }
}

/** Microseconds of processor time that one of many calls takes, one after another. */
const cost = (call: () => Promise<unknown>): Sample =>
  Effect.promise(async () => {
    const before = process.cpuUsage()
    for (let i = 0; i < callsARound; i++) {
      // oxlint-disable-next-line no-await-in-loop
      await call()
    }
    const { system, user } = process.cpuUsage(before)
    return (user + system) / callsARound
  })

/** With a `fetch` in the place of the global one. */
const withFetch = (fetch: typeof globalThis.fetch, sample: Sample): Sample =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const own = globalThis.fetch
      globalThis.fetch = fetch
      return own
    }),
    () => sample,
    (own) => Effect.sync(() => (globalThis.fetch = own))
  )

const benchmark = Effect.fnUntraced(function* (
  kind: keyof typeof cases,
  over: string,
  make: (answer: Answer) => Transport
): Effect.fn.Return<Benchmark, never, Scope.Scope> {
  const { answer, official, ours } = cases[kind]
  const transport = make(answer)
  const options = {
    region: "us-east-1",
    requestHandler: transport.official,
    credentials: { accessKeyId: "a", secretAccessKey: "b" }
  }
  const clients: Officials = { oidc: new SSOOIDCClient(options), portal: new SSOClient(options) }
  const layer = Layer.merge(SsoOidc.layer({ region: "us-east-1" }), SsoPortal.layer({ region: "us-east-1" }))
  const services = yield* Effect.orDie(Layer.build(Layer.provide(layer, transport.ours)))
  const run: Effect.Effect<unknown, never, SsoOidc.SsoOidc | SsoPortal.SsoPortal> = ours
  const mine = Effect.provide(run, services)
  return {
    name: `${kind}-cpu, ${over}`,
    unit: "µs",
    rounds,
    ours: withFetch(
      transport.fetch,
      cost(() => Effect.runPromise(mine))
    ),
    peer: withFetch(
      transport.fetch,
      cost(() => official(clients))
    ),
    floor: cost(transport.floor)
  }
})

/** The benchmarks of calls. */
export const calls = Effect.forEach(["call", "poll", "credentials"] as const, (kind) =>
  Effect.forEach(Object.entries(transports), ([over, make]) => benchmark(kind, over, make))
).pipe(Effect.map((benchmarks) => benchmarks.flat()))
