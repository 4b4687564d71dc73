import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Inspectable, Redacted, Result } from "effect"
import * as NetworkSettings from "../../../src/node/NetworkSettings.ts"

const load = (env: Record<string, string>) =>
  NetworkSettings.load.pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))

const proxyFor = (env: Record<string, string>, url: string) =>
  Effect.map(load(env), (settings) => NetworkSettings.proxyFor(settings, new URL(url)))

/** The origin of the proxy, `direct`, or what is wrong. */
const routeOf = (env: Record<string, string>, url = "https://oidc.us-east-1.amazonaws.com/token") =>
  Effect.map(
    proxyFor(env, url),
    Result.match({ onFailure: ({ message }) => message, onSuccess: (proxy) => proxy?.origin ?? "direct" })
  )

const table = Effect.fnUntraced(function* (rows: ReadonlyArray<readonly [Record<string, string>, string, string?]>) {
  for (const [env, expected, url] of rows) {
    assert.strictEqual(yield* routeOf(env, url), expected, JSON.stringify({ env, url }))
  }
})

describe("NetworkSettings.proxyFor", () => {
  it.effect("takes the variable of the URL's scheme, in either case, with lower case first", () =>
    table([
      [{}, "direct"],
      [{ HTTPS_PROXY: "http://upper:1" }, "http://upper:1"],
      [{ https_proxy: "http://lower:1" }, "http://lower:1"],
      [{ HTTPS_PROXY: "http://upper:1", https_proxy: "http://lower:1" }, "http://lower:1"],
      // To Effect's ConfigProvider, an empty variable is a missing one
      [{ HTTPS_PROXY: "http://upper:1", https_proxy: "" }, "http://upper:1"],
      [{ HTTPS_PROXY: "" }, "direct"],
      [{ HTTP_PROXY: "http://plain:1" }, "direct"],
      [{ ALL_PROXY: "http://all:1" }, "direct"],
      [{ HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://other:1" }, "http://plain:1", "http://example.com"]
    ])
  )

  it.effect("ignores HTTP_PROXY in a CGI script, where it is a header of the request", () =>
    table([
      [{ REQUEST_METHOD: "GET", HTTP_PROXY: "http://header:1" }, "direct", "http://example.com"],
      [{ REQUEST_METHOD: "GET", http_proxy: "http://own:1" }, "http://own:1", "http://example.com"],
      [{ REQUEST_METHOD: "GET", HTTPS_PROXY: "http://own:1" }, "http://own:1"]
    ])
  )

  it.effect("reads a proxy with and without a scheme, a port and a user", () =>
    table([
      [{ HTTPS_PROXY: "proxy" }, "http://proxy"],
      [{ HTTPS_PROXY: "proxy:3128" }, "http://proxy:3128"],
      [{ HTTPS_PROXY: "//proxy:3128" }, "http://proxy:3128"],
      [{ HTTPS_PROXY: "https://proxy" }, "https://proxy"],
      [{ HTTPS_PROXY: "http://user:password@proxy:3128/path" }, "http://proxy:3128"],
      [{ HTTPS_PROXY: "user:password@proxy:3128" }, "http://proxy:3128"],
      [{ HTTPS_PROXY: "http://[::1]:3128" }, "http://[::1]:3128"]
    ])
  )

  it.effect("takes the user and the password of a proxy, without their encoding, as a secret", () =>
    Effect.gen(function* () {
      for (const [userinfo, expected] of [
        ["user:sekret", "user:sekret"],
        ["us%40er:sek%3Aret%25", "us@er:sek:ret%"],
        ["user:100%", "user:100%"],
        ["user:%ff%41", "user:%ff%41"],
        ["user:%C3%A4%", "user:ä%"],
        ["user", "user:"]
      ]) {
        const proxy = Result.getOrThrow(yield* proxyFor({ HTTPS_PROXY: `http://${userinfo}@proxy:1` }, "https://a.b"))
        const header = Redacted.value(proxy?.authorization ?? Redacted.make("none"))
        assert.strictEqual(Buffer.from(header.replace("Basic ", ""), "base64").toString("utf8"), expected)
        assert.notInclude(Inspectable.toStringUnknown(proxy), "sek")
        assert.notInclude(JSON.stringify(proxy), header)
      }
    })
  )

  it.effect("fails for a URL that is none, and for a scheme that is not supported, without the password", () =>
    table([
      [
        { HTTPS_PROXY: "http://user:sekret@:3128" },
        "HTTPS_PROXY is not the URL of a proxy, such as http://proxy.example.com:3128"
      ],
      [{ https_proxy: "not a url" }, "https_proxy is not the URL of a proxy, such as http://proxy.example.com:3128"],
      [
        { HTTPS_PROXY: "socks5://user:sekret@proxy:1080" },
        "HTTPS_PROXY names a proxy for socks5, but only http:// and https:// are supported: correct it"
      ],
      // A request that needs no proxy does not care
      [{ HTTPS_PROXY: "not a url", NO_PROXY: "amazonaws.com" }, "direct"],
      [{ HTTPS_PROXY: "not a url" }, "direct", "http://example.com"]
    ])
  )

  it.effect("connects directly to this machine", () =>
    Effect.gen(function* () {
      for (const host of ["127.0.0.1", "localhost", "[::1]", "127.1.2.3:8080"]) {
        for (const scheme of ["http", "https"]) {
          const env = { HTTP_PROXY: "http://proxy:1", HTTPS_PROXY: "http://proxy:1" }
          assert.strictEqual(yield* routeOf(env, `${scheme}://${host}/`), "direct")
        }
      }
    })
  )

  it.effect("connects directly to what NO_PROXY contains", () =>
    Effect.gen(function* () {
      for (const [noProxy, url, expected] of [
        ["*", "https://a.example.com", "direct"],
        ["example.com", "https://a.example.com", "direct"],
        [".example.com", "https://a.example.com", "direct"],
        ["other.com, EXAMPLE.com ,", "https://example.com", "direct"],
        ["example.com:8443", "https://example.com:8443", "direct"],
        ["example.com:8443", "https://example.com", "http://proxy:1"],
        ["ample.com", "https://example.com", "http://proxy:1"],
        ["a.example.com", "https://example.com", "http://proxy:1"],
        ["*.example.com", "https://a.example.com", "http://proxy:1"],
        ["10.0.0.0/8", "https://10.1.2.3", "http://proxy:1"],
        ["10.1.2.3", "https://10.1.2.3", "direct"],
        ["", "https://example.com", "http://proxy:1"]
      ] as const) {
        const name = `${noProxy} and ${url}`
        assert.strictEqual(yield* routeOf({ HTTPS_PROXY: "http://proxy:1", NO_PROXY: noProxy }, url), expected, name)
        assert.strictEqual(yield* routeOf({ HTTPS_PROXY: "http://proxy:1", no_proxy: noProxy }, url), expected, name)
      }
    })
  )
})

describe("NetworkSettings.load", () => {
  it.effect("reads AWS_CA_BUNDLE, which means nothing if it is empty", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* load({ AWS_CA_BUNDLE: "/etc/ca.pem" })).caBundle, "/etc/ca.pem")
      assert.isUndefined((yield* load({ AWS_CA_BUNDLE: "" })).caBundle)
    })
  )

  it.effect("fails each request that could need a proxy if the environment cannot be read", () =>
    Effect.gen(function* () {
      const broken = ConfigProvider.make(() =>
        Effect.fail(new ConfigProvider.SourceError({ message: "no environment" }))
      )
      const settings = yield* Effect.provide(NetworkSettings.load, ConfigProvider.layer(broken))
      const result = NetworkSettings.proxyFor(settings, new URL("https://example.com"))
      assert.strictEqual(Result.getOrThrow(Result.flip(result))._tag, "ConstructionFailure")
    })
  )
})
