/** Authorization requests and their authorization codes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  signInAt,
  authorizePath,
  exchange,
  get,
  pkce,
  redirectUri,
  refresh,
  registerBrowser,
  registeredUri,
  startUrl
} from "./support.ts"

const center = IdentityCenter.IdentityCenter

// A client, and the redirect after a user has approved its request.
const approved = Effect.fnUntraced(function* (members?: Readonly<Record<string, unknown>>) {
  const client = yield* registerBrowser(members)
  return { client, redirect: yield* signInAt(authorizePath(client)) }
})

describe("signIn", () => {
  it.effect("returns the redirect URI with a code and the unchanged state", () =>
    Effect.gen(function* () {
      const { redirect } = yield* approved()
      assert.strictEqual(redirect.origin + redirect.pathname, redirectUri)
      assert.deepStrictEqual([...redirect.searchParams.keys()], ["code", "state"])
      assert.match(redirect.searchParams.get("code") ?? "", /^emulated-authorization-code-/)
      assert.strictEqual(redirect.searchParams.get("state"), "a state")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("returns the redirect URI with access_denied if the user denies the request", () =>
    Effect.gen(function* () {
      const { searchParams } = yield* signInAt(authorizePath(yield* registerBrowser()), { approve: false })
      assert.deepStrictEqual([...searchParams.keys()], ["error", "error_description", "state"])
      assert.strictEqual(searchParams.get("error"), "access_denied")
      assert.strictEqual(searchParams.get("state"), "a state")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("returns the redirect URI with the error of an invalid request", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser(), { code_challenge_method: "plain" })
      assert.strictEqual((yield* signInAt(path)).searchParams.get("error"), "invalid_request")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("fails if the client, the redirect URI or the user is unknown", () =>
    Effect.gen(function* () {
      const { signIn } = yield* center
      const client = yield* registerBrowser()
      const reason = (path: string) => Effect.flip(signInAt(path))
      const stranger = yield* reason(authorizePath(client, { client_id: "nobody" }))
      assert.deepInclude(stranger, { _tag: "InvalidAuthorizationRequest", parameter: "client_id", value: "nobody" })
      const astray = yield* reason(authorizePath(client, { redirect_uri: "http://evil.example/" }))
      assert.deepInclude(astray, { parameter: "redirect_uri", registered: [registeredUri] })
      assert.strictEqual(
        astray.message,
        `the redirect URI http://evil.example/ is not registered. Registered: ${registeredUri}`
      )
      const nothing = yield* Effect.flip(signIn("no address at all"))
      assert.deepInclude(nothing, { parameter: "client_id", value: undefined })
      const nobody = yield* Effect.flip(signInAt(authorizePath(client), { user: "carol" }))
      assert.strictEqual(nobody._tag, "UnknownUser")
      assert.deepStrictEqual(yield* (yield* center).authorizationRequests, [])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect.prop("returns any state unchanged", [Schema.String.check(Schema.isNonEmpty())], ([state]) =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      for (const approve of [true, false]) {
        const redirect = yield* signInAt(authorizePath(client, { state }), { approve })
        // A URL cannot contain lone surrogates
        assert.strictEqual(new URL(redirect.href).searchParams.get("state"), state.toWellFormed())
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("does not let a state inject parameters, headers or a fragment", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      for (const state of ["s&code=stolen", "#code=stolen", "\r\nSet-Cookie: a=b", "<script>", "%26", "a+b c"]) {
        const { hash, searchParams } = yield* signInAt(authorizePath(client, { state }))
        assert.strictEqual(searchParams.get("state"), state)
        assert.lengthOf(searchParams.getAll("code"), 1)
        assert.strictEqual(hash, "")
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("authorizationRequests", () => {
  it.effect("shows client, scopes, user and status of each request, without secrets", () =>
    Effect.gen(function* () {
      const { authorizationRequests } = yield* center
      const client = yield* registerBrowser({ clientName: "one", scopes: ["a:b", "c:d"] })
      const path = authorizePath(client, { scopes: "c:d" })
      yield* get(path)
      yield* TestClock.adjust("1 minute")
      yield* signInAt(path, { user: "bob" })
      yield* signInAt(path, { approve: false })
      yield* exchange(client, yield* signInAt(path))
      const common = { clientName: "one", scopes: ["c:d"], redirectUri, issuerUrl: startUrl }
      const known = yield* authorizationRequests
      assert.deepStrictEqual(known, [
        { ...common, status: "pending", expiresAt: 600_000 },
        { ...common, status: "approved", user: "bob", expiresAt: 660_000 },
        { ...common, status: "denied", expiresAt: 660_000 },
        { ...common, status: "redeemed", user: "alice", expiresAt: 660_000 }
      ])
      assert.notMatch(JSON.stringify(known), /emulated-/)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(
        (yield* authorizationRequests).map(({ status }) => status),
        ["expired", "expired", "denied", "redeemed"]
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("an authorization code", () => {
  it.effect("is exchanged for tokens that can be refreshed", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { members, status } = yield* exchange(client, redirect)
      assert.strictEqual(status, 200)
      assert.match(String(members["accessToken"]), /^aoaAAAAA-emulated-access-/)
      assert.strictEqual(members["expiresIn"], 28_800)
      const refreshed = yield* refresh(client, members["refreshToken"])
      assert.strictEqual(refreshed.status, 200)
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, refreshed.members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("gives no refresh token to a client without scopes or without the refresh token grant", () =>
    Effect.gen(function* () {
      const withoutScopes = yield* registerBrowser({ scopes: undefined })
      const redirect = yield* signInAt(authorizePath(withoutScopes, { scopes: undefined }))
      const { members, status } = yield* exchange(withoutScopes, redirect)
      assert.deepStrictEqual([status, members["refreshToken"]], [200, null])
      const once = yield* approved({ grantTypes: ["authorization_code"] })
      assert.isNull((yield* exchange(once.client, once.redirect)).members["refreshToken"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with a wrong code verifier, and stays valid", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const other = "a".repeat(64)
      for (const codeVerifier of [other, pkce.challenge, pkce.verifier.slice(1), `${pkce.verifier}a`, "short", "ü"]) {
        const { exception, status } = yield* exchange(client, redirect, { codeVerifier })
        assert.deepStrictEqual([status, exception], [400, "InvalidGrantException"], codeVerifier)
      }
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with a code verifier that RFC 7636 does not allow, even if it matches the challenge", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      // The SHA-256 of "short"
      const code_challenge = "-bAHi131ltLqGQEMABu9AJ5lHeLFfo-341XzHrnT9zk"
      const redirect = yield* signInAt(authorizePath(client, { code_challenge }))
      const { exception, members } = yield* exchange(client, redirect, { codeVerifier: "short" })
      assert.strictEqual(exception, "InvalidGrantException")
      assert.include(String(members["error_description"]), "43 to 128")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused without a code verifier", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { exception, members } = yield* exchange(client, redirect, { codeVerifier: undefined })
      assert.strictEqual(exception, "InvalidRequestException")
      assert.include(String(members["error_description"]), "codeVerifier")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with a redirect URI other than that of its request, even if it is registered", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      for (const other of [registeredUri, redirectUri.replace("45678", "45679"), `${redirectUri}/`, "https://x/"]) {
        const { exception } = yield* exchange(client, redirect, { redirectUri: other })
        assert.strictEqual(exception, "InvalidGrantException", other)
      }
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused for another client, and stays valid", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const stranger = yield* registerBrowser()
      assert.strictEqual((yield* exchange(stranger, redirect)).exception, "InvalidGrantException")
      const { members } = yield* exchange(client, redirect)
      // Another client cannot revoke the tokens either
      assert.strictEqual((yield* exchange(stranger, redirect)).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused if it is unknown, or if the client is not authenticated or not registered for the grant", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const refusal = (changes: Readonly<Record<string, unknown>>) =>
        Effect.map(exchange(client, redirect, changes), ({ exception, status }) => [status, exception])
      assert.deepStrictEqual(yield* refusal({ code: "made up" }), [400, "InvalidGrantException"])
      assert.deepStrictEqual(yield* refusal({ clientSecret: "wrong" }), [401, "InvalidClientException"])
      const device = yield* registerBrowser({ grantTypes: undefined })
      const { exception } = yield* exchange(device, redirect)
      assert.strictEqual(exception, "UnauthorizedClientException")
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("expires after ten minutes", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const [early, late] = [yield* signInAt(authorizePath(client)), yield* signInAt(authorizePath(client))]
      yield* TestClock.adjust(599_999)
      assert.strictEqual((yield* exchange(client, early)).status, 200)
      yield* TestClock.adjust(1)
      const { exception, members } = yield* exchange(client, late)
      assert.strictEqual(exception, "InvalidGrantException")
      assert.include(String(members["error_description"]), "expired")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can be used once: a second use revokes its tokens, including refreshed ones", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const first = yield* exchange(client, redirect)
      const refreshed = yield* refresh(client, first.members["refreshToken"])
      const other = yield* exchange(client, yield* signInAt(authorizePath(client)))
      const again = yield* exchange(client, redirect)
      assert.deepStrictEqual([again.status, again.exception], [400, "InvalidGrantException"])
      assert.strictEqual((yield* refresh(client, refreshed.members["refreshToken"])).exception, "InvalidGrantException")
      // The tokens of another code stay valid
      assert.strictEqual((yield* refresh(client, other.members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("revokes its tokens on a second use even with a wrong code verifier", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { members } = yield* exchange(client, redirect)
      yield* exchange(client, redirect, { codeVerifier: "a".repeat(64) })
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("gives tokens to one of two concurrent exchanges", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const replies = yield* Effect.all([exchange(client, redirect), exchange(client, redirect)], { concurrency: 2 })
      assert.deepStrictEqual(replies.map((reply) => reply.exception ?? "tokens").toSorted(), [
        "InvalidGrantException",
        "tokens"
      ])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
