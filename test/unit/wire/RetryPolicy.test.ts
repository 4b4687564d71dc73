import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Layer, Random, Schedule, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Exceptions from "../../../src/operation/Exceptions.ts"
import * as PortalExceptions from "../../../src/operation/PortalExceptions.ts"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import type { ClientConfig } from "../../../src/wire/ClientConfig.ts"
import * as ClientError from "../../../src/wire/ClientError.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import { witness } from "../../support/Witness.ts"

const { exception, json, script } = ScriptedHttp

const registered = json(200, { clientId: "client-1", clientSecret: "secret-1" })

const started = json(200, { deviceCode: "a", userCode: "b", verificationUri: "https://c", expiresIn: 600 })

const register = SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" })

const start = (startUrl = "https://example.awsapps.com/start") =>
  Effect.flatMap(register, ({ clientId, clientSecret }) =>
    SsoOidc.startDeviceAuthorization({ clientId, clientSecret, startUrl })
  )

const service = (responses: ReadonlyArray<ScriptedHttp.ScriptedResponse>, config?: ClientConfig) =>
  SsoOidc.layer({ region: "us-east-1", ...config }).pipe(
    Layer.provideMerge(
      ScriptedHttp.layer(({ url }, before) =>
        new URL(url).pathname === "/client/register" ? script(responses, before) : started
      )
    )
  )

/** A random number generator that always gives the same number. */
const fixedRandom = (part: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => part, nextIntUnsafe: () => 0 })

const runToEnd = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(Effect.exit(effect))
  yield* TestClock.adjust("1 hour")
  return yield* Fiber.join(fiber)
})

const times = Effect.flatMap(ScriptedHttp.Log, ({ requests }) => Effect.map(requests, (all) => all.map(({ at }) => at)))

const tagOf = <A>(exit: Exit.Exit<A, { readonly _tag: string }>) =>
  Exit.match(exit, {
    onSuccess: () => "success",
    onFailure: (cause) =>
      Cause.findErrorOption(cause).pipe((error) => (error._tag === "Some" ? error.value._tag : "defect"))
  })

/** The times of the requests of one call, in milliseconds after the first one, and its outcome. */
const course = (responses: ReadonlyArray<ScriptedHttp.ScriptedResponse>, config?: ClientConfig, part = 0.5) =>
  Effect.gen(function* () {
    const exit = yield* runToEnd(register)
    const all = yield* times
    return { at: all.map((time) => time - (all[0] ?? 0)), outcome: tagOf(exit) }
  }).pipe(fixedRandom(part), Effect.provide(service(responses, config)))

const html = (status: number): ScriptedHttp.ScriptedResponse => ({ status, body: "<html>" })

const unhandled = (status: number, code: string) => json(status, {}, { "x-amzn-errortype": code })

const asking = (headers: Record<string, string>) => json(503, {}, headers)

describe("RetryPolicy.standard", () => {
  const once = [0]
  const thrice = [0, 500, 1500]

  it.effect.each([
    ["an output", [registered], once, "success"],
    ["HTTP 500", [html(500)], thrice, "UnhandledServiceError"],
    ["HTTP 502", [html(502)], thrice, "UnhandledServiceError"],
    ["HTTP 503", [html(503)], thrice, "UnhandledServiceError"],
    ["HTTP 504", [html(504)], thrice, "UnhandledServiceError"],
    ["HTTP 501", [html(501)], once, "UnhandledServiceError"],
    ["HTTP 429", [html(429)], thrice, "UnhandledServiceError"],
    ["HTTP 403", [html(403)], once, "UnhandledServiceError"],
    [
      "InternalServerException",
      [exception("InternalServerException", "server_error", 500)],
      thrice,
      "InternalServerException"
    ],
    ["a throttling code", [unhandled(400, "ThrottlingException")], thrice, "UnhandledServiceError"],
    ["a request that timed out", [unhandled(400, "RequestTimeout")], thrice, "UnhandledServiceError"],
    ["SlowDownException", [exception("SlowDownException", "slow_down")], once, "SlowDownException"],
    ["an exception", [exception("InvalidRequestException", "invalid_request")], once, "InvalidRequestException"],
    ["an unknown exception", [unhandled(400, "NewException")], once, "UnhandledServiceError"],
    ["a broken connection", ["drop"], thrice, "DispatchFailure"],
    ["an HTML page", [html(200)], once, "ResponseError"],
    ["a redirect", [html(307)], once, "ResponseError"],
    ["no response", ["hang"], [0, 10_500, 21_500], "CallTimeout"],
    ["a failure that passes", [html(503), registered], [0, 500], "success"],
    ["two that pass", ["drop", html(500), registered], thrice, "success"],
    ["one that passes into another", [html(503), html(403)], [0, 500], "UnhandledServiceError"],
    ["no response, then one", ["hang", registered], [0, 10_500], "success"]
  ] as const)("with %s: sends the requests and has the outcome of the table", ([, responses, at, outcome]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* course(responses), { at: [...at], outcome })
    })
  )

  it.effect.each([
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": "0" }, 500],
    [{ "retry-after": "600" }, 5500],
    [{ "retry-after": "Thu, 01 Jan 1970 00:00:04 GMT" }, 4000],
    [{ "retry-after": "Thu, 01 Jan 1970 01:00:00 GMT" }, 5500],
    [{ "retry-after": "soon" }, 500],
    [{ "x-amz-retry-after": "2500" }, 2500],
    [{ "x-amz-retry-after": "100" }, 500],
    [{ "x-amz-retry-after": "9999999999999999999999" }, 5500]
  ] as const)("after %j waits %d ms", ([headers, wait]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* course([asking(headers), registered])).at, [0, wait])
    })
  )

  it.effect("waits as long as a modelled exception asks", () =>
    Effect.gen(function* () {
      const failing = json(500, {}, { "x-amzn-errortype": "InternalServerException", "retry-after": "2" })
      assert.deepStrictEqual((yield* course([failing, registered])).at, [0, 2000])
    })
  )

  it.effect("doubles the delay up to twenty seconds, and waits a random part of it", () =>
    Effect.gen(function* () {
      const retryPolicy = RetryPolicy.standard({ maxAttempts: 9 })
      const full = yield* course([html(503)], { retryPolicy }, 1)
      assert.deepStrictEqual(
        full.at,
        [0, 1, 3, 7, 15, 31, 51, 71, 91].map((second) => second * 1000)
      )
      const none = yield* course([html(503)], { retryPolicy }, 0)
      assert.deepStrictEqual(none.at, Array(9).fill(0))
    })
  )

  it.effect("has options for the attempts and the delays", () =>
    Effect.gen(function* () {
      const retryPolicy = RetryPolicy.standard({ maxAttempts: 4, baseDelay: "100 millis", maxDelay: "150 millis" })
      assert.deepStrictEqual((yield* course([html(503)], { retryPolicy }, 1)).at, [0, 100, 250, 400])
    })
  )

  it.effect.each([1, 0, -5])("makes one attempt for maxAttempts %d", (maxAttempts) =>
    Effect.gen(function* () {
      const retryPolicy = RetryPolicy.standard({ maxAttempts })
      assert.strictEqual(retryPolicy.maxAttempts, 1)
      assert.deepStrictEqual((yield* course([html(503)], { retryPolicy })).at, [0])
    })
  )

  const failures = Schema.Literals(["InternalServerException", "DispatchFailure", "CallTimeout"])

  it.effect.prop(
    "never waits longer than twenty seconds, and never makes more attempts than allowed",
    [Schema.Array(failures), Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 }))],
    ([tags, maxAttempts]) =>
      Effect.gen(function* () {
        const errors: Record<typeof failures.Type, RetryPolicy.CallError> = {
          InternalServerException: new Exceptions.InternalServerException({}),
          DispatchFailure: new ClientError.DispatchFailure({ operation: "A", origin: "https://a" }),
          CallTimeout: new ClientError.CallTimeout({ operation: "A", limit: "attempt", duration: Duration.zero })
        }
        const step = yield* Schedule.toStep(RetryPolicy.standard({ maxAttempts }).schedule)
        const waits: Array<number> = []
        yield* Effect.forEach(tags, (tag) =>
          Effect.map(step(0, errors[tag]), ([, wait]) => waits.push(Duration.toMillis(wait)))
        ).pipe(Effect.ignore)
        assert.lengthOf(waits, Math.min(tags.length, maxAttempts - 1))
        for (const wait of waits) assert.isTrue(wait >= 0 && wait <= 20_000)
      })
  )
})

describe("The quota", () => {
  // Each call fails three times, which costs two retries
  const failing = Effect.gen(function* () {
    const before = (yield* times).length
    yield* runToEnd(register)
    return (yield* times).length - before
  })

  const policy = (quota: number, maxAttempts = 3) => ({
    retryPolicy: RetryPolicy.standard({ quota, maxAttempts, baseDelay: "1 milli" })
  })

  it.effect("allows a hundred retries by default", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* failing, 101)
      assert.strictEqual(yield* failing, 1)
    }).pipe(Effect.provide(service([html(503)], policy(500, 1000))))
  )

  it.effect("is shared by the calls of one client, which fail without a retry when it is empty", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([yield* failing, yield* failing, yield* failing], [3, 2, 1])
      assert.strictEqual(tagOf(yield* runToEnd(start())), "UnhandledServiceError")
    }).pipe(Effect.provide(service([html(503)], policy(17))))
  )

  it.effect("is not shared by two clients", () =>
    Effect.gen(function* () {
      yield* failing.pipe(Effect.provide(service([html(503)], policy(5))))
      assert.strictEqual(yield* failing.pipe(Effect.provide(service([html(503)], policy(5)))), 2)
    })
  )

  it.effect("costs more after a timeout", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* failing, 2)
    }).pipe(Effect.provide(service(["hang"], policy(19))))
  )

  it.effect("gets back the cost of the last retry when the call succeeds", () =>
    Effect.gen(function* () {
      // 10 - 5 - 5 + 5, then 5 - 5, then nothing
      assert.deepStrictEqual([yield* failing, yield* failing, yield* failing], [3, 2, 1])
    }).pipe(Effect.provide(service([html(503), html(503), registered, html(503)], policy(10))))
  )

  it.effect("gets back one token for a call without a retry, up to its capacity", () =>
    Effect.gen(function* () {
      // 5, then 5 - 5, then 0 + 4, then 4 + 1, then 5 - 5
      yield* runToEnd(start())
      assert.strictEqual(yield* failing, 2)
      yield* Effect.repeat(runToEnd(register), { times: 3 })
      assert.strictEqual(yield* failing, 1)
      yield* Effect.repeat(runToEnd(register), { times: 4 })
      assert.strictEqual(yield* failing, 2)
    }).pipe(
      Effect.provide(
        service(
          [
            registered,
            html(503),
            html(503),
            ...Array(4).fill(registered),
            html(503),
            ...Array(5).fill(registered),
            html(503)
          ],
          policy(5)
        )
      )
    )
  )
})

describe("RetryPolicy.none", () => {
  it.effect("makes one attempt", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* course(["drop"], { retryPolicy: RetryPolicy.none })).at, [0])
    })
  )
})

describe("RetryPolicy.Override", () => {
  it.effect("replaces the policy of the client for the calls of an effect, and in their headers", () =>
    Effect.gen(function* () {
      const within = (policy: RetryPolicy.RetryPolicy) =>
        runToEnd(register).pipe(Effect.provideService(RetryPolicy.Override, policy))
      yield* within(RetryPolicy.none)
      yield* within(RetryPolicy.standard({ maxAttempts: 2 }))
      yield* runToEnd(register)
      const { requests } = yield* ScriptedHttp.Log
      assert.deepStrictEqual(
        (yield* requests).map(({ headers }) => headers["amz-sdk-request"]),
        ["1; max=1", "1; max=2", "2; max=2", "1; max=3", "2; max=3", "3; max=3"].map((rest) => `attempt=${rest}`)
      )
    }).pipe(Effect.provide(service([html(503)])))
  )
})

describe("A custom policy", () => {
  it.effect("can be any schedule over the errors of calls", () =>
    Effect.gen(function* () {
      const retryPolicy: RetryPolicy.RetryPolicy = {
        maxAttempts: 4,
        schedule: Schedule.spaced("7 seconds").pipe(
          Schedule.setInputType<RetryPolicy.CallError>(),
          Schedule.while(({ input }) => input._tag === "InvalidRequestException"),
          Schedule.upTo({ times: 3 })
        )
      }
      const refused = exception("InvalidRequestException", "invalid_request")
      assert.deepStrictEqual((yield* course([refused], { retryPolicy })).at, [0, 7000, 14_000, 21_000])
      assert.deepStrictEqual((yield* course([html(503)], { retryPolicy })).at, [0])
    })
  )
})

describe("An attempt", () => {
  it.effect("sends its number and the maximum, and the same id for all attempts of a call", () =>
    Effect.gen(function* () {
      yield* runToEnd(register)
      // A schedule around the call does not change the numbers
      yield* runToEnd(Effect.retry(register, Schedule.recurs(1)))
      const { requests } = yield* ScriptedHttp.Log
      const headers = (yield* requests).map(({ headers }) => headers)
      assert.deepStrictEqual(
        headers.map((all) => all["amz-sdk-request"]),
        [1, 2, 3, 1, 2, 3, 1, 2, 3].map((attempt) => `attempt=${attempt}; max=3`)
      )
      const ids = headers.map((all) => all["amz-sdk-invocation-id"])
      assert.deepStrictEqual(
        ids,
        [0, 0, 0, 3, 3, 3, 6, 6, 6].map((first) => ids[first])
      )
      assert.strictEqual(new Set(ids).size, 3)
      for (const id of ids) assert.match(id ?? "", /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    }).pipe(Effect.provide(service([html(503)])))
  )

  it.effect("is logged at debug level when a retry follows", () =>
    Effect.gen(function* () {
      const { logs } = yield* runToEnd(witness(register)).pipe(Effect.flatten)
      assert.lengthOf(logs, 3)
      assert.match(logs[0] ?? "", /^Debug: .*HTTP 503\. Retrying in 500 ms/s)
      assert.match(logs[1] ?? "", /^Debug: .*HTTP 503\. Retrying in 1000 ms/s)
    }).pipe(fixedRandom(0.5), Effect.provide(service([html(503)])))
  )

  it.effect("ends after ten seconds, or after attemptTimeout", () =>
    Effect.gen(function* () {
      const give = { retryPolicy: RetryPolicy.none, attemptTimeout: "3 seconds" } as const
      const fiber = yield* Effect.forkChild(Effect.flip(register).pipe(Effect.provide(service(["hang"], give))))
      yield* TestClock.adjust("3 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "CallTimeout")
      assert.strictEqual(error.message, "RegisterClient: the attempt got no response within 3s")
    })
  )

  it.effect("aborts its request when it times out or is interrupted", () =>
    Effect.gen(function* () {
      const { open, requests } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(register)
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* open, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* open, 0)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* open, 0)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* requests, 2)
    }).pipe(Effect.provide(service(["hang"])))
  )
})

describe("A whole call", () => {
  const give = { operationTimeout: "15 seconds" } as const

  it.effect("has no timeout by default", () =>
    Effect.gen(function* () {
      const retryPolicy = RetryPolicy.standard({ maxAttempts: 20 })
      const { at } = yield* course(["hang"], { retryPolicy }, 1)
      assert.lengthOf(at, 20)
    })
  )

  it.effect("ends after operationTimeout, during an attempt", () =>
    Effect.gen(function* () {
      const { open } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(Effect.flip(register))
      yield* TestClock.adjust("14 seconds")
      assert.strictEqual(yield* open, 1)
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, "RegisterClient: the operation got no response within 15s")
      assert.strictEqual(yield* open, 0)
    }).pipe(fixedRandom(0.5), Effect.provide(service(["hang"], give)))
  )

  it.effect("ends after operationTimeout, between attempts", () =>
    Effect.gen(function* () {
      const retryPolicy = RetryPolicy.standard({ baseDelay: "20 seconds" })
      const outcome = yield* course([html(503)], { ...give, retryPolicy }, 1)
      assert.deepStrictEqual(outcome, { at: [0], outcome: "CallTimeout" })
    })
  )

  it.effect.each(["attemptTimeout", "operationTimeout"] as const)("refuses an invalid %s", (name) =>
    Effect.gen(function* () {
      for (const duration of [0, -1, Number.NaN]) {
        const error = yield* Effect.flip(Effect.provide(register, service([], { [name]: duration })))
        assert.strictEqual(error._tag, "ConstructionFailure")
        assert.include(error.message, name)
      }
    })
  )
})

describe("RetryPolicy.isTransient and RetryPolicy.isThrottling", () => {
  const failure = (status: number, code?: string) =>
    new ClientError.UnhandledServiceError({ operation: "A", status, ...(code === undefined ? {} : { code }) })

  it.each([
    [new Exceptions.InternalServerException({}), true, false],
    [new Exceptions.SlowDownException({}), false, false],
    [new Exceptions.AuthorizationPendingException({}), false, false],
    [new Exceptions.AccessDeniedException({}), false, false],
    [new PortalExceptions.TooManyRequestsException({}), false, true],
    [new PortalExceptions.UnauthorizedException({}), false, false],
    [new PortalExceptions.ResourceNotFoundException({}), false, false],
    [new ClientError.ConstructionFailure({ reason: "InvalidInput", description: "" }), false, false],
    [new ClientError.DispatchFailure({ operation: "A", origin: "https://a" }), true, false],
    [failure(503), true, false],
    [failure(429), false, true],
    [failure(400, "TooManyRequestsException"), false, true],
    [failure(503, "SlowDown"), true, true],
    [failure(400, "RequestTimeoutException"), true, false],
    [failure(501), false, false]
  ])("are, for %s: %s, %s", (error, transient, throttling) => {
    assert.deepStrictEqual([RetryPolicy.isTransient(error), RetryPolicy.isThrottling(error)], [transient, throttling])
  })

  it.each([
    [500, true],
    [200, false],
    [307, false]
  ])("use the status of a ResponseError: %d", (status, transient) => {
    const error = new ClientError.ResponseError({ operation: "A", reason: "TooLarge", status, description: "" })
    assert.strictEqual(RetryPolicy.isTransient(error), transient)
  })
})
