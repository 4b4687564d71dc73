import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option } from "effect"
import {
  AuthorizationPrompt,
  CredentialCache,
  Login,
  RoleCredentials,
  SignOut,
  SsoOidc,
  SsoPortal,
  SsoStore,
  StoreError,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { fileSystemTurn, soon } from "../../support/FileSystemTurn.ts"
import { session } from "../../support/Session.ts"

const environment = TokenProvider.layer(session).pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      SsoOidc.layer({ region: "us-east-1" }),
      SsoPortal.layer({ region: "us-east-1" }),
      SsoStore.layerMemory(),
      AuthorizationPrompt.layerSilent
    )
  ),
  Layer.provideMerge(IdentityCenter.layer({ autoApprove: 0 })),
  Layer.fresh
)

const role = { accountId: "111122223333", roleName: "ReadOnlyAccess" }

/** Somebody is signed in, and has credentials. */
const signedIn = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  const cache = yield* TokenCache.TokenCache
  const credentials = yield* CredentialCache.CredentialCache
  const token = yield* Login.device(session)
  yield* soon(
    RoleCredentials.RoleCredentials.use(({ credentials }) => credentials).pipe(
      Effect.provide(RoleCredentials.layer(role))
    )
  )
  yield* center.clearRequests
  return {
    center,
    token,
    asked: Effect.map(center.requests, (requests) =>
      requests.map(({ error, operation }) => (error === undefined ? operation : `${operation}: ${error}`))
    ),
    nothingKept: Effect.gen(function* () {
      assert.deepStrictEqual(yield* cache.get(session), Option.none())
      assert.deepStrictEqual(yield* credentials.get(session, role), Option.none())
    })
  }
})

layer(NodeServices.layer)("SignOut.signOut", (it) => {
  const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof environment>>) =>
    it.effect(name, () => Effect.provide(body, environment))

  test(
    "ends the session at the service, and forgets its token and its credentials",
    Effect.gen(function* () {
      const { asked, nothingKept, token } = yield* signedIn
      assert.deepStrictEqual(yield* soon(SignOut.signOut), { wasKept: true })
      yield* nothingKept
      const { accessToken } = token
      const error = yield* Effect.flip(SsoPortal.listAccounts({ accessToken }))
      assert.strictEqual(error._tag, "UnauthorizedException")
      assert.deepStrictEqual(yield* asked, ["Logout", "ListAccounts: UnauthorizedException"])
    })
  )

  test(
    "asks nobody where there is nothing to forget",
    Effect.gen(function* () {
      const { center } = yield* signedIn
      yield* soon(SignOut.signOut)
      yield* center.clearRequests
      assert.deepStrictEqual(yield* soon(SignOut.signOut), { wasKept: false })
      assert.deepStrictEqual(yield* center.requests, [])
    })
  )

  test(
    "renews a token that has expired, since only one that works can end a session",
    Effect.gen(function* () {
      const { asked, center, nothingKept } = yield* signedIn
      yield* center.revokeAccessTokens
      assert.deepStrictEqual(yield* soon(SignOut.signOut), { wasKept: true })
      yield* nothingKept
      assert.deepStrictEqual(yield* asked, ["Logout: UnauthorizedException", "CreateToken", "Logout"])
    })
  )

  test(
    "counts a session that was over already as ended",
    Effect.gen(function* () {
      const { center, nothingKept } = yield* signedIn
      yield* center.revokeAccessTokens
      yield* center.revokeRefreshTokens
      assert.deepStrictEqual(yield* soon(SignOut.signOut), { wasKept: true })
      yield* nothingKept
    })
  )

  test(
    "asks nobody to sign in, where the provider could",
    Effect.gen(function* () {
      const { asked, center, nothingKept } = yield* signedIn
      yield* center.revokeAccessTokens
      yield* center.revokeRefreshTokens
      const interactive = TokenProvider.layerInteractive(session, Effect.die("somebody was asked"))
      assert.deepStrictEqual(yield* soon(Effect.provide(SignOut.signOut, interactive)), { wasKept: true })
      yield* nothingKept
      assert.deepStrictEqual(yield* asked, ["Logout: UnauthorizedException", "CreateToken: InvalidGrantException"])
    })
  )

  test(
    "is noticed by those who remember a token",
    Effect.gen(function* () {
      yield* signedIn
      const { token } = yield* TokenProvider.TokenProvider
      yield* token
      yield* soon(SignOut.signOut)
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
    })
  )

  test(
    "forgets what cannot be read, and says that the session may go on",
    Effect.gen(function* () {
      const { nothingKept } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      const unreadable = TokenCache.TokenCache.of({
        ...cache,
        get: () => StoreError.storeUnavailable("token", "read", "EACCES")
      })
      const provider = TokenProvider.layer(session).pipe(
        Layer.provideMerge(Layer.succeed(TokenCache.TokenCache, unreadable))
      )
      const { notEnded, wasKept } = yield* soon(Effect.provide(SignOut.signOut, Layer.fresh(provider)))
      assert.isTrue(wasKept)
      assert.strictEqual(notEnded?._tag, "StoreError")
      yield* nothingKept
    })
  )

  test(
    "forgets everything where the service fails, and tells of it",
    Effect.gen(function* () {
      const { center, nothingKept } = yield* signedIn
      yield* center.fault(IdentityCenter.Fault.respond({ status: 503 }), { operation: "Logout", times: Infinity })
      const { notEnded, wasKept } = yield* soon(SignOut.signOut)
      assert.isTrue(wasKept)
      assert.strictEqual(notEnded?._tag, "UnhandledServiceError")
      yield* nothingKept
    })
  )

  test(
    "forgets everything where whoever asked loses patience with the service",
    Effect.gen(function* () {
      const { center, nothingKept } = yield* signedIn
      yield* center.fault(IdentityCenter.Fault.delay("1 hour"), { operation: "Logout" })
      const fiber = yield* Effect.forkChild(SignOut.signOut)
      while (!(yield* center.requests).some(({ operation }) => operation === "Logout")) yield* fileSystemTurn
      yield* soon(Fiber.interrupt(fiber))
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      yield* nothingKept
    })
  )
})
