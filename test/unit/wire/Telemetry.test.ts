import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Metric, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as Metrics from "../../../src/wire/Metrics.ts"
import * as Calls from "../../support/Calls.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import { witness } from "../../support/Witness.ts"

const { exception, json } = ScriptedHttp

const register = SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" })

const poll = SsoOidc.createToken({
  clientId: "client-1",
  clientSecret: Redacted.make("keep-this"),
  grantType: "urn:ietf:params:oauth:grant-type:device_code",
  deviceCode: Redacted.make("keep-that")
})

const registered = json(200, { clientId: "client-1", clientSecret: "secret-1" }, { "x-amzn-requestid": "id-1" })

const service = (...responses: ReadonlyArray<ScriptedHttp.ScriptedResponse>) =>
  SsoOidc.layer({ region: "us-east-1" }).pipe(
    Layer.provideMerge(ScriptedHttp.layer((_, before) => ScriptedHttp.script(responses, before)))
  )

const run = <A, E>(call: Effect.Effect<A, E, SsoOidc.SsoOidc>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(witness(call))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const server = { "server.address": "oidc.us-east-1.amazonaws.com" }

const attempt = (status: number, more: Record<string, unknown> = {}) => ({
  "http.request.method": "POST",
  "http.response.status_code": status,
  ...server,
  ...more
})

describe("The spans of a call", () => {
  it.effect("are one for the call, and a child for each attempt", () =>
    Effect.gen(function* () {
      const { exit, spans } = yield* run(register)
      assert.isTrue(Exit.isSuccess(exit))
      const [call, ...attempts] = spans
      assert.deepStrictEqual([call?.name, call?.kind], ["SsoOidc.RegisterClient", "client"])
      assert.deepStrictEqual(Object.fromEntries(call?.attributes ?? []), {
        "rpc.system.name": "aws-api",
        "rpc.service": "SSO OIDC",
        "rpc.method": "RegisterClient",
        "aws.request_id": "id-1",
        ...server
      })
      for (const { kind, name, parent } of attempts) {
        assert.deepStrictEqual([name, kind], ["SsoOidc.RegisterClient.attempt", "client"])
        assert.strictEqual(parent._tag === "Some" && parent.value, call)
      }
      assert.deepStrictEqual(
        attempts.map(({ attributes }) => Object.fromEntries(attributes)),
        [
          { "http.request.method": "POST", ...server, "error.type": "DispatchFailure" },
          attempt(503, { "http.request.resend_count": 1, "error.type": "UnhandledServiceError" }),
          attempt(200, { "http.request.resend_count": 2, "aws.request_id": "id-1" })
        ]
      )
    }).pipe(Effect.provide(service("drop", { status: 503 }, registered)))
  )

  it.effect("fail with an error that is not expected, and show its tag", () =>
    Effect.gen(function* () {
      const { spans } = yield* run(poll)
      assert.lengthOf(spans, 2)
      for (const { attributes, status } of spans) {
        assert.isTrue(status._tag === "Ended" && Exit.isFailure(status.exit))
        assert.strictEqual(attributes.get("error.type"), "ExpiredTokenException")
      }
    }).pipe(Effect.provide(service(exception("ExpiredTokenException", "expired_token"))))
  )

  it.effect.each([
    ["AuthorizationPendingException", "authorization_pending"],
    ["SlowDownException", "slow_down"]
  ] as const)("do not fail with %s, which is part of a sign-in", ([name, error]) =>
    Effect.gen(function* () {
      const { exit, spans } = yield* run(Effect.flip(poll))
      assert.strictEqual(Exit.isSuccess(exit) && exit.value._tag, name)
      assert.lengthOf(spans, 2)
      for (const { attributes, status } of spans) {
        assert.isTrue(status._tag === "Ended" && Exit.isSuccess(status.exit))
        assert.isFalse(attributes.has("error.type"))
        assert.strictEqual(attributes.get("rpc.response.status_code"), name)
      }
    }).pipe(Effect.provide(service(exception(name, error))))
  )

  it.effect("show the address of a custom endpoint, and of another region", () =>
    Effect.gen(function* () {
      const addressOf = (call: Effect.Effect<unknown, unknown>) =>
        Effect.map(witness(call), ({ spans }) =>
          spans.map(({ attributes }) => `${attributes.get("server.address")}:${attributes.get("server.port")}`)
        )
      const input = { clientName: "my-tool", clientType: "public" }
      const local = yield* SsoOidc.make({ endpoint: "http://localhost:8080/base" })
      assert.deepStrictEqual(yield* addressOf(local.registerClient(input)), Array(2).fill("localhost:8080"))
      const regional = yield* Effect.flatMap(SsoOidc.make(), ({ inRegion }) => inRegion("eu-west-1"))
      assert.deepStrictEqual(
        yield* addressOf(regional.registerClient(input)),
        Array(2).fill("oidc.eu-west-1.amazonaws.com:undefined")
      )
    }).pipe(Effect.provide(ScriptedHttp.layer(() => registered)))
  )

  it.effect("send no trace headers, which the service does not know", () =>
    Effect.gen(function* () {
      yield* Effect.withSpan(register, "around")
      const { requests } = yield* ScriptedHttp.Log
      const [request] = yield* requests
      assert.notProperty(request?.headers, "traceparent")
      assert.notProperty(request?.headers, "b3")
    }).pipe(Effect.provide(service(registered)))
  )
})

const outcomes = [
  "success",
  "expected",
  "UnhandledServiceError",
  "ConstructionFailure",
  "AuthorizationPendingException"
]

/** What an effect adds to the metrics of an operation: its outcomes, and the number of measured durations. */
const growth = <A, E, R>(effect: Effect.Effect<A, E, R>, operation = "SsoOidc.RegisterClient") =>
  Effect.gen(function* () {
    const read = Effect.gen(function* () {
      const { count: retries } = yield* Metric.value(Metric.withAttributes(Metrics.retries, { operation }))
      const counts = new Map([["retries", Number(retries)]])
      for (const outcome of outcomes) {
        const { count } = yield* Metric.value(Metric.withAttributes(Metrics.calls, { operation, outcome }))
        const timed = yield* Metric.value(Metric.withAttributes(Metrics.callDuration, { operation, outcome }))
        counts.set(outcome, Number(count)).set("timed", (counts.get("timed") ?? 0) + timed.count)
      }
      return counts
    })
    const before = yield* read
    yield* effect
    const after = yield* read
    const grown = Array.from(after, ([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    return Object.fromEntries(grown.filter(([, count]) => count !== 0))
  })

describe("The metrics of a call", () => {
  it.effect("count it once by its outcome, and its retries one by one", () =>
    Effect.gen(function* () {
      const grown = (...responses: ReadonlyArray<ScriptedHttp.ScriptedResponse>) =>
        growth(run(register)).pipe(Effect.provide(service(...responses)))
      assert.deepStrictEqual(yield* grown(registered), { success: 1, timed: 1 })
      assert.deepStrictEqual(yield* grown("drop", registered), { success: 1, retries: 1, timed: 1 })
      assert.deepStrictEqual(yield* grown({ status: 503 }), { UnhandledServiceError: 1, retries: 2, timed: 1 })
      const invalid = Effect.exit(SsoOidc.registerClient({ clientName: "", clientType: "public" }))
      assert.deepStrictEqual(yield* growth(invalid).pipe(Effect.provide(service())), {
        ConstructionFailure: 1,
        timed: 1
      })
    })
  )

  it.effect("count a pending poll as expected, not as an error", () =>
    Effect.gen(function* () {
      const polled = growth(run(Effect.flip(poll)), "SsoOidc.CreateToken")
      assert.deepStrictEqual(yield* polled, { expected: 1, timed: 1 })
    }).pipe(Effect.provide(service(exception("AuthorizationPendingException", "authorization_pending"))))
  )

  it.effect("measure how long it took, with its retries", () =>
    Effect.gen(function* () {
      const histogram = Metric.withAttributes(Metrics.callDuration, {
        operation: "SsoOidc.RegisterClient",
        outcome: "CallTimeout"
      })
      const { sum } = yield* Metric.value(histogram)
      yield* run(register)
      // Three attempts of ten seconds each, and two waits
      const grown = (yield* Metric.value(histogram)).sum - sum
      assert.isAtLeast(grown, 30_000)
      assert.isAtMost(grown, 33_000)
    }).pipe(Effect.provide(service("hang")))
  )

  it.effect.each(Calls.calls)("name its operation: $operation.name", (call) =>
    Effect.gen(function* () {
      const respond = () => new Response(JSON.stringify(call.response))
      const grown = growth(Calls.run(call), `${call.service.name}.${call.operation.name}`)
      assert.deepStrictEqual(yield* grown.pipe(Effect.provide(Calls.overFetch(respond))), { success: 1, timed: 1 })
    })
  )
})

describe("The log of a call", () => {
  it.effect("shows retries in whole milliseconds and how it ended, with its operation and its attempt", () =>
    Effect.gen(function* () {
      const { annotations, logs } = yield* run(register)
      assert.lengthOf(logs, 2)
      assert.match(
        logs[0] ?? "",
        /^Debug: .*DispatchFailure: RegisterClient: no connection to .*\. Retrying in \d+ ms'/s
      )
      assert.match(logs[1] ?? "", /^Debug: .*SsoOidc\.RegisterClient: success in \d+(ms|s)/s)
      assert.deepStrictEqual(annotations, [
        { operation: "SsoOidc.RegisterClient", attempt: 1 },
        { operation: "SsoOidc.RegisterClient" }
      ])
    }).pipe(Effect.provide(service("drop", registered)))
  )
})
