import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  DateTime,
  Duration,
  Effect,
  Equal,
  Exit,
  Fiber,
  Metric,
  Option,
  Pull,
  Redacted,
  Ref,
  Schedule,
  Schema
} from "effect"
import { TestClock } from "effect/testing"
import { DeviceFlow, Exceptions, LoginFailed, RetryPolicy, SsoOidc, SsoSession } from "../../../src/index.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import * as ScriptedService from "../../support/ScriptedService.ts"
import { assertNoSecret, witness } from "../../support/Witness.ts"

const { denied, pending, pollTimes, service, shown, slowDown, token, unavailable } = ScriptedService

const failures = {
  pending: new Exceptions.AuthorizationPendingException({}),
  slow: new Exceptions.SlowDownException({}),
  down: new Exceptions.InternalServerException({})
}

const session = SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })

/** The flow, which fails with the reason of its `LoginFailed`. */
const authorize = Effect.flatMap(session, (session) => DeviceFlow.authorize(session)).pipe(
  Effect.unwrapReason("LoginFailed")
)

describe("DeviceFlow.authorize", () => {
  it.effect(
    "polls immediately, keeps the interval, and lengthens it by five seconds for all later polls after SlowDownException",
    () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(authorize)
        yield* TestClock.adjust("1 minute")
        const signedIn = yield* Fiber.join(fiber)
        assert.deepStrictEqual(yield* pollTimes, [0, 1, 2, 8, 14, 25])
        assert.strictEqual(Redacted.value(signedIn.accessToken), "secret-access")
        assert.deepStrictEqual(yield* shown, [
          "Prompting",
          "Pending",
          "Pending",
          "SlowedDown",
          "Pending",
          "SlowedDown",
          "Authorized"
        ])
      }).pipe(Effect.provide(service([pending, pending, slowDown, pending, slowDown, token])))
  )

  it.effect("signs in without a prompt if the first poll returns the token", () =>
    Effect.gen(function* () {
      yield* authorize
      assert.deepStrictEqual(yield* pollTimes, [0])
      assert.deepStrictEqual(yield* shown, ["Authorized"])
    }).pipe(Effect.provide(service([token])))
  )

  it.effect("fails with ExpiredTokenException after ten minutes, with the last request before the deadline", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(authorize))
      yield* TestClock.adjust("10 minutes")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "ExpiredTokenException")
      assert.include(error.message, "600 seconds")
      const times = yield* pollTimes
      assert.strictEqual(times.length, 120)
      assert.strictEqual(times.at(-1), 595)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* pollTimes).length, 120)
    }).pipe(Effect.provide(service([pending], { interval: 5 })))
  )

  it.effect("reports that the service could not be reached, if that made the code expire", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(authorize))
      yield* TestClock.adjust("10 minutes")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "ExpiredTokenException")
      assert.include(error.message, "DispatchFailure")
    }).pipe(Effect.provide(service(["drop"])))
  )

  it.effect("fails at once with AccessDeniedException if the user declines", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(authorize))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "AccessDeniedException")
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* pollTimes, [0, 1])
    }).pipe(Effect.provide(service([pending, denied, token])))
  )

  it.effect("fails with the ExpiredTokenException of the service if it comes first", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(authorize)
      assert.strictEqual(error._tag, "ExpiredTokenException")
      assert.strictEqual(error.message, "described: expired_token")
    }).pipe(Effect.provide(service([ScriptedHttp.exception("ExpiredTokenException", "expired_token"), token])))
  )

  it.effect("backs off from a server that is down, and polls at the interval once it is back", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* pollTimes, [0, 1, 3, 7, 15, 16])
      assert.deepStrictEqual(yield* shown, [
        "Prompting",
        "Pending",
        "Unreachable",
        "Unreachable",
        "Unreachable",
        "Pending",
        "Authorized"
      ])
    }).pipe(Effect.provide(service([pending, unavailable, unavailable, "drop", pending, token])))
  )

  it.effect("backs off after a modelled server error, throttling and a timeout, too", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(fiber)
      // An attempt times out after ten seconds
      assert.deepStrictEqual(yield* pollTimes, [0, 2, 6, 24])
    }).pipe(
      Effect.provide(
        service([
          ScriptedHttp.exception("InternalServerException", "server_error", 500),
          ScriptedHttp.exception("TooManyRequestsException", "too_many_requests", 429),
          "hang",
          token
        ])
      )
    )
  )

  it.effect("never waits longer than a minute because of a failing server", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(authorize))
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* pollTimes, [0, 10, 30, 70, 130, 190, 250, 310, 370, 430, 490, 550])
    }).pipe(Effect.provide(service(["drop"], { interval: 5 })))
  )

  it.effect("polls at most once a second, whatever interval the service returns", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* pollTimes, [0, 1, 2])
    }).pipe(Effect.provide(service([pending, pending, token], { interval: 0 })))
  )

  it.effect("stops at once when it is interrupted while it waits, and sends no more polls", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* pollTimes, [0, 1, 2, 3])
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* pollTimes, [0, 1, 2, 3])
    }).pipe(Effect.provide(service([pending])))
  )

  it.effect("aborts a request in progress when it is interrupted", () =>
    Effect.gen(function* () {
      const { open } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* open, 0)
    }).pipe(Effect.provide(service([pending, "hang"])))
  )
})

describe("DeviceFlow.start and DeviceFlow.poll", () => {
  const codec = Schema.fromJsonString(DeviceFlow.Pending)

  /** Starts a sign-in, and stores it as another process would read it. */
  const stored = Effect.gen(function* () {
    const pending = yield* Effect.flatMap(session, (session) => DeviceFlow.start(session))
    return yield* Schema.encodeEffect(codec)(pending)
  })

  it.effect("sends no poll before the user is asked to approve", () =>
    Effect.gen(function* () {
      const pending = yield* Effect.flatMap(session, (session) => DeviceFlow.start(session))
      assert.strictEqual(pending.userCode, "ABCD-EFGH")
      assert.strictEqual(pending.verificationUriComplete, "https://device.example/?user_code=ABCD-EFGH")
      assert.strictEqual(DateTime.toEpochMillis(pending.expiresAt), 600_000)
      assert.strictEqual(Duration.toSeconds(pending.interval), 1)
      assert.deepStrictEqual(yield* pollTimes, [])
    }).pipe(Effect.provide(service([token])))
  )

  it.effect("completes in another process what was stored, and polls at once", () =>
    Effect.gen(function* () {
      const text = yield* stored
      yield* TestClock.adjust("1 minute")
      const pending = yield* Schema.decodeEffect(codec)(text)
      assert.isTrue(Equal.equals(pending.session, yield* session))
      const fiber = yield* Effect.forkChild(DeviceFlow.poll(pending))
      yield* TestClock.adjust("1 minute")
      const signedIn = yield* Fiber.join(fiber)
      assert.strictEqual(Redacted.value(signedIn.accessToken), "secret-access")
      assert.strictEqual(signedIn.clientId, "client-1")
      assert.deepStrictEqual(yield* pollTimes, [60, 61, 67])
    }).pipe(Effect.provide(service([pending, slowDown, token])))
  )

  it.effect("writes the device code and the client secret only with its codec", () =>
    Effect.gen(function* () {
      const pending = yield* Effect.flatMap(session, (session) => DeviceFlow.start(session))
      for (const text of [JSON.stringify(pending), String(pending), inspect(pending, { depth: Infinity })]) {
        assert.notMatch(text, /secret-/)
      }
      assert.match(yield* stored, /secret-device.*|secret-client/)
    }).pipe(Effect.provide(service([token])))
  )

  it.effect("fails with ExpiredTokenException without a poll, if the stored code has expired", () =>
    Effect.gen(function* () {
      const text = yield* stored
      yield* TestClock.adjust("10 minutes")
      const error = yield* Schema.decodeEffect(codec)(text).pipe(
        Effect.orDie,
        Effect.flatMap((pending) => DeviceFlow.poll(pending)),
        Effect.unwrapReason("LoginFailed"),
        Effect.flip
      )
      assert.strictEqual(error._tag, "ExpiredTokenException")
      assert.deepStrictEqual(yield* pollTimes, [])
    }).pipe(Effect.provide(service([token])))
  )

  const pollBy = (schedule: Schedule.Schedule<unknown>) =>
    Effect.gen(function* () {
      const pending = yield* Effect.flatMap(session, (session) => DeviceFlow.start(session))
      const fiber = yield* DeviceFlow.poll(pending, { schedule }).pipe(
        Effect.unwrapReason("LoginFailed"),
        Effect.flip,
        Effect.forkChild
      )
      yield* TestClock.adjust("10 minutes")
      return yield* Fiber.join(fiber)
    })

  it.effect("lets a further schedule lengthen the waits, up to the deadline", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* pollBy(Schedule.spaced("4 minutes")))._tag, "ExpiredTokenException")
      assert.deepStrictEqual(yield* pollTimes, [0, 240, 480])
    }).pipe(Effect.provide(service([pending])))
  )

  it.effect("lets a further schedule end the polling, with the error of the last poll", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* pollBy(Schedule.recurs(2)))._tag, "AuthorizationPendingException")
      assert.deepStrictEqual(yield* pollTimes, [0, 1, 2])
    }).pipe(Effect.provide(service([pending])))
  )

  it.effect("lets no further schedule shorten the waits", () =>
    Effect.gen(function* () {
      yield* pollBy(Schedule.jittered(Schedule.spaced("1 second")).pipe(Schedule.upTo({ times: 20 })))
      const times = yield* pollTimes
      assert.lengthOf(times, 21)
      for (const [i, time] of times.slice(1).entries()) assert.isAtLeast(time - (times[i] ?? 0), 1 - 1e-9)
    }).pipe(Effect.provide(service([pending])))
  )

  it.effect("calls the region of the session, whatever the region of the layer", () =>
    Effect.gen(function* () {
      const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "eu-west-1" })
      const signedIn = yield* DeviceFlow.authorize(session)
      assert.strictEqual(signedIn.region, "eu-west-1")
      const { requests } = yield* ScriptedHttp.Log
      assert.deepStrictEqual(
        (yield* requests).map(({ url }) => new URL(url).host),
        Array(3).fill("oidc.eu-west-1.amazonaws.com")
      )
    }).pipe(Effect.provide(service([token])))
  )
})

describe("LoginFailed", () => {
  it.effect("lets a caller catch one reason of a flow", () =>
    Effect.gen(function* () {
      const caught = yield* Effect.flatMap(session, (session) => DeviceFlow.authorize(session)).pipe(
        Effect.as("signed in"),
        Effect.catchReason("LoginFailed", "AccessDeniedException", ({ message }) => Effect.succeed(message))
      )
      assert.strictEqual(caught, "described: access_denied")
    }).pipe(Effect.provide(service([denied])))
  )

  it.effect("names the cause in its message", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.flatMap(session, (session) => DeviceFlow.authorize(session)))
      assert.instanceOf(error, LoginFailed.LoginFailed)
      assert.include(error.message, "described: access_denied")
    }).pipe(Effect.provide(service([denied])))
  )
})

describe("the telemetry of a flow", () => {
  it.effect("has a span for each function, which names the session, and no secret", () =>
    Effect.gen(function* () {
      const session = yield* SsoSession.make({
        startUrl: "https://example.awsapps.com/start",
        region: "us-east-1",
        name: "my-sso"
      })
      const fiber = yield* Effect.forkChild(witness(DeviceFlow.authorize(session)))
      yield* TestClock.adjust("1 minute")
      const witnessed = yield* Fiber.join(fiber)
      assertNoSecret(witnessed, ["secret-"])
      const flow = witnessed.spans.filter(({ name }) => name.startsWith("DeviceFlow."))
      assert.deepStrictEqual(
        flow.map(({ name, parent }) => [name, Option.getOrUndefined(parent)?.spanId === flow[0]?.spanId]),
        [
          ["DeviceFlow.authorize", false],
          ["DeviceFlow.start", true],
          ["DeviceFlow.poll", true]
        ]
      )
      for (const { attributes } of flow) {
        assert.deepStrictEqual(Object.fromEntries(attributes), {
          "aws.sso.start_url": "https://example.awsapps.com/start",
          "aws.sso.region": "us-east-1",
          "aws.sso.session": "my-sso"
        })
      }
    }).pipe(Effect.provide(service([pending, slowDown, token])))
  )

  it.effect("has no failed span, though the service said pending and slow down", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(
        witness(Effect.flatMap(session, (session) => DeviceFlow.authorize(session)))
      )
      yield* TestClock.adjust("1 minute")
      const { spans } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        spans.filter(({ status }) => status._tag !== "Ended" || Exit.isFailure(status.exit)).map(({ name }) => name),
        []
      )
    }).pipe(Effect.provide(service([pending, slowDown, token])))
  )

  it.effect("counts the polls by outcome", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(authorize)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      const counts = yield* Effect.forEach(
        ["AuthorizationPendingException", "SlowDownException", "success"],
        (outcome) => Metric.value(Metric.withAttributes(DeviceFlow.polls, { outcome }))
      )
      assert.deepStrictEqual(
        counts.map(({ count }) => count),
        [2, 1, 1]
      )
    }).pipe(
      Effect.provide(service([pending, slowDown, pending, token])),
      Effect.provideService(Metric.MetricRegistry, new Map())
    )
  )
})

describe("DeviceFlow.schedule", () => {
  it.effect("takes the output of startDeviceAuthorization as it is", () =>
    Effect.gen(function* () {
      const client = yield* SsoOidc.registerClient({ clientName: "test", clientType: "public" })
      const device = yield* SsoOidc.startDeviceAuthorization({
        ...client,
        startUrl: "https://example.awsapps.com/start"
      })
      const fiber = yield* SsoOidc.createToken({
        ...client,
        grantType: "urn:ietf:params:oauth:grant-type:device_code",
        deviceCode: device.deviceCode
      }).pipe(
        Effect.retry(DeviceFlow.schedule(device)),
        Effect.provideService(RetryPolicy.Override, RetryPolicy.none),
        Effect.flip,
        Effect.forkChild
      )
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "AuthorizationPendingException")
      const times = yield* pollTimes
      assert.deepStrictEqual(times.slice(0, 3), [0, 5, 10])
      assert.strictEqual(times.at(-1), 595)
    }).pipe(Effect.provide(service([pending], { interval: 5 })))
  )

  it.effect("composes with other schedules", () =>
    Effect.gen(function* () {
      const polls = yield* Ref.make(0)
      const poll = Effect.andThen(
        Ref.update(polls, (count) => count + 1),
        new Exceptions.AuthorizationPendingException({})
      )
      const fiber = yield* poll.pipe(
        Effect.retry(
          DeviceFlow.schedule({ interval: "1 second", expiresIn: "1 hour" }).pipe(Schedule.upTo({ times: 2 }))
        ),
        Effect.flip,
        Effect.forkChild
      )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* Ref.get(polls), 3)
    })
  )

  it.effect.prop(
    "only gets longer waits when it is jittered",
    [Schema.Array(Schema.Literals(["pending", "slow", "down"]))],
    ([errors]) =>
      Effect.gen(function* () {
        const options = { interval: "5 seconds", expiresIn: "1 day" } as const
        const exact = yield* Schedule.toStep(DeviceFlow.schedule(options))
        const jittered = yield* Schedule.toStep(DeviceFlow.jittered(DeviceFlow.schedule(options)))
        for (const error of errors) {
          const [wait] = yield* exact(0, failures[error])
          const [, longer] = yield* jittered(0, failures[error])
          assert.isAtLeast(Duration.toMillis(longer), Duration.toMillis(wait))
          assert.isAtMost(Duration.toMillis(longer), Duration.toMillis(wait) * 1.2)
        }
      })
  )

  it.effect("retries a custom poll", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const answers = [
        new Exceptions.AuthorizationPendingException({}),
        new Exceptions.SlowDownException({}),
        new Exceptions.AuthorizationPendingException({})
      ]
      const poll = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        asked.push(now)
        const failure = answers[asked.length - 1]
        return failure === undefined ? Effect.succeed("token") : Effect.fail(failure)
      })
      const fiber = yield* poll.pipe(
        Effect.retry(DeviceFlow.schedule({ interval: "2 seconds", expiresIn: "1 minute" })),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(fiber), "token")
      assert.deepStrictEqual(asked, [0, 2000, 9000, 16000])
    })
  )

  it.effect.prop(
    "never waits less than the interval, nor beyond the deadline",
    [
      Schema.Array(Schema.Literals(["pending", "slow", "down"])),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 }))
    ],
    ([answers, interval]) =>
      Effect.gen(function* () {
        const step = yield* Schedule.toStep(
          DeviceFlow.schedule({ interval: Duration.seconds(interval), expiresIn: "10 minutes" })
        )
        let now = 0
        let least = interval
        for (const answer of answers) {
          if (answer === "slow") least += 5
          const next = yield* step(now, failures[answer]).pipe(
            Effect.map(([wait]) => Duration.toSeconds(wait)),
            Pull.catchDone(() => Effect.undefined)
          )
          if (next === undefined) break
          assert.isAtLeast(next, least)
          now += next * 1000
          assert.isBelow(now, 600_000)
        }
      })
  )
})
