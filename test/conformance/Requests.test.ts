/**
 * Compares our requests with those of the official clients, for the same inputs.
 */
import {
  GetRoleCredentialsCommand,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
  SSOClient
} from "@aws-sdk/client-sso"
import {
  CreateTokenCommand,
  CreateTokenWithIAMCommand,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand
} from "@aws-sdk/client-sso-oidc"
import { buildQueryString } from "@smithy/core/protocols"
import { HttpRequest } from "@smithy/core/transport"
import type { FinalizeHandler } from "@smithy/types"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { TestClock } from "effect/testing"
import * as CreateToken from "../../src/operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../src/operation/CreateTokenWithIAM.ts"
import * as GetRoleCredentials from "../../src/operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../src/operation/ListAccountRoles.ts"
import * as ListAccounts from "../../src/operation/ListAccounts.ts"
import * as Logout from "../../src/operation/Logout.ts"
import * as RegisterClient from "../../src/operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../../src/operation/StartDeviceAuthorization.ts"
import * as SsoPortal from "../../src/service/SsoPortal.ts"
import * as SsoOidc from "../../src/service/SsoOidc.ts"
import * as AwsCredentials from "../../src/wire/AwsCredentials.ts"
import type { ClientConfig } from "../../src/wire/ClientConfig.ts"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import { sample } from "../support/Sample.ts"

interface Recorded {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const now = Date.parse("2026-11-24T10:06:25Z")

const key = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret-access-key", sessionToken: "session//8=" }

const decoder = new TextDecoder()

/** The settings of both clients. */
const settings: ReadonlyArray<ClientConfig> = [
  { region: "us-east-1" },
  { region: "cn-north-1", useDualStack: true },
  { region: "us-gov-west-1", useFips: true },
  { region: "eu-west-1", endpoint: "https://sso.example.com:8443/a/b" },
  { region: "eu-west-1", endpoint: "http://localhost:4566" }
]

/** The official clients. Before they sign, the headers that differ on purpose are made equal. */
const official = ({ endpoint, region = "", useDualStack = false, useFips = false }: ClientConfig) => {
  let recorded: Recorded | undefined
  let invocationId = ""
  const options = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    useDualstackEndpoint: useDualStack,
    useFipsEndpoint: useFips,
    credentials: key,
    maxAttempts: 1,
    requestHandler: {
      handle: ({ body, headers, hostname, method, path, port, protocol, query }: HttpRequest) => {
        // As the handlers of the official clients send it
        const parameters = buildQueryString(query ?? {})
        recorded = {
          method,
          url: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${parameters === "" ? "" : `?${parameters}`}`,
          headers: { ...headers },
          body: body === undefined ? "" : decoder.decode(body)
        }
        return Promise.reject(new Error("recorded"))
      }
    }
  }
  const likeOurs =
    <Input extends object, Output extends object>(next: FinalizeHandler<Input, Output>): typeof next =>
    (args) => {
      if (HttpRequest.isInstance(args.request)) {
        args.request.headers["amz-sdk-invocation-id"] = invocationId
        delete args.request.headers["x-amz-user-agent"]
      }
      return next(args)
    }
  const clients = { oidc: new SSOOIDCClient(options), portal: new SSOClient(options) }
  const beforeSigning = { relation: "before", toMiddleware: "httpSigningMiddleware" } as const
  clients.oidc.middlewareStack.addRelativeTo(likeOurs, beforeSigning)
  clients.portal.middlewareStack.addRelativeTo(likeOurs, beforeSigning)
  return (id: string, send: (official: typeof clients) => Promise<unknown>) => {
    recorded = undefined
    invocationId = id
    return send(clients).then(
      () => assert.fail("the transport responded"),
      (error: unknown) => recorded ?? assert.fail(String(error))
    )
  }
}

interface Services {
  readonly oidc: SsoOidc.SsoOidc["Service"]
  readonly portal: SsoPortal.SsoPortal["Service"]
}

/** Our clients. */
const ours = Effect.fnUntraced(function* (config: ClientConfig) {
  let recorded: Recorded | undefined
  const http = HttpClient.make((request, url) => {
    recorded = {
      method: request.method,
      url: url.href,
      headers: { ...request.headers },
      body: request.body._tag === "Uint8Array" ? decoder.decode(request.body.body) : ""
    }
    return Effect.fail(new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) }))
  })
  const options = { ...config, retryPolicy: RetryPolicy.none }
  const services: Services = yield* Effect.all({ oidc: SsoOidc.make(options), portal: SsoPortal.make(options) }).pipe(
    Effect.provideService(HttpClient.HttpClient, http)
  )
  return (send: (ours: Services) => Effect.Effect<unknown, unknown, AwsCredentials.AwsCredentials>) =>
    send(services).pipe(
      Effect.flip,
      Effect.provideService(AwsCredentials.AwsCredentials, {
        credentials: Effect.succeed({
          accessKeyId: key.accessKeyId,
          secretAccessKey: Redacted.make(key.secretAccessKey),
          sessionToken: Redacted.make(key.sessionToken)
        })
      }),
      Effect.map((error) => recorded ?? assert.fail(String(error)))
    )
})

const clients = Effect.runSync(
  Effect.forEach(settings, (config) => Effect.map(ours(config), (ours) => ({ ours, official: official(config) })))
)

const sameForm = (mine: string | undefined, theirs: string | undefined) => {
  const form = (agent = "") => agent.replace(/^[\w-]+\/[\d.]+/, "name/version").replace(/(os\/\w+)\S*/, "$1")
  assert.isTrue(form(theirs).startsWith(form(mine)), `${mine} and ${theirs}`)
}

const assertSame = (mine: Recorded, theirs: Recorded) => {
  assert.strictEqual(mine.method, theirs.method)
  assert.strictEqual(mine.url, theirs.url)
  assert.strictEqual(mine.body, theirs.body)
  // Only the transport sends `host`. The user agents have the same form
  const { host: _, "user-agent": theirAgent, ...theirHeaders } = theirs.headers
  const { "user-agent": myAgent, ...myHeaders } = mine.headers
  assert.deepStrictEqual(myHeaders, theirHeaders)
  sameForm(myAgent, theirAgent)
}

const text = Schema.NonEmptyString
const texts = Schema.optional(Schema.mutable(Schema.Array(text)))
const url = Schema.Literals([
  "https://example.awsapps.com/start",
  "https://identitycenter.amazonaws.com/ssoins-1/ü?a=b#c"
])

const client = { clientId: text, clientSecret: text }
const application = { clientId: text }
const scope = texts

// All characters that a query can contain: all but lone surrogates
const parameter = Schema.String.check(
  Schema.isPattern(/^(?:[\0-\xff]|[\u0100-\ud7ff]|[\ue000-\uffff]|[\ud800-\udbff][\udc00-\udfff])+$/)
)
// All characters that a header can contain
const accessToken = Schema.String.check(Schema.isPattern(/^[!-~]+$/))
const page = {
  nextToken: Schema.optional(parameter),
  maxResults: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
}

// Written again, so that a member that is missing in ours is found
const inputs = {
  registerClient: Schema.Struct({
    clientName: text,
    clientType: text,
    scopes: texts,
    redirectUris: texts,
    grantTypes: texts,
    issuerUrl: Schema.optional(url),
    entitledApplicationArn: Schema.optional(text)
  }),
  startDeviceAuthorization: Schema.Struct({ clientId: text, clientSecret: text, startUrl: url }),
  createToken: Schema.Union([
    Schema.Struct({
      ...client,
      grantType: Schema.Literal("urn:ietf:params:oauth:grant-type:device_code"),
      deviceCode: text,
      scope
    }),
    Schema.Struct({
      ...client,
      grantType: Schema.Literal("authorization_code"),
      code: text,
      scope,
      redirectUri: text,
      codeVerifier: text
    }),
    Schema.Struct({ ...client, grantType: Schema.Literal("refresh_token"), refreshToken: text, scope })
  ]),
  createTokenWithIAM: Schema.Union([
    Schema.Struct({
      ...application,
      grantType: Schema.Literal("authorization_code"),
      code: text,
      scope,
      redirectUri: text,
      codeVerifier: Schema.optional(text)
    }),
    Schema.Struct({ ...application, grantType: Schema.Literal("refresh_token"), refreshToken: text, scope }),
    Schema.Struct({
      ...application,
      grantType: Schema.Literal("urn:ietf:params:oauth:grant-type:jwt-bearer"),
      assertion: text,
      scope
    }),
    Schema.Struct({
      ...application,
      grantType: Schema.Literal("urn:ietf:params:oauth:grant-type:token-exchange"),
      scope,
      subjectToken: text,
      subjectTokenType: text,
      requestedTokenType: Schema.optional(text)
    })
  ]),
  listAccounts: Schema.Struct({ accessToken, ...page }),
  listAccountRoles: Schema.Struct({ accessToken, accountId: parameter, ...page }),
  getRoleCredentials: Schema.Struct({ accessToken, accountId: parameter, roleName: parameter }),
  logout: Schema.Struct({ accessToken })
}

const setting = Schema.Literals(settings.map((_, index) => index))

const compare = Effect.fnUntraced(function* (
  setting: number,
  mine: Parameters<(typeof clients)[number]["ours"]>[0],
  theirs: Parameters<(typeof clients)[number]["official"]>[1]
) {
  yield* TestClock.setTime(now)
  const { official, ours } = clients[setting] ?? assert.fail("no such setting")
  const request = yield* ours(mine)
  assertSame(request, yield* Effect.promise(() => official(request.headers["amz-sdk-invocation-id"] ?? "", theirs)))
})

/** Fails if our client of the portal sends a request. */
const isRefused = Effect.fnUntraced(function* (
  call: (portal: SsoPortal.SsoPortal["Service"]) => Effect.Effect<unknown, RetryPolicy.CallError>
) {
  const http = HttpClient.make(() => Effect.die(new Error("it was sent")))
  const portal = yield* Effect.provideService(SsoPortal.make({ region: "us-east-1" }), HttpClient.HttpClient, http)
  const error = yield* Effect.flip(call(portal))
  assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidInput" })
})

const many = { arbitrary: { runs: sample(500, 50) }, timeout: 60_000 }

describe("For any input, our request is that of the official client:", () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ["Date"], now })
    vi.spyOn(console, "warn").mockReturnValue()
  })
  afterAll(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it.effect.prop(
    "RegisterClient",
    [inputs.registerClient, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ oidc }) => oidc.registerClient(Schema.decodeSync(RegisterClient.RegisterClientInput)(input)),
        ({ oidc }) => oidc.send(new RegisterClientCommand(input))
      ),
    many
  )

  it.effect.prop(
    "StartDeviceAuthorization",
    [inputs.startDeviceAuthorization, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ oidc }) =>
          oidc.startDeviceAuthorization(
            Schema.decodeSync(StartDeviceAuthorization.StartDeviceAuthorizationInput)(input)
          ),
        ({ oidc }) => oidc.send(new StartDeviceAuthorizationCommand(input))
      ),
    many
  )

  it.effect.prop(
    "CreateToken",
    [inputs.createToken, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ oidc }) => oidc.createToken(Schema.decodeSync(CreateToken.CreateTokenInput)(input)),
        ({ oidc }) => oidc.send(new CreateTokenCommand(input))
      ),
    many
  )

  it.effect.prop(
    "CreateTokenWithIAM, to the signature",
    [inputs.createTokenWithIAM, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ oidc }) => oidc.createTokenWithIAM(Schema.decodeSync(CreateTokenWithIAM.CreateTokenWithIAMInput)(input)),
        ({ oidc }) => oidc.send(new CreateTokenWithIAMCommand(input))
      ),
    many
  )

  it.effect.prop(
    "ListAccounts",
    [inputs.listAccounts, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ portal }) => portal.listAccounts(Schema.decodeSync(ListAccounts.ListAccountsInput)(input)),
        ({ portal }) => portal.send(new ListAccountsCommand(input))
      ),
    many
  )

  it.effect.prop(
    "ListAccountRoles",
    [inputs.listAccountRoles, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ portal }) => portal.listAccountRoles(Schema.decodeSync(ListAccountRoles.ListAccountRolesInput)(input)),
        ({ portal }) => portal.send(new ListAccountRolesCommand(input))
      ),
    many
  )

  it.effect.prop(
    "GetRoleCredentials",
    [inputs.getRoleCredentials, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ portal }) => portal.getRoleCredentials(Schema.decodeSync(GetRoleCredentials.GetRoleCredentialsInput)(input)),
        ({ portal }) => portal.send(new GetRoleCredentialsCommand(input))
      ),
    many
  )

  it.effect.prop(
    "Logout",
    [inputs.logout, setting],
    ([input, setting]) =>
      compare(
        setting,
        ({ portal }) => portal.logout(Schema.decodeSync(Logout.LogoutInput)(input)),
        ({ portal }) => portal.send(new LogoutCommand(input))
      ),
    many
  )
})

// See `docs/decisions.md`
describe("For these inputs, the official client sends a request and ours does not:", () => {
  const role = { accessToken: "keep-this", accountId: "1", roleName: "a" }

  it.effect.each([
    ["an empty token", { ...role, accessToken: "" }],
    ["a token that a header cannot contain", { ...role, accessToken: "keep-this\r\n" }],
    ["an empty account", { ...role, accountId: "" }],
    ["an empty role", { ...role, roleName: "" }]
  ] as const)("%s", ([, input]) =>
    Effect.gen(function* () {
      const { official } = clients[0] ?? assert.fail("no settings")
      const { url } = yield* Effect.promise(() =>
        official("", ({ portal }) => portal.send(new GetRoleCredentialsCommand(input)))
      )
      assert.include(url, "/federation/credentials?")
      yield* isRefused((portal) =>
        portal.getRoleCredentials({ ...input, accessToken: Redacted.make<string>(input.accessToken) })
      )
    })
  )

  it.effect.each([
    ["no items per page", { maxResults: 0 }],
    ["more than a hundred items per page", { maxResults: 101 }],
    ["an empty page token", { nextToken: "" }]
  ] as const)("%s", ([, page]) =>
    Effect.gen(function* () {
      const { official } = clients[0] ?? assert.fail("no settings")
      const { url } = yield* Effect.promise(() =>
        official("", ({ portal }) => portal.send(new ListAccountsCommand({ accessToken: "a", ...page })))
      )
      assert.include(url, "/assignment/accounts?")
      yield* isRefused((portal) => portal.listAccounts({ accessToken: Redacted.make("a"), ...page }))
    })
  )
})
