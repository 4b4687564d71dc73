/**
 * What a call costs of the processor's time, ours beside the official client's, over transports that answer from memory.
 *
 * Run it with `npx tsc -p test/bench && node build/bench/test/bench/Cost.js`. It is no test: it prints, for each case, the
 * microseconds of both and their ratio, as the best of several rounds in which the two take turns.
 *
 * - `call`: `RegisterClient`, answered
 * - `poll`: `CreateToken` with a device code, answered by `AuthorizationPendingException`
 * - `credentials`: `GetRoleCredentials`, answered
 * - over `fetch`: both on the same stub of `fetch`, as on any runtime
 * - over nothing: each on the least that it takes for a transport, so that what remains is its own
 */
import { GetRoleCredentialsCommand, SSOClient } from "@aws-sdk/client-sso"
import { CreateTokenCommand, RegisterClientCommand, SSOOIDCClient } from "@aws-sdk/client-sso-oidc"
import { HttpResponse } from "@smithy/core/transport"
import { FetchHttpHandler } from "@smithy/fetch-http-handler"
import { Effect, Layer, Redacted } from "effect"
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

const transports = {
  fetch: ({ body, headers, status }: Answer) => {
    const fetch = () => Promise.resolve(new Response(body, { status, headers }))
    return {
      // The official handler knows no fetch but the global one
      official: Object.assign(new FetchHttpHandler(), { fetch }),
      ours: FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))),
      fetch
    }
  },
  nothing: ({ body, headers, status }: Answer) => {
    const bytes = new TextEncoder().encode(body)
    const response: HttpClientResponse.HttpClientResponse = Object.create(
      HttpClientResponse.fromWeb(HttpClientRequest.post("https://example.com"), new Response()),
      {
        status: { value: status },
        headers: { value: Headers.fromInput(headers) },
        text: { value: Effect.succeed(body) }
      }
    )
    return {
      official: {
        handle: () =>
          Promise.resolve({ response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: bytes }) })
      },
      ours: Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
          Effect.map(() => response),
          Effect.succeed
        )
      ),
      fetch: globalThis.fetch
    }
  }
}

/** Microseconds of processor time that one of many calls takes, one after another. */
const cost = async (call: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  for (let i = 0; i < callsARound; i++) {
    // oxlint-disable-next-line no-await-in-loop
    await call()
  }
  const { system, user } = process.cpuUsage(before)
  return (user + system) / callsARound
}

const compare = async (kind: keyof typeof cases, over: keyof typeof transports): Promise<void> => {
  const { answer, official, ours } = cases[kind]
  const transport = transports[over](answer)
  const options = {
    region: "us-east-1",
    requestHandler: transport.official,
    credentials: { accessKeyId: "a", secretAccessKey: "b" }
  }
  const clients: Officials = { oidc: new SSOOIDCClient(options), portal: new SSOClient(options) }
  const services = await Effect.runPromise(
    Effect.scoped(
      Layer.build(
        Layer.merge(SsoOidc.layer({ region: "us-east-1" }), SsoPortal.layer({ region: "us-east-1" })).pipe(
          Layer.provide(transport.ours)
        )
      )
    )
  )
  const run: Effect.Effect<unknown, never, SsoOidc.SsoOidc | SsoPortal.SsoPortal> = ours
  const mine = Effect.provide(run, services)

  const own = globalThis.fetch
  globalThis.fetch = transport.fetch
  const best = { official: Infinity, ours: Infinity }
  for (let round = 0; round <= rounds; round++) {
    // oxlint-disable-next-line no-await-in-loop
    const theirs = await cost(() => official(clients))
    // oxlint-disable-next-line no-await-in-loop
    const mineNow = await cost(() => Effect.runPromise(mine))
    // The first round is for the compiler
    if (round > 0) {
      best.official = Math.min(best.official, theirs)
      best.ours = Math.min(best.ours, mineNow)
    }
  }
  globalThis.fetch = own
  console.log(
    `${kind} over ${over}: ours ${best.ours.toFixed(0)} µs, official ${best.official.toFixed(0)} µs, ratio ${(best.ours / best.official).toFixed(2)}`
  )
}

await compare("call", "fetch")
await compare("poll", "fetch")
await compare("credentials", "fetch")
await compare("call", "nothing")
await compare("poll", "nothing")
await compare("credentials", "nothing")
