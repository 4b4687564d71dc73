import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Exceptions, SsoToken, StoreError, TokenCache, TokenProvider } from "../../../src/index.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { rejected, Renewals, service, session, tokenFor, unreachable } from "../../support/Session.ts"

const environment = Layer.mergeAll(service, TokenCache.layerMemory)

/** A provider on a cache that holds this token, and the ways to look at it. */
const withToken = Effect.fnUntraced(function* (token: Effect.Effect<SsoToken.SsoToken>) {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* token)
  return yield* provider
})

const provider = Effect.gen(function* () {
  const { changes, token } = yield* TokenProvider.make(session)
  const renewals = yield* Renewals
  return { changes, token, access: Effect.map(token, (token) => Redacted.value(token.accessToken)), ...renewals }
})

const settle = TestClock.adjust(0)

const renewed = {
  accessToken: Redacted.make("access-x"),
  refreshToken: Redacted.make("refresh-x"),
  expiresIn: Duration.hours(1)
}

const full = StoreError.storeUnavailable("my-sso", "write", "ENOSPC")

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
      lock: (session) => unless("lock", cache.lock(session))
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
    "comes from the cache, then from memory, while more than 15 minutes are left",
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
    "is served at 15 minutes left, and renewed in the background",
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
    "is renewed first at five minutes left, once for all who ask",
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
    "is still served just above five minutes left",
    Effect.gen(function* () {
      const { access } = yield* withToken(tokenFor({ minutes: 5, seconds: 1 }))
      assert.strictEqual(yield* access, "access-0")
    })
  )

  test(
    "is renewed after it has expired, and again when the new one comes to its end",
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
    "keeps the old refresh token where the answer has none",
    Effect.gen(function* () {
      const { access, answer } = yield* withToken(tokenFor("1 minute"))
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      assert.strictEqual(yield* access, "access-x")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-0" }))
    })
  )

  test(
    "is served while it lasts where the renewal fails, and asked for again after 30 seconds, not before",
    Effect.gen(function* () {
      const { access, answer, rotate, sent } = yield* withToken(tokenFor("4 minutes"))
      yield* answer(unreachable)
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* access, "access-0")
      assert.strictEqual((yield* sent).length, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* access, "access-0")
      assert.strictEqual((yield* sent).length, 2)
      yield* rotate
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "fails with the failure of the renewal where it has expired, and does not hammer the service meanwhile",
    Effect.gen(function* () {
      const { answer, sent, token } = yield* withToken(tokenFor("1 minute"))
      yield* TestClock.adjust("1 hour")
      yield* answer(unreachable)
      for (const _ of [1, 2, 3]) assert.strictEqual((yield* Effect.flip(token))._tag, "DispatchFailure")
      assert.strictEqual((yield* sent).length, 1)
    })
  )

  test(
    "asks for a sign-in where there is no token, and says how",
    Effect.gen(function* () {
      const { token } = yield* provider
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag, "LoginRequired")
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "NoToken")
      assert.include(error.message, "effect-sso login --sso-session my-sso")
    })
  )

  test(
    "serves a legacy token until it expires, and then asks for a sign-in",
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
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "Expired")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "asks for a sign-in where the registration has expired with it",
    Effect.gen(function* () {
      const { sent, token } = yield* withToken(tokenFor("1 hour"))
      yield* TestClock.adjust("91 days")
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "RegistrationExpired")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "is served while it lasts where the service refuses to renew it, and then asks for a sign-in",
    Effect.gen(function* () {
      const { access, answer, token } = yield* withToken(tokenFor("4 minutes"))
      yield* answer(rejected)
      assert.strictEqual(yield* soon(access), "access-0")
      yield* TestClock.adjust("4 minutes")
      const error = yield* soon(Effect.flip(token))
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "RefreshRejected")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-0", refresh: "refresh-0" }))
    })
  )

  test(
    "takes what another process renewed meanwhile, where the service refuses its own",
    Effect.gen(function* () {
      const { access, answer } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const renewedElsewhere = yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") })
      yield* answer(Effect.andThen(Effect.orDie(cache.set(session, renewedElsewhere)), rejected))
      assert.strictEqual(yield* access, "access-elsewhere")
    })
  )

  test(
    "takes what is in the cache by the time it has the lock, without a call",
    Effect.gen(function* () {
      const { access, sent } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const scope = yield* Scope.make()
      yield* Scope.provide(cache.lock(session), scope)
      const fiber = yield* Effect.forkChild(access)
      yield* settle
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Fiber.join(fiber), "access-elsewhere")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "notices a sign-in and a sign-out of another tool where it has to look",
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
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "NoToken")
    })
  )

  test(
    "notices the sign-in of another tool at once after it had to ask for one",
    Effect.gen(function* () {
      const { access, answer, token } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* TestClock.adjust("1 hour")
      yield* answer(rejected)
      assert.strictEqual((yield* soon(Effect.flip(token)))._tag, "LoginRequired")
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-elsewhere") }))
      assert.strictEqual(yield* access, "access-elsewhere")
    })
  )

  test(
    "survives a clock that is set back after a failure",
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      const { access, answer, rotate } = yield* withToken(tokenFor("1 minute"))
      yield* answer(unreachable)
      yield* access
      yield* TestClock.setTime(Date.UTC(2026, 0, 1, 23, 58))
      yield* rotate
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: Duration.hours(1) }))
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "takes what a tool without a lock writes a moment after it spent the refresh token",
    Effect.gen(function* () {
      const { access, answer, sent } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* answer(rejected)
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
    "does not write over what a tool without a lock signed in to meanwhile, and is that",
    Effect.gen(function* () {
      const { access, answer } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const another = yield* tokenFor("8 hours", {
        accessToken: Redacted.make("access-another"),
        refreshToken: Redacted.make("refresh-another")
      })
      yield* answer(Effect.as(Effect.orDie(cache.set(session, another)), renewed))
      assert.strictEqual(yield* access, "access-another")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-another", refresh: "refresh-another" }))
    })
  )

  test(
    "is written where a tool has changed something else than the refresh token, which is spent",
    Effect.gen(function* () {
      const { access, answer } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      const touched = yield* tokenFor("2 minutes", { region: "eu-west-1" })
      yield* answer(Effect.as(Effect.orDie(cache.set(session, touched)), renewed))
      assert.strictEqual(yield* access, "access-x")
      assert.deepStrictEqual(yield* kept, Option.some({ access: "access-x", refresh: "refresh-x" }))
    })
  )

  test(
    "does not undo a sign-out that a tool without a lock made meanwhile",
    Effect.gen(function* () {
      const { answer, token } = yield* withToken(tokenFor("1 minute"))
      const cache = yield* TokenCache.TokenCache
      yield* answer(Effect.as(Effect.orDie(cache.remove(session)), renewed))
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.reason, "NoToken")
      assert.deepStrictEqual(yield* kept, Option.none())
    })
  )

  for (const part of ["lock", "ensureWritable", "get"] as const) {
    test(
      `is served while it lasts where the cache fails (${part}), and then fails as the cache does, without a call`,
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
    "is served from memory where it was renewed and could not be written, and written as soon as it can be",
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
    "is renewed with the refresh token that could not be written, not with the one that was spent",
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
    "gives up one that could not be written where somebody has signed in since",
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
    "is written at the latest when the scope closes",
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
    "is in the cache before anybody gets it, also who asks while it is written",
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
    "finishes a renewal that was sent, whoever is interrupted meanwhile, and joins it with the next who asks",
    Effect.gen(function* () {
      const { access, answer, sent } = yield* withToken(tokenFor("1 minute"))
      const gate = yield* Deferred.make<void>()
      yield* answer(Effect.as(Deferred.await(gate), renewed))
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
    "has its renewal waited for by the scope that closes",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const { answer } = yield* Renewals
      yield* cache.set(session, yield* tokenFor("10 minutes"))
      const gate = yield* Deferred.make<void>()
      yield* answer(Effect.as(Deferred.await(gate), renewed))
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
    "has its renewal given up by the scope that closes before it was sent",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const { sent } = yield* Renewals
      yield* cache.set(session, yield* tokenFor("10 minutes"))
      const others = yield* Scope.make()
      yield* Scope.provide(cache.lock(session), others)
      const scope = yield* Scope.make()
      const { token } = yield* Scope.provide(TokenProvider.make(session), scope)
      yield* token
      yield* settle
      yield* Scope.close(scope, Exit.void)
      yield* Scope.close(others, Exit.void)
      yield* settle
      assert.deepStrictEqual(yield* sent, [])
      // It does not hold the lock either
      yield* Effect.scoped(cache.lock(session))
    })
  )

  test(
    "is not renewed twice where it comes to its end while it is renewed in the background",
    Effect.gen(function* () {
      const { access, answer, sent } = yield* withToken(tokenFor("10 minutes"))
      const gate = yield* Deferred.make<void>()
      yield* answer(Effect.as(Deferred.await(gate), renewed))
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
    "tells what is known, and each change",
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
  it.effect("signs in once, whoever asks, and not where a token can be had otherwise", () =>
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

  it.effect("fails as the sign-in does, and asks again the next time", () =>
    Effect.gen(function* () {
      const logins = yield* Ref.make(0)
      const denied = Effect.andThen(
        Ref.update(logins, (n) => n + 1),
        Effect.fail(new Exceptions.AccessDeniedException({ error: "access_denied" }))
      )
      yield* Effect.gen(function* () {
        const { token } = yield* TokenProvider.TokenProvider
        const error = yield* Effect.flip(token)
        assert.strictEqual(error._tag === "LoginFailed" && error.failure, "AccessDeniedException")
        assert.strictEqual((yield* Effect.flip(token))._tag, "LoginFailed")
        assert.strictEqual(yield* Ref.get(logins), 2)
      }).pipe(Effect.provide(TokenProvider.layerInteractive(session, denied)))
    }).pipe(Effect.provide(environment))
  )
})
