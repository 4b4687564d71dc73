/** The official portal client must understand the emulator as it understands the service. */
import {
  GetRoleCredentialsCommand,
  InvalidRequestException,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
  paginateListAccountRoles,
  paginateListAccounts,
  ResourceNotFoundException,
  SSOClient,
  SSOServiceException,
  TooManyRequestsException,
  UnauthorizedException
} from "@aws-sdk/client-sso"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Stream } from "effect"
import { createServer } from "node:http"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { caught, refresh, signIn } from "./support.ts"

const { Fault } = IdentityCenter

const served = (options?: IdentityCenter.IdentityCenterOptions) =>
  Layer.mergeAll(IdentityCenter.serve(options), NodeHttpClient.layerNodeHttp).pipe(
    Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
  )

const makeClient = Effect.gen(function* () {
  const { baseUrl } = yield* IdentityCenter.IdentityCenter
  return yield* Effect.acquireRelease(
    Effect.sync(() => new SSOClient({ endpoint: baseUrl, region: "us-east-1", maxAttempts: 1 })),
    (client) => Effect.sync(() => client.destroy())
  )
})

const [production, staging] = ["111122223333", "444455556666"] as const

describe("the official portal client", () => {
  it.effect("reads accounts, roles and credentials", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const accessToken = String((yield* signIn()).accessToken)
      const accounts = yield* Effect.promise(() => client.send(new ListAccountsCommand({ accessToken })))
      assert.deepStrictEqual(accounts.accountList?.[0], {
        accountId: production,
        accountName: "production",
        emailAddress: "production@example.com"
      })
      assert.lengthOf(accounts.accountList ?? [], 3)
      assert.isUndefined(accounts.nextToken)
      assert.match(accounts.$metadata.requestId ?? "", /^[0-9a-f-]{36}$/)
      const roles = yield* Effect.promise(() =>
        client.send(new ListAccountRolesCommand({ accessToken, accountId: staging }))
      )
      assert.deepStrictEqual(roles.roleList, [
        { accountId: staging, roleName: "AdministratorAccess" },
        { accountId: staging, roleName: "ReadOnlyAccess" }
      ])
      const { roleCredentials } = yield* Effect.promise(() =>
        client.send(new GetRoleCredentialsCommand({ accessToken, accountId: staging, roleName: "ReadOnlyAccess" }))
      )
      const [issued] = yield* (yield* IdentityCenter.IdentityCenter).roleCredentials
      assert.deepStrictEqual(
        roleCredentials,
        issued && {
          accessKeyId: issued.accessKeyId,
          secretAccessKey: Redacted.value(issued.secretAccessKey),
          sessionToken: Redacted.value(issued.sessionToken),
          expiration: 3_600_000
        }
      )
    }).pipe(Effect.provide(served()))
  )

  it.effect("reads all pages", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const accessToken = String((yield* signIn()).accessToken)
      const all = <Page>(pages: AsyncIterable<Page>) =>
        Stream.runCollect(Stream.fromAsyncIterable(pages, (error) => error))
      const accounts = yield* all(paginateListAccounts({ client, pageSize: 30 }, { accessToken }))
      assert.deepStrictEqual(
        accounts.map(({ accountList = [] }) => accountList.length),
        [30, 30, 10]
      )
      assert.strictEqual(
        new Set(accounts.flatMap(({ accountList = [] }) => accountList.map((a) => a.accountId))).size,
        70
      )
      const roles = yield* all(paginateListAccountRoles({ client }, { accessToken, accountId: "100000000000" }))
      assert.deepStrictEqual(
        roles.map(({ roleList = [] }) => roleList.map(({ roleName }) => roleName)),
        [["a", "b"], ["c"]]
      )
    }).pipe(
      Effect.provide(
        served({
          pageSize: 2,
          accounts: Array.from({ length: 70 }, (_, index) => ({
            accountId: String(100_000_000_000 + index),
            roles: ["a", "b", "c"]
          }))
        })
      )
    )
  )

  it.effect("recognizes each exception by its class", () =>
    Effect.gen(function* () {
      const { fault } = yield* IdentityCenter.IdentityCenter
      const client = yield* makeClient
      const accessToken = String((yield* signIn({}, "bob")).accessToken)
      const credentials = (accountId: string, token = accessToken) =>
        caught(() =>
          client.send(new GetRoleCredentialsCommand({ accessToken: token, accountId, roleName: "AdministratorAccess" }))
        )
      const unauthorized = yield* credentials(production, "aoaAAAAA-unknown")
      assert.instanceOf(unauthorized, UnauthorizedException)
      assert.strictEqual(unauthorized.message, "Session token not found or invalid")
      assert.strictEqual(unauthorized.$metadata.httpStatusCode, 401)
      assert.instanceOf(yield* credentials("000000000000"), ResourceNotFoundException)
      const invalid = yield* caught(() =>
        client.send(new ListAccountsCommand({ accessToken, nextToken: "nonsense", maxResults: 3 }))
      )
      assert.instanceOf(invalid, InvalidRequestException)
      assert.strictEqual(invalid.message, "The next_token does not belong to this list")
      const forbidden = yield* credentials(production)
      assert.instanceOf(forbidden, SSOServiceException)
      assert.deepStrictEqual([forbidden.name, forbidden.message], ["ForbiddenException", "No access"])
      yield* fault(Fault.refuse("TooManyRequestsException", { message: "slow" }), { operation: "GetRoleCredentials" })
      assert.instanceOf(yield* credentials(production), TooManyRequestsException)
    }).pipe(Effect.provide(served()))
  )

  it.effect("signs out", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const session = yield* signIn()
      const accessToken = String(session.accessToken)
      const { $metadata, ...response } = yield* Effect.promise(() => client.send(new LogoutCommand({ accessToken })))
      assert.strictEqual($metadata.httpStatusCode, 200)
      assert.deepStrictEqual(response, {})
      assert.instanceOf(
        yield* caught(() => client.send(new ListAccountsCommand({ accessToken }))),
        UnauthorizedException
      )
      const refreshed = yield* refresh(session.client, session.token.members["refreshToken"])
      assert.strictEqual(refreshed.exception, "InvalidGrantException")
    }).pipe(Effect.provide(served()))
  )
})
