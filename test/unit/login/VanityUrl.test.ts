import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as TestClock from "effect/testing/TestClock"
import * as VanityUrl from "../../../src/login/VanityUrl.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"

const vanity = "https://aws.example.com"
const portal = "https://ssoins-0123456789abcdef.portal.us-east-1.app.aws"

const redirect = (location: string, status = 302): ScriptedHttp.ScriptedResponse => ({ status, headers: { location } })

interface Options {
  readonly startUrl?: string
  readonly region?: string
}

const resolve = ({ startUrl = vanity, region }: Options = {}) => VanityUrl.resolve({ startUrl, region })

/** The result, and the requests that were sent for it. */
const outcome = (options: Options, ...answers: ReadonlyArray<ScriptedHttp.ScriptedResponse>) =>
  Effect.gen(function* () {
    const result = yield* Effect.match(resolve(options), {
      onSuccess: ({ region, startUrl }) => `${startUrl} in ${region}`,
      onFailure: ({ message, reason }) => `${reason}: ${message}`
    })
    const { open, requests } = yield* ScriptedHttp.Log
    assert.strictEqual(yield* open, 0)
    return { result, asked: (yield* requests).map(({ method, url }) => `${method} ${url}`) }
  }).pipe(Effect.provide(ScriptedHttp.layer((_, before) => ScriptedHttp.script(answers, before))))

const refusal = (description: string, startUrl = vanity) => `the start URL ${startUrl} cannot be used: ${description}`

describe("VanityUrl.isAwsOwned", () => {
  it.each([
    "https://ssoins-abc.portal.us-west-2.app.aws",
    "https://SSOINS-ABC.PORTAL.US-WEST-2.APP.AWS/",
    "https://ssoins-abc.us-west-2.portal.amazonaws.com",
    "https://d-1234567890.awsapps.com/start",
    "https://example.awsapps.com/start#/",
    "https://awsapps.com",
    "https://awsapps.com./start",
    "https://start.us-gov-home.awsapps.com/directory/example",
    "https://start.us-gov-west-1.us-gov-home.awsapps.com/directory/d-1234567890",
    "https://start.home.awsapps.cn/directory/d-1234567890",
    "https://ssoins-abc.cn-north-1.portal.amazonaws.com.cn",
    "https://ssoins-abc.portal.cn-north-1.app.amazonwebservices.com.cn",
    "https://ssoins-abc.eusc-de-east-1.portal.amazonaws.eu",
    "https://ssoins-abc.portal.eusc-de-east-1.api.amazonwebservices.eu",
    "https://identitycenter.amazonaws.com/ssoins-abc",
    "https://identitycenter.us-gov.amazonaws.com/ssoins-abc",
    "https://identitycenter.amazonaws.com.cn/ssoins-abc",
    "https://identitycenter.amazonaws.eu/ssoins-abc"
  ])("accepts %s", (url) => {
    assert.isTrue(VanityUrl.isAwsOwned(url))
  })

  it.each([
    "https://aws.example.com",
    "https://awsapps.com.evil.example/start",
    "https://evil-awsapps.com/start",
    "https://evil.example/awsapps.com",
    "https://evil.example/?.awsapps.com",
    "https://evil.example/#.awsapps.com",
    "https://example.awsapps.com@evil.example/start",
    "https://evil.example\\.awsapps.com/start",
    "https://evil.example/.awsapps.com",
    "https://x.app.aws.evil.example",
    "https://portal.amazonaws.com.evil.example",
    "https://evil-portal.amazonaws.com",
    "https://bucket.s3.amazonaws.com/start",
    "https://not-identitycenter.amazonaws.com/ssoins-abc",
    "https://x.identitycenter.amazonaws.com/ssoins-abc",
    "https://awsapps.com../start",
    "example.awsapps.com",
    ""
  ])("refuses %s", (url) => {
    assert.isFalse(VanityUrl.isAwsOwned(url))
  })
})

describe("VanityUrl.resolve, with a start URL of AWS", () => {
  it.effect("finds the portal with a client that fails on every status but 2xx", () =>
    Effect.gen(function* () {
      const http = yield* HttpClient.HttpClient
      const found = yield* Effect.provideService(resolve(), HttpClient.HttpClient, HttpClient.filterStatusOk(http))
      assert.deepStrictEqual(found, { startUrl: portal, region: "us-east-1" })
    }).pipe(Effect.provide(ScriptedHttp.layer(() => redirect(portal))))
  )

  it.effect.each([
    { startUrl: "https://example.awsapps.com/start/#/", region: "eu-west-1" },
    { startUrl: "https://identitycenter.us-gov.amazonaws.com/ssoins-abc", region: "us-gov-west-1" },
    { startUrl: portal, region: "eu-west-1" }
  ])("uses $startUrl in $region as it is, without a request", ({ region, startUrl }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ startUrl, region }, "drop"), {
        result: `${startUrl} in ${region}`,
        asked: []
      })
    })
  )

  it.effect("logs at debug level that its host name contains another region than the settings", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const log = Logger.make(({ logLevel, message }) => logged.push([logLevel, message]))
      yield* outcome({ startUrl: portal, region: "eu-west-1" }, "drop").pipe(
        Effect.provide(Logger.layer([log])),
        Effect.provideService(References.MinimumLogLevel, "Debug")
      )
      assert.deepStrictEqual(logged, [
        ["Debug", [`the host name of ${portal} contains us-east-1, but the configured region is eu-west-1`]]
      ])
    })
  )

  it.effect("uses the region in the host name if none is configured", () =>
    Effect.gen(function* () {
      const { result } = yield* outcome({ startUrl: portal }, "drop")
      assert.strictEqual(result, `${portal} in us-east-1`)
    })
  )

  it.effect("fails with NoRegion if neither the host name nor the settings have a region", () =>
    Effect.gen(function* () {
      const startUrl = "https://example.awsapps.com/start"
      const { result } = yield* outcome({ startUrl }, "drop")
      assert.strictEqual(
        result,
        `NoRegion: ${refusal("its host name does not contain a region: set sso_region, or pass a region", startUrl)}`
      )
    })
  )
})

describe("VanityUrl.resolve, with a custom start URL", () => {
  it.effect("sends one request, and does not follow the redirect", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ startUrl: `${vanity}/team` }, redirect(portal), "drop"), {
        result: `${portal} in us-east-1`,
        asked: [`HEAD ${vanity}/team`]
      })
    })
  )

  it.effect.each([301, 302, 303, 307, 308])("reads a redirect of status %i", (status) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({}, redirect(portal, status))
      assert.strictEqual(result, `${portal} in us-east-1`)
    })
  )

  it.effect.each([
    { location: "https://ssoins-abc.portal.us-west-2.app.aws", region: "us-west-2" },
    { location: "https://ssoins-abc.us-gov-west-1.portal.amazonaws.com", region: "us-gov-west-1" },
    { location: "https://ssoins-abc.cn-north-1.portal.amazonaws.com.cn", region: "cn-north-1" },
    { location: "https://ssoins-abc.portal.cn-northwest-1.app.amazonwebservices.com.cn", region: "cn-northwest-1" },
    { location: "https://ssoins-abc.eusc-de-east-1.portal.amazonaws.eu", region: "eusc-de-east-1" },
    { location: "https://ssoins-abc.portal.eusc-de-east-1.api.amazonwebservices.eu", region: "eusc-de-east-1" }
  ])("uses the region $region in the portal's host name, not the configured one", ({ location, region }) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({ region: "ap-south-1" }, redirect(location))
      assert.strictEqual(result, `${location} in ${region}`)
    })
  )

  it.effect.each([
    "https://example.awsapps.com/start",
    "https://start.cn-north-1.home.awsapps.cn/directory/d-1234567890",
    "https://identitycenter.amazonaws.com/ssoins-abc",
    "https://a.b.portal.us-east-1.app.aws"
  ])("uses the configured region for %s, whose host name has none", (location) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({ region: "ap-south-1" }, redirect(location))
      assert.strictEqual(result, `${location} in ap-south-1`)
      const without = yield* outcome({}, redirect(location))
      assert.match(without.result, /^NoRegion: /)
    })
  )

  it.effect.each([
    { location: `${portal}:443/`, startUrl: portal },
    { location: "https://example.awsapps.com/start/?from=vanity#/", startUrl: "https://example.awsapps.com/start" },
    { location: "https://ada:secret@example.awsapps.com/start", startUrl: "https://example.awsapps.com/start" },
    { location: "//EXAMPLE.awsapps.com/start//", startUrl: "https://example.awsapps.com/start" }
  ])("normalizes $location to $startUrl", ({ location, startUrl }) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({ region: "us-east-1" }, redirect(location))
      assert.strictEqual(result, `${startUrl} in us-east-1`)
    })
  )

  it.effect.each([405, 501])("sends GET if the response to HEAD is %i", (status) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({}, { status }, redirect(portal)), {
        result: `${portal} in us-east-1`,
        asked: [`HEAD ${vanity}/`, `GET ${vanity}/`]
      })
    })
  )

  it.effect("sends a user agent, and neither a body nor credentials", () =>
    Effect.gen(function* () {
      yield* resolve()
      const [asked] = yield* Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)
      assert.match(asked?.headers["user-agent"] ?? "", /^effect-aws-sso\//)
      assert.strictEqual(asked?.body, "")
      assert.notProperty(asked?.headers, "authorization")
    }).pipe(Effect.provide(ScriptedHttp.layer(() => redirect(portal))))
  )

  it.effect.each([
    { location: "https://other.example.com/start?token=secret", to: "https://other.example.com" },
    { location: "/start", to: vanity },
    { location: "https://awsapps.com.evil.example/start", to: "https://awsapps.com.evil.example" }
  ])("refuses a redirect to $location, without another request", ({ location, to }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ region: "us-east-1" }, redirect(location), redirect(portal)), {
        result: `NotAws: ${refusal(`it redirects to ${to}, which is not under a domain of AWS`)}`,
        asked: [`HEAD ${vanity}/`]
      })
    })
  )

  it.effect("refuses a redirect to plain http", () =>
    Effect.gen(function* () {
      const { result } = yield* outcome({}, redirect("http://ssoins-abc.portal.us-east-1.app.aws"))
      assert.strictEqual(
        result,
        `NotHttps: ${refusal("it redirects to http://ssoins-abc.portal.us-east-1.app.aws, but must redirect to an https URL")}`
      )
    })
  )

  it.effect.each(["http://aws.example.com", "http://example.awsapps.com/start", "aws.example.com", "https://", ""])(
    "refuses %j, without a request",
    (startUrl) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* outcome({ startUrl, region: "us-east-1" }, redirect(portal)), {
          result: `NotHttps: ${refusal("it must be an https URL", startUrl)}`,
          asked: []
        })
      })
  )

  it.effect.each([200, 204, 300, 304, 403, 404, 500])("refuses a response of status %i", (status) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({}, { status, headers: { location: portal } })
      assert.strictEqual(
        result,
        `NoRedirect: ${refusal(`it must redirect to an AWS access portal, but the response is HTTP ${status}`)}`
      )
    })
  )

  it.effect("refuses a server that supports neither HEAD nor GET", () =>
    Effect.gen(function* () {
      const { asked, result } = yield* outcome({}, { status: 405 })
      assert.match(result, /^NoRedirect: .* HTTP 405$/)
      assert.strictEqual(asked.length, 2)
    })
  )

  it.effect.each<{ it: string; answer: ScriptedHttp.ScriptedResponse }>([
    { it: "no Location", answer: { status: 302 } },
    { it: "a Location that is not a URL", answer: redirect("https://") }
  ])("refuses a redirect with $it", ({ answer }) =>
    Effect.gen(function* () {
      const { result } = yield* outcome({}, answer)
      assert.strictEqual(result, `NoRedirect: ${refusal("its redirect has no valid Location header")}`)
    })
  )

  it.effect("reports a failed connection with its error code", () =>
    Effect.gen(function* () {
      const { result } = yield* outcome({}, "drop")
      assert.strictEqual(result, `Unreachable: ${refusal(`there is no connection to ${vanity} (ECONNRESET)`)}`)
    })
  )

  it.effect.each<{ method: string; answers: ReadonlyArray<ScriptedHttp.ScriptedResponse> }>([
    { method: "HEAD", answers: ["hang"] },
    { method: "GET", answers: [{ status: 405 }, "hang"] }
  ])("waits ten seconds for the response to $method, and leaves no request open", ({ answers }) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(outcome({}, ...answers))
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const { result } = yield* Fiber.join(fiber)
      assert.strictEqual(result, `Unreachable: ${refusal(`${vanity} did not respond within 10 seconds`)}`)
    })
  )

  it.effect("stops at once when it is interrupted", () =>
    Effect.gen(function* () {
      const { open } = yield* ScriptedHttp.Log
      const fiber = yield* Effect.forkChild(resolve())
      yield* TestClock.adjust(0)
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* open, 0)
    }).pipe(Effect.provide(ScriptedHttp.layer(() => "hang")))
  )

  it.effect("makes fetch not follow redirects, closes the connection, and keeps the other settings of fetch", () =>
    Effect.gen(function* () {
      const inits: Array<RequestInit | undefined> = []
      const fetch: typeof globalThis.fetch = (_, init) => {
        inits.push(init)
        return Promise.resolve(new Response("<html>moved</html>", { status: 302, headers: { location: portal } }))
      }
      assert.strictEqual(
        (yield* resolve().pipe(
          Effect.provide(FetchHttpClient.layer),
          Effect.provideService(FetchHttpClient.Fetch, fetch),
          Effect.provideService(FetchHttpClient.RequestInit, { cache: "no-store" })
        )).startUrl,
        portal
      )
      assert.strictEqual(inits.length, 1)
      assert.deepInclude(inits[0], { redirect: "manual", cache: "no-store", method: "HEAD" })
      assert.isTrue(inits[0]?.signal?.aborted)
    })
  )
})

describe("VanityUrl.Resolver", () => {
  const resolveBy = (options: { readonly startUrl: string; readonly region?: string }) =>
    Effect.flatMap(VanityUrl.Resolver, (resolve) => resolve(options))

  it.effect("uses a start URL of AWS as it is by default", () =>
    Effect.gen(function* () {
      const startUrl = "https://example.awsapps.com/start"
      assert.deepStrictEqual(yield* resolveBy({ startUrl, region: "eu-west-1" }), { startUrl, region: "eu-west-1" })
    })
  )

  it.effect("fails with NoResolver for a custom start URL by default", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(resolveBy({ startUrl: vanity, region: "eu-west-1" }))
      assert.strictEqual(error.reason, "NoResolver")
      assert.include(error.message, "VanityUrl.layer")
    })
  )

  it.effect("resolves a custom start URL with VanityUrl.layer", () =>
    Effect.gen(function* () {
      const found = yield* resolveBy({ startUrl: vanity })
      assert.deepStrictEqual(found, { startUrl: portal, region: "us-east-1" })
    }).pipe(Effect.provide(VanityUrl.layer.pipe(Layer.provide(ScriptedHttp.layer(() => redirect(portal))))))
  )
})
