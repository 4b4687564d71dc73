import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Exit, Fiber, Layer, Redacted, Ref, Scheduler, Scope } from "effect"
import { TestClock } from "effect/testing"
import {
  AwsCredentials,
  CredentialCache,
  PortalExceptions,
  RoleCredentials,
  SsoPortal,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import type * as GetRoleCredentials from "../../../src/operation/GetRoleCredentials.ts"
import { type ClientError, DispatchFailure } from "../../../src/wire/ClientError.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { memoryStore, Refreshes, service, session, tokenFor } from "../../support/Session.ts"

const role = { accountId: "111122223333", roleName: "ReadOnly" }

/** Rejects a call with this token, or lets it pass. */
type Gate = (token: string) => Effect.Effect<void, GetRoleCredentials.GetRoleCredentialsError | ClientError>

/** What the portal is sent, and what it rejects. */
class Portal extends Context.Service<
  Portal,
  {
    /** The access tokens that it was sent. */
    readonly asked: Effect.Effect<ReadonlyArray<string>>
    readonly gate: (gate: Gate) => Effect.Effect<void>
    /** Sets the lifetime of the credentials that it gives from now on. */
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
    const service: SsoPortal.SsoPortal["Service"] = SsoPortal.SsoPortal.of({
      endpoint: Effect.succeed("https://portal.sso.us-east-1.amazonaws.com"),
      listAccounts: unused,
      listAccountRoles: unused,
      logout: unused,
      inRegion: () => Effect.succeed(service),
      getRoleCredentials: Effect.fnUntraced(function* (input: GetRoleCredentials.GetRoleCredentialsInput) {
        assert.deepInclude(input, role)
        const token = Redacted.value(input.accessToken)
        yield* Ref.update(asked, (all) => [...all, token])
        yield* (yield* Ref.get(gate))(token)
        return yield* give
      })
    })
    return Context.make(SsoPortal.SsoPortal, service).pipe(
      Context.add(Portal, {
        asked: Ref.get(asked),
        gate: (next) => Ref.set(gate, next),
        give: (next) => Ref.set(life, next)
      })
    )
  })
)

const environment = Layer.mergeAll(service, memoryStore(), portal)

/** The credentials of a user who is signed in, and the ways to look at them. */
const signedIn = Effect.gen(function* () {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* tokenFor("8 hours"))
  const context = yield* Layer.build(RoleCredentials.layer(role).pipe(Layer.provide(TokenProvider.layer(session))))
  const { credentials } = Context.get(context, RoleCredentials.RoleCredentials)
  return {
    ...(yield* Portal),
    refreshes: yield* Refreshes,
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
    "returns what the portal gives for the token, with account and expiration",
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
    "serves credentials from memory with more than 5 minutes left, and obtains new ones with less",
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
    "makes one call for 100 fibers at expiry",
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
    "finishes a call where its first caller is interrupted",
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
    "serves credentials until they expire where the portal cannot be reached, and tries once in 30 seconds",
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
    "fails with CredentialsUnavailable once they have expired, and tries again at the next call",
    Effect.gen(function* () {
      const { credentials, gate, key } = yield* signedIn
      yield* key
      yield* gate(down)
      yield* TestClock.adjust("1 hour")
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "CredentialsUnavailable" && error.reason._tag, "DispatchFailure")
      yield* gate(open)
      assert.strictEqual(yield* key, "ASIA3")
    })
  )

  test(
    "obtains credentials once in 30 seconds where their lifetime is less than refreshAhead",
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
    "does not obtain credentials at each use where the clock of this machine is ahead",
    Effect.gen(function* () {
      const { asked, give, key } = yield* signedIn
      yield* give("-1 hour")
      for (let use = 0; use < 10; use++) assert.strictEqual(yield* key, "ASIA1")
      assert.strictEqual((yield* asked).length, 1)
    })
  )

  test(
    "makes one call where the scheduler yields every ten operations",
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
    "does not serve the credentials of an earlier sign-in",
    Effect.gen(function* () {
      const { credentials, key } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      assert.strictEqual(yield* key, "ASIA1")
      // As a sign-in does
      yield* (yield* CredentialCache.CredentialCache).removeAll(session)
      yield* cache.beginGeneration(session)
      assert.strictEqual(yield* key, "ASIA2")
      yield* (yield* CredentialCache.CredentialCache).removeAll(session)
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
    })
  )

  test(
    "obtains credentials again where the user signs in during the call",
    Effect.gen(function* () {
      const { credentials } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      const fiber = yield* Effect.forkChild(credentials)
      yield* TestClock.adjust("50 millis")
      yield* cache.beginGeneration(session)
      // Another call while the response for the first one is under way
      const another = yield* Effect.forkChild(credentials)
      assert.strictEqual((yield* soon(Fiber.join(fiber))).accessKeyId, "ASIA2")
      assert.strictEqual((yield* soon(Fiber.join(another))).accessKeyId, "ASIA2")
      assert.strictEqual((yield* soon(credentials)).accessKeyId, "ASIA2")
    })
  )

  test(
    "does not wait for the call of an earlier sign-in",
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
    "refreshes a token once that the portal rejects",
    Effect.gen(function* () {
      const { asked, gate, key, refreshes } = yield* signedIn
      yield* gate(refusing("access-0"))
      assert.strictEqual(yield* key, "ASIA2")
      assert.deepStrictEqual(yield* asked, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* refreshes.sent, ["refresh-0"])
    })
  )

  test(
    "fails with LoginRequired where the refreshed token is rejected too",
    Effect.gen(function* () {
      const { asked, credentials, gate, refreshes } = yield* signedIn
      yield* gate(refusing("access-0", "access-1"))
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "TokenRejected")
      assert.deepStrictEqual(yield* asked, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* refreshes.sent, ["refresh-0"])
    })
  )

  test(
    "fails with LoginRequired where nobody is signed in, without a call to the portal",
    Effect.gen(function* () {
      const { asked, credentials } = yield* signedIn
      yield* (yield* TokenCache.TokenCache).remove(session)
      const error = yield* soon(Effect.flip(credentials))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
      assert.deepStrictEqual(yield* asked, [])
    })
  )

  test(
    "provides AwsCredentials, whose failure is MissingCredentials",
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

  it.effect("makes no call once its scope has closed", () =>
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
