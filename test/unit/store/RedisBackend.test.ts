import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, Exit, Fiber, Layer, Option, Redacted, Ref, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { SsoSession, SsoStore, TokenCache } from "../../../src/index.ts"
import { Registration } from "../../../src/session/Registration.ts"
import * as RedisBackend from "../../../src/store/RedisBackend.ts"
import * as RedisServer from "../../support/RedisServer.ts"
import { session, tokenFor } from "../../support/Session.ts"
import { tokenKey } from "../../support/TokenFile.ts"

/** A backend on its own connection, as in another process. */
const connect = Effect.gen(function* () {
  const context = yield* Layer.build(RedisServer.connection)
  return yield* Effect.provide(RedisBackend.make({ leaseTimeToLive: "1 minute" }), context)
})

const redis = Effect.map(Layer.build(RedisServer.connection), (context) => Effect.provide(Redis.Redis, context)).pipe(
  Effect.flatten
)

const keyOf = (id: string): SsoStore.EntryKey => ({ kind: "token", id, fileName: "unused" })

const entry = `effect-aws-sso/${tokenKey({ ...session, name: "my-sso" })}`
const key = keyOf(/\{(.*)\}/.exec(entry)?.[1] ?? "")

/** Holds the lease until it is released. */
const hold = Effect.fnUntraced(function* (store: Effect.Success<typeof connect>) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const { isHeld } = yield* Scope.provide(store.acquireLease(key), scope)
  return { isHeld, release: Scope.close(scope, Exit.void) }
})

const endpoint = "https://oidc.us-east-1.amazonaws.com"

const refused = {
  _tag: "StoreUnavailable",
  action: "write",
  location: entry,
  description: "the lease was lost, and another process has written since"
} as const

describe.skipIf(!RedisServer.hasRedis)("RedisBackend on a Redis server", () => {
  const test = (name: string, body: Effect.Effect<void, unknown, RedisServer.RedisServer | Scope.Scope>): void =>
    it.live(name, () => body.pipe(Effect.scoped, Effect.provide(RedisServer.layer)))

  const cache = Effect.gen(function* () {
    const context = yield* Layer.build(SsoStore.layerRedis().pipe(Layer.provide(RedisServer.connection)))
    return yield* Effect.provide(TokenCache.TokenCache, context)
  })

  test(
    "stores a token as the JSON of all AWS tools, with the members of other tools, until it is removed",
    Effect.gen(function* () {
      const one = yield* cache
      const another = yield* cache
      const { send } = yield* redis
      assert.deepStrictEqual(yield* one.get(session), Option.none())
      assert.strictEqual(yield* one.locate(session), entry)

      const token = yield* tokenFor("8 hours")
      yield* send("SET", entry, JSON.stringify({ accessToken: "a", expiresAt: "2026-01-01T00:00:00Z", theirs: [1] }))
      yield* one.set(session, token)
      assert.include(JSON.parse((yield* send<string>("GET", entry)) ?? ""), { accessToken: "access-0" })
      assert.deepInclude(JSON.parse(yield* send<string>("GET", entry)), { theirs: [1] })
      const kept = Option.getOrThrow(yield* another.get(session))
      assert.isTrue(Equal.equals([kept.accessToken, kept.refreshToken], [token.accessToken, token.refreshToken]))

      yield* another.remove(session)
      assert.deepStrictEqual(yield* one.get(session), Option.none())
      yield* another.remove(session)
    })
  )

  test(
    "separates the registrations of different uses",
    Effect.gen(function* () {
      const one = yield* cache
      const another = yield* cache
      const use = { endpoint, grantTypes: ["refresh_token"], redirectUris: ["http://127.0.0.1/oauth/callback"] }
      const registration = new Registration({ clientId: "client", clientSecret: Redacted.make("client-secret") })
      yield* one.setRegistration(session, use, registration)
      assert.isTrue(Equal.equals(yield* another.getRegistration(session, use), Option.some(registration)))
      assert.deepStrictEqual(
        yield* another.getRegistration(session, { endpoint, grantTypes: ["other"] }),
        Option.none()
      )
      yield* another.removeRegistration(session, use)
      assert.deepStrictEqual(yield* one.getRegistration(session, use), Option.none())
    })
  )

  test(
    "reports an entry that is not a token, and replaces it after a new sign-in only",
    Effect.gen(function* () {
      const { get, set } = yield* cache
      const { send } = yield* redis
      yield* send("SET", entry, "no token")
      assert.deepInclude({ ...(yield* Effect.flip(get(session))).reason }, { _tag: "EntryCorrupt", location: entry })
      const token = yield* tokenFor("8 hours")
      assert.strictEqual((yield* Effect.flip(set(session, token))).reason._tag, "EntryCorrupt")
      yield* set(session, token, { overwriteCorrupt: true })
      assert.isTrue(Option.isSome(yield* get(session)))
    })
  )

  test(
    "writes only under its prefix, with an entry, its lease and its fence in one slot of a cluster",
    Effect.gen(function* () {
      const store = yield* connect
      const { send } = yield* redis
      yield* hold(store)
      yield* store.set(key, "text")
      yield* store.ensureWritable(key)
      const keys = yield* send<ReadonlyArray<string>>("KEYS", "*")
      assert.deepStrictEqual(keys.toSorted(), [entry, `${entry}/fence`, `${entry}/lease`])
    })
  )

  test(
    "has one holder of a lease at a time, on one connection or on many",
    Effect.gen(function* () {
      const stores = yield* Effect.replicateEffect(connect, 4)
      const holders = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const { send } = yield* redis
      const work = (store: (typeof stores)[number]) =>
        Effect.gen(function* () {
          const { isHeld } = yield* store.acquireLease(key)
          const n = yield* Ref.updateAndGet(holders, (n) => n + 1)
          yield* Ref.update(most, (m) => Math.max(m, n))
          yield* send("PING")
          assert.isTrue(yield* isHeld)
          yield* Ref.update(holders, (n) => n - 1)
        }).pipe(Effect.scoped)
      yield* Effect.forEach([...stores, ...stores, ...stores, ...stores, ...stores], work, {
        concurrency: "unbounded",
        discard: true
      })
      assert.strictEqual(yield* Ref.get(most), 1)
      assert.strictEqual(yield* send("HGET", `${entry}/fence`, "given"), "20")
      assert.isNull(yield* send("GET", `${entry}/lease`))
    })
  )

  test(
    "has separate leases for entries with similar keys",
    Effect.gen(function* () {
      const store = yield* connect
      yield* hold(store)
      yield* store.acquireLease(keyOf("my-sso/lease"))
      yield* store.acquireLease(keyOf("my-sso}/lease"))
    })
  )

  test(
    "extends a lease while it is held",
    Effect.gen(function* () {
      const context = yield* Layer.build(RedisServer.connection)
      const store = yield* Effect.provide(RedisBackend.make({ leaseTimeToLive: "2 seconds" }), context)
      const { send } = yield* redis
      const { isHeld } = yield* hold(store)
      let [rises, before] = [0, 0]
      // The holder extends its lease ten times within the time to live
      while (rises < 12) {
        const left = yield* send<number>("PTTL", `${entry}/lease`)
        assert.isAbove(left, 0)
        if (left > before) rises++
        before = left
      }
      assert.isTrue(yield* isHeld)
    })
  )

  test(
    "gives the lease of a dead holder to the next caller, and ignores a release by the dead one",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      const first = yield* hold(one)
      yield* send("DEL", `${entry}/lease`)
      const second = yield* hold(another)
      assert.isFalse(yield* first.isHeld)
      yield* first.release
      assert.isTrue(yield* second.isHeld)
      yield* second.release
      assert.isFalse(yield* second.isHeld)
    })
  )

  test(
    "refuses a write under a lost lease after another process has written",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      const first = yield* hold(one)
      yield* send("DEL", `${entry}/lease`)
      const second = yield* hold(another)
      // It can have the only refresh token that is still valid
      yield* one.set(key, "late")
      assert.strictEqual(yield* another.get(key), "late")
      yield* another.set(key, "new")
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "older"))).reason }, refused)
      assert.strictEqual(yield* one.get(key), "new")
      yield* another.set(key, "newer")
      yield* Effect.all([first.release, second.release])
      yield* one.set(key, "newest")
      assert.strictEqual(yield* another.get(key), "newest")
    })
  )

  test(
    "lets a sign-in or sign-out without a lease replace what a holder wrote",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const first = yield* hold(one)
      yield* another.set(key, "signed in")
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "refreshed"))).reason }, refused)
      yield* first.release

      const second = yield* hold(one)
      yield* one.set(key, "refreshed")
      yield* another.remove(key)
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "refreshed again"))).reason }, refused)
      assert.isUndefined(yield* one.get(key))
      // A sign-out removes the entry even under a lost lease
      yield* another.set(key, "signed in")
      yield* one.remove(key)
      assert.isUndefined(yield* another.get(key))
      yield* second.release
    })
  )

  test(
    "accepts several changes under one lease",
    Effect.gen(function* () {
      const store = yield* connect
      yield* hold(store)
      yield* store.set(key, "a")
      yield* store.remove(key)
      yield* store.set(key, "b")
      assert.strictEqual(yield* store.get(key), "b")
    })
  )

  test(
    "continues after Redis has lost its data",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      for (const text of ["a", "b", "c"]) yield* one.set(key, text)
      const first = yield* hold(one)
      yield* send("FLUSHALL")
      assert.isFalse(yield* first.isHeld)
      yield* one.set(key, "d")
      yield* first.release
      yield* hold(another)
      yield* another.set(key, "e")
      assert.strictEqual(yield* one.get(key), "e")
    })
  )

  test(
    "ensureWritable fails while Redis is full, and a removal succeeds",
    Effect.gen(function* () {
      const store = yield* connect
      const { send } = yield* redis
      yield* store.set(key, "text")
      yield* store.ensureWritable(key)
      yield* send("CONFIG", "SET", "maxmemory", "1")
      const full = { _tag: "StoreUnavailable", action: "write", location: entry, description: "OOM" } as const
      assert.deepInclude({ ...(yield* Effect.flip(store.ensureWritable(key))).reason }, full)
      assert.deepInclude({ ...(yield* Effect.flip(store.set(key, "new"))).reason }, full)
      assert.strictEqual(yield* store.get(key), "text")
      // A sign-out needs no space
      yield* store.remove(key)
      assert.isUndefined(yield* store.get(key))
    })
  )

  test(
    "gives a lease a time to live of 10 seconds",
    Effect.gen(function* () {
      const { acquireLease } = yield* cache
      const { send } = yield* redis
      yield* acquireLease(session)
      const left = Number(yield* send("PTTL", `${entry}/lease`))
      assert.isAtMost(left, 10_000)
      assert.isAbove(left, 5000)
    })
  )

  test(
    "separates sessions of one name with different start URLs or regions",
    Effect.gen(function* () {
      const { get, set } = yield* cache
      yield* set(session, yield* tokenFor("8 hours"))
      const elsewhere = new SsoSession.SsoSession({ ...session, startUrl: "https://other.awsapps.com/start" })
      assert.deepStrictEqual(yield* get(elsewhere), Option.none())
      assert.deepStrictEqual(yield* get(new SsoSession.SsoSession({ ...session, region: "eu-west-1" })), Option.none())
    })
  )

  test(
    "fails with StoreUnavailable after the connection is lost",
    Effect.gen(function* () {
      const store = yield* connect
      const { isHeld } = yield* hold(store)
      const server = yield* RedisServer.RedisServer
      yield* server.stop
      assert.isFalse(yield* isHeld)
      for (const [action, effect] of [
        ["read", Effect.asVoid(store.get(key))],
        ["write", store.set(key, "text")],
        ["write", store.ensureWritable(key)],
        ["remove", store.remove(key)],
        ["lease", Effect.asVoid(Effect.scoped(store.acquireLease(keyOf("another"))))]
      ] as const) {
        assert.deepInclude({ ...(yield* Effect.flip(effect)).reason }, { _tag: "StoreUnavailable", action })
      }
    })
  )
})

/** A Redis that responds like this. */
const respondingWith = (response: Effect.Effect<never, Redis.RedisError>): Redis.Redis["Service"] => ({
  send: () => response,
  eval: () => () => response,
  subscribe: () => Effect.die("not part of this test"),
  reserve: Effect.die("not part of this test")
})

const storeOn = (response: Effect.Effect<never, Redis.RedisError>) =>
  Effect.provideService(RedisBackend.make(), Redis.Redis, respondingWith(response))

describe("RedisBackend on a Redis that does not respond", () => {
  it.effect.each([
    { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), description: "ECONNREFUSED" },
    { cause: new Error("NOAUTH Authentication required."), description: "NOAUTH" },
    { cause: new Error("ERR unknown command 'EVALSHA', with args beginning with: 'sekret'"), description: "ERR" },
    { cause: new Error("The client with sekret is closed"), description: "Redis cannot be reached" },
    { cause: "sekret", description: "Redis cannot be reached" }
  ])("fails with $description and nothing that was sent", ({ cause, description }) =>
    Effect.gen(function* () {
      const store = yield* storeOn(Effect.fail(new Redis.RedisError({ cause })))
      const error = yield* Effect.flip(store.set(key, "sekret"))
      assert.deepInclude(
        { ...error.reason },
        { _tag: "StoreUnavailable", action: "write", location: entry, description }
      )
      assert.notInclude(JSON.stringify(error) + error.message, "sekret")
    })
  )

  it.effect("fails after a response timeout of five seconds", () =>
    Effect.gen(function* () {
      const store = yield* storeOn(Effect.never)
      const fiber = yield* Effect.forkChild(Effect.flip(store.get(key)))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, `could not read ${entry}: Redis did not respond within 5s`)
    })
  )

  it.effect("interrupts the wait for a lease", () =>
    Effect.gen(function* () {
      const store = yield* storeOn(Effect.never)
      const fiber = yield* Effect.forkChild(Effect.scoped(store.acquireLease(key)))
      yield* TestClock.adjust("1 second")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
      // The release is tried until the response timeout
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(interrupting)
    })
  )
})

describe("a lease that another process holds", () => {
  it.effect("is waited for during the acquire timeout of a minute", () =>
    Effect.gen(function* () {
      const taken: Redis.Redis["Service"] = { ...respondingWith(Effect.never), eval: () => () => Effect.succeed(0) }
      const store = yield* Effect.provideService(RedisBackend.make(), Redis.Redis, taken)
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.scoped(store.acquireLease(key))))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(
        error.message,
        `could not acquire the lease of ${entry}: another process has held the lease for 1m`
      )
    })
  )
})
