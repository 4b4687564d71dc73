import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Exceptions, SsoToken, TokenCache, TokenProvider } from "../../src/index.ts"
import { rejected, Renewals, service, session, tokenFor, unreachable } from "../support/Session.ts"

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
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: 3600 }))
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
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: 3600 }))
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
      assert.strictEqual(yield* access, "access-0")
      yield* TestClock.adjust("4 minutes")
      const error = yield* Effect.flip(token)
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
      assert.strictEqual((yield* Effect.flip(token))._tag, "LoginRequired")
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
      yield* answer(Effect.succeed({ accessToken: Redacted.make("access-x"), expiresIn: 3600 }))
      assert.strictEqual(yield* access, "access-x")
    })
  )

  test(
    "finishes a renewal that was sent, whoever is interrupted meanwhile, and joins it with the next who asks",
    Effect.gen(function* () {
      const { access, answer, sent } = yield* withToken(tokenFor("1 minute"))
      const gate = yield* Deferred.make<void>()
      yield* answer(
        Effect.as(Deferred.await(gate), {
          accessToken: Redacted.make("access-x"),
          refreshToken: Redacted.make("refresh-x"),
          expiresIn: 3600
        })
      )
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
      yield* answer(
        Effect.as(Deferred.await(gate), {
          accessToken: Redacted.make("access-x"),
          refreshToken: Redacted.make("refresh-x"),
          expiresIn: 3600
        })
      )
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
        assert.strictEqual((yield* Effect.flip(token))._tag, "AccessDeniedException")
        assert.strictEqual((yield* Effect.flip(token))._tag, "AccessDeniedException")
        assert.strictEqual(yield* Ref.get(logins), 2)
      }).pipe(Effect.provide(TokenProvider.layerInteractive(session, denied)))
    }).pipe(Effect.provide(environment))
  )
})
