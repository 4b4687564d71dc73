import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Exit, Fiber, Layer, Redacted, Ref, Scheduler, Scope } from "effect"
import { TestClock } from "effect/testing"
import {
  AwsCredentials,
  PortalExceptions,
  RoleCredentials,
  SsoPortal,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import type * as GetRoleCredentials from "../../../src/operation/GetRoleCredentials.ts"
import { type ClientError, DispatchFailure } from "../../../src/wire/ClientError.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { Renewals, service, session, tokenFor } from "../../support/Session.ts"

const role = { accountId: "111122223333", roleName: "ReadOnly" }

/** Refuses a call with this token, or lets it pass. */
type Gate = (token: string) => Effect.Effect<void, GetRoleCredentials.GetRoleCredentialsError | ClientError>

/** What the portal is asked, and whom it refuses. */
class Portal extends Context.Service<
  Portal,
  {
    /** The access tokens that it was sent. */
    readonly asked: Effect.Effect<ReadonlyArray<string>>
    readonly gate: (gate: Gate) => Effect.Effect<void>
    /** How long what it gives lasts from now on. */
    readonly give: (life: Duration.Input) => Effect.Effect<void>
  }
>()("test/RoleCredentials/Portal") {}

const unused = () => Effect.die("not part of this test")

/** The n-th call gives `ASIA{n}`, for an hour, after 100 ms. */
const portal = Layer.effectContext(
  Effect.gen(function* () {
    const asked = yield* Ref.make<ReadonlyArray<string>>([])
    const life = yield* Ref.make<Duration.Input>("1 hour")
    const give = Effect.gen(function* () {
      yield* Effect.sleep("100 millis")
      const number = (yield* Ref.get(asked)).length
      return {
        roleCredentials: {
          accessKeyId: `ASIA${number}`,
          secretAccessKey: Redacted.make(`secret-${number}`),
          sessionToken: Redacted.make(`session-${number}`),
          expiration: DateTime.addDuration(yield* DateTime.now, yield* Ref.get(life))
        }
      }
    })
    const gate = yield* Ref.make<Gate>(() => Effect.void)
    return Context.make(SsoPortal.SsoPortal, {
      endpoint: Effect.succeed("https://portal.sso.us-east-1.amazonaws.com"),
      listAccounts: unused,
      listAccountRoles: unused,
      logout: unused,
      inRegion: unused,
      getRoleCredentials: Effect.fnUntraced(function* (input: GetRoleCredentials.GetRoleCredentialsInput) {
        assert.deepInclude(input, role)
        const token = Redacted.value(input.accessToken)
        yield* Ref.update(asked, (all) => [...all, token])
        yield* (yield* Ref.get(gate))(token)
        return yield* give
      })
    }).pipe(
      Context.add(Portal, {
        asked: Ref.get(asked),
        gate: (next) => Ref.set(gate, next),
        give: (next) => Ref.set(life, next)
      })
    )
  })
)

const environment = Layer.mergeAll(service, TokenCache.layerMemory, portal)

/** The credentials of somebody who is signed in, and the ways to look at them. */
const signedIn = Effect.gen(function* () {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* tokenFor("8 hours"))
  const context = yield* Layer.build(
    RoleCredentials.layer(session, role).pipe(Layer.provide(TokenProvider.layer(session)))
  )
  const { credentials } = Context.get(context, RoleCredentials.RoleCredentials)
  return {
    ...(yield* Portal),
    renewals: yield* Renewals,
    aws: Context.get(context, AwsCredentials.AwsCredentials).credentials,
    credentials,
    key: soon(Effect.map(credentials, ({ accessKeyId }) => accessKeyId))
  }
})

const test = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Success<typeof environment> | Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), environment))

const open: Gate = () => Effect.void

const refusing =
  (...refused: ReadonlyArray<string>): Gate =>
  (token) =>
    refused.includes(token)
      ? Effect.fail(new PortalExceptions.UnauthorizedException({ message: "Session token not found or invalid" }))
      : Effect.void

const down: Gate = () =>
  Effect.fail(
    new DispatchFailure({
      operation: "GetRoleCredentials",
      origin: "https://portal.sso.us-east-1.amazonaws.com",
      code: "ECONNREFUSED"
    })
  )

describe("RoleCredentials.credentials", () => {
  test(
    "are what the portal gives for the token, with account and expiration",
    Effect.gen(function* () {
      const { asked, credentials } = yield* signedIn
      const given = yield* soon(credentials)
      assert.strictEqual(given.accessKeyId, "ASIA1")
      assert.strictEqual(Redacted.value(given.secretAccessKey), "secret-1")
      assert.strictEqual(Redacted.value(given.sessionToken), "session-1")
      assert.strictEqual(given.accountId, "111122223333")
      assert.strictEqual(DateTime.formatIso(given.expiration), "1970-01-01T01:00:00.000Z")
      assert.deepStrictEqual(yield* asked, ["access-0"])
    })
  )

  test(
    "come from memory while more than five minutes are left, and are asked for again with less",
    Effect.gen(function* () {
      const { asked, key } = yield* signedIn
      assert.strictEqual(yield* key, "ASIA1")
      yield* TestClock.adjust({ minutes: 54, seconds: 58 })
      assert.strictEqual(yield* key, "ASIA1")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* key, "ASIA2")
      assert.strictEqual((yield* asked).length, 2)
    })
  )

  test(
    "of 100 fibers that ask at expiry are one call",
    Effect.gen(function* () {
      const { asked, credentials, key } = yield* signedIn
      yield* key
      yield* TestClock.adjust("1 hour")
      const all = yield* soon(
        Effect.all(
          Array.from({ length: 100 }, () => credentials),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)), new Set(["ASIA2"]))
      assert.strictEqual((yield* asked).length, 2)
    })
  )

  test(
    "are still asked for where who asked first is interrupted",
    Effect.gen(function* () {
      const { asked, credentials } = yield* signedIn
      const first = yield* Effect.forkChild(credentials)
      const second = yield* Effect.forkChild(credentials)
      yield* TestClock.adjust("50 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("50 millis")
      assert.strictEqual((yield* Fiber.join(second)).accessKeyId, "ASIA1")
      assert.strictEqual((yield* asked).length, 1)
    })
  )

  test(
    "are served while they last where the portal is out of reach, which is asked once in 30 seconds",
    Effect.gen(function* () {
      const { asked, gate, key } = yield* signedIn
      yield* key
      yield* gate(down)
      yield* TestClock.adjust("56 minutes")
      assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual((yield* asked).length, 2)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual((yield* asked).length, 3)
      yield* gate(open)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* key, "ASIA4")
    })
  )

  test(
    "fail as the portal does once nothing lasts any more, and are asked for by whoever asks then",
    Effect.gen(function* () {
      const { credentials, gate, key } = yield* signedIn
      yield* key
      yield* gate(down)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* soon(Effect.flip(credentials)))._tag, "DispatchFailure")
      yield* gate(open)
      assert.strictEqual(yield* key, "ASIA3")
    })
  )

  test(
    "that the portal gives for less time than they are renewed ahead are asked for once in 30 seconds",
    Effect.gen(function* () {
      const { asked, give, key } = yield* signedIn
      yield* give("4 minutes")
      for (let use = 0; use < 10; use++) assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual((yield* asked).length, 1)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* key, "ASIA2")
    })
  )

  test(
    "that this machine's clock takes for expired are not asked for at each use",
    Effect.gen(function* () {
      const { asked, give, key } = yield* signedIn
      yield* give("-1 hour")
      for (let use = 0; use < 10; use++) assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual((yield* asked).length, 1)
    })
  )

  test(
    "are one call for all, however the scheduler takes turns",
    Effect.gen(function* () {
      const { asked, credentials } = yield* signedIn
      yield* soon(
        Effect.all(
          Array.from({ length: 100 }, () => credentials),
          { concurrency: "unbounded" }
        )
      ).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 10))
      assert.strictEqual((yield* asked).length, 1)
    })
  )

  test(
    "are not those of whoever was signed in before",
    Effect.gen(function* () {
      const { credentials, key } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      assert.strictEqual(yield* key, "ASIA1")
      yield* cache.beginGeneration(session)
      assert.strictEqual(yield* key, "ASIA2")
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "NoToken")
    })
  )

  test(
    "that were asked for by whoever was signed in before are asked for again",
    Effect.gen(function* () {
      const { credentials } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      const fiber = yield* Effect.forkChild(credentials)
      yield* TestClock.adjust("50 millis")
      yield* cache.beginGeneration(session)
      // Somebody else asks while the answer for the one before is under way
      const another = yield* Effect.forkChild(credentials)
      assert.strictEqual((yield* soon(Fiber.join(fiber))).accessKeyId, "ASIA2")
      assert.strictEqual((yield* soon(Fiber.join(another))).accessKeyId, "ASIA2")
      assert.strictEqual((yield* soon(credentials)).accessKeyId, "ASIA2")
    })
  )

  test(
    "do not wait for what was asked for on another's behalf",
    Effect.gen(function* () {
      const { asked, credentials, gate } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      yield* gate(() => Effect.never)
      const before = yield* Effect.forkChild(credentials)
      yield* TestClock.adjust("1 second")
      yield* gate(open)
      yield* cache.beginGeneration(session)
      assert.strictEqual((yield* soon(credentials)).accessKeyId, "ASIA2")
      assert.strictEqual((yield* asked).length, 2)
      yield* Fiber.interrupt(before)
    })
  )

  test(
    "survive a token that the portal refuses, by one renewal of it",
    Effect.gen(function* () {
      const { asked, gate, key, renewals } = yield* signedIn
      yield* gate(refusing("access-0"))
      assert.strictEqual(yield* key, "ASIA2")
      assert.deepStrictEqual(yield* asked, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* renewals.sent, ["refresh-0"])
    })
  )

  test(
    "ask for a person where the renewed token is refused too",
    Effect.gen(function* () {
      const { asked, credentials, gate, renewals } = yield* signedIn
      yield* gate(refusing("access-0", "access-1"))
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "TokenRejected")
      assert.deepStrictEqual(yield* asked, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* renewals.sent, ["refresh-0"])
    })
  )

  test(
    "ask for a person where nobody is signed in, and the portal is not asked",
    Effect.gen(function* () {
      const { asked, credentials } = yield* signedIn
      yield* (yield* TokenCache.TokenCache).remove(session)
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "NoToken")
      assert.deepStrictEqual(yield* asked, [])
    })
  )

  test(
    "are those that AwsCredentials gives to whoever signs, and a failure is one of missing credentials",
    Effect.gen(function* () {
      const { aws, gate } = yield* signedIn
      assert.strictEqual((yield* soon(aws)).accessKeyId, "ASIA1")
      yield* TestClock.adjust("1 hour")
      yield* gate(refusing("access-0", "access-1"))
      const error = yield* soon(Effect.flip(aws))
      assert.strictEqual(error.reason, "MissingCredentials")
      assert.include(error.message, "effect-sso login --sso-session my-sso")
    })
  )

  it.effect("are no longer asked for once their scope has closed", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { asked, credentials, key } = yield* Effect.provideService(signedIn, Scope.Scope, scope)
      yield* key
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Exit.isFailure(yield* Effect.exit(credentials)))
      assert.strictEqual((yield* asked).length, 1)
    }).pipe(Effect.provide(environment))
  )
})
