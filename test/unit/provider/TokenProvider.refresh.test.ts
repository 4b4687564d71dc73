/**
 * What a provider does with a token that the portal has refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Exceptions, PortalExceptions, SsoToken, StoreError, TokenCache, TokenProvider } from "../../../src/index.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { rejected, Renewals, service, session, tokenFor, unreachable } from "../../support/Session.ts"

const environment = Layer.mergeAll(service, TokenCache.layerMemory)

const accessOf = ({ accessToken }: SsoToken.SsoToken): string => Redacted.value(accessToken)

/** A provider whose token, with hours left, was given out already. */
const given = Effect.fnUntraced(function* (token: Effect.Effect<SsoToken.SsoToken>) {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* token)
  const provider = yield* TokenProvider.make(session)
  const renewals = yield* Renewals
  return { cache, provider, refused: yield* provider.token, ...renewals }
})

const test = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Success<typeof environment> | Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), environment))

/** The portal, which refuses some tokens, and which it was sent. */
const refusing = (refused: ReadonlyArray<string>) => {
  const seen: Array<string> = []
  const call = (token: SsoToken.SsoToken): Effect.Effect<string, PortalExceptions.Exception> =>
    Effect.suspend(() => {
      seen.push(accessOf(token))
      return refused.includes(accessOf(token))
        ? Effect.fail(new PortalExceptions.UnauthorizedException({ message: "Session token not found or invalid" }))
        : Effect.succeed(accessOf(token))
    })
  return { call, seen }
}

const reasonOf = (error: TokenProvider.Failure | PortalExceptions.Exception): string =>
  error._tag === "LoginRequired" ? error.reason : error._tag

describe("A token that was refused", () => {
  test(
    "is renewed, however long it should have lasted, and nobody gets it any more",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      assert.strictEqual(accessOf(yield* provider.renew(refused)), "access-1")
      assert.strictEqual(accessOf(yield* provider.token), "access-1")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "is renewed once for all who were refused",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const all = yield* Effect.all(
        Array.from({ length: 100 }, () => provider.renew(refused)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(all.map(accessOf)), new Set(["access-1"]))
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "gives way to what another has signed in for meanwhile, without a call",
    Effect.gen(function* () {
      const { cache, provider, refused, sent } = yield* given(tokenFor("8 hours"))
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      assert.strictEqual(accessOf(yield* provider.renew(refused)), "access-other")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "that comes from a renewal just now asks for a person, and not for another renewal",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const second = yield* provider.renew(refused)
      const error = yield* Effect.flip(provider.renew(second))
      assert.strictEqual(reasonOf(error), "TokenRejected")
      assert.include(error.message, "effect-sso login --sso-session my-sso")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "that comes from a renewal long ago is renewed again",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const second = yield* provider.renew(refused)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(accessOf(yield* provider.renew(second)), "access-2")
      assert.deepStrictEqual(yield* sent, ["refresh-0", "refresh-1"])
    })
  )

  test(
    "asks for a person where nothing can renew it",
    Effect.gen(function* () {
      const { provider, refused } = yield* given(
        Effect.map(
          tokenFor("8 hours"),
          ({ accessToken, expiresAt, region, startUrl }) =>
            new SsoToken.SsoToken({ accessToken, expiresAt, region, startUrl })
        )
      )
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.renew(refused))), "TokenRejected")
    })
  )

  test(
    "asks for a person where the refresh token is refused too, and where they signed out",
    Effect.gen(function* () {
      const { answer, cache, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* answer(rejected)
      assert.strictEqual(reasonOf(yield* soon(Effect.flip(provider.renew(refused)))), "RefreshRejected")
      yield* cache.remove(session)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.renew(refused))), "NoToken")
    })
  )

  test(
    "fails as the renewal does, and is not served in its place",
    Effect.gen(function* () {
      const { answer, provider, refused, sent } = yield* given(tokenFor("8 hours"))
      yield* answer(unreachable)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.renew(refused))), "DispatchFailure")
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.renew(refused))), "DispatchFailure")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "that nothing could replace is given to nobody for 30 seconds, and then tried again",
    Effect.gen(function* () {
      const { answer, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* answer(rejected)
      yield* soon(Effect.flip(provider.renew(refused)))
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "RefreshRejected")
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "RefreshRejected")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(accessOf(yield* provider.token), "access-0")
    })
  )

  test(
    "that nothing could replace gives way to a sign-in at once",
    Effect.gen(function* () {
      const { answer, cache, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* answer(rejected)
      yield* soon(Effect.flip(provider.renew(refused)))
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      assert.strictEqual(accessOf(yield* provider.token), "access-other")
    })
  )

  test(
    "is none that `changes` still tells of",
    Effect.gen(function* () {
      const { answer, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* answer(Effect.fail(new Exceptions.InvalidClientException({ error: "invalid_client" })))
      yield* soon(Effect.flip(provider.renew(refused)))
      yield* Effect.flip(provider.token)
      const [now] = yield* Stream.runCollect(Stream.take(provider.changes, 1))
      assert.strictEqual(now?._tag, "None")
    })
  )
})

describe("A sign-in or a sign-out in this process", () => {
  test(
    "is noticed at once, however long the token that is remembered would last",
    Effect.gen(function* () {
      const { cache, provider } = yield* given(tokenFor("8 hours"))
      assert.strictEqual(accessOf(yield* provider.token), "access-0")
      const before = yield* provider.generation
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      yield* cache.beginGeneration(session)
      assert.strictEqual(accessOf(yield* provider.token), "access-other")
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "NoToken")
      assert.strictEqual((yield* provider.generation) - before, 2)
    })
  )

  test(
    "is noticed also where the cache cannot be read at that moment",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      yield* cache.set(session, yield* tokenFor("8 hours"))
      const broken = yield* Ref.make(false)
      const unreadable = StoreError.storeUnavailable("token", "read", "EMFILE")
      const provider = yield* TokenProvider.make(session).pipe(
        Effect.provideService(TokenCache.TokenCache, {
          ...cache,
          get: (session) =>
            Effect.flatMap(Ref.get(broken), (broken) => (broken ? Effect.fail(unreadable) : cache.get(session)))
        })
      )
      yield* provider.token
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      yield* Ref.set(broken, true)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "StoreError")
      yield* Ref.set(broken, false)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "NoToken")
    })
  )

  test(
    "is another matter than a renewal",
    Effect.gen(function* () {
      const { provider, refused } = yield* given(tokenFor("8 hours"))
      const before = yield* provider.generation
      yield* provider.renew(refused)
      assert.strictEqual(yield* provider.generation, before)
    })
  )
})

describe("What a person has to run", () => {
  test(
    "is what the program says, where it says so",
    Effect.gen(function* () {
      const { token } = yield* TokenProvider.make(session, { command: "our-tool sign-in" })
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.command, "our-tool sign-in")
      assert.include(error.message, "sign in with `our-tool sign-in`")

      const provider = { token: Effect.flatMap(tokenFor("1 hour"), Effect.succeed), changes: Stream.empty }
      const refused = yield* TokenProvider.withToken(session, refusing(["access-0"]).call).pipe(
        Effect.provideService(TokenProvider.TokenProvider, { ...provider, command: "our-tool sign-in" }),
        Effect.flip
      )
      assert.include(refused.message, "sign in with `our-tool sign-in`")
    })
  )
})

describe("layerInteractive", () => {
  test(
    "keeps a token that the sign-in gives and does not keep",
    Effect.gen(function* () {
      const logins = yield* Ref.make(0)
      const login = Effect.andThen(
        Ref.update(logins, (n) => n + 1),
        tokenFor("8 hours", { accessToken: Redacted.make("access-login") })
      )
      const { token } = yield* Effect.map(
        Layer.build(TokenProvider.layerInteractive(session, login)),
        Context.get(TokenProvider.TokenProvider)
      )
      for (let use = 0; use < 3; use++) assert.strictEqual(accessOf(yield* token), "access-login")
      assert.strictEqual(yield* Ref.get(logins), 1)
    })
  )

  test(
    "keeps what a person has signed in for, where whoever asked is interrupted meanwhile",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const holding = yield* Scope.make()
      yield* Scope.provide(cache.lock(session), holding)
      const login = tokenFor("8 hours", { accessToken: Redacted.make("access-login") })
      const { token } = yield* Effect.map(
        Layer.build(TokenProvider.layerInteractive(session, login)),
        Context.get(TokenProvider.TokenProvider)
      )
      const asking = yield* Effect.forkChild(token)
      yield* TestClock.adjust("1 second")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(asking))
      yield* Scope.close(holding, Exit.void)
      yield* soon(Fiber.join(interrupting))
      assert.strictEqual(Option.getOrUndefined(Option.map(yield* cache.get(session), accessOf)), "access-login")
    })
  )

  test(
    "asks nobody where that is not wanted",
    Effect.gen(function* () {
      const { token } = yield* Effect.map(
        Layer.build(TokenProvider.layerInteractive(session, Effect.die("somebody was asked"))),
        Context.get(TokenProvider.TokenProvider)
      )
      const error = yield* Effect.flip(Effect.provideService(token, TokenProvider.MayAsk, false))
      assert.strictEqual(reasonOf(error), "NoToken")
    })
  )
})

describe("withToken", () => {
  test(
    "does the same once more with a renewed token",
    Effect.gen(function* () {
      const { provider } = yield* given(tokenFor("8 hours"))
      const { call, seen } = refusing(["access-0"])
      const result = TokenProvider.withToken(session, call)
      assert.strictEqual(yield* Effect.provideService(result, TokenProvider.TokenProvider, provider), "access-1")
      assert.deepStrictEqual(seen, ["access-0", "access-1"])
    })
  )

  test(
    "asks for a person after the second refusal",
    Effect.gen(function* () {
      const { provider, sent } = yield* given(tokenFor("8 hours"))
      const { call, seen } = refusing(["access-0", "access-1"])
      const error = yield* TokenProvider.withToken(session, call).pipe(
        Effect.provideService(TokenProvider.TokenProvider, provider),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
      assert.deepStrictEqual(seen, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "lets the person sign in after the second refusal, where they can be asked",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      yield* cache.set(session, yield* tokenFor("8 hours"))
      const logins = yield* Ref.make(0)
      const login = Effect.gen(function* () {
        yield* Ref.update(logins, (n) => n + 1)
        const token = yield* tokenFor("8 hours", { accessToken: Redacted.make("access-login") })
        yield* cache.set(session, token)
        return token
      })
      const { call, seen } = refusing(["access-0", "access-1"])
      const layer = TokenProvider.layerInteractive(session, login)
      const again = Effect.gen(function* () {
        assert.strictEqual(yield* TokenProvider.withToken(session, call), "access-login")
        assert.deepStrictEqual(seen, ["access-0", "access-1", "access-login"])
        assert.strictEqual(yield* TokenProvider.withToken(session, call), "access-login")
      })
      yield* Effect.provide(again, layer)
      assert.strictEqual(yield* Ref.get(logins), 1)
    })
  )

  test(
    "asks for a person where even the token that they signed in for is refused",
    Effect.gen(function* () {
      const login = Effect.flatMap(TokenCache.TokenCache, (cache) =>
        Effect.tap(tokenFor("8 hours", { accessToken: Redacted.make("access-login") }), (token) =>
          cache.set(session, token)
        )
      )
      const { call } = refusing(["access-login", "access-1"])
      const error = yield* TokenProvider.withToken(session, call).pipe(
        Effect.provide(TokenProvider.layerInteractive(session, Effect.orDie(login))),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
    })
  )

  test(
    "asks for a person where the provider cannot renew",
    Effect.gen(function* () {
      const token = yield* tokenFor("8 hours")
      const { call } = refusing(["access-0"])
      const error = yield* TokenProvider.withToken(session, call).pipe(
        Effect.provideService(TokenProvider.TokenProvider, { token: Effect.succeed(token), changes: Stream.empty }),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
    })
  )

  test(
    "leaves every other failure as it is",
    Effect.gen(function* () {
      const { provider, sent } = yield* given(tokenFor("8 hours"))
      const error = yield* TokenProvider.withToken(session, () =>
        Effect.fail(new PortalExceptions.ResourceNotFoundException({}))
      ).pipe(Effect.provideService(TokenProvider.TokenProvider, provider), Effect.flip)
      assert.strictEqual(error._tag, "ResourceNotFoundException")
      assert.strictEqual(error.message, "the service gave no description")
      assert.deepStrictEqual(yield* sent, [])
    })
  )
})
