import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  accounts,
  address,
  answerRequest,
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

describe("what is assigned", () => {
  it.effect("is every role of every account, for who has no entitlements", () =>
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

  it.effect("is what the entitlements say, for who has some", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn({}, "bob")
      assert.deepStrictEqual(ids(yield* accounts(accessToken)), [production])
      assert.deepStrictEqual((yield* roles(accessToken, production)).members["roleList"], [
        { roleName: "ReadOnlyAccess", accountId: production }
      ])
      assert.strictEqual((yield* credentials(accessToken, production, "ReadOnlyAccess")).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is put together from entitlements to one account, and is no account without a role", () =>
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

  it.effect("is that of the person who approved, on whatever way", () =>
    Effect.gen(function* () {
      const browser = yield* registerBrowser()
      const redirect = yield* answerRequest(authorizePath(browser), { user: "bob" })
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

describe("the credentials of a role", () => {
  it.effect("are fake, last an hour, and are known to the test", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_999)
      const { accessToken } = yield* signIn()
      const { members, status } = yield* credentials(accessToken, staging, "ReadOnlyAccess")
      assert.strictEqual(status, 200)
      const [issued, ...others] = yield* (yield* center).roleCredentials
      assert.deepStrictEqual(others, [])
      const { secretAccessKey, sessionToken, ...shown } = issued ?? assert.fail("nothing was given out")
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

  it.effect("are others each time, and last as long as they are told to", () =>
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
  it.effect("is worth something up to its last millisecond and not longer", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* TestClock.adjust(8 * 3_600_000 - 1)
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("stays good beside the one that it was renewed with", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      yield* TestClock.adjust("4 hours")
      const renewed = yield* refresh(client, token.members["refreshToken"])
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      assert.strictEqual((yield* accounts(renewed.members["accessToken"])).status, 200)
      yield* TestClock.adjust("4 hours")
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      assert.strictEqual((yield* accounts(renewed.members["accessToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("needs the portal's scope, or none at all", () =>
    Effect.gen(function* () {
      const worth = (scopes: ReadonlyArray<string> | undefined) =>
        Effect.flatMap(signIn({ scopes }), ({ accessToken }) => Effect.map(accounts(accessToken), outcome))
      assert.deepStrictEqual(yield* worth([scope, "other:scope"]), [200, undefined])
      assert.deepStrictEqual(yield* worth(undefined), [200, undefined])
      assert.deepStrictEqual(yield* worth(["other:scope"]), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is nobody's, where an application asked for it in its own name", () =>
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

  it.effect("is worth nothing once its code was used a second time", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const redirect = yield* answerRequest(authorizePath(client))
      const { members } = yield* exchange(client, redirect)
      assert.strictEqual((yield* accounts(members["accessToken"])).status, 200)
      yield* exchange(client, redirect)
      assert.deepStrictEqual(outcome(yield* accounts(members["accessToken"])), unauthorized)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can be revoked, so that a renewal alone helps", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      yield* (yield* center).revokeAccessTokens
      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      const renewed = yield* refresh(client, token.members["refreshToken"])
      assert.strictEqual((yield* accounts(renewed.members["accessToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("outlives the refresh tokens and the clients that are revoked", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* (yield* center).revokeRefreshTokens
      yield* (yield* center).revokeClients
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("logging out", () => {
  it.effect("ends the session with all its tokens, and no other session", () =>
    Effect.gen(function* () {
      const { accessToken, client, token } = yield* signIn()
      const other = yield* signIn()
      const renewed = yield* refresh(client, token.members["refreshToken"])
      const answer = yield* logout(accessToken)
      assert.deepStrictEqual([answer.status, answer.text], [200, ""])
      assert.match(answer.headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/)

      assert.deepStrictEqual(outcome(yield* accounts(accessToken)), unauthorized)
      assert.deepStrictEqual(outcome(yield* accounts(renewed.members["accessToken"])), unauthorized)
      assert.deepStrictEqual(outcome(yield* refresh(client, renewed.members["refreshToken"])), [
        400,
        "InvalidGrantException"
      ])
      assert.deepStrictEqual(outcome(yield* logout(accessToken)), unauthorized)
      assert.strictEqual((yield* accounts(other.accessToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the portal refuses", () => {
  it.effect("who has no session, in the form of its service", () =>
    Effect.gen(function* () {
      const { headers, status, text } = yield* accounts("aoaAAAAA-of-nobody")
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

  it.effect("an account or a role that is not assigned, with an exception that it does not model", () =>
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

  it.effect("an account that there is not", () =>
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

  it.effect.each(malformed)("what is missing or malformed: %s", ([path, message]) =>
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

  it.effect("a method that an address does not have", () =>
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
  it.effect("is told in the portal's form there, and in the other service's elsewhere", () =>
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
  ] as const)("can be any of its exceptions, once: %s", ([exception, status]) =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      yield* (yield* center).fault(Fault.refuse(exception, { message: "as told" }), { operation: "GetRoleCredentials" })
      assert.strictEqual((yield* accounts(accessToken)).status, 200)
      const refused = yield* credentials(accessToken, production, "ReadOnlyAccess")
      assert.deepStrictEqual(outcome(refused), [status, exception])
      assert.strictEqual(refused.members["message"], "as told")
      assert.strictEqual((yield* credentials(accessToken, production, "ReadOnlyAccess")).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("breaks an answer that has no body before its first byte", () =>
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
  it.effect("tells which account and role the portal was asked for, and no token", () =>
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
