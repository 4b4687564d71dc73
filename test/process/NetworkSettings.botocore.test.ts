import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted, Result } from "effect"
import * as NetworkSettings from "../../src/node/NetworkSettings.ts"
import { isLoopback } from "../../src/wire/Loopback.ts"
import { lacksBotocore } from "../support/Tools.ts"

// All cases in one go: to start Python takes longer than all the rest
const script = `
import json, os, sys
from botocore.httpsession import ProxyConfiguration
from botocore.utils import get_environ_proxies
results = []
for env, url in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(env)
    proxies = ProxyConfiguration(get_environ_proxies(url))
    proxy = proxies.proxy_url_for(url)
    headers = proxies.proxy_headers_for(proxy) if proxy else {}
    results.append([proxy, headers.get("Proxy-Authorization")])
print(json.dumps(results))
`

interface Case {
  readonly env: Readonly<Record<string, string>>
  readonly url: string
}

/** The proxy and its credentials, by which botocore would send a request. */
const botocore = (cases: ReadonlyArray<Case>): ReadonlyArray<readonly [string | null, string | null]> => {
  const { stderr, stdout } = spawnSync("python3", ["-c", script], {
    encoding: "utf8",
    input: JSON.stringify(cases.map(({ env, url }) => [env, url]))
  })
  assert.strictEqual(stderr, "")
  return JSON.parse(stdout)
}

const ours = ({ env, url }: Case) =>
  NetworkSettings.load.pipe(
    Effect.map((settings) => Result.getOrThrow(NetworkSettings.proxyFor(settings, new URL(url)))),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env, preserveEmptyStrings: true })))
  )

const originOf = (proxy: string | null): string | undefined => {
  if (proxy === null) return undefined
  const { host, protocol } = new URL(proxy)
  return `${protocol}//${host}`
}

const urls = [
  "https://oidc.us-east-1.amazonaws.com/token",
  "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=a",
  "https://aws.example.com:8443/start",
  "https://example.com",
  "https://EXAMPLE.com",
  "https://notexample.com",
  "https://example.com.evil.org",
  "https://10.1.2.3",
  "https://10.1.2.3:8443",
  "https://[fd00::1]:8443",
  "http://example.com",
  "http://aws.example.com:8080/token",
  "https://127.0.0.1:8443",
  "http://localhost:8080"
]

const noProxies = [
  undefined,
  "",
  "*",
  "*,example.com",
  "example.com",
  ".example.com",
  "..example.com",
  "*.example.com",
  "EXAMPLE.COM",
  "aws.example.com",
  "aws.example.com:8443",
  ":8443",
  "example.com:443",
  "example.com:8443",
  " example.com ",
  "other.org, .amazonaws.com",
  "other.org .amazonaws.com",
  "amazonaws.com,example.com",
  "us-east-1.amazonaws.com",
  "com",
  ".",
  ",",
  ",,example.com,,",
  "10.1.2.3",
  "10.1.2",
  "10.0.0.0/8",
  "1.2.3",
  "10.1.2.3:8443",
  "fd00::1",
  "[fd00::1]",
  "[fd00::1]:8443",
  "https://example.com",
  "localhost,127.0.0.1"
]

const proxies: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { HTTPS_PROXY: "http://upper:3128" },
  { https_proxy: "http://lower:3128" },
  { HTTPS_PROXY: "http://upper:3128", https_proxy: "http://lower:3128" },
  { HTTPS_PROXY: "http://upper:3128", https_proxy: "" },
  { HTTPS_PROXY: "" },
  { HTTP_PROXY: "http://plain:3128" },
  { http_proxy: "http://plain:3128", HTTPS_PROXY: "https://secure:3128" },
  { ALL_PROXY: "http://all:3128", all_proxy: "http://all:3128" },
  { REQUEST_METHOD: "GET", HTTP_PROXY: "http://header:3128", HTTPS_PROXY: "http://upper:3128" },
  { REQUEST_METHOD: "GET", http_proxy: "http://plain:3128" },
  { HTTPS_PROXY: "proxy:3128", HTTP_PROXY: "//proxy:3128" },
  { HTTPS_PROXY: "proxy", HTTP_PROXY: "https://proxy" },
  { HTTPS_PROXY: "http://user:password@proxy:3128", HTTP_PROXY: "user:password@proxy:3128" },
  { HTTPS_PROXY: "http://us%40er:p%3Aa%2Fss%25word@proxy:3128" },
  { HTTPS_PROXY: "http://user:100%@proxy:3128" },
  { HTTPS_PROXY: "http://[fd00::1]:3128" }
]

const both = { HTTPS_PROXY: "http://proxy:3128", HTTP_PROXY: "http://plain:3128" }

describe.skipIf(lacksBotocore)("the proxy of a request, beside botocore", () => {
  it.effect("is the same for every value of NO_PROXY, but for this machine, to which we connect directly", () =>
    Effect.gen(function* () {
      const cases = noProxies.flatMap((value) =>
        ["NO_PROXY", "no_proxy"].flatMap((name) =>
          urls.map((url): Case => ({ env: { ...both, ...(value === undefined ? {} : { [name]: value }) }, url }))
        )
      )
      const expected = botocore(cases)
      const proxied = new Set<boolean>()
      for (const [index, one] of cases.entries()) {
        const theirs = originOf(expected[index]?.[0] ?? null)
        const proxy = isLoopback(new URL(one.url).hostname) ? undefined : theirs
        assert.strictEqual((yield* ours(one))?.origin, proxy, JSON.stringify(one))
        proxied.add(proxy !== undefined)
      }
      assert.strictEqual(proxied.size, 2)
    })
  )

  it.effect("is the same, with the same credentials, for every way to name it", () =>
    Effect.gen(function* () {
      const cases = proxies.flatMap((env) =>
        urls.filter((url) => !isLoopback(new URL(url).hostname)).map((url): Case => ({ env, url }))
      )
      const expected = botocore(cases)
      for (const [index, one] of cases.entries()) {
        const [url = null, authorization] = expected[index] ?? []
        const proxy = yield* ours(one)
        assert.strictEqual(proxy?.origin, originOf(url), JSON.stringify(one))
        const header = proxy?.authorization === undefined ? null : Redacted.value(proxy.authorization)
        assert.strictEqual(header, authorization ?? null, JSON.stringify(one))
      }
    })
  )
})
