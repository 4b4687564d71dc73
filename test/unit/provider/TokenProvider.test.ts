import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Metric, Exit, Fiber, Layer, Option, Redacted, Ref, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Exceptions, SsoStore, SsoToken, StoreError, TokenCache, TokenProvider } from "../../../src/index.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { rejected, Refreshes, service, session, tokenFor, unreachable } from "../../support/Session.ts"

const environment = Layer.mergeAll(service, SsoStore.layerMemory())

/** A provider on a cache that holds this token, and the ways to look at it. */
const withToken = Effect.fnUntraced(function* (token: Effect.Effect<SsoToken.SsoToken>) {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* token)
  return yield* provider
})

const provider = Effect.gen(function* () {
  const { changes, token } = yield* TokenProvider.make(session)
  const refreshes = yield* Refreshes
  return { changes, token, access: Effect.map(token, (token) => Redacted.value(token.accessToken)), ...refreshes }
})

const settle = TestClock.adjust(0)

const refreshed = {
  accessToken: Redacted.make("access-x"),
  refreshToken: Redacted.make("refresh-x"),
  expiresIn: Duration.hours(1)
}

const full = new StoreError.StoreError({
  reason: new StoreError.StoreUnavailable({ location: "my-sso", action: "write", description: "ENOSPC" })
})

/** The cache of the environment, and how to break it. */
const breakable = Effect.gen(function* () {
  const cache = yield* TokenCache.TokenCache
  const broken = new Set<keyof TokenCache.TokenCache["Service"]>()
  const unless = <A, E, R>(part: keyof TokenCache.TokenCache["Service"], effect: Effect.Effect<A, E, R>) =>
    Effect.suspend((): Effect.Effect<A, E | typeof full, R> => (broken.has(part) ? Effect.fail(full) : effect))
  return {
    broken,
    cache: TokenCache.TokenCache.of({
      ...cache,
      get: (session) => unless("get", cache.get(session)),
      set: (...args) => unless("set", cache.set(...args)),
      ensureWritable: (session) => unless("ensureWritable", cache.ensureWritable(session)),
      acquireLease: (session) => unless("acquireLease", cache.acquireLease(session))
    })
  }
})

const kept = Effect.gen(function* () {
  const cache = yield* TokenCache.TokenCache
  return Option.map(yield* cache.get(session), (token) => ({
    access: Redacted.value(token.accessToken),
    refresh: token.refreshToken === undefined ? undefined : Redacted.value(token.refreshToken)
  }))
})

const test = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Success<typeof environment> | Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), environment))

describe("TokenProvider.token", () => {
  test(
    "reads the token from the cache once, then from memory, while more than 15 minutes are left",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("8 hours"))
      assert.strictEqual(yield* access, "access-0")
      const cache = yield* TokenCache.TokenCache
      yield* cache.remove(session)
      yield* TestClock.adjust("7 hours")
      assert.strictEqual(yield* access, "access-0")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "serves the token with 15 minutes left, and refreshes it in the background",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("1 hour"))
      yield* TestClock.adjust({ minutes: 44, seconds: 59 })
      assert.strictEqual(yield* access, "access-0")
      yield* settle
      assert.deepStrictEqual(yield* sent, [])
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* access, "access-0")
      yield* settle
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
      assert.strictEqual(yield* access, "access-1")
    })
  )

  test(
    "refreshes the token first with 5 minutes left, once for all callers",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("5 minutes"))
      const all = yield* Effect.all(
        Array.from({ length: 100 }, () => access),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(all), new Set(["access-1"]))
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-1", refresh: "refresh-1" }))
    })
  )

  test(
    "serves the token with more than 5 minutes left",
    Effect.gen(function* () {
      const { access } = yield* withToken(tokenFor({ minutes: 5, seconds: 1 }))
      assert.strictEqual(yield* access, "access-0")
    })
  )

  test(
    "refreshes an expired token, and the new one before it expires",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("1 minute"))
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* access, "access-1")
      yield* TestClock.adjust("8 hours")
      assert.strictEqual(yield* access, "access-2")
      assert.deepStrictEqual(yield* sent, ["refresh-0", "refresh-1"])
    })
  )

  test(
    "keeps the old refresh token where the response has none",
    Effect.gen(function* () {
      const { access, respond } = yield* withToken(tokenFor("1 minute"))
      yield* respond(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      assert.strictEqual(yield* access, "access-x")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-0" }))
    })
  )

  test(
    "serves the token until it expires where the refresh fails, and tries again after 30 seconds, not before",
    Effect.gen(function* () {
      const { access, respond, rotate, sent } = yield* withToken(tokenFor("4 minutes"))
      yield* respond(unreachable)
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* access, "access-0")
      assert.strictEqual((yield* sent).length, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* access, "access-0")
      assert.strictEqual((yield* sent).length, 2)
      yield* rotate
      yield* respond(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "fails with TokenUnavailable where an expired token cannot be refreshed, and makes one call in 30 seconds",
    Effect.gen(function* () {
      const { respond, sent, token } = yield* withToken(tokenFor("1 minute"))
      yield* TestClock.adjust("1 hour")
      yield* respond(unreachable)
      for (const _ of [1, 2, 3]) {
        const error = yield* Effect.flip(token)
        assert.strictEqual(error._tag === "TokenUnavailable" && error.reason._tag, "DispatchFailure")
      }
      assert.strictEqual((yield* sent).length, 1)
    })
  )

  test(
    "fails with LoginRequired where there is no token, and names the command",
    Effect.gen(function* () {
      const { token } = yield* provider
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag, "LoginRequired")
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
      assert.include(error.message, "effect-sso login --sso-session my-sso")
    })
  )

  test(
    "serves a token without a refresh token until it expires, and then fails with LoginRequired",
    Effect.gen(function* () {
      const legacy = Effect.map(
        tokenFor("10 minutes"),
        ({ accessToken, expiresAt, region, startUrl }) =>
          new SsoToken.SsoToken({ accessToken, expiresAt, region, startUrl })
      )
      const { access, sent, token } = yield* withToken(legacy)
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("1 minute")
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "Expired")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "fails with LoginRequired where the token and its client registration have expired",
    Effect.gen(function* () {
      const { sent, token } = yield* withToken(tokenFor("1 hour"))
      yield* TestClock.adjust("91 days")
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "RegistrationExpired")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "serves the token until it expires where the service rejects the refresh token, and then fails with LoginRequired",
    Effect.gen(function* () {
      const { access, respond, token } = yield* withToken(tokenFor("4 minutes"))
      yield* respond(rejected)
      assert.strictEqual(yield* soon(access), "access-0")
      yield* TestClock.adjust("4 minutes")
      const error = yield* soon(Effect.flip(token))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "RefreshRejected")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-0", refresh: "refresh-0" }))
    })
  )

  test(
    "uses the token that another process has refreshed, where the service rejects its own refresh token",
    Effect.gen(function* () {
      const { access, respond } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const refreshedElsewhere = yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") })
      yield* respond(Effect.andThen(Effect.orDie(cache.set(session, refreshedElsewhere)), rejected))
      assert.strictEqual(yield* access, "access-elsewhere")
    })
  )

  test(
    "uses the token that is stored by the time it holds the lease, without a call",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("1 minute"))
      // A valid token is served rather than waited for
      yield* TestClock.adjust("1 minute")
      const cache = yield* TokenCache.TokenCache
      const scope = yield* Scope.make()
      yield* Scope.provide(cache.acquireLease(session), scope)
      const fiber = yield* Effect.forkChild(access)
      yield* settle
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Fiber.join(fiber), "access-elsewhere")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "counts reads of the store by outcome, refreshes by outcome, and measures the wait for the lease",
    Effect.gen(function* () {
      const value = (outcome: string) => Metric.value(Metric.withAttributes(TokenProvider.cacheReads, { outcome }))
      const { token } = yield* provider
      yield* Effect.flip(token)
      assert.strictEqual((yield* value("miss")).count, 1)
      const cache = yield* TokenCache.TokenCache
      yield* cache.set(session, yield* tokenFor("1 minute"))
      yield* TestClock.adjust("1 minute")
      yield* token
      yield* token
      assert.strictEqual((yield* value("hit")).count, 1)
      assert.strictEqual((yield* Metric.value(TokenProvider.leaseWaits)).count, 1)
      const refreshed = Metric.value(Metric.withAttributes(TokenProvider.refreshes, { outcome: "success" }))
      assert.strictEqual((yield* refreshed).count, 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  test(
    "serves a valid token without waiting where another process holds the lease",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("4 minutes"))
      const cache = yield* TokenCache.TokenCache
      yield* cache.acquireLease(session)
      assert.strictEqual(yield* access, "access-0")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "serves a valid token without a call where another process tried to refresh it less than 30 seconds ago",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("4 minutes"))
      const cache = yield* TokenCache.TokenCache
      yield* cache.recordAttempt(session)
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* access, "access-0")
      assert.deepStrictEqual(yield* sent, [])
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual(yield* access, "access-1")
    })
  )

  test(
    "makes one attempt, and waits for it at most 5 seconds, where the service does not respond and the token is valid",
    Effect.gen(function* () {
      const { access, respond, sent } = yield* withToken(tokenFor("4 minutes"))
      const gate = yield* Deferred.make<void>()
      yield* respond(Effect.as(Deferred.await(gate), refreshed))
      const waiting = yield* Effect.forkChild(access)
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(waiting), "access-0")
      assert.strictEqual((yield* sent).length, 1)
      // What was sent is seen through
      yield* Deferred.succeed(gate, undefined)
      yield* settle
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "notices a sign-in and a sign-out of another tool when it reads the store",
    Effect.gen(function* () {
      const { access, token } = yield* withToken(tokenFor("1 hour"))
      const cache = yield* TokenCache.TokenCache
      yield* access
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      yield* TestClock.adjust("56 minutes")
      assert.strictEqual(yield* access, "access-elsewhere")
      yield* cache.remove(session)
      yield* TestClock.adjust("8 hours")
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
    })
  )

  test(
    "notices the sign-in of another tool at once after LoginRequired",
    Effect.gen(function* () {
      const { access, respond, token } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* TestClock.adjust("1 hour")
      yield* respond(rejected)
      assert.strictEqual((yield* soon(Effect.flip(token)))._tag, "LoginRequired")
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      assert.strictEqual(yield* access, "access-elsewhere")
    })
  )

  test(
    "refreshes again where the clock was set back after a failure",
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      const { access, respond, rotate } = yield* withToken(tokenFor("1 minute"))
      yield* respond(unreachable)
      yield* access
      yield* TestClock.setTime(Date.UTC(2026, 0, 1, 23, 58))
      yield* rotate
      yield* respond(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "waits for what a tool without a lease stores a moment after it spent the refresh token",
    Effect.gen(function* () {
      const { access, respond, sent } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* respond(rejected)
      const asked = yield* Effect.forkChild(access)
      while ((yield* sent).length === 0) yield* settle
      for (const wait of [0, 0, 0, 250, 250]) {
        yield* TestClock.adjust(wait)
        assert.isUndefined(asked.pollUnsafe())
      }
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      yield* TestClock.adjust("250 millis")
      assert.strictEqual(yield* Fiber.join(asked), "access-elsewhere")
    })
  )

  test(
    "does not write over the sign-in of a tool without a lease, and uses it",
    Effect.gen(function* () {
      const { access, respond } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const another = yield* tokenFor("8 hours", {
        accessToken: Redacted.make("access-another"),
        refreshToken: Redacted.make("refresh-another")
      })
      yield* respond(Effect.as(Effect.orDie(cache.set(session, another)), refreshed))
      assert.strictEqual(yield* access, "access-another")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-another", refresh: "refresh-another" }))
    })
  )

  test(
    "stores the refreshed token where a tool has changed something other than the refresh token",
    Effect.gen(function* () {
      const { access, respond } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const touched = yield* tokenFor("2 minutes", { region: "eu-west-1" })
      yield* respond(Effect.as(Effect.orDie(cache.set(session, touched)), refreshed))
      assert.strictEqual(yield* access, "access-x")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-x" }))
    })
  )

  test(
    "does not undo the sign-out of a tool without a lease",
    Effect.gen(function* () {
      const { respond, token } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* respond(Effect.as(Effect.orDie(cache.remove(session)), refreshed))
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason._tag, "NoToken")
      assert.deepStrictEqual(yield* kept, Option.none())
    })
  )

  for (const part of ["acquireLease", "ensureWritable", "get"] as const) {
    test(
      `serves the token until it expires where the cache fails (${part}), and then fails with StoreError, without a call`,
      Effect.gen(function* () {
        const { broken, cache } = yield* breakable
        yield* cache.set(session, yield* tokenFor("1 hour"))
        const { access, sent, token } = yield* Effect.provideService(provider, TokenCache.TokenCache, cache)
        yield* access
        broken.add(part)
        yield* TestClock.adjust("59 minutes")
        assert.strictEqual(yield* access, "access-0")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Effect.flip(token))._tag, "StoreError")
        assert.deepStrictEqual(yield* sent, [])
        broken.clear()
        yield* TestClock.adjust("30 seconds")
        assert.strictEqual(yield* access, "access-1")
      })
    )
  }

  test(
    "serves a refreshed token that could not be stored from memory, and stores it as soon as possible",
    Effect.gen(function* () {
      const { broken, cache } = yield* breakable
      yield* cache.set(session, yield* tokenFor("1 minute"))
      const { access, sent } = yield* Effect.provideService(provider, TokenCache.TokenCache, cache)
      broken.add("set")
      assert.strictEqual(yield* access, "access-1")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-0", refresh: "refresh-0" }))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* access, "access-1")
      yield* settle
      broken.clear()
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* access, "access-1")
      yield* settle
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-1", refresh: "refresh-1" }))
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "returns and remembers a refreshed token where the store dies while it writes, and stores it later",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const broken = yield* Ref.make(true)
      yield* cache.set(session, yield* tokenFor("1 minute"))
      // As `FileSystem.open` does where the file system reports an error at close
      const dying = TokenCache.TokenCache.of({
        ...cache,
        set: (...args) =>
          Effect.flatMap(Ref.get(broken), (broken) => (broken ? Effect.die(new Error("EDQUOT")) : cache.set(...args)))
      })
      const { access, sent } = yield* Effect.provideService(provider, TokenCache.TokenCache, dying)
      assert.strictEqual(yield* access, "access-1")
      assert.strictEqual(yield* access, "access-1")
      yield* Ref.set(broken, false)
      yield* TestClock.adjust("30 seconds")
      yield* access
      yield* settle
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-1", refresh: "refresh-1" }))
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "refreshes with the refresh token that could not be stored, not with the one that was spent",
    Effect.gen(function* () {
      const { broken, cache } = yield* breakable
      yield* cache.set(session, yield* tokenFor("1 minute"))
      const { access, sent } = yield* Effect.provideService(provider, TokenCache.TokenCache, cache)
      broken.add("set")
      assert.strictEqual(yield* access, "access-1")
      yield* TestClock.adjust("8 hours")
      broken.clear()
      assert.strictEqual(yield* access, "access-2")
      assert.deepStrictEqual(yield* sent, ["refresh-0", "refresh-1"])
    })
  )

  test(
    "gives up a token that could not be stored where the user has signed in since",
    Effect.gen(function* () {
      const { broken, cache } = yield* breakable
      yield* cache.set(session, yield* tokenFor("1 minute"))
      const { access } = yield* Effect.provideService(provider, TokenCache.TokenCache, cache)
      broken.add("set")
      yield* access
      broken.clear()
      const another = {
        accessToken: Redacted.make("access-elsewhere"),
        refreshToken: Redacted.make("refresh-elsewhere")
      }
      yield* cache.set(session, yield* tokenFor("8 hours", another))
      yield* TestClock.adjust("30 seconds")
      yield* access
      yield* settle
      assert.strictEqual(yield* access, "access-elsewhere")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-elsewhere", refresh: "refresh-elsewhere" }))
    })
  )

  test(
    "stores a token that could not be stored before at the latest when the scope closes",
    Effect.gen(function* () {
      const { broken, cache } = yield* breakable
      yield* cache.set(session, yield* tokenFor("1 minute"))
      broken.add("set")
      const scope = yield* Scope.make()
      const { token } = yield* TokenProvider.make(session).pipe(
        Effect.provideService(TokenCache.TokenCache, cache),
        Scope.provide(scope)
      )
      yield* token
      broken.clear()
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-1", refresh: "refresh-1" }))
    })
  )

  test(
    "returns a refreshed token only after it is stored, to every caller",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const writing = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      yield* cache.set(session, yield* tokenFor("1 minute"))
      const slow = TokenCache.TokenCache.of({
        ...cache,
        set: (...args) =>
          Effect.andThen(Effect.andThen(Deferred.succeed(writing, undefined), Deferred.await(goOn)), cache.set(...args))
      })
      const { access } = yield* Effect.provideService(provider, TokenCache.TokenCache, slow)
      const first = yield* Effect.forkChild(access)
      yield* Deferred.await(writing)
      const second = yield* Effect.forkChild(access)
      yield* settle
      assert.isUndefined(second.pollUnsafe())
      yield* Deferred.succeed(goOn, undefined)
      assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], ["access-1", "access-1"])
    })
  )

  test(
    "finishes a refresh that was sent where its caller is interrupted, and the next caller joins it",
    Effect.gen(function* () {
      const { access, respond, sent } = yield* withToken(tokenFor("1 minute"))
      const gate = yield* Deferred.make<void>()
      yield* respond(Effect.as(Deferred.await(gate), refreshed))
      const first = yield* Effect.forkChild(access)
      yield* settle
      yield* Fiber.interrupt(first)
      const second = yield* Effect.forkChild(access)
      yield* settle
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(second), "access-x")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-x" }))
    })
  )

  test(
    "waits for a refresh that was sent when the scope closes",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const { respond } = yield* Refreshes
      yield* cache.set(session, yield* tokenFor("10 minutes"))
      const gate = yield* Deferred.make<void>()
      yield* respond(Effect.as(Deferred.await(gate), refreshed))
      const scope = yield* Scope.make()
      const { token } = yield* Scope.provide(TokenProvider.make(session), scope)
      yield* token
      yield* settle
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      assert.isUndefined(closing.pollUnsafe())
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(closing)
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-x" }))
    })
  )

  test(
    "gives up a refresh that was not sent when the scope closes",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const { sent } = yield* Refreshes
      yield* cache.set(session, yield* tokenFor("10 minutes"))
      const others = yield* Scope.make()
      yield* Scope.provide(cache.acquireLease(session), others)
      const scope = yield* Scope.make()
      const { token } = yield* Scope.provide(TokenProvider.make(session), scope)
      yield* token
      yield* settle
      yield* Scope.close(scope, Exit.void)
      yield* Scope.close(others, Exit.void)
      yield* settle
      assert.deepStrictEqual(yield* sent, [])
      // It does not hold the lock either
      yield* Effect.scoped(cache.acquireLease(session))
    })
  )

  test(
    "does not refresh twice where the token comes close to its end during a background refresh",
    Effect.gen(function* () {
      const { access, respond, sent } = yield* withToken(tokenFor("10 minutes"))
      const gate = yield* Deferred.make<void>()
      yield* respond(Effect.as(Deferred.await(gate), refreshed))
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("9 minutes")
      const asked = yield* Effect.forkChild(access)
      yield* settle
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(asked), "access-x")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )
})

describe("TokenProvider.changes", () => {
  test(
    "emits the token in memory, and each change",
    Effect.gen(function* () {
      const { access, changes } = yield* withToken(tokenFor("1 hour"))
      const seen = yield* Ref.make<ReadonlyArray<string>>([])
      yield* Effect.forkScoped(
        Stream.runForEach(changes, (token) =>
          Ref.update(seen, (all) => [
            ...all,
            Option.match(token, { onNone: () => "none", onSome: ({ accessToken }) => Redacted.value(accessToken) })
          ])
        )
      )
      yield* settle
      yield* access
      yield* access
      yield* settle
      yield* TestClock.adjust("56 minutes")
      yield* access
      yield* settle
      const cache = yield* TokenCache.TokenCache
      yield* cache.remove(session)
      yield* TestClock.adjust("8 hours")
      yield* Effect.exit(access)
      yield* settle
      assert.deepStrictEqual(yield* Ref.get(seen), ["none", "access-0", "access-1", "none"])
    })
  )
})

describe("TokenProvider.layerInteractive", () => {
  it.effect("signs in once for all callers, and not where a stored token is valid", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const logins = yield* Ref.make(0)
      const login = Effect.gen(function* () {
        yield* Ref.update(logins, (n) => n + 1)
        yield* Effect.sleep("10 seconds")
        const token = yield* tokenFor("8 hours", { accessToken: Redacted.make("access-login") })
        yield* cache.set(session, token)
        return token
      })
      yield* Effect.gen(function* () {
        const { token } = yield* TokenProvider.TokenProvider
        const fibers = yield* Effect.forkChild(
          Effect.all(
            Array.from({ length: 10 }, () => token),
            { concurrency: "unbounded" }
          )
        )
        yield* TestClock.adjust("1 minute")
        const all = yield* Fiber.join(fibers)
        assert.deepStrictEqual(
          new Set(all.map(({ accessToken }) => Redacted.value(accessToken))),
          new Set(["access-login"])
        )
        yield* token
        assert.strictEqual(yield* Ref.get(logins), 1)
      }).pipe(Effect.provide(TokenProvider.layerInteractive(session, login)))
    }).pipe(Effect.provide(environment))
  )

  it.effect("fails with LoginFailed where the sign-in fails, and starts another one the next time", () =>
    Effect.gen(function* () {
      const logins = yield* Ref.make(0)
      const denied = Effect.andThen(
        Ref.update(logins, (n) => n + 1),
        Effect.fail(
          new TokenProvider.LoginFailed({ reason: new Exceptions.AccessDeniedException({ error: "access_denied" }) })
        )
      )
      yield* Effect.gen(function* () {
        const { token } = yield* TokenProvider.TokenProvider
        const error = yield* Effect.flip(token)
        assert.strictEqual(error._tag === "LoginFailed" && error.reason._tag, "AccessDeniedException")
        assert.strictEqual((yield* Effect.flip(token))._tag, "LoginFailed")
        assert.strictEqual(yield* Ref.get(logins), 2)
      }).pipe(Effect.provide(TokenProvider.layerInteractive(session, denied)))
    }).pipe(Effect.provide(environment))
  )
})
