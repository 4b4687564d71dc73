import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, Exit, Fiber, Layer, Option, Redacted, Ref, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { SsoSession, TokenCache } from "../../../src/index.ts"
import { Registration } from "../../../src/session/Registration.ts"
import * as RedisStore from "../../../src/store/RedisStore.ts"
import * as RedisServer from "../../support/RedisServer.ts"
import { session, tokenFor } from "../../support/Session.ts"

/** A store on a connection of its own, as another process has it, and what it says of an entry. */
const connect = Effect.gen(function* () {
  const context = yield* Layer.build(RedisServer.connection)
  return yield* Effect.provide(RedisStore.make({ silence: "1 minute" }), context)
})

const redis = Effect.map(Layer.build(RedisServer.connection), (context) => Effect.provide(Redis.Redis, context)).pipe(
  Effect.flatten
)

const key = "my-sso https://example.awsapps.com/start us-east-1"
const entry = `effect-aws-sso/{${key}}`

/** Holds the lock until it is let go. */
const hold = Effect.fnUntraced(function* (store: Effect.Success<typeof connect>) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const { isHeld } = yield* Scope.provide(store.lock(key), scope)
  return { isHeld, letGo: Scope.close(scope, Exit.void) }
})

const refused = {
  _tag: "StoreUnavailable",
  action: "write",
  location: entry,
  description: "the lock was lost, and another process has written since"
} as const

describe.skipIf(!RedisServer.hasRedis)("a cache in Redis", () => {
  const test = (name: string, body: Effect.Effect<void, unknown, RedisServer.RedisServer | Scope.Scope>): void =>
    it.live(name, () => body.pipe(Effect.scoped, Effect.provide(RedisServer.layer)))

  const cache = Effect.gen(function* () {
    const context = yield* Layer.build(TokenCache.layerRedis.pipe(Layer.provide(RedisServer.connection)))
    return yield* Effect.provide(TokenCache.TokenCache, context)
  })

  test(
    "keeps a token as the JSON of all tools, with the members of others, until it is removed",
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
    "keeps clients of different uses apart",
    Effect.gen(function* () {
      const one = yield* cache
      const another = yield* cache
      const use = { grantTypes: ["refresh_token"], redirectUris: ["http://127.0.0.1/oauth/callback"] }
      const registration = new Registration({ clientId: "client", clientSecret: Redacted.make("client-secret") })
      yield* one.setRegistration(session, use, registration)
      assert.isTrue(Equal.equals(yield* another.getRegistration(session, use), Option.some(registration)))
      assert.deepStrictEqual(yield* another.getRegistration(session, { grantTypes: ["other"] }), Option.none())
      yield* another.removeRegistration(session, use)
      assert.deepStrictEqual(yield* one.getRegistration(session, use), Option.none())
    })
  )

  test(
    "names the entry that is no token, and writes over it after a sign-in alone",
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
    "writes nothing but below its own prefix, and has an entry, its lock and its numbers in one slot of a cluster",
    Effect.gen(function* () {
      const store = yield* connect
      const { send } = yield* redis
      yield* hold(store)
      yield* store.set(key, "text")
      yield* store.ensureWritable(key)
      const keys = yield* send<ReadonlyArray<string>>("KEYS", "*")
      assert.deepStrictEqual(keys.toSorted(), [entry, `${entry}/fence`, `${entry}/lock`])
    })
  )

  test(
    "has one holder of a lock at a time, whoever wants it, on one connection or on many",
    Effect.gen(function* () {
      const stores = yield* Effect.replicateEffect(connect, 4)
      const holders = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const { send } = yield* redis
      const work = (store: (typeof stores)[number]) =>
        Effect.gen(function* () {
          const { isHeld } = yield* store.lock(key)
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
      assert.isNull(yield* send("GET", `${entry}/lock`))
    })
  )

  test(
    "does not confuse the locks of two entries",
    Effect.gen(function* () {
      const store = yield* connect
      yield* hold(store)
      yield* store.lock("my-sso/lock")
      yield* store.lock("my-sso}/lock")
    })
  )

  test(
    "prolongs a lock for as long as it is held",
    Effect.gen(function* () {
      const context = yield* Layer.build(RedisServer.connection)
      const store = yield* Effect.provide(RedisStore.make({ silence: "2 seconds" }), context)
      const { send } = yield* redis
      const { isHeld } = yield* hold(store)
      let [rises, before] = [0, 0]
      // Each sign of life comes a tenth of the silence after the one before
      while (rises < 12) {
        const left = yield* send<number>("PTTL", `${entry}/lock`)
        assert.isAbove(left, 0)
        if (left > before) rises++
        before = left
      }
      assert.isTrue(yield* isHeld)
    })
  )

  test(
    "gives the lock of a holder that is gone to the next one, and does not let the dead release it",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      const first = yield* hold(one)
      yield* send("DEL", `${entry}/lock`)
      const second = yield* hold(another)
      assert.isFalse(yield* first.isHeld)
      yield* first.letGo
      assert.isTrue(yield* second.isHeld)
      yield* second.letGo
      assert.isFalse(yield* second.isHeld)
    })
  )

  test(
    "refuses what is written under a lock that was lost once another has written",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      const first = yield* hold(one)
      yield* send("DEL", `${entry}/lock`)
      const second = yield* hold(another)
      // It can have the only refresh token that works
      yield* one.set(key, "late")
      assert.strictEqual(yield* another.get(key), "late")
      yield* another.set(key, "new")
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "older"))).reason }, refused)
      assert.strictEqual(yield* one.get(key), "new")
      yield* another.set(key, "newer")
      yield* Effect.all([first.letGo, second.letGo])
      yield* one.set(key, "newest")
      assert.strictEqual(yield* another.get(key), "newest")
    })
  )

  test(
    "lets who signs in or out without the lock have the last word",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const first = yield* hold(one)
      yield* another.set(key, "signed in")
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "renewed"))).reason }, refused)
      yield* first.letGo

      const second = yield* hold(one)
      yield* one.set(key, "renewed")
      yield* another.remove(key)
      assert.deepInclude({ ...(yield* Effect.flip(one.set(key, "renewed again"))).reason }, refused)
      assert.isUndefined(yield* one.get(key))
      // Who signs out is obeyed, with a lock that is outdated too
      yield* another.set(key, "signed in")
      yield* one.remove(key)
      assert.isUndefined(yield* another.get(key))
      yield* second.letGo
    })
  )

  test(
    "can change an entry several times under one lock",
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
    "goes on after a Redis that has forgotten everything",
    Effect.gen(function* () {
      const [one, another] = [yield* connect, yield* connect]
      const { send } = yield* redis
      for (const text of ["a", "b", "c"]) yield* one.set(key, text)
      const first = yield* hold(one)
      yield* send("FLUSHALL")
      assert.isFalse(yield* first.isHeld)
      yield* one.set(key, "d")
      yield* first.letGo
      yield* hold(another)
      yield* another.set(key, "e")
      assert.strictEqual(yield* one.get(key), "e")
    })
  )

  test(
    "says before a refresh token is spent that its successor could not be kept, and why",
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
      // What takes no room can be done: nobody stays signed in for want of it
      yield* store.remove(key)
      assert.isUndefined(yield* store.get(key))
    })
  )

  test(
    "takes a holder for dead after 10 seconds of silence",
    Effect.gen(function* () {
      const { lock } = yield* cache
      const { send } = yield* redis
      yield* lock(session)
      const left = Number(yield* send("PTTL", `${entry}/lock`))
      assert.isAtMost(left, 10_000)
      assert.isAbove(left, 5000)
    })
  )

  test(
    "tells sessions of one name apart, since other machines can have others",
    Effect.gen(function* () {
      const { get, set } = yield* cache
      yield* set(session, yield* tokenFor("8 hours"))
      const elsewhere = new SsoSession.SsoSession({ ...session, startUrl: "https://other.awsapps.com/start" })
      assert.deepStrictEqual(yield* get(elsewhere), Option.none())
      assert.deepStrictEqual(yield* get(new SsoSession.SsoSession({ ...session, region: "eu-west-1" })), Option.none())
    })
  )

  test(
    "fails where the connection is lost",
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
        ["lease", Effect.asVoid(Effect.scoped(store.lock("another")))]
      ] as const) {
        assert.deepInclude({ ...(yield* Effect.flip(effect)).reason }, { _tag: "StoreUnavailable", action })
      }
    })
  )
})

/** A Redis that answers like this. */
const answering = (answer: Effect.Effect<never, Redis.RedisError>): Redis.Redis["Service"] => ({
  send: () => answer,
  eval: () => () => answer,
  subscribe: () => Effect.die("not part of this test"),
  reserve: Effect.die("not part of this test")
})

const storeOn = (answer: Effect.Effect<never, Redis.RedisError>) =>
  Effect.provideService(RedisStore.make(), Redis.Redis, answering(answer))

describe("a cache in a Redis that does not answer", () => {
  it.effect.each([
    { cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), description: "ECONNREFUSED" },
    { cause: new Error("NOAUTH Authentication required."), description: "NOAUTH" },
    { cause: new Error("ERR unknown command 'EVALSHA', with args beginning with: 'sekret'"), description: "ERR" },
    { cause: new Error("The client with sekret is closed"), description: "Redis cannot be reached" },
    { cause: "sekret", description: "Redis cannot be reached" }
  ])("fails with $description, and with nothing of what was sent", ({ cause, description }) =>
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

  it.effect("is waited for five seconds", () =>
    Effect.gen(function* () {
      const store = yield* storeOn(Effect.never)
      const fiber = yield* Effect.forkChild(Effect.flip(store.get(key)))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, `could not read ${entry}: Redis did not answer within 5s`)
    })
  )

  it.effect("does not keep the interrupted waiting for a lock", () =>
    Effect.gen(function* () {
      const store = yield* storeOn(Effect.never)
      const fiber = yield* Effect.forkChild(Effect.scoped(store.lock(key)))
      yield* TestClock.adjust("1 second")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
      // The release is tried, for as long as an answer may take
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(interrupting)
    })
  )
})

describe("a lock that another holds", () => {
  it.effect("is waited for a minute", () =>
    Effect.gen(function* () {
      const taken: Redis.Redis["Service"] = { ...answering(Effect.never), eval: () => () => Effect.succeed(0) }
      const store = yield* Effect.provideService(RedisStore.make(), Redis.Redis, taken)
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.scoped(store.lock(key))))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(
        error.message,
        `could not acquire the lease of ${entry}: another process has held the lock for 1m`
      )
    })
  )
})
