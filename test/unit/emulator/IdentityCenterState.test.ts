import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Random, Schema } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { deviceGrant, poll, post, refresh, register, signIn, start, startUrl } from "./support.ts"

const center = IdentityCenter.IdentityCenter

describe("registration", () => {
  it.effect("gives an id and a secret that expire with the registration", () =>
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

  it.effect("lasts up to its last millisecond and not longer", () =>
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

  it.effect("is forgotten when clients are revoked", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).revokeClients
      const refused = yield* refresh(client, token.members.refreshToken)
      assert.deepStrictEqual([refused.status, refused.exception], [401, "InvalidClientException"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a device authorization", () => {
  it.effect("tells where to go, what to type and how often to ask", () =>
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

  it.effect("is pending until the person approves, and then gives one token, once", () =>
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

  it.effect("gives the token to one of two polls that come at once", () =>
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

  it.effect("is bound to its client", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).approve(device.userCode)
      const stranger = yield* register()
      assert.strictEqual((yield* poll(stranger, device)).exception, "InvalidGrantException")
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused when the person denies", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).deny(device.userCode)
      const refused = yield* poll(client, device)
      assert.deepStrictEqual([refused.status, refused.exception], [400, "AccessDeniedException"])
      assert.strictEqual(refused.members.error, "access_denied")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("expires, even if it was approved and not fetched", () =>
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

  it.effect("approves itself where it is told to, and not earlier", () =>
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

  it.effect("still obeys the person before it approves itself", () =>
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

  // Each poll: how long after the one before it, in milliseconds, and what it is answered.
  const polls = Effect.fnUntraced(function* (steps: ReadonlyArray<readonly [wait: number, exception: string]>) {
    const client = yield* register()
    const device = yield* start(client)
    for (const [index, [wait, exception]] of steps.entries()) {
      yield* TestClock.adjust(wait)
      assert.strictEqual((yield* poll(client, device)).exception, exception, `poll ${index}`)
    }
    return { client, device }
  })

  it.effect("lets the first poll come at once, and the next ones an interval apart", () =>
    polls([
      [0, "AuthorizationPendingException"],
      [1000, "AuthorizationPendingException"],
      [1000, "AuthorizationPendingException"]
    ]).pipe(Effect.provide(interval))
  )

  it.effect("grows by five seconds for good with each poll that comes early", () =>
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
    "slows down whoever comes early, and nobody else, whatever the waits",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 })))],
    ([waits]) => {
      let required = 0
      let announced = 1000
      const steps = waits.map((wait) => {
        // A few milliseconds either way are neither early nor late.
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

  it.effect("counts for each authorization by itself", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const [one, other] = [yield* start(client), yield* start(client)]
      assert.strictEqual((yield* poll(client, one)).exception, "AuthorizationPendingException")
      assert.strictEqual((yield* poll(client, other)).exception, "AuthorizationPendingException")
    }).pipe(Effect.provide(interval))
  )

  it.effect("no longer matters once the person has answered", () =>
    Effect.gen(function* () {
      const { client, device } = yield* polls([[0, "AuthorizationPendingException"]])
      yield* (yield* center).approve(device.userCode)
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(interval))
  )

  it.effect("is told in whole seconds that are never too few", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* start(yield* register())).interval, 2)
    }).pipe(Effect.provide(IdentityCenter.layer({ interval: "1500 millis" })))
  )
})

describe("the answer of the person", () => {
  it.effect("is taken whatever the case and the punctuation of the code", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      yield* (yield* center).approve(` ${device.userCode.toLowerCase().replace("-", " ")} `)
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is given in the name of the first user, or of the one who is named", () =>
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

  it.effect("is an error that says why, where nothing is pending", () =>
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

describe("what is known of authorizations", () => {
  it.effect("shows who asks for what, and how far it got, without a secret", () =>
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
  it.effect("works once, and is replaced", () =>
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

  it.effect("is bound to its client, and survives a stranger's attempt", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      const stranger = yield* register()
      assert.strictEqual((yield* refresh(stranger, token.members.refreshToken)).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused once it is revoked", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn()
      yield* (yield* center).revokeRefreshTokens
      assert.strictEqual((yield* refresh(client, token.members.refreshToken)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is not given to a client without scopes, nor to one without that grant", () =>
    Effect.gen(function* () {
      assert.isNull((yield* signIn({ scopes: undefined })).token.members.refreshToken)
      assert.isNull((yield* signIn({ scopes: [] })).token.members.refreshToken)
      assert.isNull((yield* signIn({ grantTypes: [deviceGrant] })).token.members.refreshToken)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the token's life", () => {
  it.effect("is what the options say", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* signIn()).token.members.expiresIn, 900)
    }).pipe(Effect.provide(IdentityCenter.layer({ accessTokenLifetime: "15 minutes" })))
  )
})

describe("randomness", () => {
  it.effect("is reproducible with a seed, and else is not", () =>
    Effect.gen(function* () {
      const run = Effect.provide(signIn(), IdentityCenter.layer())
      const seeded = Random.withSeed(run, "a seed")
      assert.deepStrictEqual(yield* seeded, yield* seeded)
      assert.notDeepEqual(yield* run, yield* run)
    })
  )

  it.effect("gives a user code to one authorization only, however few there are to draw from", () =>
    Effect.gen(function* () {
      // Two letters instead of twenty: 256 codes, so that hundreds of draws repeat earlier ones.
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

describe("an emulator", () => {
  it.effect("knows nothing of another one", () =>
    Effect.gen(function* () {
      const client = yield* Effect.provide(register(), IdentityCenter.layer())
      const stranger = yield* Effect.exit(Effect.provide(start(client), IdentityCenter.layer()))
      assert.isTrue(Exit.isFailure(stranger))
    })
  )
})
