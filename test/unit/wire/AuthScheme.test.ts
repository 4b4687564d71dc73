import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted, Ref } from "effect"
import { TestClock } from "effect/testing"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as AwsCredentials from "../../../src/wire/AwsCredentials.ts"
import type { ClientConfig } from "../../../src/wire/ClientConfig.ts"
import { ConstructionFailure } from "../../../src/wire/ClientError.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"

const { json } = ScriptedHttp

const now = Date.parse("2026-11-24T10:00:00Z")

const token = json(200, { accessToken: "secret-1", expiresIn: 3600 })

const call = SsoOidc.createTokenWithIAM({
  clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
  grantType: "refresh_token",
  refreshToken: Redacted.make("keep-refresh-token")
})

const long: AwsCredentials.SigningCredentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: Redacted.make("keep-access-key")
}

const temporary: AwsCredentials.SigningCredentials = { ...long, sessionToken: Redacted.make("keep-session-token") }

const retryPolicy = RetryPolicy.standard({ baseDelay: 0 })

const service = (
  respond: (request: ScriptedHttp.ScriptedRequest, before: number) => ScriptedHttp.ScriptedResponse,
  config?: ClientConfig
) =>
  SsoOidc.layer({ region: "us-east-1", retryPolicy, ...config }).pipe(
    Layer.provideMerge(ScriptedHttp.layer(respond)),
    Layer.provideMerge(AwsCredentials.layer(temporary))
  )

const signedAt = ({ headers }: ScriptedHttp.ScriptedRequest) =>
  Date.parse((headers["x-amz-date"] ?? "").replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))

/** A service whose clock is ahead of this machine. It accepts only signatures of its own time. */
const ahead =
  (minutes: number, code = "InvalidSignatureException", more: Record<string, string> = {}) =>
  (request: ScriptedHttp.ScriptedRequest): ScriptedHttp.ScriptedResponse => {
    const theirs = now + minutes * 60_000
    return Math.abs(signedAt(request) - theirs) < 5 * 60_000
      ? token
      : json(
          403,
          { message: `Signature expired: ${request.headers["x-amz-security-token"]} keep-refresh-token` },
          { "x-amzn-errortype": code, date: new Date(theirs).toUTCString(), ...more }
        )
  }

/** How many minutes each signature was ahead of the clock of this machine. */
const offsets = Effect.flatMap(ScriptedHttp.Log, ({ requests }) =>
  Effect.map(requests, (all) => all.map((one) => (signedAt(one) - now) / 60_000))
)

describe("A signed operation", () => {
  it.effect.each([12, -90, 60 * 24 * 400])(
    "corrects a clock that is %d minutes behind the service, and retries",
    (minutes) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const { exit, logs } = yield* witness(call)
        assert.strictEqual(exit._tag, "Success")
        assert.deepStrictEqual(yield* offsets, [0, minutes])
        const warnings = logs.filter((line) => line.startsWith("Warn"))
        assert.lengthOf(warnings, 1)
        assert.include(warnings[0], Duration.format(Duration.minutes(Math.abs(minutes))))
        // The next call uses the corrected time too
        yield* call
        assert.deepStrictEqual(yield* offsets, [0, minutes, minutes])
      }).pipe(Effect.provide(service(ahead(minutes))))
  )

  it.effect.each([
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch"
  ])("corrects the clock after %s", (code) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* call
      assert.deepStrictEqual(yield* offsets, [0, 12])
    }).pipe(Effect.provide(service(ahead(12, code))))
  )

  const refused = (date: Record<string, string>, code = "InvalidSignatureException") =>
    json(403, { message: "no" }, { "x-amzn-errortype": code, ...date })

  const inMinutes = (minutes: number) => ({ date: new Date(now + minutes * 60_000).toUTCString() })

  it.effect.each([
    ["it is refused again with the service's time", refused(inMinutes(12)), [0, 12]],
    ["the service's clock agrees within four minutes", refused(inMinutes(3.9)), [0]],
    ["the response has no date", refused({}), [0]],
    ["the date of the response is invalid", refused({ date: "yesterday" }), [0]],
    ["the response comes from a cache", refused({ ...inMinutes(12), age: "720" }), [0]],
    ["it was refused for something else", refused(inMinutes(12), "UnrecognizedClientException"), [0]],
    ["it was refused for no reason", json(403, {}, inMinutes(12)), [0]]
  ] as const)("is not retried where %s", ([, response, expected]) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const error = yield* Effect.flip(call)
      assert.strictEqual(error._tag, "UnhandledServiceError")
      assert.deepStrictEqual(yield* offsets, [...expected])
    }).pipe(Effect.provide(service(() => response)))
  )

  it.effect("is not retried if the policy allows one attempt, but the next call has the right time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const error = yield* Effect.flip(call)
      assert.deepStrictEqual("clockSkew" in error ? error.clockSkew : undefined, Duration.minutes(12))
      yield* call
      assert.deepStrictEqual(yield* offsets, [0, 12])
    }).pipe(Effect.provide(service(ahead(12), { retryPolicy: RetryPolicy.none })))
  )

  it.effect("shows no secret that a refusal quotes", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const witnessed = yield* witness(call)
      assert.include(failure(witnessed).message, "<redacted>")
      assertNoSecret(witnessed, ["keep-"])
    }).pipe(Effect.provide(service(ahead(12), { retryPolicy: RetryPolicy.none })))
  )

  it.effect("reads the credentials at each attempt", () =>
    Effect.gen(function* () {
      const issued = yield* Ref.make(0)
      const credentials = Effect.map(
        Ref.updateAndGet(issued, (n) => n + 1),
        (n) => ({ ...temporary, sessionToken: Redacted.make(`session-${n}`) })
      )
      yield* Effect.ignore(call).pipe(Effect.provideService(AwsCredentials.AwsCredentials, { credentials }))
      const { requests } = yield* ScriptedHttp.Log
      assert.deepStrictEqual(
        (yield* requests).map(({ headers }) => headers["x-amz-security-token"]),
        ["session-1", "session-2", "session-3"]
      )
    }).pipe(Effect.provide(service(() => ({ status: 503 }))))
  )

  it.effect("sends no session token for long-term credentials", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* Effect.provide(call, AwsCredentials.layer(long))
      const { requests } = yield* ScriptedHttp.Log
      const headers = (yield* requests)[0]?.headers
      assert.notProperty(headers, "x-amz-security-token")
      assert.include(headers?.["authorization"], "AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/sso-oauth/aws4_request")
    }).pipe(Effect.provide(service(() => token)))
  )

  it.effect("fails with the error of its credentials, and sends nothing", () =>
    Effect.gen(function* () {
      const missing = new ConstructionFailure({ reason: "MissingCredentials", description: "none" })
      const error = yield* Effect.flip(call).pipe(
        Effect.provideService(AwsCredentials.AwsCredentials, { credentials: Effect.fail(missing) })
      )
      assert.strictEqual(error, missing)
      assert.deepStrictEqual(yield* offsets, [])
    }).pipe(Effect.provide(service(() => token)))
  )

  it.effect("needs a region, even with a custom endpoint", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(call)
      assert.strictEqual(error._tag, "ConstructionFailure")
      assert.include(error.message, "region")
      assert.deepStrictEqual(yield* offsets, [])
    }).pipe(Effect.provide(service(() => token, { region: undefined, endpoint: "https://sso.example.com" })))
  )
})

describe("A public operation", () => {
  it.effect("is not signed, and not retried because of its time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const error = yield* Effect.flip(SsoOidc.registerClient({ clientName: "a", clientType: "public" }))
      assert.strictEqual(error._tag, "UnhandledServiceError")
      const { requests } = yield* ScriptedHttp.Log
      assert.lengthOf(yield* requests, 1)
      for (const { headers } of yield* requests) assert.notProperty(headers, "authorization")
    }).pipe(
      Effect.provide(
        service(() => json(403, {}, { "x-amzn-errortype": "AuthFailure", date: "Tue, 24 Nov 2026 12:00:00 GMT" }))
      )
    )
  )
})
