/** The pages of the authorization code flow. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import * as Support from "./support.ts"
import {
  signInAt,
  authorizePath,
  exchange,
  get,
  heading,
  location,
  redirectUri,
  registerBrowser,
  startUrl
} from "./support.ts"

const center = IdentityCenter.IdentityCenter

const press = (page: string, decision: string, changes?: Readonly<Record<string, string>>) =>
  Support.press("/authorize/consent", page, decision, changes)

const idOf = (page: string) => /name="request" value="(\w+)"/.exec(page)?.[1] ?? ""

const choose = (page: string, user: string) =>
  get(`/authorize/consent?${new URLSearchParams({ request: idOf(page), user })}`)

// The consent page, after a user has signed in.
const consentPage = Effect.fnUntraced(function* (path: string, user = "alice") {
  return (yield* choose((yield* get(path)).text, user)).text
})

describe("the authorize pages", () => {
  it.effect("show the users who can sign in", () =>
    Effect.gen(function* () {
      const { status, text } = yield* get(authorizePath(yield* registerBrowser({ clientName: "my tool" })))
      assert.deepStrictEqual([status, heading(text)], [200, "Sign in"])
      assert.include(text, "my tool")
      assert.include(text, "No password")
      assert.deepStrictEqual(
        [...text.matchAll(/<button class="user" name="user" value="(\w+)"/g)].map(([, user]) => user),
        ["alice", "bob"]
      )
      assert.notMatch(text, /type="(password|text)"/)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("show user, application, portal, scopes and redirect before access is allowed", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser({ clientName: "my tool", scopes: ["a:b", "c:d", "e:f"] })
      const text = yield* consentPage(authorizePath(client, { scopes: "a:b c:d" }), "bob")
      assert.strictEqual(heading(text), "Allow access?")
      for (const shown of ["Bob Example", "my tool", startUrl, "a:b", "c:d", "http://127.0.0.1:45678"]) {
        assert.include(text, shown)
      }
      assert.notInclude(text, "e:f")
      assert.notInclude(text, "Alice")
      assert.notInclude(text, client.clientSecret)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can be reloaded, and a different user can sign in to the same request", () =>
    Effect.gen(function* () {
      const first = (yield* get(authorizePath(yield* registerBrowser()))).text
      yield* choose(first, "alice")
      const again = (yield* choose(first, "alice")).text
      const link = /<a href="([^"]+)"/.exec(again)?.[1] ?? ""
      const other = (yield* get(link)).text
      assert.strictEqual(heading(other), "Sign in")
      yield* press((yield* choose(other, "bob")).text, "approve")
      const requests = yield* (yield* center).authorizationRequests
      assert.deepStrictEqual(
        requests.map(({ status, user }) => [status, user]),
        [["approved", "bob"]]
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("have strict headers, and their form can be sent only to this server and the redirect URI", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      const consent = yield* choose((yield* get(path)).text, "alice")
      const refused = yield* get("/authorize")
      for (const { headers, text } of [yield* get(path), consent, refused]) {
        const policy = headers["content-security-policy"] ?? ""
        assert.match(policy, /^default-src 'none'; style-src 'nonce-\w{22}'; base-uri 'none'; frame-ancestors 'none'; /)
        assert.strictEqual(headers["cache-control"], "no-store")
        assert.strictEqual(headers["referrer-policy"], "no-referrer")
        assert.notMatch(text, /<script|\son\w+=|\sstyle=|\ssrc=|\shref="[^/]|@import|url\(/)
      }
      const formAction = (reply: Support.Reply) =>
        /form-action (.*)$/.exec(reply.headers["content-security-policy"] ?? "")?.[1]
      assert.strictEqual(formAction(consent), "'self' http://127.0.0.1:45678")
      assert.strictEqual(formAction(refused), "'self'")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("allow the scheme if the policy cannot express the host, and never let a host change the policy", () =>
    Effect.gen(function* () {
      for (const [redirect_uri, source] of [
        ["http://[::1]:8080/cb", "http:"],
        ["https://a;script-src/cb", "https:"],
        ["https://a,b/cb", "https:"],
        ["https://app.example:8443/cb", "https://app.example:8443"]
      ] as const) {
        const client = yield* registerBrowser({ redirectUris: [redirect_uri] })
        const { headers } = yield* choose((yield* get(authorizePath(client, { redirect_uri }))).text, "alice")
        const allowed = /form-action 'self' (.*)$/.exec(headers["content-security-policy"] ?? "")?.[1]
        assert.strictEqual(allowed, source)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("are accessible: language, title, one heading, landmarks", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      for (const text of [(yield* get(path)).text, yield* consentPage(path), (yield* get("/authorize")).text]) {
        assert.match(text, /^<!doctype html>\s*<html lang="en">/)
        assert.match(text, /<title>[^<]+<\/title>/)
        assert.lengthOf(text.match(/<h1>/g) ?? [], 1)
        for (const landmark of ["<header>", "<main>", "<footer>"]) {
          assert.lengthOf(text.split(landmark), 2)
        }
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("escape all values from requests and options", () =>
    Effect.gen(function* () {
      const hostile = `</title><script>alert("1")</script>&'`
      const escaped = "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"
      const client = yield* registerBrowser({ clientName: hostile, scopes: ["<b>'&"], issuerUrl: "https://x/?<b>'" })
      const path = authorizePath(client, { state: hostile, scopes: "<b>'&" })
      const user = `"><script>`
      const pages = [
        (yield* get(path)).text,
        yield* consentPage(path, user),
        (yield* get(authorizePath(client, { client_id: hostile }))).text,
        (yield* get(authorizePath(client, { redirect_uri: hostile }))).text,
        (yield* get(`/authorize/consent?request=${encodeURIComponent(hostile)}`)).text,
        yield* consentPage(path, hostile)
      ]
      for (const text of pages) {
        assert.notMatch(text, /<script|<b>/)
      }
      for (const page of pages.slice(0, 4)) assert.include(page, escaped)
      assert.include(pages[1], "&lt;b&gt;&#39;&amp;")
      assert.include(pages[1], 'name="user" value="&quot;&gt;&lt;script&gt;"')
    }).pipe(Effect.provide(IdentityCenter.layer({ users: [{ name: `"><script>`, displayName: "</main><script>" }] })))
  )
})

describe("the decision on the authorize pages", () => {
  it.effect("to allow access redirects with a code that can be exchanged for tokens", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const reply = yield* press(yield* consentPage(authorizePath(client)), "approve")
      const redirect = location(reply)
      assert.deepStrictEqual([reply.status, redirect.origin + redirect.pathname], [303, redirectUri])
      assert.strictEqual(reply.headers["cache-control"], "no-store")
      assert.strictEqual(redirect.searchParams.get("state"), "a state")
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("starts the ten minutes of the code anew", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const page = yield* consentPage(authorizePath(client))
      yield* TestClock.adjust("9 minutes")
      const redirect = location(yield* press(page, "approve"))
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual((yield* exchange(client, redirect)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("to deny redirects with access_denied, and the log shows it", () =>
    Effect.gen(function* () {
      const reply = yield* press(yield* consentPage(authorizePath(yield* registerBrowser())), "deny")
      assert.strictEqual(location(reply).searchParams.get("error"), "access_denied")
      const last = (yield* (yield* center).requests).at(-1)
      assert.deepInclude(last, { method: "POST", path: "/authorize/consent", status: 303, error: "access_denied" })
      assert.strictEqual((yield* (yield* center).authorizationRequests)[0]?.status, "denied")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is accepted once", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      const first = (yield* get(path)).text
      const page = (yield* choose(first, "alice")).text
      yield* press(page, "deny")
      for (const late of [yield* press(page, "approve"), yield* choose(first, "alice")]) {
        assert.deepStrictEqual([late.status, heading(late.text)], [409, "Request already completed"])
        assert.isUndefined(late.headers["location"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused after ten minutes", () =>
    Effect.gen(function* () {
      const path = authorizePath(yield* registerBrowser())
      const first = (yield* get(path)).text
      const page = (yield* choose(first, "alice")).text
      yield* TestClock.adjust(599_999)
      assert.strictEqual((yield* choose(first, "alice")).status, 200)
      yield* TestClock.adjust(1)
      for (const late of [yield* press(page, "approve"), yield* choose(first, "alice")]) {
        assert.deepStrictEqual([late.status, heading(late.text)], [410, "Request expired"])
        assert.isUndefined(late.headers["location"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused for an unknown request", () =>
    Effect.gen(function* () {
      const page = yield* consentPage(authorizePath(yield* registerBrowser()))
      for (const reply of [
        yield* press(page, "approve", { request: "made up" }),
        yield* press("", "approve"),
        yield* get("/authorize/consent?request=made-up"),
        yield* get("/authorize/consent")
      ]) {
        assert.deepStrictEqual([reply.status, heading(reply.text)], [404, "Request not found"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused without the token of the form", () =>
    Effect.gen(function* () {
      const client = yield* registerBrowser()
      const page = yield* consentPage(authorizePath(client))
      const own = yield* consentPage(authorizePath(client))
      const form_token = /name="form_token" value="(\w+)"/.exec(own)?.[1] ?? ""
      assert.match(form_token, /^\w{22}$/)
      for (const reply of [
        yield* press(page, "approve", { form_token: "" }),
        yield* press(page, "approve", { form_token: "guess" }),
        yield* press("", "approve", { request: idOf(page), user: "alice" }),
        // The token of another request
        yield* press(page, "approve", { form_token }),
        // The id of the request, which is in the URL
        yield* press(page, "approve", { form_token: idOf(page) })
      ]) {
        assert.deepStrictEqual([reply.status, heading(reply.text)], [403, "Form rejected"])
        assert.isUndefined(reply.headers["location"])
      }
      const statuses = (yield* (yield* center).authorizationRequests).map(({ status }) => status)
      assert.deepStrictEqual(statuses, ["pending", "pending"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must be approve or deny, by a known user", () =>
    Effect.gen(function* () {
      const first = (yield* get(authorizePath(yield* registerBrowser()))).text
      const page = (yield* choose(first, "alice")).text
      for (const decision of ["", "maybe", "constructor"]) {
        assert.strictEqual((yield* press(page, decision)).status, 400)
      }
      for (const user of ["carol", ""]) {
        assert.strictEqual((yield* press(page, "approve", { user })).status, 400)
        assert.strictEqual((yield* choose(first, user)).status, 400)
      }
      assert.strictEqual((yield* (yield* center).authorizationRequests)[0]?.status, "pending")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("cannot be made with GET", () =>
    Effect.gen(function* () {
      const page = yield* consentPage(authorizePath(yield* registerBrowser()))
      const form_token = /name="form_token" value="(\w+)"/.exec(page)?.[1] ?? ""
      const query = new URLSearchParams({ request: idOf(page), user: "alice", form_token, decision: "approve" })
      assert.strictEqual((yield* get(`/authorize/consent?${query}`)).status, 200)
      assert.strictEqual((yield* (yield* center).authorizationRequests)[0]?.status, "pending")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

it.effect("signIn has the same result as a sign-in in the browser", () =>
  Effect.gen(function* () {
    const path = authorizePath(yield* registerBrowser())
    const browser = location(yield* press(yield* consentPage(path, "bob"), "approve"))
    const control = yield* signInAt(path, { user: "bob" })
    for (const redirect of [browser, control]) redirect.searchParams.set("code", "")
    assert.strictEqual(browser.href, control.href)
    const [first, second] = yield* (yield* center).authorizationRequests
    assert.deepStrictEqual(first, second)
  }).pipe(Effect.provide(IdentityCenter.layer()))
)
