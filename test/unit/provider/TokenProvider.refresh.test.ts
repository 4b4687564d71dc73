/**
 * What a provider does with a token that the portal has rejected.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  Exceptions,
  PortalExceptions,
  SsoPortal,
  SsoStore,
  SsoToken,
  StoreError,
  TokenCache,
  TokenProvider
} from "../../../src/index.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { rejected, Refreshes, service, session, tokenFor, unreachable } from "../../support/Session.ts"

const unused = () => Effect.die("not part of this test")

const portal: SsoPortal.SsoPortal["Service"] = SsoPortal.SsoPortal.of({
  endpoint: Effect.succeed("https://portal.sso.us-east-1.amazonaws.com"),
  listAccounts: unused,
  listAccountRoles: unused,
  getRoleCredentials: unused,
  logout: unused,
  inRegion: () => Effect.succeed(portal)
})

const environment = Layer.mergeAll(service, SsoStore.layerMemory(), Layer.succeed(SsoPortal.SsoPortal, portal))

const accessOf = ({ accessToken }: SsoToken.SsoToken): string => Redacted.value(accessToken)

/** A provider whose token, with hours left, was given out already. */
const given = Effect.fnUntraced(function* (token: Effect.Effect<SsoToken.SsoToken>) {
  const cache = yield* TokenCache.TokenCache
  yield* cache.set(session, yield* token)
  const provider = yield* TokenProvider.make(session)
  const refreshes = yield* Refreshes
  return { cache, provider, refused: yield* provider.token, ...refreshes }
})

const test = (
  name: string,
  body: Effect.Effect<void, unknown, Layer.Success<typeof environment> | Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), environment))

/** The portal, which refuses some tokens, and which it was sent. */
const refusing = (refused: ReadonlyArray<string>) => {
  const seen: Array<string> = []
  const call = (token: SsoToken.SsoToken): Effect.Effect<string, PortalExceptions.SsoPortalException> =>
    Effect.suspend(() => {
      seen.push(accessOf(token))
      return refused.includes(accessOf(token))
        ? Effect.fail(new PortalExceptions.UnauthorizedException({ message: "Session token not found or invalid" }))
        : Effect.succeed(accessOf(token))
    })
  return { call, seen }
}

const reasonOf = (error: TokenProvider.TokenError | { readonly _tag: string }): string =>
  "reason" in error ? error.reason._tag : error._tag

describe("TokenProvider.refresh", () => {
  test(
    "is refreshed, however long it should have lasted, and nobody gets it any more",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      assert.strictEqual(accessOf(yield* provider.refresh(refused)), "access-1")
      assert.strictEqual(accessOf(yield* provider.token), "access-1")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "refreshes once for all callers whose token was rejected",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const all = yield* Effect.all(
        Array.from({ length: 100 }, () => provider.refresh(refused)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(all.map(accessOf)), new Set(["access-1"]))
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "returns the token of a later sign-in without a call",
    Effect.gen(function* () {
      const { cache, provider, refused, sent } = yield* given(tokenFor("8 hours"))
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      assert.strictEqual(accessOf(yield* provider.refresh(refused)), "access-other")
      assert.deepStrictEqual(yield* sent, [])
    })
  )

  test(
    "fails with LoginRequired where a token that was just refreshed is rejected",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const second = yield* provider.refresh(refused)
      const error = yield* Effect.flip(provider.refresh(second))
      assert.strictEqual(reasonOf(error), "TokenRejected")
      assert.include(error.message, "effect-sso login --sso-session my-sso")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "refreshes again where the rejected token was refreshed long ago",
    Effect.gen(function* () {
      const { provider, refused, sent } = yield* given(tokenFor("8 hours"))
      const second = yield* provider.refresh(refused)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(accessOf(yield* provider.refresh(second)), "access-2")
      assert.deepStrictEqual(yield* sent, ["refresh-0", "refresh-1"])
    })
  )

  test(
    "fails with LoginRequired where the rejected token cannot be refreshed",
    Effect.gen(function* () {
      const { provider, refused } = yield* given(
        Effect.map(
          tokenFor("8 hours"),
          ({ accessToken, expiresAt, region, startUrl }) =>
            new SsoToken.SsoToken({ accessToken, expiresAt, region, startUrl })
        )
      )
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.refresh(refused))), "TokenRejected")
    })
  )

  test(
    "fails with LoginRequired where the refresh token is rejected too, and after a sign-out",
    Effect.gen(function* () {
      const { respond, cache, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* respond(rejected)
      assert.strictEqual(reasonOf(yield* soon(Effect.flip(provider.refresh(refused)))), "RefreshRejected")
      yield* cache.remove(session)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.refresh(refused))), "NoToken")
    })
  )

  test(
    "fails with TokenUnavailable where the service is down, and does not serve the rejected token",
    Effect.gen(function* () {
      const { respond, provider, refused, sent } = yield* given(tokenFor("8 hours"))
      yield* respond(unreachable)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.refresh(refused))), "DispatchFailure")
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.refresh(refused))), "DispatchFailure")
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "does not serve a rejected token that could not be replaced for 30 seconds",
    Effect.gen(function* () {
      const { respond, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* respond(rejected)
      yield* soon(Effect.flip(provider.refresh(refused)))
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "RefreshRejected")
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "RefreshRejected")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(accessOf(yield* provider.token), "access-0")
    })
  )

  test(
    "serves the token of a sign-in at once after a rejected token could not be replaced",
    Effect.gen(function* () {
      const { respond, cache, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* respond(rejected)
      yield* soon(Effect.flip(provider.refresh(refused)))
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      assert.strictEqual(accessOf(yield* provider.token), "access-other")
    })
  )

  test(
    "removes a rejected token that could not be replaced from `changes`",
    Effect.gen(function* () {
      const { respond, provider, refused } = yield* given(tokenFor("8 hours"))
      yield* respond(Effect.fail(new Exceptions.InvalidClientException({ error: "invalid_client" })))
      yield* soon(Effect.flip(provider.refresh(refused)))
      yield* Effect.flip(provider.token)
      const [now] = yield* Stream.runCollect(Stream.take(provider.changes, 1))
      assert.strictEqual(now?._tag, "None")
    })
  )
})

describe("A sign-in or a sign-out in this process", () => {
  test(
    "is noticed at once, however long the token in memory has left",
    Effect.gen(function* () {
      const { cache, provider } = yield* given(tokenFor("8 hours"))
      assert.strictEqual(accessOf(yield* provider.token), "access-0")
      const before = yield* cache.generation(session)
      yield* cache.set(session, yield* tokenFor("8 hours", { accessToken: Redacted.make("access-other") }))
      yield* cache.beginGeneration(session)
      assert.strictEqual(accessOf(yield* provider.token), "access-other")
      yield* cache.remove(session)
      yield* cache.beginGeneration(session)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "NoToken")
      assert.strictEqual((yield* cache.generation(session)) - before, 2)
    })
  )

  test(
    "is noticed where the store cannot be read at that moment",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      yield* cache.set(session, yield* tokenFor("8 hours"))
      const broken = yield* Ref.make(false)
      const unreadable = new StoreError.StoreError({
        reason: new StoreError.StoreUnavailable({ location: "token", action: "read", description: "EMFILE" })
      })
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
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "StoreUnavailable")
      yield* Ref.set(broken, false)
      assert.strictEqual(reasonOf(yield* Effect.flip(provider.token)), "NoToken")
    })
  )

  test(
    "has a generation that a refresh does not change",
    Effect.gen(function* () {
      const { cache, provider, refused } = yield* given(tokenFor("8 hours"))
      const before = yield* cache.generation(session)
      yield* provider.refresh(refused)
      assert.strictEqual(yield* cache.generation(session), before)
    })
  )
})

describe("LoginRequired.command", () => {
  test(
    "is the command of the options",
    Effect.gen(function* () {
      const { token } = yield* TokenProvider.make(session, { command: "our-tool sign-in" })
      const error = yield* Effect.flip(token)
      assert.strictEqual(error._tag === "LoginRequired" && error.command, "our-tool sign-in")
      assert.include(error.message, "Sign in with `our-tool sign-in`")
    })
  )
})

describe("layerInteractive", () => {
  test(
    "stores a token that the login returns and does not store",
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
    "stores the token of a sign-in whose caller is interrupted",
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const holding = yield* Scope.make()
      yield* Scope.provide(cache.acquireLease(session), holding)
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
    "does not sign in where Interactive is false",
    Effect.gen(function* () {
      const { token } = yield* Effect.map(
        Layer.build(TokenProvider.layerInteractive(session, Effect.die("the user was asked"))),
        Context.get(TokenProvider.TokenProvider)
      )
      const error = yield* Effect.flip(Effect.provideService(token, TokenProvider.Interactive, false))
      assert.strictEqual(reasonOf(error), "NoToken")
    })
  )
})

describe("withToken", () => {
  test(
    "calls once more with a refreshed token",
    Effect.gen(function* () {
      const { provider } = yield* given(tokenFor("8 hours"))
      const { call, seen } = refusing(["access-0"])
      const result = TokenProvider.withToken(call)
      assert.strictEqual(yield* Effect.provideService(result, TokenProvider.TokenProvider, provider), "access-1")
      assert.deepStrictEqual(seen, ["access-0", "access-1"])
    })
  )

  test(
    "fails with LoginRequired after the second rejection",
    Effect.gen(function* () {
      const { provider, sent } = yield* given(tokenFor("8 hours"))
      const { call, seen } = refusing(["access-0", "access-1"])
      const error = yield* TokenProvider.withToken(call).pipe(
        Effect.provideService(TokenProvider.TokenProvider, provider),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
      assert.deepStrictEqual(seen, ["access-0", "access-1"])
      assert.deepStrictEqual(yield* sent, ["refresh-0"])
    })
  )

  test(
    "signs the user in after the second rejection, where the provider is interactive",
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
        assert.strictEqual(yield* TokenProvider.withToken(call), "access-login")
        assert.deepStrictEqual(seen, ["access-0", "access-1", "access-login"])
        assert.strictEqual(yield* TokenProvider.withToken(call), "access-login")
      })
      yield* Effect.provide(again, layer)
      assert.strictEqual(yield* Ref.get(logins), 1)
    })
  )

  test(
    "fails with LoginRequired where even the token of a new sign-in is rejected",
    Effect.gen(function* () {
      const login = Effect.flatMap(TokenCache.TokenCache, (cache) =>
        Effect.tap(tokenFor("8 hours", { accessToken: Redacted.make("access-login") }), (token) =>
          cache.set(session, token)
        )
      )
      const { call } = refusing(["access-login", "access-1"])
      const error = yield* TokenProvider.withToken(call).pipe(
        Effect.provide(TokenProvider.layerInteractive(session, Effect.orDie(login))),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
    })
  )

  test(
    "fails with LoginRequired where the provider cannot refresh",
    Effect.gen(function* () {
      const token = yield* tokenFor("8 hours")
      const { call } = refusing(["access-0"])
      const error = yield* TokenProvider.withToken(call).pipe(
        Effect.provide(TokenProvider.layerTest({ session, token })),
        Effect.flip
      )
      assert.strictEqual(reasonOf(error), "TokenRejected")
    })
  )

  test(
    "leaves every other error as it is",
    Effect.gen(function* () {
      const { provider, sent } = yield* given(tokenFor("8 hours"))
      const error = yield* TokenProvider.withToken(() =>
        Effect.fail(new PortalExceptions.ResourceNotFoundException({}))
      ).pipe(Effect.provideService(TokenProvider.TokenProvider, provider), Effect.flip)
      assert.strictEqual(error._tag, "ResourceNotFoundException")
      assert.strictEqual(error.message, "the service gave no description")
      assert.deepStrictEqual(yield* sent, [])
    })
  )
})
