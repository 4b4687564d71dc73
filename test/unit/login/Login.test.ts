import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, DateTime, Deferred, Effect, Equal, Exit, Fiber, Layer, Option, Redacted, Ref } from "effect"
import { TestClock } from "effect/testing"
import {
  AuthorizationPrompt,
  AuthorizationResponse,
  type ClientConfig,
  type CredentialCache,
  Login,
  type LoginFailed,
  LoginState,
  RedirectListener,
  SsoOidc,
  SsoSession,
  SsoStore,
  StoreError,
  TokenCache,
  TokenProvider,
  VanityUrl
} from "../../../src/index.ts"
import * as IdentityCenter from "../../../src/emulator/IdentityCenter.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"
import * as ScriptedService from "../../support/ScriptedService.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"
import * as VanityDomain from "../../support/VanityDomain.ts"

const environment = (options?: IdentityCenter.IdentityCenterOptions) =>
  Layer.mergeAll(
    SsoOidc.layer({ region: "us-east-1" }),
    SsoStore.layerMemory(),
    AuthorizationPrompt.layerRecorded
  ).pipe(Layer.provideMerge(IdentityCenter.layer({ interval: "1 second", ...options })))

const makeSession = (scopes?: ReadonlyArray<string>) =>
  SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1", name: "my-sso", scopes })

/** Signs in by the device flow, and approves or declines as the user does. */
const signIn = Effect.fnUntraced(function* (
  decide: (
    center: IdentityCenter.IdentityCenter["Service"],
    userCode: string
  ) => Effect.Effect<void, { readonly _tag: string }>,
  scopes?: ReadonlyArray<string>
) {
  const center = yield* IdentityCenter.IdentityCenter
  const session = yield* makeSession(scopes)
  const fiber = yield* Effect.forkChild(Login.device(session))
  yield* TestClock.adjust("1 second")
  const prompting = (yield* Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get)).find(
    LoginState.LoginState.guards.Prompting
  )
  assert.isDefined(prompting)
  yield* Effect.orDie(decide(center, prompting?.userCode ?? ""))
  yield* TestClock.adjust("2 seconds")
  return yield* Fiber.join(fiber)
})

const approve = (center: IdentityCenter.IdentityCenter["Service"], userCode: string) => center.approve(userCode)

const operations = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  return (yield* center.requests).map(({ operation }) => operation)
})

describe("Login.device", () => {
  it.effect("registers, starts, waits for the user, and stores a token that can be refreshed", () =>
    Effect.gen(function* () {
      const token = yield* signIn(approve)
      const cache = yield* TokenCache.TokenCache
      const session = yield* makeSession()
      const stored = yield* Effect.flatMap(cache.get(session), Effect.fromOption)
      assert.strictEqual(Redacted.value(stored.accessToken), Redacted.value(token.accessToken))
      assert.isDefined(stored.refreshToken)
      assert.strictEqual(DateTime.formatIso(stored.expiresAt), "1970-01-01T08:00:02.000Z")
      assert.deepStrictEqual(yield* operations, [
        "RegisterClient",
        "StartDeviceAuthorization",
        "CreateToken",
        "CreateToken",
        "CreateToken"
      ])
    }).pipe(Effect.provide(environment()))
  )

  it.effect("shows the user the name and the scopes that it registered with", () =>
    Effect.gen(function* () {
      yield* signIn(approve, ["sso:account:access", "codewhisperer:completions"])
      const center = yield* IdentityCenter.IdentityCenter
      const [authorization] = yield* center.deviceAuthorizations
      assert.strictEqual(authorization?.clientName, "effect-aws-sso")
      assert.deepStrictEqual(authorization?.scopes, ["sso:account:access", "codewhisperer:completions"])
    }).pipe(Effect.provide(environment()))
  )

  it.effect("stores nothing if the user declines", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.unwrapReason(
          signIn((center, userCode) => center.deny(userCode)),
          "LoginFailed"
        )
      )
      assert.strictEqual(error._tag, "AccessDeniedException")
      const cache = yield* TokenCache.TokenCache
      assert.deepStrictEqual(yield* cache.get(yield* makeSession()), Option.none())
    }).pipe(Effect.provide(environment()))
  )

  it.effect("reuses its client, and registers another one for other scopes", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const registrations = Effect.map(operations, (all) => all.filter((name) => name === "RegisterClient").length)
      const login = Effect.fnUntraced(function* (scopes: ReadonlyArray<string>) {
        const fiber = yield* Effect.forkChild(Effect.flatMap(makeSession(scopes), (session) => Login.device(session)))
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(fiber)
      })
      yield* login(["sso:account:access"])
      yield* login(["sso:account:access"])
      assert.strictEqual(yield* registrations, 1)
      yield* login(["sso:account:access", "other:scope"])
      assert.strictEqual(yield* registrations, 2)
      yield* center.clearRequests
    }).pipe(Effect.provide(environment({ autoApprove: "2 seconds" })))
  )
})

describe("Login.device, and the store", () => {
  const environment = ScriptedService.service([ScriptedService.pending, ScriptedService.token])

  const refusal = StoreError.storeUnavailable("token", "write", "EROFS")

  /** Signs in with a store that differs from that of the environment. */
  const signInWith = (change: Partial<TokenCache.TokenCache["Service"]>) =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const session = yield* makeSession()
      const fiber = yield* witness(Login.device(session)).pipe(
        Effect.provideService(TokenCache.TokenCache, { ...cache, ...change }),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      return yield* Fiber.join(fiber)
    })

  it.effect("refuses a sign-in whose token could not be stored, before the service and the user are asked", () =>
    Effect.gen(function* () {
      const witnessed = yield* signInWith({ ensureWritable: () => Effect.fail(refusal) })
      assert.strictEqual(failure(witnessed), refusal)
      assert.deepStrictEqual(yield* Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests), [])
      assert.deepStrictEqual(yield* ScriptedService.shown, [])
    }).pipe(Effect.provide(environment))
  )

  it.effect("returns a token that could not be stored after the approval, and logs a warning", () =>
    Effect.gen(function* () {
      const witnessed = yield* signInWith({ set: () => Effect.fail(refusal) })
      const { exit, logs } = witnessed
      assert.strictEqual(Exit.isSuccess(exit) && Redacted.value(exit.value.accessToken), "secret-access")
      assert.lengthOf(
        logs.filter((line) => line.startsWith("Warn") && line.includes("EROFS")),
        1
      )
      assertNoSecret(witnessed, ["secret-"])
      assert.deepStrictEqual(yield* ScriptedService.shown, ["Prompting", "Pending", "Authorized"])
    }).pipe(Effect.provide(environment))
  )

  it.effect("shows Authorized after the token is stored", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const cache = yield* TokenCache.TokenCache
      const session = yield* makeSession()
      const fiber = yield* Login.device(session).pipe(
        Effect.provideService(TokenCache.TokenCache, {
          ...cache,
          set: (...args) =>
            Effect.andThen(
              cache.set(...args),
              Effect.sync(() => events.push("stored"))
            )
        }),
        Effect.provideService(AuthorizationPrompt.AuthorizationPrompt, {
          show: ({ _tag }) => Effect.sync(() => events.push(_tag))
        }),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(events, ["Prompting", "Pending", "stored", "Authorized"])
    }).pipe(Effect.provide(environment))
  )

  it.effect("stores the token of a user who has approved, if the caller is interrupted meanwhile", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const session = yield* makeSession()
      const storing = yield* Deferred.make<void>()
      const fiber = yield* Login.device(session).pipe(
        Effect.provideService(TokenCache.TokenCache, {
          ...cache,
          set: (...args) =>
            Deferred.succeed(storing, undefined).pipe(
              Effect.andThen(Effect.sleep("1 minute")),
              Effect.andThen(cache.set(...args))
            )
        }),
        Effect.forkChild
      )
      yield* TestClock.adjust("2 seconds")
      yield* Deferred.await(storing)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(interruption)
      assert.isTrue(Option.isSome(yield* cache.get(session)))
    }).pipe(Effect.provide(environment))
  )

  it.effect("signs in in the region of the session, whatever the region of the layer", () =>
    Effect.gen(function* () {
      const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "eu-west-1" })
      const fiber = yield* Effect.forkChild(Login.device(session))
      yield* TestClock.adjust("1 minute")
      const token = yield* Fiber.join(fiber)
      assert.strictEqual(token.region, "eu-west-1")
      const hosts = (yield* Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)).map(
        ({ url }) => new URL(url).host
      )
      assert.deepStrictEqual(hosts, Array(4).fill("oidc.eu-west-1.amazonaws.com"))
    }).pipe(Effect.provide(environment))
  )

  it.effect("has one span that names the session", () =>
    Effect.gen(function* () {
      const { spans } = yield* signInWith({})
      const [span, ...others] = spans.filter(({ name }) => name.startsWith("Login."))
      assert.deepStrictEqual(others, [])
      assert.strictEqual(span?.name, "Login.device")
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "aws.sso.start_url": "https://example.awsapps.com/start",
        "aws.sso.region": "us-east-1",
        "aws.sso.session": "my-sso"
      })
    }).pipe(Effect.provide(environment))
  )
})

describe("Login", () => {
  it("says in its types what a flow needs and how it fails", () => {
    type Always =
      | SsoOidc.SsoOidc
      | TokenCache.TokenCache
      | CredentialCache.CredentialCache
      | AuthorizationPrompt.AuthorizationPrompt
    expectTypeOf<Effect.Services<ReturnType<typeof Login.device>>>().toEqualTypeOf<Always>()
    expectTypeOf<Effect.Services<ReturnType<typeof Login.browser>>>().toEqualTypeOf<
      Always | RedirectListener.RedirectListener
    >()
    expectTypeOf<Effect.Services<ReturnType<typeof Login.login>>>().toEqualTypeOf<
      Always | RedirectListener.RedirectListener
    >()
    expectTypeOf<Effect.Error<ReturnType<typeof Login.login>>>().toEqualTypeOf<
      LoginFailed.LoginFailed | StoreError.StoreError
    >()
    expectTypeOf<Effect.Error<typeof Login.logout>>().toEqualTypeOf<StoreError.StoreError>()
  })
})

describe("Login.login, with a start URL under a custom domain", () => {
  const vanity = new SsoSession.SsoSession({
    startUrl: VanityDomain.startUrl,
    region: "us-east-1",
    scopes: ["sso:account:access"]
  })

  /** The hosts of the pages that the browser opened. */
  class Pages extends Context.Service<Pages, Ref.Ref<ReadonlyArray<string>>>()("test/Login/Pages") {}

  /** A browser that returns at once, without a socket: it opens what the prompt shows, and the listener gets the response. */
  const browser = Layer.effectContext(
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const back = yield* Deferred.make<string>()
      const pages = yield* Pages
      const prompt = AuthorizationPrompt.AuthorizationPrompt.of({
        show: (state) =>
          state._tag === "Redirecting"
            ? center.signIn(state.authorizationUrl).pipe(
                Effect.orDie,
                Effect.andThen(({ href }) => Deferred.succeed(back, href)),
                Effect.andThen(Ref.update(pages, (all) => [...all, new URL(state.authorizationUrl).host]))
              )
            : Effect.void
      })
      const listener = RedirectListener.RedirectListener.of({
        listen: ({ state }) =>
          Effect.succeed({
            redirectUri: "http://127.0.0.1:8765/oauth/callback",
            response: Effect.flatMap(Deferred.await(back), (url) =>
              Effect.orDie(Effect.fromResult(AuthorizationResponse.read(url, state)))
            )
          })
      })
      return Context.make(AuthorizationPrompt.AuthorizationPrompt, prompt).pipe(
        Context.add(RedirectListener.RedirectListener, listener)
      )
    })
  )

  const domain = (answer?: ScriptedHttp.ScriptedResponse, config?: ClientConfig.ClientConfig) =>
    Layer.mergeAll(
      SsoOidc.layer({ region: "us-east-1", ...config }),
      SsoStore.layerMemory(),
      VanityUrl.layer,
      browser
    ).pipe(
      Layer.provideMerge(Layer.effect(Pages, Ref.make<ReadonlyArray<string>>([]))),
      Layer.provideMerge(VanityDomain.layer(answer)),
      Layer.provideMerge(IdentityCenter.layer({ autoApprove: 0 }))
    )

  /** The requests, with their hosts. */
  const asked = Effect.gen(function* () {
    const domain = yield* Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)
    const center = yield* IdentityCenter.IdentityCenter
    return [
      ...domain.map(({ method, url }) => `${method} ${url}`),
      ...(yield* center.requests).map(({ host, operation }) => `${operation} ${host}`)
    ]
  })

  /** The bodies of the requests, by path. */
  const sent = Effect.gen(function* () {
    const all = yield* Effect.flatten(VanityDomain.Sent)
    return Object.fromEntries(all.map(({ body, url }): [string, unknown] => [new URL(url).pathname, JSON.parse(body)]))
  })

  const there = "oidc.eu-west-1.amazonaws.com"

  it.effect("signs in by the device flow at the portal that it leads to, in the region of the portal", () =>
    Effect.gen(function* () {
      yield* Login.login(vanity, { flow: "device" })
      assert.deepStrictEqual(yield* asked, [
        `HEAD ${vanity.startUrl}/`,
        `RegisterClient ${there}`,
        `StartDeviceAuthorization ${there}`,
        `CreateToken ${there}`
      ])
      assert.propertyVal((yield* sent)["/device_authorization"], "startUrl", VanityDomain.portal.startUrl)
    }).pipe(Effect.provide(domain()))
  )

  it.effect("signs in by the browser at the portal that it leads to, in the region of the portal", () =>
    Effect.gen(function* () {
      yield* Login.login(vanity, { flow: "browser" })
      assert.deepStrictEqual(yield* asked, [
        `HEAD ${vanity.startUrl}/`,
        `RegisterClient ${there}`,
        `CreateToken ${there}`
      ])
      assert.propertyVal((yield* sent)["/client/register"], "issuerUrl", VanityDomain.portal.startUrl)
      assert.deepStrictEqual(yield* Effect.flatMap(Pages, Ref.get), [there])
    }).pipe(Effect.provide(domain()))
  )

  for (const flow of ["device", "browser"] as const) {
    for (const [key, session] of [
      ["its configured start URL", vanity],
      ["the name of the session", new SsoSession.SsoSession({ ...vanity, name: "my-sso" })]
    ] as const) {
      it.effect(`stores the token of the ${flow} flow under ${key}, with the region where it can be refreshed`, () =>
        Effect.gen(function* () {
          const cache = yield* TokenCache.TokenCache
          const token = yield* Login.login(session, { flow })
          assert.include(token, { startUrl: vanity.startUrl, region: "eu-west-1" })
          assert.isTrue(Equal.equals(yield* cache.get(session), Option.some(token)))
          assert.include(yield* cache.locate(session), session.name ?? vanity.startUrl)
          const portal = new SsoSession.SsoSession({ ...vanity, ...VanityDomain.portal })
          assert.deepStrictEqual(yield* cache.get(portal), Option.none())

          const center = yield* IdentityCenter.IdentityCenter
          yield* center.clearRequests
          yield* TestClock.adjust("8 hours")
          const provider = yield* TokenProvider.make(session)
          const refreshed = yield* provider.token
          assert.include(refreshed, { startUrl: vanity.startUrl, region: "eu-west-1" })
          assert.isFalse(Equal.equals(refreshed.accessToken, token.accessToken))
          assert.isTrue(Equal.equals(yield* cache.get(session), Option.some(refreshed)))
          assert.deepStrictEqual(
            (yield* center.requests).map(({ grantType, host }) => `${grantType} ${host}`),
            [`refresh_token ${there}`]
          )
        }).pipe(Effect.scoped, Effect.provide(domain()))
      )
    }
  }

  it.effect("reuses the client of the portal's region, and registers another one for another region", () =>
    Effect.gen(function* () {
      yield* Login.login(vanity, { flow: "device" })
      yield* Login.login(vanity, { flow: "device" })
      const other = new SsoSession.SsoSession({ ...vanity, startUrl: "https://example.awsapps.com/start" })
      yield* Login.login(other, { flow: "device" })
      assert.deepStrictEqual(
        (yield* asked).filter((request) => request.startsWith("RegisterClient")),
        [`RegisterClient ${there}`, "RegisterClient oidc.us-east-1.amazonaws.com"]
      )
    }).pipe(Effect.provide(domain()))
  )

  it.effect("stays at a custom endpoint", () =>
    Effect.gen(function* () {
      const token = yield* Login.login(vanity, { flow: "device" })
      assert.strictEqual(token.region, "eu-west-1")
      const hosts = (yield* Effect.flatten(VanityDomain.Sent)).map(({ url }) => new URL(url).host)
      assert.deepStrictEqual([...new Set(hosts)], ["127.0.0.1:8080"])
    }).pipe(Effect.provide(domain(undefined, { endpoint: "http://127.0.0.1:8080" })))
  )

  it.effect.each([
    "https://example.awsapps.com/start",
    "https://ssoins-0123456789abcdef.portal.eu-west-1.app.aws",
    "http://idp.example.com/start",
    "http://127.0.0.1:8080/start",
    "https://localhost:8443/start"
  ])("uses %s as it is, in the region of the session, without resolving it", (startUrl) =>
    Effect.gen(function* () {
      const session = new SsoSession.SsoSession({ ...vanity, startUrl })
      const token = yield* Login.login(session, { flow: "device" })
      assert.include(token, { startUrl, region: "us-east-1" })
      assert.propertyVal((yield* sent)["/device_authorization"], "startUrl", startUrl)
      assert.deepStrictEqual(yield* asked, [
        "RegisterClient oidc.us-east-1.amazonaws.com",
        "StartDeviceAuthorization oidc.us-east-1.amazonaws.com",
        "CreateToken oidc.us-east-1.amazonaws.com"
      ])
    }).pipe(Effect.provide(domain("drop")))
  )

  it.effect.each<{ reason: VanityUrl.StartUrlUnresolved["reason"]; answer: ScriptedHttp.ScriptedResponse }>([
    { reason: "Unreachable", answer: "drop" },
    { reason: "NoRedirect", answer: { status: 404 } },
    { reason: "NotAws", answer: VanityDomain.redirect("https://ssoins-1.portal.eu-west-1.app.aws.example.com") },
    { reason: "NotHttps", answer: VanityDomain.redirect("http://ssoins-1.portal.eu-west-1.app.aws") }
  ])("fails if it does not lead to a portal ($reason), and registers and stores nothing", ({ answer, reason }) =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      for (const flow of ["device", "browser"] as const) {
        const error = yield* Effect.flip(Effect.unwrapReason(Login.login(vanity, { flow }), "LoginFailed"))
        assert.deepInclude({ ...error }, { _tag: "StartUrlUnresolved", reason, startUrl: vanity.startUrl })
      }
      assert.deepStrictEqual(yield* Effect.flatten(VanityDomain.Sent), [])
      assert.deepStrictEqual(yield* cache.get(vanity), Option.none())
    }).pipe(Effect.provide(domain(answer)))
  )

  it.effect("fails if it leads to an invalid region, without a request to it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.unwrapReason(Login.login(vanity, { flow: "device" }), "LoginFailed"))
      assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })
      assert.deepStrictEqual(yield* Effect.flatten(VanityDomain.Sent), [])
    }).pipe(Effect.provide(domain(VanityDomain.redirect("https://ssoins-1.portal.-.app.aws"))))
  )

  it.effect("stops resolving it when it is interrupted, and sends nothing else", () =>
    Effect.gen(function* () {
      const { open } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(Login.login(vanity, { flow: "device" }))
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* open, 0)
      assert.deepStrictEqual(yield* Effect.flatten(VanityDomain.Sent), [])
    }).pipe(Effect.provide(domain("hang")))
  )
})
