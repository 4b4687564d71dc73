import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option } from "effect"
import {
  AuthorizationPrompt,
  CredentialCache,
  Login,
  RoleCredentials,
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

/** A user who is signed in and has credentials. */
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
    requests: Effect.map(center.requests, (requests) =>
      requests.map(({ error, operation }) => (error === undefined ? operation : `${operation}: ${error}`))
    ),
    nothingStored: Effect.gen(function* () {
      assert.deepStrictEqual(yield* cache.get(session), Option.none())
      assert.deepStrictEqual(yield* credentials.get(session, role), Option.none())
    })
  }
})

layer(NodeServices.layer)("Login.logout", (it) => {
  const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof environment>>) =>
    it.effect(name, () => Effect.provide(body, environment))

  test(
    "ends the session at the service, and removes its token and its credentials",
    Effect.gen(function* () {
      const { requests, nothingStored, token } = yield* signedIn
      assert.deepStrictEqual(yield* soon(Login.logout), { wasSignedIn: true })
      yield* nothingStored
      const { accessToken } = token
      const error = yield* Effect.flip(SsoPortal.listAccounts({ accessToken }))
      assert.strictEqual(error._tag, "UnauthorizedException")
      assert.deepStrictEqual(yield* requests, ["Logout", "ListAccounts: UnauthorizedException"])
    })
  )

  test(
    "sends no request if nothing is stored",
    Effect.gen(function* () {
      const { center } = yield* signedIn
      yield* soon(Login.logout)
      yield* center.clearRequests
      assert.deepStrictEqual(yield* soon(Login.logout), { wasSignedIn: false })
      assert.deepStrictEqual(yield* center.requests, [])
    })
  )

  test(
    "refreshes an expired token, since only a valid one can end a session",
    Effect.gen(function* () {
      const { requests, center, nothingStored } = yield* signedIn
      yield* center.revokeAccessTokens
      assert.deepStrictEqual(yield* soon(Login.logout), { wasSignedIn: true })
      yield* nothingStored
      assert.deepStrictEqual(yield* requests, ["Logout: UnauthorizedException", "CreateToken", "Logout"])
    })
  )

  test(
    "counts a session that had already ended as ended",
    Effect.gen(function* () {
      const { center, nothingStored } = yield* signedIn
      yield* center.revokeAccessTokens
      yield* center.revokeRefreshTokens
      assert.deepStrictEqual(yield* soon(Login.logout), { wasSignedIn: true })
      yield* nothingStored
    })
  )

  test(
    "does not ask the user to sign in, though the provider could",
    Effect.gen(function* () {
      const { requests, center, nothingStored } = yield* signedIn
      yield* center.revokeAccessTokens
      yield* center.revokeRefreshTokens
      const interactive = TokenProvider.layerInteractive(session, Effect.die("the user was asked"))
      assert.deepStrictEqual(yield* soon(Effect.provide(Login.logout, interactive)), { wasSignedIn: true })
      yield* nothingStored
      assert.deepStrictEqual(yield* requests, ["Logout: UnauthorizedException", "CreateToken: InvalidGrantException"])
    })
  )

  test(
    "makes a provider drop the token that it remembers",
    Effect.gen(function* () {
      yield* signedIn
      const { token } = yield* TokenProvider.TokenProvider
      yield* token
      yield* soon(Login.logout)
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
    })
  )

  test(
    "removes an entry that cannot be read, and reports that the session may still be active",
    Effect.gen(function* () {
      const { nothingStored } = yield* signedIn
      const cache = yield* TokenCache.TokenCache
      const unreadable = TokenCache.TokenCache.of({
        ...cache,
        get: () => StoreError.storeUnavailable("token", "read", "EACCES")
      })
      const provider = TokenProvider.layer(session).pipe(
        Layer.provideMerge(Layer.succeed(TokenCache.TokenCache, unreadable))
      )
      const { notEnded, wasSignedIn } = yield* soon(Effect.provide(Login.logout, Layer.fresh(provider)))
      assert.isTrue(wasSignedIn)
      assert.strictEqual(notEnded?._tag, "StoreError")
      yield* nothingStored
    })
  )

  test(
    "removes everything if the service fails, and returns the error",
    Effect.gen(function* () {
      const { center, nothingStored } = yield* signedIn
      yield* center.fault(IdentityCenter.Fault.respond({ status: 503 }), { operation: "Logout", times: Infinity })
      const { notEnded, wasSignedIn } = yield* soon(Login.logout)
      assert.isTrue(wasSignedIn)
      assert.strictEqual(notEnded?._tag, "UnhandledServiceError")
      yield* nothingStored
    })
  )

  test(
    "removes everything if the caller is interrupted while it waits for the service",
    Effect.gen(function* () {
      const { center, nothingStored } = yield* signedIn
      yield* center.fault(IdentityCenter.Fault.delay("1 hour"), { operation: "Logout" })
      const fiber = yield* Effect.forkChild(Login.logout)
      while (!(yield* center.requests).some(({ operation }) => operation === "Logout")) yield* fileSystemTurn
      yield* soon(Fiber.interrupt(fiber))
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      yield* nothingStored
    })
  )
})
