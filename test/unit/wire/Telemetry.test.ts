import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Metric } from "effect"
import { TestClock } from "effect/testing"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as Telemetry from "../../../src/wire/Telemetry.ts"
import * as Calls from "../../support/Calls.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import { witness } from "../../support/Witness.ts"

const register = SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" })

const registered = ScriptedHttp.json(
  200,
  { clientId: "client-1", clientSecret: "secret-1" },
  { "x-amzn-requestid": "id-1" }
)

const service = (...answers: ReadonlyArray<ScriptedHttp.Answer>) =>
  SsoOidc.layer({ region: "us-east-1" }).pipe(
    Layer.provideMerge(ScriptedHttp.layer((_, before) => ScriptedHttp.script(answers, before)))
  )

const run = Effect.gen(function* () {
  const fiber = yield* Effect.forkChild(witness(register))
  yield* TestClock.adjust("1 hour")
  return yield* Fiber.join(fiber)
})

/** What a call adds to the counters of an operation. */
const growth = <A, E, R>(effect: Effect.Effect<A, E, R>, operation = "RegisterClient") =>
  Effect.gen(function* () {
    const counted = (counter: typeof Telemetry.calls, attributes: Record<string, string>) =>
      Effect.map(Metric.value(Metric.withAttributes(counter, { operation, ...attributes })), ({ count }) =>
        Number(count)
      )
    const read = Effect.all({
      success: counted(Telemetry.calls, { outcome: "success" }),
      unhandled: counted(Telemetry.calls, { outcome: "UnhandledServiceError" }),
      invalid: counted(Telemetry.calls, { outcome: "ConstructionFailure" }),
      retries: counted(Telemetry.retries, {})
    })
    const before = yield* read
    yield* effect
    const after = yield* read
    return {
      success: after.success - before.success,
      unhandled: after.unhandled - before.unhandled,
      invalid: after.invalid - before.invalid,
      retries: after.retries - before.retries
    }
  })

const none = { success: 0, unhandled: 0, invalid: 0, retries: 0 }

describe("A call", () => {
  it.effect("is one span, that tells the attempts and the id of the last answer", () =>
    Effect.gen(function* () {
      const { exit, spans } = yield* run
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(
        spans.map(({ kind, name }) => [name, kind]),
        [["SsoOidc.RegisterClient", "client"]]
      )
      assert.deepStrictEqual(Object.fromEntries(spans[0]?.attributes ?? []), {
        "rpc.system": "aws-api",
        "rpc.service": "SSO OIDC",
        "rpc.method": "RegisterClient",
        "aws.attempts": 3,
        "aws.request_id": "id-1"
      })
    }).pipe(Effect.provide(service("drop", { status: 503 }, registered)))
  )

  it.effect("sends no headers of a trace, which the service would not know", () =>
    Effect.gen(function* () {
      yield* Effect.withSpan(register, "around")
      const { asked } = yield* ScriptedHttp.Log
      const [request] = yield* asked
      assert.notProperty(request?.headers, "traceparent")
      assert.notProperty(request?.headers, "b3")
    }).pipe(Effect.provide(service(registered)))
  )

  it.effect("is counted once, by its outcome, and its retries one by one", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* growth(run).pipe(Effect.provide(service(registered))), { ...none, success: 1 })
      assert.deepStrictEqual(yield* growth(run).pipe(Effect.provide(service("drop", registered))), {
        ...none,
        success: 1,
        retries: 1
      })
      assert.deepStrictEqual(yield* growth(run).pipe(Effect.provide(service({ status: 503 }))), {
        ...none,
        unhandled: 1,
        retries: 2
      })
      const invalid = Effect.exit(SsoOidc.registerClient({ clientName: "", clientType: "public" }))
      assert.deepStrictEqual(yield* growth(invalid).pipe(Effect.provide(service())), { ...none, invalid: 1 })
    })
  )

  it.effect.each(Calls.calls)("of $operation.name is counted as one of it", (call) =>
    Effect.gen(function* () {
      const respond = () => new Response(JSON.stringify(call.answer))
      const grown = growth(Calls.run(call), call.operation.name).pipe(Effect.provide(Calls.overFetch(respond)))
      assert.deepStrictEqual(yield* grown, { ...none, success: 1 })
    })
  )
})
