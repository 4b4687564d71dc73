import { setImmediate as nextTurn } from "node:timers/promises"
import { inspect } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Layer, Redacted, Ref, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as GetRoleCredentials from "../../../src/operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../../src/operation/ListAccountRoles.ts"
import * as ListAccounts from "../../../src/operation/ListAccounts.ts"
import * as PortalExceptions from "../../../src/operation/PortalExceptions.ts"
import * as SsoPortal from "../../../src/service/SsoPortal.ts"
import type { ClientConfig } from "../../../src/wire/ClientConfig.ts"
import { ResponseError } from "../../../src/wire/ClientError.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as Calls from "../../support/Calls.ts"
import * as Machine from "../../support/Machine.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"

const { json } = ScriptedHttp

const accessToken = Redacted.make("keep-this")

const requests = Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)

/** The portal of `us-east-1`, with a server that `respond` scripts. */
const service = (respond: Parameters<typeof ScriptedHttp.layer>[0], config?: ClientConfig) =>
  SsoPortal.layer({ region: "us-east-1", ...config }).pipe(Layer.provideMerge(ScriptedHttp.layer(respond)))

const always = (response: ScriptedHttp.ScriptedResponse) => service(() => response)

const refused = (name: string, status: number, headers: Record<string, string> = {}) =>
  json(status, { message: `described: ${name}` }, { "x-amzn-errortype": name, ...headers })

describe("SsoPortal.layer", () => {
  it.effect.each([
    [{ region: "eu-west-1" }, "https://portal.sso.eu-west-1.amazonaws.com"],
    [{ region: "eu-west-1", useFips: true }, "https://portal.sso-fips.eu-west-1.amazonaws.com"],
    [{ region: "cn-north-1", useDualStack: true }, "https://portal.sso.cn-north-1.api.amazonwebservices.com.cn"],
    [{ endpoint: "http://localhost:4566/base/" }, "http://localhost:4566/base"]
  ] as const)("shows its endpoint, given %j", ([config, endpoint]) =>
    Effect.gen(function* () {
      const portal = yield* SsoPortal.SsoPortal
      assert.strictEqual(yield* portal.endpoint, endpoint)
    }).pipe(
      Effect.provide(
        Layer.provide(
          SsoPortal.layer(config),
          ScriptedHttp.layer(() => "hang")
        )
      )
    )
  )

  it.effect("fails to build in an invalid region, and sends nothing", () =>
    Effect.gen(function* () {
      const call = SsoPortal.logout({ accessToken })
      const error = yield* Effect.flip(Effect.provide(call, SsoPortal.layer({ region: "nowhere at all" })))
      assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(Effect.provide(ScriptedHttp.layer(() => json(200, {}))))
  )
})

describe("SsoPortal.layerAws", () => {
  const file = `[default]
region = eu-west-1
[profile work]
region = eu-west-2
services = mine
[services mine]
sso_oidc =
  endpoint_url = https://oidc.services.example
sso =
  endpoint_url = https://portal.services.example/base
`

  it.effect.each([
    [{ config: file }, "https://portal.sso.eu-west-1.amazonaws.com/logout"],
    [{ env: { AWS_REGION: "eu-west-3" }, config: file }, "https://portal.sso.eu-west-3.amazonaws.com/logout"],
    [{ env: { AWS_PROFILE: "work" }, config: file }, "https://portal.services.example/base/logout"],
    [
      { env: { AWS_PROFILE: "work", AWS_ENDPOINT_URL_SSO: "https://portal.example" }, config: file },
      "https://portal.example/logout"
    ],
    [
      { env: { AWS_ENDPOINT_URL_SSO_OIDC: "https://oidc.example" }, config: file },
      "https://portal.sso.eu-west-1.amazonaws.com/logout"
    ],
    [{ env: { AWS_ENDPOINT_URL: "http://localhost:4566" }, config: file }, "http://localhost:4566/logout"],
    [
      {
        env: { AWS_PROFILE: "work", AWS_ENDPOINT_URL_SSO: "https://a", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
        config: file
      },
      "https://portal.sso.eu-west-2.amazonaws.com/logout"
    ]
  ] as const)("uses the endpoint of the environment and the profile (%#)", ([surroundings, url]) =>
    Effect.gen(function* () {
      yield* SsoPortal.logout({ accessToken }).pipe(
        Effect.provide(Layer.provide(SsoPortal.layerAws(), Machine.layer(surroundings)))
      )
      assert.deepStrictEqual(
        (yield* requests).map((request) => request.url),
        [url]
      )
    }).pipe(Effect.provide(ScriptedHttp.layer(() => ({ status: 200 }))))
  )

  it.effect("uses the profile and the settings of the program before the others", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* SsoPortal.SsoPortal
      assert.strictEqual(yield* endpoint, "https://portal.sso-fips.eu-west-2.amazonaws.com")
    }).pipe(
      Effect.provide(
        SsoPortal.layerAws({ profile: "work", useFips: true }).pipe(
          Layer.provide(Machine.layer({ config: file.replace("services = mine", "") })),
          Layer.provide(ScriptedHttp.layer(() => "hang"))
        )
      )
    )
  )

  it.effect("fails to build if a setting is invalid, and names it", () =>
    Effect.gen(function* () {
      const built = Layer.build(SsoPortal.layerAws()).pipe(
        Effect.scoped,
        Effect.provide(Machine.layer({ env: { AWS_ENDPOINT_URL_SSO: "http://portal.example" } }))
      )
      assert.include((yield* Effect.flip(built)).message, "AWS_ENDPOINT_URL_SSO: ")
    }).pipe(Effect.provide(ScriptedHttp.layer(() => "hang")))
  )
})

describe("SsoPortal.inRegion", () => {
  // 10 retries in all, which cost 5 each
  const config = { region: "us-east-1", retryPolicy: RetryPolicy.standard({ quota: 50 }) }

  it.effect("shares one retry quota between all regions: 100 failing calls send 110 requests", () =>
    Effect.gen(function* () {
      const portal = yield* SsoPortal.SsoPortal
      const calls = Effect.forEach(Array.from({ length: 100 }), () =>
        Effect.flatMap(portal.inRegion("eu-west-1"), ({ logout }) => Effect.flip(logout({ accessToken })))
      )
      const fiber = yield* Effect.forkChild(calls)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const urls = (yield* requests).map(({ url }) => url)
      assert.lengthOf(urls, 110)
      assert.deepStrictEqual([...new Set(urls)], ["https://portal.sso.eu-west-1.amazonaws.com/logout"])
    }).pipe(Effect.provide(service(() => ({ status: 503 }), config)))
  )

  it.effect("gives the same portal for the same region each time", () =>
    Effect.gen(function* () {
      const portal = yield* SsoPortal.SsoPortal
      assert.strictEqual(yield* portal.inRegion("us-east-1"), portal)
      assert.strictEqual(yield* portal.inRegion("eu-west-1"), yield* portal.inRegion("eu-west-1"))
    }).pipe(Effect.provide(always("hang")))
  )

  it.effect("works without a region of the settings", () =>
    Effect.gen(function* () {
      const portal = yield* SsoPortal.make()
      const error = yield* Effect.flip(portal.logout({ accessToken }))
      assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })
      yield* Effect.flatMap(portal.inRegion("eu-west-1"), ({ logout }) => logout({ accessToken }))
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(ScriptedHttp.layer(() => ({ status: 200 }))))
  )
})

describe("SsoPortal", () => {
  const accounts = { accountList: [{ accountId: "123456789012" }] }
  const roles = { roleList: [{ roleName: "Reader" }] }
  const credentials = {
    roleCredentials: {
      accessKeyId: "A",
      secretAccessKey: accessToken,
      sessionToken: accessToken,
      expiration: DateTime.makeUnsafe(1)
    }
  }

  it.effect("can be replaced by layerMock", () =>
    Effect.gen(function* () {
      const outputs = yield* Effect.all(Calls.portalCalls.map(({ call }) => call))
      assert.deepStrictEqual(outputs, [accounts, roles, credentials, undefined])
    }).pipe(
      Effect.provide(
        SsoPortal.layerMock({
          listAccounts: () => Effect.succeed(accounts),
          listAccountRoles: () => Effect.succeed(roles),
          getRoleCredentials: () => Effect.succeed(credentials),
          logout: () => Effect.void
        })
      )
    )
  )

  const written = {
    roleCredentials: {
      accessKeyId: "ASIA",
      secretAccessKey: "keep-secret",
      sessionToken: "keep-session",
      expiration: 1_795_514_785_123
    }
  }

  it.effect.each([
    {
      call: SsoPortal.listAccounts({ accessToken, maxResults: 2 }),
      schema: ListAccounts.ListAccountsOutput,
      address: "/assignment/accounts?max_result=2",
      response: { accountList: [{ accountId: "1", accountName: "a", emailAddress: "a@example.com" }], nextToken: "b" }
    },
    {
      call: SsoPortal.listAccountRoles({ accessToken, accountId: "1" }),
      schema: ListAccountRoles.ListAccountRolesOutput,
      address: "/assignment/roles?account_id=1",
      response: { roleList: [{ roleName: "Reader", accountId: "1" }] }
    },
    {
      call: SsoPortal.getRoleCredentials({ accessToken, accountId: "1", roleName: "A B" }),
      schema: GetRoleCredentials.GetRoleCredentialsOutput,
      address: "/federation/credentials?account_id=1&role_name=A%20B",
      response: written
    }
  ])("requests $address and decodes the response", ({ address, response, call, schema }) =>
    Effect.gen(function* () {
      const effect: Effect.Effect<object, unknown, SsoPortal.SsoPortal> = call
      const output = yield* effect
      assert.deepStrictEqual(yield* Schema.encodeUnknownEffect(schema)(output), response)
      assert.notInclude(inspect(output, { depth: Infinity, showHidden: true }), "keep-")
      const [request, ...others] = yield* requests
      assert.deepStrictEqual(others, [])
      const url = `https://portal.sso.us-east-1.amazonaws.com${address}`
      assert.deepInclude(request, { method: "GET", url, body: "" })
      assert.strictEqual(request?.headers["x-amz-sso_bearer_token"], "keep-this")
    }).pipe(Effect.provide(always(json(200, response))))
  )

  it.effect("gives the credentials as Redacted values, with their expiration to the millisecond", () =>
    Effect.gen(function* () {
      const { roleCredentials } = yield* SsoPortal.getRoleCredentials({ accessToken, accountId: "1", roleName: "A" })
      const { expiration, secretAccessKey, sessionToken } = roleCredentials
      assert.deepStrictEqual(
        [Redacted.value(secretAccessKey), Redacted.value(sessionToken), DateTime.toEpochMillis(expiration)],
        ["keep-secret", "keep-session", 1_795_514_785_123]
      )
    }).pipe(Effect.provide(always(json(200, written))))
  )

  it.effect.each([
    ["nothing", { status: 200 }],
    ["HTTP 204", { status: 204 }],
    ["a page", { status: 200, body: "<html>" }]
  ] as const)("ends a session, and accepts a response that is %s", ([, response]) =>
    Effect.gen(function* () {
      assert.isUndefined(yield* SsoPortal.logout({ accessToken }))
      const [request] = yield* requests
      assert.deepInclude(request, {
        method: "POST",
        url: "https://portal.sso.us-east-1.amazonaws.com/logout",
        body: ""
      })
      assert.strictEqual(request?.headers["x-amz-sso_bearer_token"], "keep-this")
    }).pipe(Effect.provide(always(response)))
  )

  it.effect("retries a throttled request after the delay that the portal asks for", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(SsoPortal.listAccounts({ accessToken }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { accountList: [] })
      assert.deepStrictEqual(
        (yield* requests).map(({ at, headers }) => [at, headers["amz-sdk-request"]]),
        [
          [0, "attempt=1; max=3"],
          [2000, "attempt=2; max=3"]
        ]
      )
    }).pipe(
      Effect.provide(
        service((_, before) =>
          before === 0 ? refused("TooManyRequestsException", 429, { "retry-after": "2" }) : json(200, {})
        )
      )
    )
  )

  it.effect("does not retry a request whose token the portal refuses", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SsoPortal.listAccounts({ accessToken }))
      assert.instanceOf(error, PortalExceptions.UnauthorizedException)
      assert.strictEqual(error.message, "described: UnauthorizedException")
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(always(refused("UnauthorizedException", 401))))
  )
})

/** Pages of accounts. Page `n` has the token of page `n + 1`, except the last one. */
const page = (n: number, ids: ReadonlyArray<string>, isLast = false) =>
  json(200, {
    ...(isLast ? {} : { nextToken: `page ${n + 1}` }),
    accountList: ids.map((accountId) => ({ accountId })),
    roleList: ids.map((roleName) => ({ roleName }))
  })

const number = ({ url }: ScriptedHttp.ScriptedRequest) =>
  Number(new URL(url).searchParams.get("next_token")?.replace("page ", "") ?? 0)

/** A server with these pages. */
const book = (pages: ReadonlyArray<ReadonlyArray<string>>) =>
  service((request) => page(number(request), pages[number(request)] ?? [], number(request) >= pages.length - 1))

/** A server without a last page. Each page has two accounts. */
const endless = service((request) => page(number(request), [`${number(request)}a`, `${number(request)}b`]))

const streams = [
  {
    name: "listAccountsStream",
    path: "/assignment/accounts",
    all: Stream.map(SsoPortal.listAccountsStream({ accessToken }), ({ accountId }) => accountId)
  },
  {
    name: "listAccountRolesStream",
    path: "/assignment/roles",
    all: Stream.map(SsoPortal.listAccountRolesStream({ accessToken, accountId: "1" }), ({ roleName }) => roleName)
  }
]

describe.each(streams)("SsoPortal.$name", ({ all, path }) => {
  it.effect.each([
    ["one page", [["a", "b"]], ["a", "b"]],
    ["several pages", [["a", "b"], ["c"], ["d", "e"]], ["a", "b", "c", "d", "e"]],
    ["pages of which some are empty", [[], ["a"], [], [], ["b"], []], ["a", "b"]],
    ["nothing", [[]], []]
  ] as const)("has all items of %s, in their order", ([, pages, items]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Stream.runCollect(all), [...items])
      const sent = yield* requests
      assert.deepStrictEqual(sent.map(number), [...pages.keys()])
      for (const { url } of sent) assert.strictEqual(new URL(url).pathname, path)
    }).pipe(Effect.provide(book(pages)))
  )

  it.effect.prop("has each item of any pages once", [Schema.Array(Schema.Array(Schema.NonEmptyString))], ([pages]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Stream.runCollect(all), pages.flat())
      assert.lengthOf(yield* requests, Math.max(pages.length, 1))
    }).pipe(Effect.provide(book(pages)))
  )

  it.effect.each(["", null, undefined])("ends if nextToken is %j", (nextToken) =>
    Effect.gen(function* () {
      yield* Stream.runDrain(all)
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(always(json(200, { nextToken }))))
  )

  it.effect("fails if a page has its own token as nextToken, after its items before", () =>
    Effect.gen(function* () {
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const error = yield* Effect.flip(Stream.runForEach(all, (item) => Ref.update(seen, (items) => [...items, item])))
      assert.instanceOf(error, ResponseError)
      assert.strictEqual(error.reason, "UnexpectedShape")
      assert.match(error.message, /^ListAccount\w+: HTTP 200: nextToken is the token of the same page/)
      assert.deepStrictEqual(yield* Ref.get(seen), ["0a"])
      assert.deepStrictEqual((yield* requests).map(number), [0, 1])
    }).pipe(Effect.provide(service(() => page(0, ["0a"]))))
  )

  it.effect("requests a page only when the stream needs it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(all, 2)), ["0a", "0b"])
      assert.lengthOf(yield* requests, 1)
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(all, 3)), ["0a", "0b", "1a"])
      assert.lengthOf(yield* requests, 3)
    }).pipe(Effect.provide(endless))
  )

  it.effect("does not request the next page while the items of a page are processed", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Stream.runForEach(Stream.take(all, 6), () => Effect.sleep("1 second")))
      for (const pages of [1, 1, 2, 2, 3, 3]) {
        yield* TestClock.adjust("500 millis")
        assert.lengthOf(yield* requests, pages)
        yield* TestClock.adjust("500 millis")
      }
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(endless))
  )

  it.effect("requests nothing before it runs, and all pages each time it runs", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* requests, 0)
      yield* Stream.runDrain(all)
      yield* Stream.runDrain(all)
      assert.deepStrictEqual((yield* requests).map(number), [0, 1, 0, 1])
    }).pipe(Effect.provide(book([["a"], ["b"]])))
  )

  it.effect("emits the items of earlier pages, and then fails with the error of a page", () =>
    Effect.gen(function* () {
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      const reading = Stream.runForEach(all, (item) => Ref.update(seen, (items) => [...items, item]))
      const witnessed = yield* witness(reading)
      assert.instanceOf(failure(witnessed), PortalExceptions.UnauthorizedException)
      assert.deepStrictEqual(yield* Ref.get(seen), ["0a", "1a"])
      assertNoSecret(witnessed, ["keep-"])
      assert.lengthOf(witnessed.spans, 6)
    }).pipe(
      Effect.provide(
        service((request) =>
          number(request) < 2 ? page(number(request), [`${number(request)}a`]) : refused("UnauthorizedException", 401)
        )
      )
    )
  )

  it.effect("continues after a page that needed a retry", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Stream.runCollect(all))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a", "b"])
      assert.deepStrictEqual((yield* requests).map(number), [0, 1, 1])
    }).pipe(
      Effect.provide(
        service((request, before) =>
          before === 1
            ? { status: 503 }
            : page(number(request), number(request) === 0 ? ["a"] : ["b"], number(request) === 1)
        )
      )
    )
  )

  it.effect("ends at once when it is interrupted, and aborts its request", () =>
    Effect.gen(function* () {
      const { open } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(Stream.runDrain(all))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* open, 0)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* requests, 2)
    }).pipe(Effect.provide(service((request) => (number(request) === 0 ? page(0, ["a"]) : "hang"))))
  )
})

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

describe("A stream of pages", () => {
  it.effect("keeps the input except nextToken", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(
        SsoPortal.listAccountRolesStream({ accessToken, accountId: "1", maxResults: 7, nextToken: "page 5" }).pipe(
          Stream.take(3)
        )
      )
      const sent = yield* requests
      assert.deepStrictEqual(
        sent.map(({ url }) => new URL(url).search),
        ["?account_id=1&max_result=7&next_token=page%205", "?account_id=1&max_result=7&next_token=page%206"]
      )
      for (const { headers } of sent) assert.strictEqual(headers["x-amz-sso_bearer_token"], "keep-this")
    }).pipe(Effect.provide(endless))
  )

  it.effect("reads ten thousand pages, empty or not, and keeps none in memory", () =>
    Effect.gen(function* () {
      const last = 10_000
      const pages: Array<WeakRef<object>> = []
      let alive = Infinity
      const listAccounts = Effect.fnUntraced(function* ({ nextToken = "0" }: ListAccounts.ListAccountsInput) {
        const n = Number(nextToken)
        // Weak references keep their targets until the end of a turn of the event loop
        if (n === last) {
          yield* Effect.promise(nextTurn)
          collectGarbage()
          alive = pages.filter((page) => page.deref() !== undefined).length
        }
        const accountList = n % 2 === 0 ? [] : [{ accountId: nextToken }]
        pages.push(new WeakRef(accountList))
        return { accountList, ...(n < last ? { nextToken: String(n + 1) } : {}) }
      })
      const portal = SsoPortal.layerMock({ listAccounts })
      const counted = SsoPortal.listAccountsStream({ accessToken }).pipe(Stream.runCount, Effect.provide(portal))
      assert.strictEqual(yield* counted, last / 2)
      assert.isAtMost(alive, 2)
    })
  )

  it.effect("has a span for the call of each page", () =>
    Effect.gen(function* () {
      const { exit, spans } = yield* witness(Stream.runDrain(SsoPortal.listAccountsStream({ accessToken })))
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        [1, 2, 3].flatMap(() => ["SsoPortal.ListAccounts", "SsoPortal.ListAccounts.attempt"])
      )
    }).pipe(Effect.provide(book([["a"], [], ["b"]])))
  )
})
