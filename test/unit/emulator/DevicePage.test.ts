import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import * as Support from "./support.ts"
import { get, heading, poll, register, start } from "./support.ts"

const center = IdentityCenter.IdentityCenter

const press = (page: string, decision: string, changes?: Readonly<Record<string, string>>) =>
  Support.press("/device", page, decision, changes)

const pageOf = (device: { readonly userCode: string }) => get(`/device?user_code=${device.userCode}`)

describe("the device page", () => {
  it.effect("asks for the code", () =>
    Effect.gen(function* () {
      const { status, headers, text } = yield* get("/device")
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["content-type"], "text/html; charset=utf-8")
      assert.match(text, /<form method="get" action="\/device">/)
      assert.match(text, /<label for="user_code">/)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("shows code, client, portal and scopes for a code", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register({ clientName: "my tool", scopes: ["one:two", "three:four"] }))
      const { status, text } = yield* pageOf(device)
      assert.strictEqual(status, 200)
      for (const shown of [device.userCode, "my tool", "https://example.awsapps.com/start", "one:two", "three:four"]) {
        assert.include(text, shown)
      }
      assert.notInclude(text, device.deviceCode)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("accepts the code in any case and punctuation", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      const typed = device.userCode.toLowerCase().replace("-", "")
      assert.strictEqual((yield* get(`/device?user_code=${typed}`)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("has strict headers, and no content from other servers", () =>
    Effect.gen(function* () {
      const pages = [yield* get("/device"), yield* get("/device?user_code=x"), yield* press("", "approve")]
      for (const { headers, text } of pages) {
        const policy = headers["content-security-policy"] ?? ""
        assert.include(policy, "default-src 'none'")
        assert.include(policy, "frame-ancestors 'none'")
        assert.include(policy, "base-uri 'none'")
        assert.notInclude(policy, "unsafe")
        const nonce = /style-src 'nonce-(\w{22})'/.exec(policy)?.[1]
        assert.include(text, `<style nonce="${nonce}">`)
        assert.strictEqual(headers["cache-control"], "no-store")
        assert.strictEqual(headers["referrer-policy"], "no-referrer")
        assert.notMatch(text, /<script|\son\w+=|\sstyle=|\ssrc=|\shref=|@import|url\(/)
      }
      assert.strictEqual(new Set(pages.map(({ headers }) => headers["content-security-policy"])).size, pages.length)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is accessible: language, title, one heading, landmarks, both colour schemes", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      for (const { text } of [yield* get("/device"), yield* pageOf(device), yield* get("/device?user_code=x")]) {
        assert.match(text, /^<!doctype html>\s*<html lang="en">/)
        assert.match(text, /<title>[^<]+<\/title>/)
        assert.lengthOf(text.match(/<h1>/g) ?? [], 1)
        for (const landmark of ["<header>", "<main>", "<footer>"]) {
          assert.lengthOf(text.split(landmark), 2)
        }
        assert.match(text, /prefers-color-scheme: dark/)
        assert.match(text, /:focus-visible/)
        assert.match(text, /name="viewport"/)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("escapes all values from requests", () =>
    Effect.gen(function* () {
      const hostile = `</title><script>alert("1")</script>&'`
      const device = yield* start(yield* register({ clientName: hostile, scopes: ["<b>'&"] }))
      const pages = [yield* pageOf(device), yield* get(`/device?user_code=${encodeURIComponent(hostile)}`)]
      for (const { text } of pages) {
        assert.notInclude(text, "<script")
        assert.include(text, "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;")
      }
      assert.include(pages[0]?.text ?? "", "<li>&lt;b&gt;&#39;&amp;</li>")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("the decision on the device page", () => {
  it.effect("to allow access approves the device", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      const { status, text } = yield* press((yield* pageOf(device)).text, "approve")
      assert.deepStrictEqual([status, heading(text)], [200, "Request approved"])
      assert.strictEqual((yield* poll(client, device)).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("to deny refuses the device", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      const { status, text } = yield* press((yield* pageOf(device)).text, "deny")
      assert.deepStrictEqual([status, heading(text)], [200, "Request denied"])
      assert.strictEqual((yield* poll(client, device)).exception, "AccessDeniedException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("signs in as the selected user", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      const page = (yield* pageOf(device)).text
      assert.deepStrictEqual(
        [...page.matchAll(/name="user" value="(\w+)" (checked)?/g)].map(([, user, checked]) => [user, checked]),
        [
          ["ann", "checked"],
          ["ben", undefined]
        ]
      )
      yield* press(page, "approve", { user: "ben" })
      const [authorization] = yield* (yield* center).deviceAuthorizations
      assert.deepStrictEqual([authorization?.status, authorization?.user], ["approved", "ben"])
    }).pipe(Effect.provide(IdentityCenter.layer({ users: [{ name: "ann" }, { name: "ben" }] })))
  )

  it.effect("is refused for an unknown user", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      const { status } = yield* press((yield* pageOf(device)).text, "approve", { user: "carol" })
      assert.strictEqual(status, 400)
      assert.strictEqual((yield* (yield* center).deviceAuthorizations)[0]?.status, "pending")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is accepted once", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const device = yield* start(client)
      const page = (yield* pageOf(device)).text
      yield* press(page, "deny")
      const again = yield* press(page, "approve")
      assert.deepStrictEqual([again.status, heading(again.text)], [409, "Request already completed"])
      const visited = yield* pageOf(device)
      assert.deepStrictEqual([visited.status, heading(visited.text)], [409, "Request already completed"])
      assert.strictEqual((yield* poll(client, device)).exception, "AccessDeniedException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused after the code has expired", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      const page = (yield* pageOf(device)).text
      yield* TestClock.adjust("10 minutes")
      for (const late of [yield* press(page, "approve"), yield* pageOf(device)]) {
        assert.deepStrictEqual([late.status, heading(late.text)], [410, "Code expired"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused for an unknown code, and the page keeps the typed code", () =>
    Effect.gen(function* () {
      const visited = yield* get("/device?user_code=WRONG-CODE")
      assert.deepStrictEqual([visited.status, heading(visited.text)], [404, "Invalid code"])
      assert.include(visited.text, 'value="WRONG-CODE"')
      const submitted = yield* press("", "approve", { user_code: "WRONG-CODE" })
      assert.strictEqual(submitted.status, 404)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused without the token of the form", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const [device, own] = [yield* start(client), yield* start(client)]
      const user_code = device.userCode
      const replies = [
        yield* press("", "approve", { user_code }),
        yield* press("", "approve", { user_code, form_token: "guess" }),
        // The token of another authorization.
        yield* press((yield* pageOf(own)).text, "approve", { user_code })
      ]
      for (const { status, text } of replies) {
        assert.deepStrictEqual([status, heading(text)], [403, "Form rejected"])
      }
      const statuses = (yield* (yield* center).deviceAuthorizations).map((authorization) => authorization.status)
      assert.deepStrictEqual(statuses, ["pending", "pending"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("must be approve or deny", () =>
    Effect.gen(function* () {
      const device = yield* start(yield* register())
      const page = (yield* pageOf(device)).text
      for (const decision of ["", "maybe", "constructor"]) {
        assert.strictEqual((yield* press(page, decision)).status, 400)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
