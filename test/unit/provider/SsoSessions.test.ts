import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  AuthorizationPrompt,
  CredentialCache,
  Login,
  RoleCredentials,
  SsoOidc,
  SsoPortal,
  SsoSession,
  SsoSessions,
  SsoStore,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { soon } from "../../support/FileSystemTurn.ts"

const startUrl = "https://example.awsapps.com/start"
const role = { accountId: "111122223333", roleName: "ReadOnlyAccess" }

const sessionOf = (principal: string) => SsoSession.make({ startUrl, region: "us-east-1", principal })

const environment = SsoSessions.layer().pipe(
  Layer.provideMerge(
    Layer.mergeAll(SsoOidc.layer(), SsoPortal.layer(), SsoStore.layerMemory(), AuthorizationPrompt.layerSilent)
  ),
  Layer.provideMerge(IdentityCenter.layer({ autoApprove: 0 })),
  Layer.fresh
)

const operations = Effect.gen(function* () {
  const { requests } = yield* IdentityCenter.IdentityCenter
  return (yield* requests).map(({ operation }) => operation)
})

const token = TokenProvider.TokenProvider.use(({ token }) => token)

const tokenOf = (session: SsoSession.SsoSession) =>
  Effect.flatMap(SsoSessions.SsoSessions, (sessions) => Effect.provide(token, sessions.get(session)))

const keyOf = (session: SsoSession.SsoSession) =>
  Effect.flatMap(SsoSessions.SsoSessions, (sessions) =>
    RoleCredentials.RoleCredentials.use(({ credentials }) => credentials).pipe(
      Effect.map(({ accessKeyId }) => accessKeyId),
      Effect.provide(sessions.credentials(session, role))
    )
  )

describe("SsoSessions", () => {
  it.effect("never serves one principal the token or the credentials of another", () =>
    Effect.gen(function* () {
      const [alice, bob] = [yield* sessionOf("alice"), yield* sessionOf("bob")]
      yield* soon(Login.device(alice))
      const ofAlice = yield* soon(tokenOf(alice))
      const refused = yield* soon(Effect.flip(tokenOf(bob)))
      assert.strictEqual(refused._tag === "LoginRequired" && refused.reason._tag, "NoToken")
      const noKey = yield* soon(Effect.flip(keyOf(bob)))
      assert.strictEqual(noKey._tag, "LoginRequired")
      yield* soon(Login.device(bob))
      const ofBob = yield* soon(tokenOf(bob))
      assert.notStrictEqual(Redacted.value(ofAlice.accessToken), Redacted.value(ofBob.accessToken))
      const keys = [yield* soon(keyOf(alice)), yield* soon(keyOf(bob))]
      assert.strictEqual(new Set(keys).size, 2)
      const cache = yield* CredentialCache.CredentialCache
      yield* cache.removeAll(alice)
      assert.strictEqual((yield* cache.get(bob, role))._tag, "Some")
    }).pipe(Effect.provide(environment))
  )

  it.effect("registers one client for a hundred principals", () =>
    Effect.gen(function* () {
      for (let user = 0; user < 100; user++) yield* soon(Login.device(yield* sessionOf(`user-${user}`)))
      const made = yield* operations
      assert.strictEqual(made.filter((operation) => operation === "RegisterClient").length, 1)
      assert.strictEqual(made.filter((operation) => operation === "StartDeviceAuthorization").length, 100)
    }).pipe(Effect.provide(environment))
  )

  it.effect("shares one provider among all uses of a session: one refresh, one call for the credentials", () =>
    Effect.gen(function* () {
      const session = yield* sessionOf("alice")
      yield* soon(Login.device(session))
      yield* TestClock.adjust("9 hours")
      const { clearRequests } = yield* IdentityCenter.IdentityCenter
      yield* clearRequests
      yield* soon(
        Effect.all(
          Array.from({ length: 50 }, () => keyOf(session)),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(yield* operations, ["CreateToken", "GetRoleCredentials"])
    }).pipe(Effect.provide(environment))
  )

  it.effect("builds a provider on first use, and releases it when it is unused for the time to live", () =>
    Effect.gen(function* () {
      const built: Array<string> = []
      const released: Array<string> = []
      const provider = (session: SsoSession.SsoSession) =>
        Layer.merge(
          TokenProvider.layerTest({ session }),
          Layer.effectDiscard(
            Effect.acquireRelease(
              Effect.sync(() => built.push(session.principal ?? "")),
              () => Effect.sync(() => released.push(session.principal ?? ""))
            )
          )
        )
      yield* Effect.gen(function* () {
        const alice = yield* sessionOf("alice")
        assert.deepStrictEqual(built, [])
        yield* tokenOf(alice)
        yield* tokenOf(yield* sessionOf("alice"))
        assert.deepStrictEqual(built, ["alice"])
        yield* TestClock.adjust("59 seconds")
        assert.deepStrictEqual(released, [])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(released, ["alice"])
        yield* tokenOf(alice)
        assert.deepStrictEqual(built, ["alice", "alice"])
      }).pipe(Effect.provide(SsoSessions.layer({ provider, idleTimeToLive: "1 minute" })))
    }).pipe(Effect.provide(environment))
  )

  it.effect("notices the sign-out of a session at the next use", () =>
    Effect.gen(function* () {
      const session = yield* sessionOf("alice")
      const sessions = yield* SsoSessions.SsoSessions
      yield* soon(Login.device(session))
      yield* soon(keyOf(session))
      yield* soon(Effect.provide(Login.logout, sessions.get(session)))
      assert.strictEqual((yield* (yield* TokenCache.TokenCache).get(session))._tag, "None")
      const error = yield* soon(Effect.flip(keyOf(session)))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
    }).pipe(Effect.provide(environment))
  )
})
