import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Cause, Deferred, Effect, Exit, Fiber, Layer, Redacted, Ref, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as ClientError from "../../../src/wire/ClientError.ts"
import * as Exceptions from "../../../src/operation/Exceptions.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as SsoPortal from "../../../src/service/SsoPortal.ts"
import * as Calls from "../../support/Calls.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"
import { sample } from "../../support/Sample.ts"

const { calls, overFetch, run } = Calls

const once = { retryPolicy: RetryPolicy.none }

const requestId = "11111111-2222-4333-8444-555555555555"

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "x-amzn-requestid": requestId, ...headers }
  })

/** The response for an exception. */
const thrown = ({ service }: Calls.Call, Class: (typeof Calls.exceptions)[number], more: Record<string, string> = {}) =>
  json(
    Class.status,
    { ...service.errorBody(Class, `described: ${Class.identifier}`), ...more },
    { "x-amzn-errortype": `${Class.identifier}:http://internal.amazon.com/coral/${service.namespace}/` }
  )

const outcomeOf = (call: Calls.Call, respond: (request: Request) => Response | Promise<Response>) =>
  witness(run(call)).pipe(
    Effect.tap((witnessed) => Effect.sync(() => assertNoSecret(witnessed, call.secrets))),
    Effect.provide(overFetch(respond, once))
  )

const bytes = (size: number) => new Uint8Array(size).fill(0x20)

const registered = { clientId: "client-1", clientSecret: "secret-2" }
const started = { deviceCode: "secret-3", userCode: "A", verificationUri: "https://device.example", expiresIn: 600 }
const keys = { accessKeyId: "A", secretAccessKey: "secret-5", sessionToken: "secret-6" }

const timesOutOfRange: { readonly [name in Calls.Call["operation"]["name"]]?: ReadonlyArray<object> } = {
  RegisterClient: [
    { ...registered, clientIdIssuedAt: 1e12 },
    { ...registered, clientSecretExpiresAt: 9e15 },
    { ...registered, clientSecretExpiresAt: -1 }
  ],
  StartDeviceAuthorization: [
    { ...started, interval: 2 ** 31 },
    { ...started, expiresIn: 9e15 }
  ],
  GetRoleCredentials: [{ roleCredentials: { ...keys, expiration: 1e15 } }]
}

describe.each(calls)("A response to $operation.name", (call) => {
  const { name } = call.operation
  const { service } = call

  it.effect("is decoded, and shows none of its secrets", () =>
    Effect.gen(function* () {
      const witnessed = yield* outcomeOf(call, () => json(200, call.response))
      const { exit, spans } = witnessed
      assert.isTrue(Exit.isSuccess(exit))
      assertNoSecret(witnessed, ["keep-", "secret-"])
      assert.deepStrictEqual(
        spans.map((span) => span.name),
        [`${service.name}.${name}`, `${service.name}.${name}.attempt`]
      )
      for (const { attributes } of spans) assert.strictEqual(attributes.get("aws.request_id"), requestId)
    })
  )

  const named = Calls.exceptions.map((Class) => ({
    name: Class.identifier,
    Class,
    isModelled: call.operation.errors.some((known) => known === Class)
  }))

  it.effect.each(named.filter(({ isModelled }) => isModelled))(
    "with $name fails with that exception",
    ({ Class, name }) =>
      Effect.gen(function* () {
        const error = failure(yield* outcomeOf(call, () => thrown(call, Class, { reason: "KMS_DisabledException" })))
        assert.instanceOf(error, Class)
        assert.strictEqual(error.message, `described: ${name}`)
        const said = service.errorBody(Class, error.message)
        assert.deepInclude({ ...error, message: error.message }, { ...said, requestId })
        const modelsReason = Class === Exceptions.AccessDeniedException || Class === Exceptions.InvalidRequestException
        assert.strictEqual(
          "reason" in error ? error.reason : undefined,
          modelsReason ? "KMS_DisabledException" : undefined
        )
      })
  )

  const foreign = named.filter(({ isModelled }) => !isModelled)

  it.effect.each(foreign)(
    "with $name, which the operation does not model, fails with UnhandledServiceError",
    ({ Class }) =>
      Effect.gen(function* () {
        const error = failure(yield* outcomeOf(call, () => thrown(call, Class)))
        assert.deepStrictEqual(
          { ...error },
          {
            ...new ClientError.UnhandledServiceError({
              operation: name,
              code: Class.identifier,
              status: Class.status,
              requestId,
              description: `described: ${Class.identifier}`
            })
          }
        )
      })
  )

  it.effect("with an unknown exception fails with UnhandledServiceError", () =>
    Effect.gen(function* () {
      const error = failure(
        yield* outcomeOf(call, () =>
          json(418, { message: "short and stout" }, { "x-amzn-errortype": "TeapotException" })
        )
      )
      assert.strictEqual(error._tag, "UnhandledServiceError")
      assert.strictEqual(error.message, `${name}: HTTP 418 TeapotException: short and stout`)
    })
  )

  // The portal sends it for an account or a role that is not assigned to the user
  it.effect("with a ForbiddenException, which no operation models, fails with UnhandledServiceError", () =>
    Effect.gen(function* () {
      const error = failure(
        yield* outcomeOf(call, () =>
          json(403, { message: "No access", __type: `${service.namespace}#ForbiddenException` })
        )
      )
      assert.strictEqual(error._tag, "UnhandledServiceError")
      assert.strictEqual(error.message, `${name}: HTTP 403 ForbiddenException: No access`)
    })
  )

  const notJson = [
    ["HTML", () => new Response("<html>keep-client/secret+1</html>", { status: 200 }), "it is HTML or XML"],
    ["cut off", () => new Response('{"accessToken":"keep-device-code', { status: 200 }), "it is not valid JSON"],
    ["empty", () => new Response("", { status: 200 }), "it is empty"],
    ["not there", () => new Response(null, { status: 204 }), "it is empty"],
    ["blank", () => new Response(" \n", { status: 200, headers: { "content-length": "2" } }), "it is empty"],
    ["a list", () => json(200, [call.response]), "it is JSON, but not an object"],
    ["null", () => json(200, null), "it is JSON, but not an object"]
  ] as const

  const readsBody = call.response !== undefined

  it.effect.each(readsBody ? notJson : [])("whose body is %s fails with NotJson", ([, respond, found]) =>
    Effect.gen(function* () {
      const error = failure(yield* outcomeOf(call, respond))
      assert.strictEqual(error._tag, "ResponseError")
      assert.strictEqual("reason" in error && error.reason, "NotJson")
      assert.include(error.message, found)
    })
  )

  it.effect.each(readsBody ? [] : notJson)(
    "whose body is %s succeeds, since the operation has no output",
    ([, respond]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* outcomeOf(call, respond)).exit, Exit.succeed(undefined))
      })
  )

  const misshapen = {
    clientSecret: ["keep-client/secret+1"],
    accessToken: 5,
    accountList: [{ accountId: ["keep-access/token+1="] }],
    roleList: "keep-access/token+1=",
    roleCredentials: { accessKeyId: "A", secretAccessKey: ["keep-access/token+1="], sessionToken: "" }
  }

  it.effect.each(readsBody ? [misshapen] : [])(
    "with a missing or misshapen member fails with UnexpectedShape",
    (body) =>
      Effect.gen(function* () {
        const error = failure(yield* outcomeOf(call, () => json(200, body)))
        assert.strictEqual("reason" in error && error.reason, "UnexpectedShape")
      })
  )

  it.effect.each(timesOutOfRange[name] ?? [])("with a time out of range fails with UnexpectedShape (%#)", (body) =>
    Effect.gen(function* () {
      const error = failure(yield* outcomeOf(call, () => json(200, body)))
      assert.strictEqual("reason" in error && error.reason, "UnexpectedShape")
    })
  )

  it.effect.each([401, 403, 404, 429])(
    "with status %d and an unknown body fails with UnhandledServiceError",
    (status) =>
      Effect.gen(function* () {
        const bodies = ["", "<html>", '{"error', "5", "null", '{"__type":5,"message":{"a":"keep-client/secret+1"}}']
        for (const body of bodies) {
          const error = failure(yield* outcomeOf(call, () => new Response(body, { status })))
          assert.strictEqual(error._tag, "UnhandledServiceError")
          assert.strictEqual("status" in error && error.status, status)
        }
      })
  )

  const large = [
    ["says so", (body: Uint8Array<ArrayBuffer>) => new Response(body, { headers: { "content-length": "5242880" } })],
    ["does not say so", (body: Uint8Array<ArrayBuffer>) => new Response(body)],
    ["lies about it", (body: Uint8Array<ArrayBuffer>) => new Response(body, { headers: { "content-length": "0x1" } })],
    [
      "says how large it was before it was unpacked",
      (body: Uint8Array<ArrayBuffer>) =>
        new Response(body, { headers: { "content-length": "100", "content-encoding": "gzip" } })
    ]
  ] as const

  it.effect.each(large)("of 5 MiB that %s fails with TooLarge", ([, respond]) =>
    Effect.gen(function* () {
      for (const status of [200, 400]) {
        const error = failure(
          yield* outcomeOf(
            call,
            () => new Response(respond(bytes(5 * 1024 * 1024)).body, { status, headers: respond(bytes(0)).headers })
          )
        )
        assert.strictEqual("reason" in error && error.reason, "TooLarge")
        assert.strictEqual("status" in error && error.status, status)
      }
    })
  )

  it.effect("is read up to 1 MiB", () =>
    Effect.gen(function* () {
      const text = JSON.stringify(call.response) ?? ""
      const padded = (size: number) => text + " ".repeat(size - text.length)
      const fits = yield* outcomeOf(call, () => new Response(padded(1024 * 1024)))
      assert.isTrue(Exit.isSuccess(fits.exit))
      const tooLarge = failure(yield* outcomeOf(call, () => new Response(padded(1024 * 1024 + 1))))
      assert.strictEqual("reason" in tooLarge && tooLarge.reason, "TooLarge")
    })
  )

  it.effect("is aborted when the call is interrupted", () =>
    Effect.gen(function* () {
      const requested = yield* Deferred.make<AbortSignal>()
      const fiber = yield* Effect.forkChild(
        outcomeOf(call, (request) => {
          Deferred.doneUnsafe(requested, Effect.succeed(request.signal))
          return new Promise(() => {})
        })
      )
      const signal = yield* Deferred.await(requested)
      assert.isFalse(signal.aborted)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(signal.aborted)
    })
  )

  it.effect("can be nested without limit", () =>
    Effect.gen(function* () {
      const nested = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`
      const names = ["error", "unknown", "message", "accountList", "roleList", "roleCredentials"]
      const body = `{${names.map((name) => `"${name}":${nested}`).join()}}`
      for (const status of readsBody ? [200, 400] : [400]) {
        const error = failure(yield* outcomeOf(call, () => new Response(body, { status })))
        assert.strictEqual("status" in error && error.status, status)
      }
    })
  )

  const endless = [
    ["is too large", 200, {}, 17],
    ["says that it is too large", 200, { "content-length": "5242880" }, 1],
    ["redirects", 307, { location: "https://evil.example" }, 1]
  ] as const

  it.effect.each(endless)("that %s is discarded, and its connection closed", ([, status, headers, atMost]) =>
    Effect.gen(function* () {
      let pulled = 0
      let aborted = false
      yield* outcomeOf(call, (request) => {
        request.signal.addEventListener("abort", () => (aborted = true))
        const body = new ReadableStream({
          pull: (controller) => {
            pulled += 1
            controller.enqueue(bytes(64 * 1024))
          }
        })
        return new Response(body, { status, headers })
      })
      assert.isTrue(aborted)
      assert.isAtMost(pulled, atMost + 1)
    })
  )

  it.effect.each([301, 302, 303, 307, 308])("that redirects with HTTP %d fails with Redirect", (status) =>
    Effect.gen(function* () {
      const requests: Array<string> = []
      const witnessed = yield* outcomeOf(call, (request) => {
        requests.push(`${request.redirect} ${request.url}`)
        return new Response("{}", {
          status,
          headers: { location: "https://evil.example:8443/token?secret=keep-client%2Fsecret%2B1" }
        })
      })
      const error = failure(witnessed)
      assert.strictEqual("reason" in error && error.reason, "Redirect")
      assert.include(error.message, "https://evil.example:8443,")
      assert.lengthOf(requests, 1)
      assert.isTrue(requests[0]?.startsWith(`manual https://${service.host}/`))
    })
  )

  it.effect("that redirects without a target, or to one with a secret, fails with Redirect", () =>
    Effect.gen(function* () {
      const locations = ["", "/other", "\u00ff", ...call.secrets.map((secret) => `https://${secret}/`)]
      for (const location of locations) {
        const error = failure(yield* outcomeOf(call, () => new Response(null, { status: 307, headers: { location } })))
        assert.strictEqual("reason" in error && error.reason, "Redirect")
      }
    })
  )

  it.effect("that quotes the secrets of the request does not show them in the error", () =>
    Effect.gen(function* () {
      const quoted = call.secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]).join(" ")
      const body = { message: quoted, error: quoted, error_description: quoted, reason: quoted, __type: quoted }
      const headers = { "x-amzn-requestid": quoted }
      yield* outcomeOf(call, () => json(400, body, headers))
      yield* outcomeOf(call, () => json(400, body, { ...headers, "x-amzn-errortype": quoted }))
      yield* outcomeOf(call, () => json(400, body, { "x-amzn-errortype": "InvalidRequestException" }))
      yield* outcomeOf(call, () => json(200, body, headers))
      yield* outcomeOf(call, () => json(302, body, headers))
    })
  )

  it.effect("that breaks off fails with DispatchFailure", () =>
    Effect.gen(function* () {
      const broken = () =>
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode('{"accessToken":"keep'))
            controller.error(Object.assign(new Error("keep-client/secret+1"), { code: "ECONNRESET" }))
          }
        })
      for (const headers of [{}, { "content-length": "100" }]) {
        const error = failure(yield* outcomeOf(call, () => new Response(broken(), { headers })))
        assert.strictEqual(error._tag, "DispatchFailure")
        assert.include(error.message, "ECONNRESET")
      }
    })
  )

  it.effect("can come from an HTTP client that fails on a status", () =>
    Effect.gen(function* () {
      const strict = Layer.effect(
        HttpClient.HttpClient,
        Effect.succeed(
          HttpClient.make((request) =>
            Effect.succeed(HttpClientResponse.fromWeb(request, thrown(call, Exceptions.InvalidRequestException)))
          ).pipe(HttpClient.filterStatusOk)
        )
      )
      const error = yield* Effect.flip(run(call).pipe(Effect.provide(Layer.provide(Calls.services(), strict))))
      assert.strictEqual(error._tag, "InvalidRequestException")
    })
  )
})

describe("Invalid input", () => {
  const sent = Ref.makeUnsafe(0)
  const service = overFetch(() => {
    Effect.runSync(Ref.update(sent, (n) => n + 1))
    return json(200, {})
  })

  it.effect.each([
    ["clientName: ", SsoOidc.registerClient({ clientName: "", clientType: "public" })],
    ["scopes.1: ", SsoOidc.registerClient({ clientName: "a", clientType: "public", scopes: ["a", ""] })],
    [
      "startUrl: ",
      SsoOidc.startDeviceAuthorization({
        clientId: "a",
        clientSecret: Redacted.make("keep-device-code"),
        startUrl: "keep-session-token"
      })
    ],
    [
      "refreshToken: Missing key",
      SsoOidc.createToken(
        // @ts-expect-error a refresh token is missing
        { clientId: "a", clientSecret: Redacted.make("keep-device-code"), grantType: "refresh_token" }
      )
    ],
    [
      "clientSecret: Expected Redacted",
      SsoOidc.createToken({
        clientId: "a",
        // @ts-expect-error a secret is `Redacted`
        clientSecret: "keep-device-code",
        grantType: "refresh_token",
        refreshToken: Redacted.make("keep-session-token")
      })
    ],
    ["accessToken: only printable ASCII", SsoPortal.logout({ accessToken: Redacted.make("keep-this\r\nx-evil: 1") })],
    ["accessToken", SsoPortal.listAccounts({ accessToken: Redacted.make("") })],
    ["maxResults: ", SsoPortal.listAccounts({ accessToken: Redacted.make("keep-this"), maxResults: 101 })],
    [
      "roleName: ",
      SsoPortal.getRoleCredentials({ accessToken: Redacted.make("keep-this"), accountId: "1", roleName: "" })
    ],
    [
      "accountId: a lone surrogate",
      SsoPortal.listAccountRoles({ accessToken: Redacted.make("keep-this"), accountId: "keep-\ud800" })
    ],
    [
      "accessToken: Expected Redacted",
      // @ts-expect-error a secret is `Redacted`
      SsoPortal.logout({ accessToken: "keep-this" })
    ]
  ] as const)("fails with the name of the member, and sends nothing: %s", ([where, call]) =>
    Effect.gen(function* () {
      const effect: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }, Calls.Services> = call
      const witnessed = yield* witness(effect).pipe(Effect.provide(service))
      assertNoSecret(witnessed, ["keep-"])
      const error = failure(witnessed)
      assert.strictEqual(error._tag, "ConstructionFailure")
      assert.include(error.message, where)
      assert.strictEqual(yield* Ref.get(sent), 0)
    })
  )
})

const anyHeaders = Schema.Struct({
  "x-amzn-errortype": Schema.optionalKey(
    Schema.Union([
      Schema.String,
      Schema.Literals(["SlowDownException", "a#b:c", "RequestTimeTooSkewed", ":", "#", ","])
    ])
  ),
  "x-amzn-requestid": Schema.optionalKey(Schema.String),
  "content-type": Schema.optionalKey(Schema.Literals(["text/html", "application/json", ""])),
  "content-length": Schema.optionalKey(Schema.Literals(["0", "-1", "5", "99999999", "NaN", "1e3", ""])),
  "content-encoding": Schema.optionalKey(Schema.Literals(["gzip", "br", "identity"])),
  "retry-after": Schema.optionalKey(
    Schema.Union([Schema.String, Schema.Literals(["-1", "1e400", "9".repeat(400), "Wed, 21 Oct 2015 07:28:00 GMT"])])
  ),
  "x-amz-retry-after": Schema.optionalKey(Schema.Literals(["-1", "9".repeat(400), "abc", "500"])),
  date: Schema.optionalKey(Schema.Literals(["Wed, 21 Oct 2015 07:28:00 GMT", "now", ""])),
  location: Schema.optionalKey(Schema.String)
})

const member = Schema.Union([Schema.String, Schema.Finite, Schema.Null, Schema.Array(Schema.String), Schema.Json])

const anyBody = Schema.Union([
  Schema.String,
  Schema.Json.pipe(Schema.fromJsonString, Schema.toEncoded),
  Schema.Uint8Array,
  Schema.Struct({
    clientId: Schema.optionalKey(member),
    clientSecret: Schema.optionalKey(member),
    accessToken: Schema.optionalKey(member),
    expiresIn: Schema.optionalKey(member),
    nextToken: Schema.optionalKey(member),
    accountList: Schema.optionalKey(member),
    roleList: Schema.optionalKey(member),
    roleCredentials: Schema.optionalKey(member),
    error: Schema.optionalKey(member),
    error_description: Schema.optionalKey(member),
    reason: Schema.optionalKey(member),
    __type: Schema.optionalKey(member),
    code: Schema.optionalKey(member),
    message: Schema.optionalKey(member),
    constructor: Schema.optionalKey(member),
    ["__proto__"]: Schema.optionalKey(member)
  })
])

const anyStatus = Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 }))

const bodyOf = (body: typeof anyBody.Type): string | Uint8Array<ArrayBuffer> =>
  typeof body === "string" ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)

// A header can only contain characters of Latin-1
const latin1 = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    value.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "?")
  ])

const hasNoBody = (status: number) => status === 204 || status === 205 || status === 304

describe("For any response", () => {
  it.effect.prop(
    "a call succeeds or fails with a typed error, and never dies",
    [anyStatus, anyHeaders, anyBody, Arbitrary.schema(Schema.Literals(calls.map(({ operation }) => operation.name)))],
    ([status, headers, body, name]) =>
      Effect.gen(function* () {
        const call = calls.find(({ operation }) => operation.name === name) ?? calls[0]
        const { exit } = yield* outcomeOf(
          call,
          () => new Response(hasNoBody(status) ? null : bodyOf(body), { status, headers: latin1(headers) })
        )
        if (Exit.isFailure(exit)) {
          assert.isTrue(Cause.hasFails(exit.cause) && !Cause.hasDies(exit.cause), Cause.pretty(exit.cause))
        } else {
          assert.isBelow(status, 300)
        }
      }),
    { arbitrary: { runs: sample(500, 100) } }
  )
})
