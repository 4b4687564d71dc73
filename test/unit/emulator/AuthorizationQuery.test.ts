/** The checks of an authorization request at `/authorize`, and where each error is shown. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  authorizePath,
  deviceGrant,
  get,
  heading,
  location,
  redirectUri,
  registerBrowser,
  registeredUri
} from "./support.ts"

const center = IdentityCenter.IdentityCenter

// A page that redirects nowhere and has no form and no link.
const isRefused = Effect.fnUntraced(function* (path: string) {
  const { headers, status, text } = yield* get(path)
  assert.deepStrictEqual([status, heading(text)], [400, "Invalid request"], path)
  assert.isUndefined(headers["location"])
  assert.notMatch(text, /<form|<a |http-equiv/)
  return text
})

const isSentBack = Effect.fnUntraced(function* (path: string, error: string) {
  const reply = yield* get(path)
  const { origin, pathname, searchParams } = location(reply)
  assert.deepStrictEqual([reply.status, origin + pathname], [303, redirectUri], path)
  assert.strictEqual(searchParams.get("error"), error, path)
  assert.isNull(searchParams.get("code"))
  // RFC 6749 §4.1.2.1
  assert.match(searchParams.get("error_description") ?? "", /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/)
  return searchParams
})

const isOpened = Effect.fnUntraced(function* (path: string) {
  const { status, text } = yield* get(path)
  assert.deepStrictEqual([status, heading(text)], [200, "Sign in"], path)
})

describe("the client of an authorization request", () => {
  it.effect("an error about an unknown client is shown to the user and not sent to the client", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      assert.include(yield* isRefused(authorizePath(client, { client_id: "nobody" })), "nobody is not registered")
      for (const client_id of [undefined, ""]) {
        assert.include(yield* isRefused(authorizePath(client, { client_id })), "must have the parameter client_id")
      }
      yield* isRefused(`${authorizePath(client)}&client_id=${client.clientId}`)
      yield* (yield* center).revokeClients
      yield* isRefused(authorizePath(client))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused after its registration has expired", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      yield* TestClock.adjust(3_599_999)
      yield* isOpened(authorizePath(client))
      yield* TestClock.adjust(1)
      yield* isRefused(authorizePath(client))
    }).pipe(Effect.provide(IdentityCenter.layer({ registrationLifetime: "1 hour" })))
  )

  it.effect("must be registered for the authorization code grant", () =>
    Effect.gen(function* () {
      for (const grantTypes of [undefined, [deviceGrant, "refresh_token"]]) {
        yield* isSentBack(authorizePath(yield* registerBrowser({ grantTypes })), "unauthorized_client")
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the redirect URI of an authorization request", () => {
  it.effect("can have any port on a loopback address", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser({
        redirectUris: [
          registeredUri,
          "http://[::1]/oauth/callback",
          "http://127.0.0.1:9/fixed",
          "https://app.example/cb"
        ]
      })
      for (const redirect_uri of [
        registeredUri,
        "http://127.0.0.1:80/oauth/callback",
        "http://127.0.0.1:1/oauth/callback",
        "http://127.0.0.1:65535/oauth/callback",
        "http://[::1]/oauth/callback",
        "http://[::1]:8080/oauth/callback",
        "http://127.0.0.1/fixed",
        "http://127.0.0.1:10/fixed",
        "https://app.example/cb"
      ]) {
        yield* isOpened(authorizePath(client, { redirect_uri }))
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect.each([
    undefined,
    "",
    "/oauth/callback",
    "oauth/callback",
    // A different path
    "http://127.0.0.1:45678/",
    "http://127.0.0.1:45678/oauth/callback/",
    "http://127.0.0.1:45678/oauth/Callback",
    "http://127.0.0.1:45678/oauth/callback/../../steal",
    "http://127.0.0.1:45678/oauth/callback%2F..%2Fsteal",
    "http://127.0.0.1:45678//oauth/callback",
    // A query or fragment that is not registered
    "http://127.0.0.1:45678/oauth/callback?next=https://evil.example",
    "http://127.0.0.1:45678/oauth/callback#",
    "http://127.0.0.1:45678/oauth/callback#fragment",
    " http://127.0.0.1:45678/oauth/callback",
    "http://127.0.0.1:45678/oauth/callback\n",
    // A different host or scheme
    "http://evil.example/oauth/callback",
    "https://127.0.0.1:45678/oauth/callback",
    "http://127.0.0.1.evil.example/oauth/callback",
    "http://127.0.0.1@evil.example/oauth/callback",
    "http://127.0.0.1:45678@evil.example/oauth/callback",
    "http://evil.example:80@127.0.0.1/oauth/callback",
    "http://evil.example#http://127.0.0.1/oauth/callback",
    "http://evil.example\\@127.0.0.1/oauth/callback",
    "http://127.0.0.2:45678/oauth/callback",
    "http://127.1:45678/oauth/callback",
    "http://0x7f000001:45678/oauth/callback",
    "http://2130706433/oauth/callback",
    "http://localhost:45678/oauth/callback",
    "http://[::1]:45678/oauth/callback",
    "http://[::ffff:127.0.0.1]:45678/oauth/callback",
    "HTTP://127.0.0.1:45678/oauth/callback",
    "//127.0.0.1:45678/oauth/callback",
    "javascript:alert(1)//127.0.0.1/oauth/callback",
    // Invalid ports
    "http://127.0.0.1:99999/oauth/callback",
    "http://127.0.0.1:-1/oauth/callback",
    "http://127.0.0.1:/oauth/callback",
    "http://127.0.0.1:45678:1/oauth/callback"
  ])("is refused unless it is registered: %j", (redirect_uri) =>
    Effect.gen(function* () {
      yield* isRefused(authorizePath(yield* registerBrowser(), { redirect_uri }))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused if it is repeated", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      yield* isRefused(`${path}&redirect_uri=${encodeURIComponent(redirectUri)}`)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must be registered by the same client", () =>
    Effect.gen(function* () {
      yield* registerBrowser()
      const text = yield* isRefused(authorizePath(yield* registerBrowser({ redirectUris: undefined })))
      assert.include(text, "Registered: none")
      yield* isRefused(authorizePath(yield* registerBrowser({ redirectUris: ["http://127.0.0.1/other"] })))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must match exactly, including the port, if the host is not a loopback address", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser({
        redirectUris: ["https://app.example/cb", "http://localhost:8000/cb", "https://127.0.0.1/cb"]
      })
      yield* isOpened(authorizePath(client, { redirect_uri: "http://localhost:8000/cb" }))
      for (const redirect_uri of [
        "https://app.example:8443/cb",
        "https://app.example:443/cb",
        "https://APP.example/cb",
        "http://app.example/cb",
        "https://sub.app.example/cb",
        "http://localhost:8001/cb",
        "https://127.0.0.1:8443/cb"
      ]) {
        yield* isRefused(authorizePath(client, { redirect_uri }))
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("an invalid authorization request", () => {
  const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

  it.effect.each([
    ["invalid_request", { response_type: undefined }],
    ["invalid_request", { response_type: "" }],
    ["unsupported_response_type", { response_type: "token" }],
    ["unsupported_response_type", { response_type: "code id_token" }],
    ["unsupported_response_type", { response_type: "CODE" }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_request", { code_challenge: "" }],
    ["invalid_request", { code_challenge: challenge.slice(1) }],
    ["invalid_request", { code_challenge: `${challenge}=` }],
    ["invalid_request", { code_challenge: challenge.replace("-", "+") }],
    ["invalid_request", { code_challenge_method: undefined }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge_method: "s256" }],
    ["invalid_request", { code_challenge: undefined, code_challenge_method: undefined }],
    ["invalid_scope", { scopes: "sso:account:access unknown" }],
    ["invalid_scope", { scopes: "SSO:account:access" }],
    ["invalid_scope", { scopes: "sso:account:access " }],
    ["invalid_scope", { scopes: "sso:account:access,b:c" }],
    ["invalid_scope", { scopes: "<script>" }]
  ] as const)("redirects to the client with the error %s for %j", ([error, changes]) =>
    Effect.gen(function* () {
      const searchParams = yield* isSentBack(authorizePath(yield* registerBrowser(), changes), error)
      assert.strictEqual(searchParams.get("state"), "a state")
      const { authorizationRequests, requests } = yield* center
      assert.deepStrictEqual(yield* authorizationRequests, [])
      const last = (yield* requests).at(-1)
      assert.deepStrictEqual([last?.status, last?.error], [303, error])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("redirects with invalid_request if any parameter is repeated, even an unknown one", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      yield* isSentBack(`${path}&response_type=code`, "invalid_request")
      yield* isSentBack(`${path}&x=1&x=2`, "invalid_request")
      const twice = yield* isSentBack(`${path}&state=other`, "invalid_request")
      assert.isNull(twice.get("state"))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("redirects without a state if the request has none", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser(), { state: undefined, response_type: "token" })
      assert.isFalse((yield* isSentBack(path, "unsupported_response_type")).has("state"))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("keeps the query of the redirect URI", () =>
    Effect.gen(function* () {
      const uri = "http://127.0.0.1/cb?tenant=a%20b&state=mine"
      const client = yield* registerBrowser({ redirectUris: [uri] })
      const { searchParams } = location(
        yield* get(authorizePath(client, { redirect_uri: uri, response_type: "token", state: "s" }))
      )
      assert.strictEqual(searchParams.get("tenant"), "a b")
      assert.deepStrictEqual(searchParams.getAll("state"), ["mine", "s"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the scopes of an authorization request", () => {
  it.effect("are the requested scopes, or by default all registered scopes", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser({ scopes: ["a:b", "c:d"] })
      yield* isOpened(authorizePath(client, { scopes: "c:d" }))
      yield* isOpened(authorizePath(client, { scopes: undefined }))
      // `scope` is no parameter of the service, so it is ignored (RFC 6749 §3.1)
      yield* isOpened(authorizePath(client, { scopes: undefined, scope: "unknown" }))
      assert.deepStrictEqual(
        (yield* (yield* center).authorizationRequests).map(({ scopes }) => scopes),
        [["c:d"], ["a:b", "c:d"], ["a:b", "c:d"]]
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("any authorization request", () => {
  const names = Schema.Literals([
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "scopes",
    "request",
    "user"
  ])
  const changes = Schema.Array(
    Schema.Tuple([
      names,
      Schema.Union([
        Schema.String,
        Schema.Literals(["code", "S256", "//evil.example", "https://evil.example/", "http://127.0.0.1:1@evil.example/"])
      ])
    ])
  )

  it.effect.prop("results in a page or in a redirect to a registered URI", [changes], ([changes]) =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser(), Object.fromEntries(changes))
      for (const address of [
        path,
        `/authorize?${new URLSearchParams(changes.map(([name, value]) => [name, value]))}`
      ]) {
        const reply = yield* get(address)
        assert.include([200, 303, 400], reply.status)
        if (reply.status === 303) {
          const { hostname, pathname, protocol } = location(reply)
          assert.deepStrictEqual([protocol, hostname, pathname], ["http:", "127.0.0.1", "/oauth/callback"])
        }
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
