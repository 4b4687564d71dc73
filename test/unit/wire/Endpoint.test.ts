import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Endpoint from "../../../src/wire/Endpoint.ts"
import * as Partition from "../../../src/wire/Partition.ts"
import { sample } from "../../support/Sample.ts"

// The URL, or the reason of the failure
const outcome = (options: Endpoint.EndpointOptions): string =>
  Result.match(Endpoint.resolve(options), { onSuccess: identity, onFailure: (failure) => failure.reason })

const message = (options: Endpoint.EndpointOptions): string =>
  Result.match(Endpoint.resolve(options), {
    onSuccess: (url) => assert.fail(`resolved to ${url}`),
    onFailure: (failure) => failure.message
  })

const custom = (endpoint: string, options?: Partial<Endpoint.EndpointOptions>): string =>
  outcome({ service: "sso-oidc", region: "us-east-1", endpoint, ...options })

describe("Endpoint.resolve, from a region", () => {
  it("builds the host from the service, the region and the partition", () => {
    assert.strictEqual(outcome({ service: "sso-oidc", region: "us-east-1" }), "https://oidc.us-east-1.amazonaws.com")
    assert.strictEqual(outcome({ service: "sso", region: "eu-west-1" }), "https://portal.sso.eu-west-1.amazonaws.com")
    assert.strictEqual(
      outcome({ service: "sso-oidc", region: "cn-north-1" }),
      "https://oidc.cn-north-1.amazonaws.com.cn"
    )
    assert.strictEqual(
      outcome({ service: "sso", region: "eusc-de-east-1" }),
      "https://portal.sso.eusc-de-east-1.amazonaws.eu"
    )
  })

  it("adds -fips for FIPS, and uses the other domain for dual-stack", () => {
    const region = "us-west-2"
    assert.strictEqual(
      outcome({ service: "sso-oidc", region, useFips: true }),
      "https://oidc-fips.us-west-2.amazonaws.com"
    )
    assert.strictEqual(
      outcome({ service: "sso", region, useFips: true }),
      "https://portal.sso-fips.us-west-2.amazonaws.com"
    )
    assert.strictEqual(outcome({ service: "sso", region, useDualStack: true }), "https://portal.sso.us-west-2.api.aws")
    assert.strictEqual(
      outcome({ service: "sso-oidc", region, useFips: true, useDualStack: true }),
      "https://oidc-fips.us-west-2.api.aws"
    )
  })

  it("keeps the standard host for FIPS in aws-us-gov, except with dual-stack", () => {
    const region = "us-gov-west-1"
    assert.strictEqual(
      outcome({ service: "sso-oidc", region, useFips: true }),
      "https://oidc.us-gov-west-1.amazonaws.com"
    )
    assert.strictEqual(
      outcome({ service: "sso", region, useFips: true }),
      "https://portal.sso.us-gov-west-1.amazonaws.com"
    )
    assert.strictEqual(
      outcome({ service: "sso", region, useFips: true, useDualStack: true }),
      "https://portal.sso-fips.us-gov-west-1.api.aws"
    )
  })

  it("writes the host in lower case", () => {
    assert.strictEqual(outcome({ service: "sso-oidc", region: "US-East-1" }), "https://oidc.us-east-1.amazonaws.com")
  })

  it("says how to set the region if it is missing", () => {
    assert.strictEqual(outcome({ service: "sso-oidc" }), "InvalidRegion")
    for (const setting of ["`region`", "AWS_REGION", "sso_region"]) {
      assert.include(message({ service: "sso-oidc" }), setting)
    }
  })

  it("refuses a region that is not a host label, also with a custom endpoint", () => {
    const junk = [
      "",
      " ",
      "us east 1",
      "us-east-1\n",
      "us-east-1.evil.example",
      "us-east-1/",
      "us-east-1#",
      "us-east-1?"
    ]
    const more = ["@evil", "us_east_1", "-us-east-1", "us-east-1-", "é", "%75s-east-1", "*", "a".repeat(64)]
    for (const region of [...junk, ...more]) {
      assert.strictEqual(outcome({ service: "sso-oidc", region }), "InvalidRegion", JSON.stringify(region))
      assert.strictEqual(custom("https://sso.example.com", { region }), "InvalidRegion", JSON.stringify(region))
    }
    assert.strictEqual(
      outcome({ service: "sso", region: "a".repeat(63) }),
      `https://portal.sso.${"a".repeat(63)}.amazonaws.com`
    )
  })

  // From Node 24 on, the URL parser accepts it
  it.skipIf(URL.canParse("https://xn--a.example.com"))("refuses a region that is invalid Punycode", () => {
    assert.strictEqual(outcome({ service: "sso-oidc", region: "xn--a" }), "InvalidRegion")
  })

  it("shows an invalid region without its line breaks", () => {
    assert.include(message({ service: "sso", region: "us-east-1\nfake log line" }), '"us-east-1\\nfake log line"')
  })

  it("refuses the name of a FIPS endpoint as a region, and says what to set instead", () => {
    for (const region of ["fips-us-gov-west-1", "us-gov-west-1-fips"]) {
      assert.strictEqual(outcome({ service: "sso-oidc", region }), "InvalidRegion")
      assert.strictEqual(custom("https://sso.example.com", { region }), "InvalidRegion")
      assert.include(message({ service: "sso-oidc", region }), 'set the region to "us-gov-west-1", and useFips')
    }
  })
})

describe("Endpoint.resolve, from a custom endpoint", () => {
  it("needs no region", () => {
    assert.strictEqual(outcome({ service: "sso", endpoint: "https://sso.example.com" }), "https://sso.example.com")
  })

  it("keeps scheme, host, port and path, and removes trailing slashes", () => {
    assert.strictEqual(custom("https://sso.example.com:8443/a/b"), "https://sso.example.com:8443/a/b")
    assert.strictEqual(custom("https://sso.example.com/"), "https://sso.example.com")
    assert.strictEqual(custom("https://sso.example.com/a/"), "https://sso.example.com/a")
    assert.strictEqual(custom("https://sso.example.com/a//"), "https://sso.example.com/a")
    assert.strictEqual(custom("HTTPS://SSO.Example.com:443/A"), "https://sso.example.com/A")
  })

  it("refuses a combination with FIPS or dual-stack", () => {
    assert.strictEqual(custom("https://sso.example.com", { useFips: true }), "InvalidEndpoint")
    assert.strictEqual(custom("https://sso.example.com", { useDualStack: true }), "InvalidEndpoint")
  })

  it("refuses anything but an absolute http(s) URL", () => {
    const junk = ["", "/sso", "sso.example.com", "sso.example.com:443", "ftp://sso.example.com", "file:///etc/passwd"]
    const more = [
      "https:",
      "https://",
      "https:sso.example.com",
      " https://sso.example.com",
      "https://sso.example.com\n"
    ]
    for (const endpoint of [...junk, ...more, "https://sso.exa mple.com", "https://[::1", "https://a:99999"]) {
      assert.strictEqual(custom(endpoint), "InvalidEndpoint", JSON.stringify(endpoint))
    }
  })

  it("refuses credentials, a query and a fragment", () => {
    for (const endpoint of ["https://me@a.example", "https://me:pw@a.example", "https://:pw@a.example"]) {
      assert.strictEqual(custom(endpoint), "InvalidEndpoint", endpoint)
    }
    assert.strictEqual(custom("https://a.example/?region=x"), "InvalidEndpoint")
    assert.strictEqual(custom("https://a.example/#x"), "InvalidEndpoint")
  })

  it("shows nothing of an endpoint that could contain a password", () => {
    const written = [
      "https://me:hunter2@a.example",
      "https://me:hunter2@a b",
      "https://a.example?key=hunter2",
      "hunter2"
    ]
    for (const endpoint of written) {
      for (const options of [{}, { useFips: true }]) {
        assert.notInclude(message({ service: "sso", endpoint, ...options }), "hunter2")
      }
    }
  })

  it("accepts plain http to a loopback address in any spelling", () => {
    assert.strictEqual(custom("http://localhost:4566"), "http://localhost:4566")
    assert.strictEqual(custom("http://127.0.0.1/sso"), "http://127.0.0.1/sso")
    assert.strictEqual(custom("http://127.255.0.9"), "http://127.255.0.9")
    assert.strictEqual(custom("http://0x7f.1"), "http://127.0.0.1")
    assert.strictEqual(custom("http://[0:0::1]:8080"), "http://[::1]:8080")
  })

  it("accepts plain http to another machine only with allowInsecureEndpoint", () => {
    const names = [
      "http://sso.example.com",
      "http://my.localhost",
      "http://localhost.example",
      "http://127.0.0.1.example"
    ]
    const addresses = ["http://128.0.0.1", "http://0.0.0.0", "http://[::]", "http://[::ffff:127.0.0.1]"]
    for (const endpoint of [...names, ...addresses]) {
      assert.strictEqual(custom(endpoint), "InvalidEndpoint", endpoint)
      assert.strictEqual(custom(endpoint, { allowInsecureEndpoint: true }), new URL(endpoint).origin)
    }
  })
})

describe("Endpoint.resolve, for any input", () => {
  const fragments = ["http", "https", ":", "//", "/", "@", "?", "#", ".", "-", "\\", "%41", " ", "xn--", "é", "\u0000"]
  const hosts = ["localhost", "127.0.0.1", "[::1]", "0x7f", "amazonaws.com", "us-east-1", "cn-north-1", "8080", "fips"]
  const fuzz = Arbitrary.array(Arbitrary.schema(Schema.Literals([...fragments, ...hosts])), { maxLength: 8 }).pipe(
    Arbitrary.map((parts) => parts.join(""))
  )
  const flag = Schema.Boolean

  const suffixes = Partition.partitions.flatMap((partition) => [partition.dnsSuffix, partition.dualStackDnsSuffix])
  const services: ReadonlyArray<Endpoint.EndpointService> = ["sso-oidc", "sso"]

  const isSound = (options: Omit<Endpoint.EndpointOptions, "service">): boolean =>
    services.every((service) =>
      Result.match(Endpoint.resolve({ ...options, service }), {
        onFailure: (failure) => failure.message !== "",
        onSuccess: (resolved) => {
          const url = new URL(resolved)
          return options.endpoint === undefined
            ? resolved === url.origin &&
                url.protocol === "https:" &&
                suffixes.some((suffix) => url.host.endsWith(`.${String(options.region).toLowerCase()}.${suffix}`))
            : resolved === `${url.origin}${url.pathname}`.replace(/\/+$/, "") &&
                url.host === new URL(options.endpoint).host
        }
      })
    )

  const runs = { arbitrary: { runs: sample(2000, 200) } }
  const flags = { useFips: flag, useDualStack: flag, allowInsecureEndpoint: flag }

  it.prop(
    "gives a host under a domain of AWS, or fails, for texts similar to regions",
    { region: fuzz, ...flags },
    isSound,
    runs
  )

  it.prop(
    "gives a host under a domain of AWS, or fails, for any region",
    { region: Schema.String, ...flags },
    isSound,
    runs
  )

  it.prop(
    "keeps the host, or fails, for texts similar to endpoints",
    { start: Schema.Literals(["", "http://", "https://"]), rest: fuzz, allowInsecureEndpoint: flag },
    ({ start, rest, ...options }) => isSound({ ...options, endpoint: start + rest }),
    runs
  )

  it.prop(
    "keeps the host, or fails, for any endpoint",
    { endpoint: Schema.Union([Schema.String, Schema.TemplateLiteral(["https://", Schema.String])]), ...flags },
    isSound,
    runs
  )
})
