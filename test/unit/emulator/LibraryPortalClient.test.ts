/** This library's portal client against the emulator. They share only the descriptors of the operations. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Redacted, Stream } from "effect"
import { SsoPortal } from "../../../src/index.ts"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { signIn } from "./support.ts"

const center = IdentityCenter.IdentityCenter

const layer = (options?: IdentityCenter.IdentityCenterOptions) =>
  SsoPortal.layer({ region: "us-east-1" }).pipe(Layer.provideMerge(IdentityCenter.layer(options)))

const signedIn = (user?: string) =>
  Effect.map(signIn({}, user), (session) => Redacted.make(String(session.accessToken)))

const [production] = ["111122223333"] as const

const ids = Array.from({ length: 10_000 }, (_, index) => String(100_000_000_000 + index))

describe("this library's client", () => {
  it.effect("reads accounts, roles and credentials, and signs out", () =>
    Effect.gen(function* () {
      const accessToken = yield* signedIn()
      const { accountList, ...page } = yield* SsoPortal.listAccounts({ accessToken, maxResults: 1 })
      assert.deepStrictEqual(accountList, [
        { accountId: production, accountName: "production", emailAddress: "production@example.com" }
      ])
      assert.isString(page.nextToken)
      const { roleList } = yield* SsoPortal.listAccountRoles({ accessToken, accountId: production })
      assert.deepStrictEqual(
        roleList.map(({ roleName }) => roleName),
        ["AdministratorAccess", "ReadOnlyAccess"]
      )
      const role = { accessToken, accountId: production, roleName: "ReadOnlyAccess" }
      const { roleCredentials } = yield* SsoPortal.getRoleCredentials(role)
      const [issued] = yield* (yield* center).roleCredentials
      assert.deepInclude(issued, {
        accessKeyId: roleCredentials.accessKeyId,
        secretAccessKey: roleCredentials.secretAccessKey,
        sessionToken: roleCredentials.sessionToken,
        expiresAt: DateTime.toEpochMillis(roleCredentials.expiration)
      })
      yield* SsoPortal.logout({ accessToken })
      const refused = yield* Effect.flip(SsoPortal.getRoleCredentials(role))
      assert.strictEqual(refused._tag, "UnauthorizedException")
      assert.strictEqual(refused.message, "Session token not found or invalid")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("recognizes each exception by its name", () =>
    Effect.gen(function* () {
      const accessToken = yield* signedIn("bob")
      const forbidden = yield* Effect.flip(
        SsoPortal.getRoleCredentials({ accessToken, accountId: production, roleName: "AdministratorAccess" })
      )
      assert.deepInclude(forbidden, { _tag: "UnhandledServiceError", code: "ForbiddenException", status: 403 })
      const invalid = yield* Effect.flip(SsoPortal.listAccounts({ accessToken, nextToken: "nonsense" }))
      assert.deepInclude(invalid, { _tag: "InvalidRequestException" })
      const notFound = yield* Effect.flip(SsoPortal.listAccountRoles({ accessToken, accountId: "000000000000" }))
      assert.deepInclude(notFound, { _tag: "ResourceNotFoundException", message: "Account not found" })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("reads ten thousand accounts with one request for each page", () =>
    Effect.gen(function* () {
      const accessToken = yield* signedIn()
      const { clearRequests, requests } = yield* center
      const read = Effect.fnUntraced(function* (maxResults?: number) {
        yield* clearRequests
        const accounts = yield* Stream.runCollect(SsoPortal.listAccountsStream({ accessToken, maxResults }))
        assert.deepStrictEqual(
          accounts.map(({ accountId }) => accountId),
          ids
        )
        return (yield* requests).length
      })
      assert.strictEqual(yield* read(), 500)
      assert.strictEqual(yield* read(100), 100)
    }).pipe(Effect.provide(layer({ accounts: ids.map((accountId) => ({ accountId, roles: ["ReadOnlyAccess"] })) })))
  )

  it.effect("reads no more pages than are needed", () =>
    Effect.gen(function* () {
      const accessToken = yield* signedIn()
      const { clearRequests, requests } = yield* center
      yield* clearRequests
      const stream = SsoPortal.listAccountRolesStream({ accessToken, accountId: production, maxResults: 2 })
      assert.lengthOf(yield* Stream.runCollect(Stream.take(stream, 3)), 3)
      assert.lengthOf(yield* requests, 2)
    }).pipe(Effect.provide(layer({ accounts: [{ accountId: production, roles: ["a", "b", "c", "d", "e", "f"] }] })))
  )
})
