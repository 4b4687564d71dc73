/** What becomes of an authorization request, and of the code that answers it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  answerRequest,
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

// A client, and where its browser is sent after the person has approved.
const approved = Effect.fnUntraced(function* (members?: Readonly<Record<string, unknown>>) {
  const client = yield* registerBrowser(members)
  return { client, redirect: yield* answerRequest(authorizePath(client)) }
})

describe("signing in without a browser", () => {
  it.effect("leads to the redirect URI with a code, and the state as it was", () =>
    Effect.gen(function* () {
      const { redirect } = yield* approved()
      assert.strictEqual(redirect.origin + redirect.pathname, redirectUri)
      assert.deepStrictEqual([...redirect.searchParams.keys()], ["code", "state"])
      assert.match(redirect.searchParams.get("code") ?? "", /^emulated-authorization-code-/)
      assert.strictEqual(redirect.searchParams.get("state"), "a state")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("leads there with access_denied where the person denies", () =>
    Effect.gen(function* () {
      const { searchParams } = yield* answerRequest(authorizePath(yield* registerBrowser()), { approve: false })
      assert.deepStrictEqual([...searchParams.keys()], ["error", "error_description", "state"])
      assert.strictEqual(searchParams.get("error"), "access_denied")
      assert.strictEqual(searchParams.get("state"), "a state")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("leads there with the error of a request that is wrong", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser(), { code_challenge_method: "plain" })
      assert.strictEqual((yield* answerRequest(path)).searchParams.get("error"), "invalid_request")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is an error where no answer can be sent", () =>
    Effect.gen(function* () {
      const { signIn } = yield* center
      const client = yield* registerBrowser()
      const reason = (path: string) => Effect.flip(answerRequest(path))
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
      const nobody = yield* Effect.flip(answerRequest(authorizePath(client), { user: "carol" }))
      assert.strictEqual(nobody._tag, "UnknownUser")
      assert.deepStrictEqual(yield* (yield* center).authorizationRequests, [])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect.prop("passes any state through unchanged", [Schema.String.check(Schema.isNonEmpty())], ([state]) =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      for (const approve of [true, false]) {
        const redirect = yield* answerRequest(authorizePath(client, { state }), { approve })
        // What is no Unicode is so after its way through a URL
        assert.strictEqual(new URL(redirect.href).searchParams.get("state"), state.toWellFormed())
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("lets a state that tries to be more than that be a state", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      for (const state of ["s&code=stolen", "#code=stolen", "\r\nSet-Cookie: a=b", "<script>", "%26", "a+b c"]) {
        const { hash, searchParams } = yield* answerRequest(authorizePath(client, { state }))
        assert.strictEqual(searchParams.get("state"), state)
        assert.lengthOf(searchParams.getAll("code"), 1)
        assert.strictEqual(hash, "")
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("what is known of authorization requests", () => {
  it.effect("shows who asked for what, who approved, and how far it got, without a secret", () =>
    Effect.gen(function* () {
      const { authorizationRequests } = yield* center
      const client = yield* registerBrowser({ clientName: "one", scopes: ["a:b", "c:d"] })
      const path = authorizePath(client, { scopes: "c:d" })
      yield* get(path)
      yield* TestClock.adjust("1 minute")
      yield* answerRequest(path, { user: "bob" })
      yield* answerRequest(path, { approve: false })
      yield* exchange(client, yield* answerRequest(path))
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
  it.effect("is exchanged for tokens that are renewed like others", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { members, status } = yield* exchange(client, redirect)
      assert.strictEqual(status, 200)
      assert.match(String(members["accessToken"]), /^aoaAAAAA-emulated-access-/)
      assert.strictEqual(members["expiresIn"], 28_800)
      const renewed = yield* refresh(client, members["refreshToken"])
      assert.strictEqual(renewed.status, 200)
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, renewed.members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("gives no refresh token to a client without scopes, nor to one without that grant", () =>
    Effect.gen(function* () {
      const withoutScopes = yield* registerBrowser({ scopes: undefined })
      const redirect = yield* answerRequest(authorizePath(withoutScopes, { scopes: undefined }))
      const { members, status } = yield* exchange(withoutScopes, redirect)
      assert.deepStrictEqual([status, members["refreshToken"]], [200, null])
      const once = yield* approved({ grantTypes: ["authorization_code"] })
      assert.isNull((yield* exchange(once.client, once.redirect)).members["refreshToken"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with another verifier, and survives it", () =>
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

  it.effect("is not exchanged for a verifier that RFC 7636 does not allow, though it has the challenge", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      // The SHA-256 of "short"
      const code_challenge = "-bAHi131ltLqGQEMABu9AJ5lHeLFfo-341XzHrnT9zk"
      const redirect = yield* answerRequest(authorizePath(client, { code_challenge }))
      const { exception, members } = yield* exchange(client, redirect, { codeVerifier: "short" })
      assert.strictEqual(exception, "InvalidGrantException")
      assert.include(String(members["error_description"]), "43 to 128")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("wants a verifier", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { exception, members } = yield* exchange(client, redirect, { codeVerifier: undefined })
      assert.strictEqual(exception, "InvalidRequestException")
      assert.include(String(members["error_description"]), "codeVerifier")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with another redirect URI than that of its request, be it a registered one", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      for (const other of [registeredUri, redirectUri.replace("45678", "45679"), `${redirectUri}/`, "https://x/"]) {
        const { exception } = yield* exchange(client, redirect, { redirectUri: other })
        assert.strictEqual(exception, "InvalidGrantException", other)
      }
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is bound to its client, and survives a stranger's attempt", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const stranger = yield* registerBrowser()
      assert.strictEqual((yield* exchange(stranger, redirect)).exception, "InvalidGrantException")
      const { members } = yield* exchange(client, redirect)
      // Nor can a stranger revoke what the client got for it
      assert.strictEqual((yield* exchange(stranger, redirect)).exception, "InvalidGrantException")
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must be one that was given out, to a client that proves who it is and may use it", () =>
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

  it.effect("lives for ten minutes", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const [early, late] = [yield* answerRequest(authorizePath(client)), yield* answerRequest(authorizePath(client))]
      yield* TestClock.adjust(599_999)
      assert.strictEqual((yield* exchange(client, early)).status, 200)
      yield* TestClock.adjust(1)
      const { exception, members } = yield* exchange(client, late)
      assert.strictEqual(exception, "InvalidGrantException")
      assert.include(String(members["error_description"]), "expired")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("works once; used again, it takes back what it gave, and what that became", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const first = yield* exchange(client, redirect)
      const renewed = yield* refresh(client, first.members["refreshToken"])
      const other = yield* exchange(client, yield* answerRequest(authorizePath(client)))
      const again = yield* exchange(client, redirect)
      assert.deepStrictEqual([again.status, again.exception], [400, "InvalidGrantException"])
      assert.strictEqual((yield* refresh(client, renewed.members["refreshToken"])).exception, "InvalidGrantException")
      // What another code gave is not touched
      assert.strictEqual((yield* refresh(client, other.members["refreshToken"])).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("takes back what it gave even if the thief knows no verifier", () =>
    Effect.gen(function* () {
      const { client, redirect } = yield* approved()
      const { members } = yield* exchange(client, redirect)
      yield* exchange(client, redirect, { codeVerifier: "a".repeat(64) })
      assert.strictEqual((yield* refresh(client, members["refreshToken"])).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("gives tokens to one of two who come at once", () =>
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
