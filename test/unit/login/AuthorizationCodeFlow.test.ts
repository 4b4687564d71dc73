import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option, Redacted, Ref } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import {
  AuthorizationCodeFlow,
  AuthorizationPrompt,
  Login,
  RedirectListener,
  SsoOidc,
  SsoSession,
  SsoStore,
  TokenCache
} from "../../../src/index.ts"
import * as NodeRedirectListener from "../../../src/node/NodeRedirectListener.ts"
import * as IdentityCenter from "../../../src/emulator/IdentityCenter.ts"
import { fileSystemTurn } from "../../support/FileSystemTurn.ts"

const session = new SsoSession.SsoSession({
  name: "my-sso",
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
  scopes: ["sso:account:access", "other:scope"]
})

type Center = IdentityCenter.IdentityCenter["Service"]

/** What a user and their browser do with the URL that the flow shows: the URLs that they are redirected to. */
type Browser = (
  center: Center,
  authorizationUrl: string
) => Effect.Effect<ReadonlyArray<string>, { readonly _tag: string }>

const approve: Browser = (center, url) => Effect.map(center.signIn(url), ({ href }) => [href])

/** Follows a redirect, and the next one. */
const visit = (url: string) => Effect.scoped(HttpClient.get(url)).pipe(Effect.provide(FetchHttpClient.layer))

const center = IdentityCenter.layer()

/** A prompt whose user has this browser. */
const promptWith = (browser: Browser, pasted?: Effect.Effect<string>) =>
  Layer.effect(
    AuthorizationPrompt.AuthorizationPrompt,
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      return {
        show: (state) =>
          state._tag === "Redirecting"
            ? Effect.asVoid(
                Effect.forkDetach(Effect.flatMap(browser(center, state.authorizationUrl), Effect.forEach(visit)))
              )
            : Effect.void,
        pastedUrl: pasted,
        canOpenBrowser: Effect.succeed(true)
      }
    })
  )

const environment = (
  prompt: Layer.Layer<AuthorizationPrompt.AuthorizationPrompt, never, IdentityCenter.IdentityCenter>
) =>
  Layer.mergeAll(
    SsoOidc.layer({ region: "us-east-1" }),
    SsoStore.layerMemory(),
    NodeRedirectListener.layer,
    prompt
  ).pipe(Layer.provideMerge(center))

/** The flow, which fails with the reason of its `LoginFailed`. */
const authorize = AuthorizationCodeFlow.authorize(session).pipe(Effect.unwrapReason("LoginFailed"))

describe("AuthorizationCodeFlow.authorize", () => {
  it.live("sends the user to the service, receives the code, and exchanges it for a token", () =>
    Effect.gen(function* () {
      const token = yield* authorize
      assert.isDefined(token.refreshToken)
      assert.strictEqual(token.startUrl, session.startUrl)
      const { requests } = yield* IdentityCenter.IdentityCenter
      assert.deepStrictEqual(
        (yield* requests).map(({ grantType, operation }) => [operation, grantType]),
        [
          ["RegisterClient", undefined],
          ["CreateToken", "authorization_code"]
        ]
      )
    }).pipe(Effect.provide(environment(promptWith(approve))))
  )

  it.live("sends the authorization request of the AWS CLI", () =>
    Effect.gen(function* () {
      const shown = yield* Deferred.make<string>()
      const look: Browser = (center, url) => Effect.andThen(Deferred.succeed(shown, url), approve(center, url))
      yield* authorize.pipe(Effect.provide(environment(promptWith(look))))
      const url = new URL(yield* Deferred.await(shown))
      assert.strictEqual(url.origin + url.pathname, "https://oidc.us-east-1.amazonaws.com/authorize")
      const { client_id, code_challenge, redirect_uri, state, ...fixed } = Object.fromEntries(url.searchParams)
      assert.deepStrictEqual(fixed, {
        response_type: "code",
        code_challenge_method: "S256",
        scopes: "sso:account:access other:scope"
      })
      assert.match(redirect_uri ?? "", /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/)
      assert.match(code_challenge ?? "", /^[\w-]{43}$/)
      assert.match(state ?? "", /^[\w-]{43}$/)
      assert.isNotEmpty(client_id)
    })
  )

  it.live("fails with AccessDeniedException if the user declines", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(authorize)
      assert.strictEqual(error._tag, "AccessDeniedException")
    }).pipe(
      Effect.provide(
        environment(
          promptWith((center, url) => Effect.map(center.signIn(url, { approve: false }), ({ href }) => [href]))
        )
      )
    )
  )

  it.live("ignores callbacks with another state or none, and a second one", () =>
    Effect.gen(function* () {
      const token = yield* authorize
      assert.isDefined(token.refreshToken)
    }).pipe(
      Effect.provide(
        environment(
          promptWith((center, url) =>
            Effect.map(center.signIn(url), ({ href, origin, pathname }) => [
              `${origin}${pathname}?code=evil&state=other`,
              `${origin}${pathname}?code=evil`,
              `${origin}/elsewhere?code=evil`,
              href,
              `${href}&again=1`
            ])
          )
        )
      )
    )
  )

  it.live("fails if the code belongs to another verifier", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(authorize)
      assert.strictEqual(error._tag, "InvalidGrantException")
    }).pipe(
      Effect.provide(
        environment(
          promptWith((center, url) => {
            const other = new URL(url)
            other.searchParams.set("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
            return approve(center, other.href)
          })
        )
      )
    )
  )

  it.live("accepts the URL that the user pastes, with the same checks", () =>
    Effect.gen(function* () {
      const redirected = yield* Deferred.make<string>()
      const pastes = yield* Ref.make(0)
      const paste = Effect.gen(function* () {
        const url = yield* Deferred.await(redirected)
        const attempt = yield* Ref.getAndUpdate(pastes, (n) => n + 1)
        return ["nonsense", url.replace(/state=[^&]+/, "state=other"), url][attempt] ?? url
      })
      const elsewhere: Browser = (center, url) =>
        Effect.flatMap(center.signIn(url), ({ href }) => Effect.as(Deferred.succeed(redirected, href), []))
      const token = yield* authorize.pipe(Effect.provide(environment(promptWith(elsewhere, paste))))
      assert.isDefined(token.refreshToken)
      assert.strictEqual(yield* Ref.get(pastes), 3)
    })
  )

  it.live("signs in at once after its emulator was restarted on the same port", () => {
    /** Starts an emulator, signs in, and stops it. Returns the port and the clients that it knew. */
    const signInAt = (port: number) =>
      Effect.gen(function* () {
        const { baseUrl, requests, signIn } = yield* IdentityCenter.IdentityCenter
        const prompt = Layer.succeed(AuthorizationPrompt.AuthorizationPrompt, {
          show: (state) =>
            state._tag === "Redirecting"
              ? signIn(state.authorizationUrl).pipe(
                  Effect.orDie,
                  Effect.flatMap(({ href }) => Effect.asVoid(Effect.forkDetach(visit(href))))
                )
              : Effect.void
        })
        yield* AuthorizationCodeFlow.authorize(
          new SsoSession.SsoSession({ ...session, startUrl: `${baseUrl}/start` })
        ).pipe(
          Effect.provide([SsoOidc.layer({ endpoint: baseUrl }), NodeRedirectListener.layer, prompt]),
          Effect.provide(FetchHttpClient.layer)
        )
        return {
          port: Number(new URL(baseUrl).port),
          operations: (yield* requests).map(({ operation }) => operation)
        }
      }).pipe(
        Effect.provide(
          Layer.fresh(
            IdentityCenter.serve().pipe(Layer.provide(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" })))
          )
        )
      )
    return Effect.gen(function* () {
      const before = yield* signInAt(0)
      const after = yield* signInAt(before.port)
      assert.strictEqual(after.port, before.port)
      assert.deepStrictEqual(after.operations, ["RegisterClient", "CreateToken"])
    }).pipe(Effect.provide(SsoStore.layerMemory()))
  })

  it.live("reuses its client at an endpoint of AWS, which does not forget it", () =>
    Effect.gen(function* () {
      yield* authorize
      yield* authorize
      const { requests } = yield* IdentityCenter.IdentityCenter
      assert.deepStrictEqual(
        (yield* requests).map(({ operation }) => operation),
        ["RegisterClient", "CreateToken", "CreateToken"]
      )
    }).pipe(Effect.provide(environment(promptWith(approve))))
  )

  it.live("calls the region of the session, whatever the region of the layer", () =>
    Effect.gen(function* () {
      const token = yield* AuthorizationCodeFlow.authorize(
        new SsoSession.SsoSession({ ...session, region: "eu-west-1" })
      )
      assert.strictEqual(token.region, "eu-west-1")
      const { requests } = yield* IdentityCenter.IdentityCenter
      assert.deepStrictEqual(
        (yield* requests).map(({ host }) => host),
        Array(2).fill("oidc.eu-west-1.amazonaws.com")
      )
    }).pipe(
      Effect.provide(
        environment(
          promptWith((center, url) => {
            assert.strictEqual(new URL(url).host, "oidc.eu-west-1.amazonaws.com")
            return approve(center, url)
          })
        )
      )
    )
  )

  it.effect("fails with CallbackTimeout after ten minutes", () =>
    Effect.gen(function* () {
      const silent = Layer.succeed(RedirectListener.RedirectListener, {
        listen: () => Effect.succeed({ redirectUri: "http://127.0.0.1:4711/oauth/callback", response: Effect.never })
      })
      const fiber = yield* authorize.pipe(
        Effect.flip,
        Effect.provide(
          Layer.mergeAll(
            SsoOidc.layer({ region: "us-east-1" }),
            SsoStore.layerMemory(),
            AuthorizationPrompt.layerSilent,
            silent
          ).pipe(Layer.provide(center))
        ),
        Effect.forkChild
      )
      // The platform hashes the challenge outside the test clock
      while (fiber.pollUnsafe() === undefined) {
        yield* TestClock.adjust("10 minutes")
        yield* fileSystemTurn
      }
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "CallbackTimeout")
      assert.include(error.message, "10m")
    })
  )
})

describe("Login.login", () => {
  const flowOf = (
    options: Login.LoginOptions | undefined,
    members: Partial<SsoSession.SsoSession> = {},
    canOpenBrowser = true
  ) =>
    Effect.gen(function* () {
      const shown = yield* Deferred.make<string>()
      const prompt = Layer.succeed(AuthorizationPrompt.AuthorizationPrompt, {
        show: (state) => Effect.asVoid(Deferred.succeed(shown, state._tag)),
        canOpenBrowser: Effect.succeed(canOpenBrowser)
      })
      const fiber = yield* Login.login(new SsoSession.SsoSession({ ...session, ...members }), options).pipe(
        Effect.provide(environment(prompt)),
        Effect.forkChild
      )
      const first = yield* Deferred.await(shown)
      yield* Fiber.interrupt(fiber)
      return first === "Redirecting" ? "browser" : "device"
    })

  for (const [what, expected, options, members, canOpenBrowser] of [
    ["the browser flow if a browser can be opened", "browser", undefined, {}, true],
    ["the device flow if none can", "device", undefined, {}, false],
    ["the requested flow", "device", { flow: "device" }, {}, true],
    ["the requested browser flow without a browser", "browser", { flow: "browser" }, {}, false],
    ["the browser flow for a redirect port", "browser", { redirectPort: 0 }, {}, false],
    ["the browser flow for a redirect host", "browser", { redirectHost: "localhost" }, {}, false],
    ["the requested device flow, whatever the port", "device", { flow: "device", redirectPort: 0 }, {}, true],
    ["the flow of the session's login type", "device", undefined, { loginType: "device" }, true],
    ["the browser flow if it is the session's login type", "browser", undefined, { loginType: "browser" }, false],
    [
      "the requested flow before the session's login type",
      "browser",
      { flow: "browser" },
      { loginType: "device" },
      true
    ],
    ["the device flow for a legacy session", "device", undefined, { scopes: [] }, true]
  ] as const) {
    it.live(`chooses ${what}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* flowOf(options, members, canOpenBrowser), expected)
      })
    )
  }

  it.live("stores the token of the browser flow", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const token = yield* Login.login(session)
      const stored = yield* Effect.flatMap(cache.get(session), Effect.fromOption)
      assert.strictEqual(Redacted.value(stored.accessToken), Redacted.value(token.accessToken))
      assert.isTrue(Option.isSome(Option.fromUndefinedOr(stored.refreshToken)))
    }).pipe(Effect.provide(environment(promptWith(approve))))
  )
})
