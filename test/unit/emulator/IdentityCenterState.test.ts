import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Random, Schema } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  authorizePath,
  credentials,
  deviceGrant,
  poll,
  post,
  refresh,
  register,
  registerBrowser,
  signIn,
  signInAt,
  start,
  startUrl
} from "./support.ts"

const center = IdentityCenter.IdentityCenter

describe("a client registration", () => {
  it.effect("has an id and a secret with an expiration", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_999)
      const { status, members } = yield* post("/client/register", { clientName: "a tool", clientType: "public" })
      assert.strictEqual(status, 200)
      assert.match(String(members.clientId), /^emulated-client-/)
      assert.match(String(members.clientSecret), /^emulated-client-secret-/)
      assert.strictEqual(members.clientIdIssuedAt, 1_700_000_000)
      assert.strictEqual(members.clientSecretExpiresAt, 1_700_000_000 + 3600)
    }).pipe(Effect.provide(IdentityCenter.layer({ registrationLifetime: "1 hour" })))
  )

  it.effect("is valid until its last millisecond", () =>
    Effect.gen(function* () {
      const client = yield* register()
      yield* TestClock.adjust(3_599_999)
      assert.strictEqual((yield* post("/device_authorization", { ...client, startUrl })).status, 200)
      yield* TestClock.adjust(1)
      const late = yield* post("/device_authorization", { ...client, startUrl })
      assert.strictEqual(late.status, 401)
      assert.strictEqual(late.exception, "InvalidClientException")
    }).pipe(Effect.provide(IdentityCenter.layer({ registrationLifetime: "1 hour" })))
  )

  it.effect("can be revoked", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).revokeClients
      const refused = yield* refresh(client, token.members.refreshToken)
      assert.deepStrictEqual([refused.status, refused.exception], [401, "InvalidClientException"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a device authorization", () => {
  it.effect("has a verification URI, a user code and an interval", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      assert.match(device.deviceCode, /^emulated-device-code-/)
      assert.match(device.userCode, /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/)
      assert.strictEqual(device.verificationUri, "https://oidc.eu-west-1.amazonaws.com/device")
      assert.strictEqual(device.verificationUriComplete, `${device.verificationUri}?user_code=${device.userCode}`)
      assert.strictEqual(device.expiresIn, 600)
      assert.strictEqual(device.interval, 5)
    }).pipe(Effect.provide(IdentityCenter.layer({ region: "eu-west-1" })))
  )

  it.effect("is pending until the user approves, and then gives a token once", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      const pending = yield* poll(client, device)
      assert.deepStrictEqual([pending.status, pending.exception], [400, "AuthorizationPendingException"])
      assert.strictEqual(pending.members.error, "authorization_pending")

      yield* (yield* center).approve(device.userCode)
      const { status, members } = yield* poll(client, device)
      assert.strictEqual(status, 200)
      assert.match(String(members.accessToken), /^aoaAAAAA-emulated-access-/)
      assert.match(String(members.refreshToken), /^aorAAAAA-emulated-refresh-/)
      assert.strictEqual(members.tokenType, "Bearer")
      assert.strictEqual(members.expiresIn, 28_800)

      const again = yield* poll(client, device)
      assert.deepStrictEqual([again.status, again.exception], [400, "InvalidGrantException"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("gives the token to one of two concurrent polls", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).approve(device.userCode)
      const replies = yield* Effect.all([poll(client, device), poll(client, device)], { concurrency: 2 })
      assert.deepStrictEqual(replies.map((reply) => reply.exception ?? "token").toSorted(), [
        "InvalidGrantException",
        "token"
      ])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused for another client", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).approve(device.userCode)
      const stranger = yield* register()
      assert.strictEqual((yield* poll(stranger, device)).exception, "InvalidGrantException")
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused if the user denies it", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).deny(device.userCode)
      const refused = yield* poll(client, device)
      assert.deepStrictEqual([refused.status, refused.exception], [400, "AccessDeniedException"])
      assert.strictEqual(refused.members.error, "access_denied")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("expires, even if it was approved", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const [pending, approved] = [yield* start(client), yield* start(client)]
      yield* (yield* center).approve(approved.userCode)
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual((yield* poll(client, pending)).exception, "AuthorizationPendingException")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* poll(client, pending)).exception, "ExpiredTokenException")
      assert.strictEqual((yield* poll(client, approved)).exception, "ExpiredTokenException")
    }).pipe(Effect.provide(IdentityCenter.layer({ deviceCodeLifetime: "1 minute" })))
  )

  it.effect("is approved automatically after the configured time", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual((yield* poll(client, device)).exception, "AuthorizationPendingException")
      yield* TestClock.adjust("1 millis")
      const [authorization] = yield* (yield* center).deviceAuthorizations
      assert.deepStrictEqual([authorization?.status, authorization?.user], ["approved", "alice"])
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer({ autoApprove: "10 seconds" })))
  )

  it.effect("can be denied before it is approved automatically", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).deny(device.userCode)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* poll(client, device)).exception, "AccessDeniedException")
    }).pipe(Effect.provide(IdentityCenter.layer({ autoApprove: "10 seconds" })))
  )
})

describe("the poll interval", () => {
  const interval = IdentityCenter.layer({ interval: "1 second" })

  // Each poll: the wait before it in milliseconds, and the exception of its response.
  const polls = Effect.fnUntraced(function* (steps: ReadonlyArray<readonly [wait: number, exception: string]>) {
    const client = yield* register()
    const device = yield* start(client)
    for (const [index, [wait, exception]] of steps.entries()) {
      yield* TestClock.adjust(wait)
      assert.strictEqual((yield* poll(client, device)).exception, exception, `poll ${index}`)
    }
    return { client, device }
  })

  it.effect("applies from the second poll on", () =>
    polls([
      [0, "AuthorizationPendingException"],
      [1000, "AuthorizationPendingException"],
      [1000, "AuthorizationPendingException"]
    ]).pipe(Effect.provide(interval))
  )

  it.effect("grows by five seconds for good with each early poll", () =>
    polls([
      [0, "AuthorizationPendingException"],
      [990, "SlowDownException"],
      [5990, "SlowDownException"],
      [11_000, "AuthorizationPendingException"],
      [11_000, "AuthorizationPendingException"],
      [6000, "SlowDownException"]
    ]).pipe(Effect.provide(interval))
  )

  it.effect.prop(
    "slows down every early poll and no other",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 })))],
    ([waits]) => {
      let required = 0
      let announced = 1000
      const steps = waits.map((wait) => {
        // Not exactly at the limit, where the timer slack matters.
        const rounded = Math.round(wait / 100) * 100
        const early = rounded < required
        announced += early ? 5000 : 0
        required = announced
        return [rounded, early ? "SlowDownException" : "AuthorizationPendingException"] as const
      })
      return polls(steps).pipe(
        Effect.provide(IdentityCenter.layer({ interval: "1 second", deviceCodeLifetime: "1 day" }))
      )
    }
  )

  it.effect("is separate for each authorization", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const [one, other] = [yield* start(client), yield* start(client)]
      assert.strictEqual((yield* poll(client, one)).exception, "AuthorizationPendingException")
      assert.strictEqual((yield* poll(client, other)).exception, "AuthorizationPendingException")
    }).pipe(Effect.provide(interval))
  )

  it.effect("does not matter after the user has decided", () =>
    Effect.gen(function* () {
      const { client, device } = yield* polls([[0, "AuthorizationPendingException"]])
      yield* (yield* center).approve(device.userCode)
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(interval))
  )

  it.effect("is rounded up to whole seconds for clients", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* start(yield* register())).interval, 2)
    }).pipe(Effect.provide(IdentityCenter.layer({ interval: "1500 millis" })))
  )
})

describe("approve and deny", () => {
  it.effect("accept the user code in any case and punctuation", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).approve(` ${device.userCode.toLowerCase().replace("-", " ")} `)
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("approve in the name of the first user or of a given user", () =>
    Effect.gen(function* () {
      const { approve, deviceAuthorizations } = yield* center
      const client = yield* register()
      yield* approve((yield* start(client)).userCode)
      yield* approve((yield* start(client)).userCode, { user: "ben" })
      assert.deepStrictEqual(
        (yield* deviceAuthorizations).map(({ user }) => user),
        ["ann", "ben"]
      )
      const pending = yield* start(client)
      const error = yield* Effect.flip(approve(pending.userCode, { user: "carol" }))
      assert.strictEqual(error._tag, "UnknownUser")
      assert.strictEqual(error.message, "unknown user carol: the users are ann, ben")
      assert.strictEqual((yield* deviceAuthorizations).at(-1)?.status, "pending")
    }).pipe(Effect.provide(IdentityCenter.layer({ users: [{ name: "ann" }, { name: "ben" }] })))
  )

  it.effect("fail with the status if the authorization is not pending", () =>
    Effect.gen(function* () {
      const { approve, deny } = yield* center
      const client = yield* register()
      const approved = yield* start(client)
      const denied = yield* start(client)
      const redeemed = yield* start(client)
      yield* approve(approved.userCode)
      yield* deny(denied.userCode)
      yield* approve(redeemed.userCode)
      yield* poll(client, redeemed)
      const reason = (userCode: string) =>
        Effect.flip(approve(userCode)).pipe(
          Effect.map((error) => (error._tag === "UnknownUserCode" ? error.status : error._tag))
        )
      assert.strictEqual(yield* reason("BBBB-BBBB"), "unknown")
      assert.strictEqual(yield* reason(approved.userCode), "approved")
      assert.strictEqual(yield* reason(denied.userCode), "denied")
      assert.strictEqual(yield* reason(redeemed.userCode), "redeemed")
      const pending = yield* start(client)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* reason(pending.userCode), "expired")
      const error = yield* Effect.flip(deny("BBBB-BBBB"))
      assert.strictEqual(error._tag, "UnknownUserCode")
      assert.include(error.message, "BBBB-BBBB")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("deviceAuthorizations", () => {
  it.effect("shows client, scopes, user and status of each authorization, without secrets", () =>
    Effect.gen(function* () {
      const { client, device } = yield* signIn({ clientName: "one", scopes: ["a:b", "c:d"] })
      yield* TestClock.adjust("1 minute")
      const pending = yield* start(client)
      const known = yield* (yield* center).deviceAuthorizations
      const common = { clientName: "one", scopes: ["a:b", "c:d"], startUrl }
      assert.deepStrictEqual(known, [
        { ...common, userCode: device.userCode, status: "redeemed", user: "alice", expiresAt: 600_000 },
        { ...common, userCode: pending.userCode, status: "pending", expiresAt: 660_000 }
      ])
      assert.notMatch(JSON.stringify(known), /emulated-/)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a refresh token", () => {
  it.effect("can be used once, and is replaced", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      const first = yield* refresh(client, token.members.refreshToken)
      assert.strictEqual(first.status, 200)
      assert.notStrictEqual(first.members.accessToken, token.members.accessToken)
      assert.notStrictEqual(first.members.refreshToken, token.members.refreshToken)
      const replayed = yield* refresh(client, token.members.refreshToken)
      assert.deepStrictEqual([replayed.status, replayed.exception], [400, "InvalidGrantException"])
      assert.strictEqual((yield* refresh(client, first.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused for another client, and stays valid", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      const stranger = yield* register()
      assert.strictEqual((yield* refresh(stranger, token.members.refreshToken)).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused after it is revoked", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).revokeRefreshTokens
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is not issued to a client without scopes or without the refresh token grant", () =>
    Effect.gen(function* () {
      assert.isNull((yield* signIn({ scopes: undefined })).token.members.refreshToken)
      assert.isNull((yield* signIn({ scopes: [] })).token.members.refreshToken)
      assert.isNull((yield* signIn({ grantTypes: [deviceGrant] })).token.members.refreshToken)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the lifetime of an access token", () => {
  it.effect("is the configured lifetime", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* signIn()).token.members.expiresIn, 900)
    }).pipe(Effect.provide(IdentityCenter.layer({ accessTokenLifetime: "15 minutes" })))
  )
})

describe("random values", () => {
  it.effect("are reproducible only with a seed", () =>
    Effect.gen(function* () {
      const run = Effect.provide(signIn(), IdentityCenter.layer())
      const seeded = Random.withSeed(run, "a seed")
      assert.deepStrictEqual(yield* seeded, yield* seeded)
      assert.notDeepEqual(yield* run, yield* run)
    })
  )

  it.effect("never repeat the user code of another authorization", () =>
    Effect.gen(function* () {
      // Two letters instead of twenty: with 256 codes, many draws repeat an earlier code.
      const source = yield* Random.Random
      const coin = { ...source, nextDoubleUnsafe: () => (source.nextDoubleUnsafe() < 0.5 ? 0 : 0.99) }
      const client = yield* register()
      yield* Effect.repeat(start(client), { times: 249 }).pipe(Effect.provideService(Random.Random, coin))
      const codes = (yield* (yield* center).deviceAuthorizations).map((authorization) => authorization.userCode)
      assert.strictEqual(new Set(codes).size, 250)
      assert.isTrue(codes.every((code) => /^[BZ]{4}-[BZ]{4}$/.test(code)))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("expired state", () => {
  const long = IdentityCenter.layer({ registrationLifetime: "1 day" })

  it.effect("is shown for an hour, and is then released", () =>
    Effect.gen(function* () {
      const { deviceAuthorizations, roleCredentials, authorizationRequests } = yield* center
      const counts = Effect.gen(function* () {
        return [
          (yield* deviceAuthorizations).length,
          (yield* authorizationRequests).length,
          (yield* roleCredentials).length
        ]
      })
      const client = yield* registerBrowser({ grantTypes: [deviceGrant, "authorization_code"] })
      const addEach = Effect.gen(function* () {
        yield* start(client)
        yield* signInAt(authorizePath(client))
        const { accessToken } = yield* signIn()
        yield* credentials(accessToken, "111122223333", "ReadOnlyAccess")
      })
      yield* addEach
      yield* TestClock.adjust("1 hour")
      yield* addEach
      assert.deepStrictEqual(yield* counts, [4, 2, 2])
      yield* TestClock.adjust("1 hour")
      yield* addEach
      assert.deepStrictEqual(yield* counts, [4, 2, 2])
    }).pipe(Effect.provide(long))
  )

  it.effect("is refused with the reason for an hour", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* TestClock.adjust("69 minutes")
      yield* start(client)
      assert.strictEqual((yield* poll(client, device)).exception, "ExpiredTokenException")
      yield* TestClock.adjust("1 minute")
      yield* start(client)
      assert.strictEqual((yield* poll(client, device)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(long))
  )

  it.effect("includes client registrations", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const reason = Effect.map(refresh(client, "any"), ({ members }) => members["error_description"])
      yield* TestClock.adjust("1 day")
      yield* register()
      assert.strictEqual(yield* reason, "The client registration has expired")
      yield* TestClock.adjust("1 hour")
      yield* register()
      assert.strictEqual(yield* reason, "The client id or client secret is wrong")
    }).pipe(Effect.provide(long))
  )
})

describe("two emulators", () => {
  it.effect("have separate states", () =>
    Effect.gen(function* () {
      const client = yield* Effect.provide(register(), IdentityCenter.layer())
      const stranger = yield* Effect.exit(Effect.provide(start(client), IdentityCenter.layer()))
      assert.isTrue(Exit.isFailure(stranger))
    })
  )
})
