import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  accounts,
  address,
  signInAt,
  authorizePath,
  bearer,
  credentials,
  exchange,
  get,
  logout,
  poll,
  post,
  type Reply,
  refresh,
  register,
  registerBrowser,
  roles,
  scope,
  send,
  signIn,
  start
} from "./support.ts"

const { Fault } = IdentityCenter
const center = IdentityCenter.IdentityCenter

const [production, staging, development] = ["111122223333", "444455556666", "777788889999"] as const

const outcome = ({ exception, status }: Reply) => [status, exception]

const ids = ({ members }: Reply) =>
  Array.isArray(members["accountList"]) ? members["accountList"].map(({ accountId }) => accountId) : undefined

const unauthorized = [401, "UnauthorizedException"]
const forbidden = [403, "ForbiddenException"]
const invalid = [400, "InvalidRequestException"]

describe("the assignments of a user", () => {
  it.effect("are every role of every account without entitlements", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      const listed = yield* accounts(accessToken)
      assert.strictEqual(listed.status, 200)
      assert.deepStrictEqual(listed.members, {
        nextToken: null,
        accountList: [
          { accountId: production, accountName: "production", emailAddress: "production@example.com" },
          { accountId: staging, accountName: "staging", emailAddress: "staging@example.com" },
          { accountId: development, accountName: "development", emailAddress: "development@example.com" }
        ]
      })
      const { members } = yield* roles(accessToken, staging)
      assert.deepStrictEqual(members, {
        nextToken: null,
        roleList: [
          { roleName: "AdministratorAccess", accountId: staging },
          { roleName: "ReadOnlyAccess", accountId: staging }
        ]
      })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("are the entitlements of the user", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn({}, "bob")
      assert.deepStrictEqual(ids(yield* accounts(accessToken)), [production])
      assert.deepStrictEqual((yield* roles(accessToken, production)).members["roleList"], [
        { roleName: "ReadOnlyAccess", accountId: production }
      ])
      assert.strictEqual((yield* credentials(accessToken, production, "ReadOnlyAccess")).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("merge entitlements to one account, and omit accounts without roles", () =>
    Effect.gen(function* () {
      const carol = yield* signIn({}, "carol")
      assert.deepStrictEqual((yield* accounts(carol.accessToken)).members["accountList"], [{ accountId: production }])
      assert.deepStrictEqual((yield* roles(carol.accessToken, production)).members["roleList"], [
        { roleName: "a", accountId: production },
        { roleName: "b", accountId: production }
      ])
      const dave = yield* signIn({}, "dave")
      assert.deepStrictEqual(ids(yield* accounts(dave.accessToken)), [production])
      const erin = yield* signIn({}, "erin")
      assert.deepStrictEqual(ids(yield* accounts(erin.accessToken)), [])
    }).pipe(
      Effect.provide(
        IdentityCenter.layer({
          accounts: [
            { accountId: production, roles: ["a", "b"] },
            { accountId: staging, roles: [] }
          ],
          users: [
            {
              name: "carol",
              entitlements: [
                { accountId: production, roleNames: ["a"] },
                { accountId: staging, roleNames: [] },
                { accountId: production, roleNames: ["b", "a"] }
              ]
            },
            { name: "dave" },
            { name: "erin", entitlements: [] }
          ]
        })
      )
    )
  )

  it.effect("are those of the user who approved, in every flow", () =>
    Effect.gen(function* () {
      const browser = yield* registerBrowser()
      const redirect = yield* signInAt(authorizePath(browser), { user: "bob" })
      const bobs = yield* exchange(browser, redirect)
      assert.deepStrictEqual(ids(yield* accounts(bobs.members["accessToken"])), [production])

      const client = yield* register()
      const device = yield* start(client)
      yield* TestClock.adjust("1 minute")
      const first = yield* poll(client, device)
      assert.deepStrictEqual(ids(yield* accounts(first.members["accessToken"])), [production, staging, development])
    }).pipe(Effect.provide(IdentityCenter.layer({ autoApprove: "1 minute" })))
  )
})

describe("role credentials", () => {
  it.effect("are fake, expire after an hour, and are listed by roleCredentials", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_999)
      const { accessToken } = yield* signIn()
      const { members, status } = yield* credentials(accessToken, staging, "ReadOnlyAccess")
      assert.strictEqual(status, 200)
      const [issued, ...others] = yield* (yield* center).roleCredentials
      assert.deepStrictEqual(others, [])
      const { secretAccessKey, sessionToken, ...shown } = issued ?? assert.fail("no credentials were issued")
      assert.match(shown.accessKeyId, /^ASIA[A-Z2-7]{16}$/)
      assert.match(Redacted.value(secretAccessKey), /^emulated-secret-access-key-\w{43}$/)
      assert.match(Redacted.value(sessionToken), /^emulated-session-token-\w{43}$/)
      assert.deepStrictEqual(shown, {
        accessKeyId: shown.accessKeyId,
        expiresAt: 1_700_003_600_000,
        user: "alice",
        accountId: staging,
        roleName: "ReadOnlyAccess"
      })
      assert.deepStrictEqual(members, {
        roleCredentials: {
          accessKeyId: shown.accessKeyId,
          secretAccessKey: Redacted.value(secretAccessKey),
          sessionToken: Redacted.value(sessionToken),
          expiration: shown.expiresAt
        }
      })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("are new for each request, and have the configured lifetime", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* credentials(accessToken, staging, "ReadOnlyAccess")
      yield* TestClock.adjust("1 minute")
      yield* credentials(accessToken, staging, "ReadOnlyAccess")
      const issued = yield* (yield* center).roleCredentials
      assert.deepStrictEqual(
        issued.map(({ expiresAt }) => expiresAt),
        [900_000, 960_000]
      )
      assert.strictEqual(new Set(issued.map(({ accessKeyId }) => accessKeyId)).size, 2)
      assert.strictEqual(new Set(issued.map(({ sessionToken }) => Redacted.value(sessionToken))).size, 2)
    }).pipe(Effect.provide(IdentityCenter.layer({ roleCredentialsLifetime: "15 minutes" })))
  )
})

describe("an access token", () => {
  it.effect("is valid until its last millisecond", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* TestClock.adjust(8 * 3_600_000 - 1)
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("stays valid after a refresh", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      yield* TestClock.adjust("4 hours")
      const refreshed = yield* refresh(client, token.members["refreshToken"])
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      assert.strictEqual((yield* accounts(refreshed.members["accessToken"])).status, 200)
      yield* TestClock.adjust("4 hours")
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      assert.strictEqual((yield* accounts(refreshed.members["accessToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must have the scope of the portal, or no scopes", () =>
    Effect.gen(function* () {
      const outcomeWith = (scopes: ReadonlyArray<string> | undefined) =>
        Effect.flatMap(signIn({ scopes }), ({ accessToken }) => Effect.map(accounts(accessToken), outcome))
      assert.deepStrictEqual(yield* outcomeWith([scope, "other:scope"]), [200, undefined])
      assert.deepStrictEqual(yield* outcomeWith(undefined), [200, undefined])
      assert.deepStrictEqual(yield* outcomeWith(["other:scope"]), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused if an application requested it in its own name", () =>
    Effect.gen(function* () {
      const token = yield* post(
        "/token?aws_iam=t",
        {
          clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
          grantType: "urn:ietf:params:oauth:grant-type:jwt-bearer",
          assertion: "header.claims.signature",
          scope: [scope]
        },
        {
          authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/sso-oauth/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`
        }
      )
      assert.strictEqual(token.status, 200)
      assert.deepStrictEqual(outcome(yield* accounts(token.members["accessToken"])), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is revoked if its authorization code is used twice", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const redirect = yield* signInAt(authorizePath(client))
      const { members } = yield* exchange(client, redirect)
      assert.strictEqual((yield* accounts(members["accessToken"])).status, 200)
      yield* exchange(client, redirect)
      assert.deepStrictEqual(outcome(yield* accounts(members["accessToken"])), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can be revoked, and then refreshed", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      yield* (yield* center).revokeAccessTokens
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      const refreshed = yield* refresh(client, token.members["refreshToken"])
      assert.strictEqual((yield* accounts(refreshed.members["accessToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("stays valid if refresh tokens and clients are revoked", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* (yield* center).revokeRefreshTokens
      yield* (yield* center).revokeClients
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("Logout", () => {
  it.effect("revokes all tokens of the session, and no other tokens", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      const other = yield* signIn()
      const refreshed = yield* refresh(client, token.members["refreshToken"])
      const response = yield* logout(accessToken)
      assert.deepStrictEqual([response.status, response.text], [200, ""])
      assert.match(response.headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/)

      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      assert.deepStrictEqual(outcome(yield* accounts(refreshed.members["accessToken"])), unauthorized)
      assert.deepStrictEqual(outcome(yield* refresh(client, refreshed.members["refreshToken"])), [
        400,
        "InvalidGrantException"
      ])
      assert.deepStrictEqual(outcome(yield* logout(accessToken)), unauthorized)
      assert.strictEqual((yield* accounts(other.accessToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the portal", () => {
  it.effect("refuses a missing or unknown token, in its own exception format", () =>
    Effect.gen(function* () {
      const { headers, status, text } = yield* accounts("aoaAAAAA-unknown")
      assert.strictEqual(status, 401)
      assert.strictEqual(
        headers["x-amzn-errortype"],
        "UnauthorizedException:http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/"
      )
      assert.strictEqual(
        text,
        '{"message":"Session token not found or invalid","__type":"com.amazonaws.switchboard.portal#UnauthorizedException"}'
      )
      for (const path of ["/assignment/accounts", "/assignment/roles", "/federation/credentials"]) {
        assert.deepStrictEqual(outcome(yield* get(path)), unauthorized)
        assert.deepStrictEqual(outcome(yield* get(path, bearer(""))), unauthorized)
      }
      assert.deepStrictEqual(outcome(yield* logout("")), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("refuses an account or role that is not assigned with ForbiddenException", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn({}, "bob")
      for (const refused of [
        yield* roles(accessToken, staging),
        yield* credentials(accessToken, staging, "ReadOnlyAccess"),
        yield* credentials(accessToken, production, "AdministratorAccess"),
        yield* credentials(accessToken, production, "readonlyaccess")
      ]) {
        assert.deepStrictEqual(outcome(refused), forbidden)
        assert.strictEqual(
          refused.text,
          '{"message":"No access","__type":"com.amazonaws.switchboard.portal#ForbiddenException"}'
        )
      }
      assert.deepStrictEqual(yield* (yield* center).roleCredentials, [])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("refuses an unknown account", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      const notFound = [404, "ResourceNotFoundException"]
      assert.deepStrictEqual(outcome(yield* roles(accessToken, "000000000000")), notFound)
      assert.deepStrictEqual(outcome(yield* credentials(accessToken, "000000000000", "ReadOnlyAccess")), notFound)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  const malformed: ReadonlyArray<readonly [path: string, message: string]> = [
    ["/assignment/accounts?max_result=0", "Missing or malformed: max_result"],
    ["/assignment/accounts?max_result=101", "Missing or malformed: max_result"],
    ["/assignment/accounts?max_result=1.5", "Missing or malformed: max_result"],
    ["/assignment/accounts?max_result=", "Missing or malformed: max_result"],
    ["/assignment/accounts?max_result=many", "Missing or malformed: max_result"],
    ["/assignment/accounts?next_token=", "Missing or malformed: next_token"],
    ["/assignment/accounts?next_token=nonsense", "The next_token does not belong to this list"],
    ["/assignment/roles", "Missing or malformed: account_id"],
    ["/assignment/roles?account_id=&max_result=0", "Missing or malformed: account_id, max_result"],
    [`/federation/credentials?account_id=${production}`, "Missing or malformed: role_name"],
    ["/federation/credentials", "Missing or malformed: role_name, account_id"]
  ]

  it.effect.each(malformed)("refuses missing or malformed parameters: %s", ([path, message]) =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      const refused = yield* get(path, bearer(accessToken))
      assert.deepStrictEqual(outcome(refused), invalid)
      assert.deepStrictEqual(refused.members, {
        message,
        __type: "com.amazonaws.switchboard.portal#InvalidRequestException"
      })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("refuses an unknown method", () =>
    Effect.gen(function* () {
      const unknown = [404, "UnknownOperationException"]
      assert.deepStrictEqual(outcome(yield* get("/logout")), unknown)
      assert.deepStrictEqual(outcome(yield* post("/assignment/accounts", {})), unknown)
      const head = HttpClientRequest.make("HEAD")(yield* address("/assignment/accounts"))
      assert.deepStrictEqual(outcome(yield* send(head)), unknown)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a fault at the portal", () => {
  it.effect("has the exception format of the service that is called", () =>
    Effect.gen(function* () {
      const { fault } = yield* center
      const { accessToken } = yield* signIn()
      yield* fault(Fault.refuse("InvalidRequestException", { message: "no" }), { operation: "ListAccounts" })
      yield* fault(Fault.refuse("InvalidRequestException", { error_description: "no" }), { operation: "CreateToken" })
      const there = yield* accounts(accessToken)
      assert.deepStrictEqual(outcome(there), invalid)
      assert.deepStrictEqual(there.members, {
        message: "no",
        __type: "com.amazonaws.switchboard.portal#InvalidRequestException"
      })
      const elsewhere = yield* post("/token", {})
      assert.deepStrictEqual(outcome(elsewhere), invalid)
      assert.deepStrictEqual(elsewhere.members, { error: "invalid_request", error_description: "no" })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect.each([
    ["TooManyRequestsException", 429],
    ["UnauthorizedException", 401],
    ["ResourceNotFoundException", 404],
    ["ForbiddenException", 403]
  ] as const)("can be each of its exceptions: %s", ([exception, status]) =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* (yield* center).fault(Fault.refuse(exception, { message: "a message" }), {
        operation: "GetRoleCredentials"
      })
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      const refused = yield* credentials(accessToken, production, "ReadOnlyAccess")
      assert.deepStrictEqual(outcome(refused), [status, exception])
      assert.strictEqual(refused.members["message"], "a message")
      assert.strictEqual((yield* credentials(accessToken, production, "ReadOnlyAccess")).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("breaks the connection before a response without a body", () =>
    Effect.gen(function* () {
      const { fault, requests } = yield* center
      const { accessToken } = yield* signIn()
      yield* fault(Fault.drop("midway"), { operation: "Logout" })
      const { reason } = yield* Effect.flip(logout(accessToken))
      assert.strictEqual(reason._tag, "TransportError")
      assert.strictEqual((yield* requests).at(-1)?.error, "dropped")
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the log of requests", () => {
  it.effect("shows account and role of portal requests, and no tokens", () =>
    Effect.gen(function* () {
      const { clearRequests, requests } = yield* center
      const { accessToken } = yield* signIn()
      yield* clearRequests
      yield* accounts(accessToken)
      yield* roles(accessToken, staging)
      yield* credentials(accessToken, staging, "nothing")
      yield* logout(accessToken)
      const log = yield* requests
      const known = { at: 0, host: "oidc.us-east-1.amazonaws.com" }
      assert.deepStrictEqual(log, [
        { ...known, method: "GET", path: "/assignment/accounts", operation: "ListAccounts", status: 200 },
        {
          ...known,
          method: "GET",
          path: "/assignment/roles",
          operation: "ListAccountRoles",
          accountId: staging,
          status: 200
        },
        {
          ...known,
          method: "GET",
          path: "/federation/credentials",
          operation: "GetRoleCredentials",
          accountId: staging,
          roleName: "nothing",
          status: 403,
          error: "ForbiddenException"
        },
        { ...known, method: "POST", path: "/logout", operation: "Logout", status: 200 }
      ])
      assert.notInclude(JSON.stringify(log), String(accessToken))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
