/** The layers of RoleCredentials, on the emulator. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem, Layer, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  AuthorizationPrompt,
  AwsCredentials,
  CredentialCache,
  Login,
  RoleCredentials,
  SessionError,
  SsoOidc,
  SsoPortal,
  SsoSession,
  SsoStore,
  SsoToken,
  StoreError,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { fileSystemTurn, soon } from "../../support/FileSystemTurn.ts"
import * as Machine from "../../support/Machine.ts"
import { memoryStore, session } from "../../support/Session.ts"

const role = { accountId: "111122223333", roleName: "ReadOnlyAccess" }

const services = Layer.mergeAll(
  SsoOidc.layer({ region: "us-east-1" }),
  SsoPortal.layer({ region: "us-east-1" }),
  memoryStore(),
  AuthorizationPrompt.layerSilent
).pipe(Layer.provideMerge(IdentityCenter.layer({ autoApprove: 0 })))

const portalRequests = Effect.gen(function* () {
  const { requests } = yield* IdentityCenter.IdentityCenter
  return (yield* requests).filter(({ operation }) => operation === "GetRoleCredentials")
})

const keyOf = RoleCredentials.RoleCredentials.use(({ credentials }) =>
  Effect.map(credentials, ({ accessKeyId }) => accessKeyId)
)

const config = [
  "[sso-session my-sso]",
  "sso_start_url = https://example.awsapps.com/start",
  "sso_region = us-east-1",
  "[profile dev]",
  "sso_session = my-sso",
  "sso_account_id = 111122223333",
  "sso_role_name = ReadOnlyAccess",
  "[profile roleless]",
  "sso_session = my-sso",
  "sso_account_id =",
  "[profile legacy]",
  "sso_start_url = https://example.awsapps.com/start",
  "sso_region = eu-west-1",
  "sso_account_id = 444455556666",
  "sso_role_name = AdministratorAccess"
].join("\n")

describe("RoleCredentials.layerProfile", () => {
  const environment = Layer.mergeAll(services, Machine.layer({ config, env: { AWS_PROFILE: "dev" } })).pipe(Layer.fresh)

  it.effect("gives the credentials of the profile that is chosen, for the token of its session", () =>
    Effect.gen(function* () {
      yield* Login.device(session)
      const credentials = yield* AwsCredentials.AwsCredentials.use(({ credentials }) => credentials).pipe(
        Effect.provide(RoleCredentials.layerProfile())
      )
      const { roleCredentials } = yield* IdentityCenter.IdentityCenter
      const [issued] = yield* roleCredentials
      assert.deepInclude(issued, { ...role, user: "alice", accessKeyId: credentials.accessKeyId })
      assert.deepStrictEqual(credentials.secretAccessKey, issued?.secretAccessKey)
    }).pipe(Effect.provide(environment))
  )

  it.effect("signs createTokenWithIAM, which has no other credentials", () =>
    Effect.gen(function* () {
      yield* Login.device(session)
      const token = yield* SsoOidc.createTokenWithIAM({
        clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
        grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
        subjectToken: Redacted.make("a token of another issuer"),
        subjectTokenType: "urn:ietf:params:oauth:token-type:access_token"
      }).pipe(Effect.provide(RoleCredentials.layerProfile()))
      assert.strictEqual(Duration.toHours(token.expiresIn), 8)
      assert.strictEqual((yield* portalRequests).length, 1)
    }).pipe(Effect.provide(environment))
  )

  it.effect("calls the portal in the region of the session", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const legacy = yield* SsoSession.fromProfile("legacy")
      yield* cache.set(legacy, new SsoToken.SsoToken({ ...(yield* Login.device(session)), region: "eu-west-1" }))
      yield* Effect.provide(keyOf, RoleCredentials.layerProfile("legacy"))
      const [request] = yield* portalRequests
      assert.strictEqual(request?.host, "portal.sso.eu-west-1.amazonaws.com")
    }).pipe(Effect.provide(environment))
  )

  it.effect("calls the portal in the region of the token if it differs from that of the session", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const token = yield* Login.device(session)
      yield* cache.set(session, new SsoToken.SsoToken({ ...token, region: "ap-southeast-2" }))
      yield* Effect.provide(keyOf, RoleCredentials.layerProfile())
      const [request] = yield* portalRequests
      assert.strictEqual(request?.host, "portal.sso.ap-southeast-2.amazonaws.com")
    }).pipe(Effect.provide(environment))
  )

  const reasonOf = (error: { readonly _tag: string; readonly reason?: unknown }) =>
    error instanceof SessionError.SessionError ? error.reason._tag : error._tag

  it.effect("reports which settings are missing in the profile", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(keyOf, RoleCredentials.layerProfile("roleless")))
      assert.strictEqual(reasonOf(error), "SessionIncomplete")
      assert.include(error.message, "[profile roleless] has no sso_account_id and no sso_role_name")
      assert.include(error.message, `"sso_account_id = 111122223333" and "sso_role_name = ReadOnly"`)
      const none = yield* Effect.flip(Effect.provide(keyOf, RoleCredentials.layerProfile("none")))
      assert.strictEqual(reasonOf(none), "SessionNotFound")
    }).pipe(Effect.provide(environment))
  )
})

layer(NodeServices.layer)("RoleCredentials.layer", (it) => {
  /** A process of its own, as far as memory goes. */
  const another = Effect.provide(
    keyOf,
    Layer.fresh(RoleCredentials.layer(role)).pipe(Layer.provide(TokenProvider.layer(session)))
  )

  const inDirectory = Layer.unwrap(
    Effect.map(
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()),
      (directory) => SsoStore.layerFile({ directory })
    )
  )

  const environment = Layer.mergeAll(services, inDirectory).pipe(Layer.fresh)

  it.effect("calls the portal once for all providers that share the cache, until five minutes before expiry", () =>
    Effect.gen(function* () {
      yield* Login.device(session)
      const keys = yield* soon(
        Effect.all(
          Array.from({ length: 10 }, () => another),
          { concurrency: "unbounded" }
        )
      )
      assert.strictEqual(new Set(keys).size, 1)
      assert.strictEqual((yield* portalRequests).length, 1)
      yield* TestClock.adjust("54 minutes")
      assert.deepStrictEqual(yield* soon(another), keys[0])
      yield* TestClock.adjust("1 minute")
      assert.notStrictEqual(yield* soon(another), keys[0])
      assert.strictEqual((yield* portalRequests).length, 2)
      // In memory: to flush a file takes real time, which would race with the limits on the test clock
    }).pipe(Effect.provide(Layer.fresh(services)))
  )

  it.effect("does without the cache where that fails", () =>
    Effect.gen(function* () {
      yield* Login.device(session)
      const down = Effect.fail(StoreError.storeUnavailable("cache", "write", "ENOSPC"))
      const broken = Layer.succeed(CredentialCache.CredentialCache, {
        get: () => down,
        set: () => down,
        acquireLease: () => down,
        generation: () => Effect.succeed(0),
        removeAll: () => down,
        lastAttempt: () => Effect.succeedNone,
        recordAttempt: () => Effect.void
      })
      assert.match(yield* Effect.provide(another, broken), /^ASIA/)
    }).pipe(Effect.provide(environment))
  )

  it.effect("serves what is kept while it lasts where the portal fails, also in a process that has just started", () =>
    Effect.gen(function* () {
      const { fault } = yield* IdentityCenter.IdentityCenter
      yield* Login.device(session)
      const key = yield* soon(another)
      yield* TestClock.adjust("57 minutes")
      yield* fault(IdentityCenter.Fault.respond({ status: 503 }), { operation: "GetRoleCredentials", times: Infinity })
      assert.strictEqual(yield* soon(another), key)
      yield* TestClock.adjust("3 minutes")
      const error = yield* soon(Effect.flip(another))
      assert.strictEqual(error._tag === "CredentialsUnavailable" && error.reason._tag, "UnhandledServiceError")
    }).pipe(Effect.provide(environment))
  )

  it.effect("calls the portal again after another sign-in, and stores nothing for a session that ended meanwhile", () =>
    Effect.gen(function* () {
      const { fault } = yield* IdentityCenter.IdentityCenter
      const kept = yield* CredentialCache.CredentialCache
      yield* Login.device(session)
      const key = yield* soon(another)
      yield* soon(Login.device(session))
      assert.notStrictEqual(yield* soon(another), key)

      yield* kept.removeAll(session)
      yield* fault(IdentityCenter.Fault.delay("1 second"), { operation: "GetRoleCredentials" })
      const asking = yield* Effect.forkChild(Effect.exit(another))
      const before = (yield* portalRequests).length
      while ((yield* portalRequests).length === before) yield* fileSystemTurn
      const cache = yield* TokenCache.TokenCache
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      yield* soon(Fiber.await(asking))
      assert.deepStrictEqual(yield* kept.get(session, role), Option.none())
    }).pipe(Effect.provide(environment))
  )

  it.effect("remembers nothing that it found while a sign-in was clearing the cache", () =>
    Effect.gen(function* () {
      const cache = yield* CredentialCache.CredentialCache
      yield* Login.device(session)
      const context = yield* Layer.build(RoleCredentials.layer(role).pipe(Layer.provide(TokenProvider.layer(session))))
      const ask = soon(Effect.provide(keyOf, context))
      const old = yield* ask
      const slow = CredentialCache.CredentialCache.of({
        ...cache,
        removeAll: (session) => Effect.andThen(Effect.orDie(ask), cache.removeAll(session))
      })
      yield* soon(Effect.provideService(Login.device(session), CredentialCache.CredentialCache, slow))
      assert.notStrictEqual(yield* ask, old)
    }).pipe(Effect.scoped, Effect.provide(environment))
  )

  it.effect("needs no sign-in while cached credentials are valid", () =>
    Effect.gen(function* () {
      const token = yield* Login.device(session)
      const key = yield* soon(another)
      yield* (yield* TokenCache.TokenCache).remove(session)
      assert.strictEqual(yield* soon(another), key)
      assert.notInclude(key, Redacted.value(token.accessToken))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* soon(Effect.flip(another)))._tag, "LoginRequired")
    }).pipe(Effect.provide(environment))
  )
})
