/**
 * Compares our endpoints with those of the official clients: both use the same URL, or both fail.
 */
import { ListAccountsCommand, SSOClient } from "@aws-sdk/client-sso"
import { RegisterClientCommand, SSOOIDCClient } from "@aws-sdk/client-sso-oidc"
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import * as Endpoint from "../../src/wire/Endpoint.ts"
import * as Partition from "../../src/wire/Partition.ts"

interface Request {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
}

type Settings = Omit<Endpoint.EndpointOptions, "service">

// A call of each official client. The transport only records where the request would go
const calls = {
  "sso-oidc": {
    path: "/client/register",
    send: (config: ReturnType<typeof officialConfig>) =>
      new SSOOIDCClient(config).send(new RegisterClientCommand({ clientName: "a", clientType: "public" }))
  },
  sso: {
    path: "/assignment/accounts",
    send: (config: ReturnType<typeof officialConfig>) =>
      new SSOClient(config).send(new ListAccountsCommand({ accessToken: "a" }))
  }
}

const officialConfig = (settings: Settings, handle: (request: Request) => Promise<never>) => ({
  // A function, so that the client does not read a missing or empty region from the environment
  region: async () => settings.region ?? Promise.reject(new Error("Region is missing")),
  ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
  useFipsEndpoint: settings.useFips ?? false,
  useDualstackEndpoint: settings.useDualStack ?? false,
  ignoreConfiguredEndpointUrls: true,
  maxAttempts: 1,
  requestHandler: { handle }
})

const refused = "refused"

const official = async (service: Endpoint.EndpointService, settings: Settings): Promise<string> => {
  const { path, send } = calls[service]
  const urls: Array<string> = []
  const config = officialConfig(settings, ({ hostname, path, port, protocol }) => {
    urls.push(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`)
    return Promise.reject(new Error("recorded"))
  })
  const error = await Promise.resolve()
    .then(() => send(config))
    .then(() => assert.fail("the transport responded"), String)
  const [url = refused] = urls
  assert.strictEqual(url === refused, error !== "Error: recorded", error)
  return url === refused ? refused : url.slice(0, -path.length)
}

const ours = (service: Endpoint.EndpointService, settings: Settings): string =>
  Result.getOrElse(Endpoint.resolve({ service, ...settings }), () => refused)

const assertSame = async (service: Endpoint.EndpointService, common: Settings, cases: ReadonlyArray<Settings>) => {
  await Promise.all(
    cases.map(async (one) => {
      const settings = { ...common, ...one }
      assert.strictEqual(ours(service, settings), await official(service, settings), JSON.stringify(settings))
    })
  )
}

// The table of the @aws-sdk/core that the official client loads. It is not a public export
const OfficialTable = Schema.Struct({
  partitions: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      regionRegex: Schema.String,
      regions: Schema.Record(Schema.String, Schema.Unknown),
      outputs: Schema.Struct({
        name: Schema.String,
        dnsSuffix: Schema.String,
        dualStackDnsSuffix: Schema.String,
        supportsFIPS: Schema.Boolean,
        supportsDualStack: Schema.Boolean
      })
    })
  )
})

const loadOfficialTable = async () => {
  const client = createRequire(import.meta.url).resolve("@aws-sdk/client-sso-oidc")
  const core = pathToFileURL(createRequire(client).resolve("@aws-sdk/core/package.json"))
  const file = new URL("dist-es/submodules/client/util-endpoints/lib/aws/partitions.js", core)
  const module: { readonly partitionsInfo: unknown } = await import(file.href)
  return Schema.decodeUnknownSync(OfficialTable)(module.partitionsInfo).partitions
}

const table = await loadOfficialTable()

const booleans = [false, true]

const switches = booleans.flatMap((useFips) => booleans.map((useDualStack) => ({ useFips, useDualStack })))

const customEndpoints = [undefined, "https://sso.example.com:8443/base", "http://localhost:4566"]

const services: ReadonlyArray<Endpoint.EndpointService> = ["sso-oidc", "sso"]

// The official clients write to the console about invalid settings
beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue()
  vi.spyOn(console, "warn").mockReturnValue()
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe("the table of partitions", () => {
  it("gives every region the partition of the official table", () => {
    const official = table.flatMap(({ id, regions }) => Object.keys(regions).map((region) => `${region}: ${id}`))
    assert.isAbove(official.length, 30)
    assert.deepStrictEqual(
      official
        .map((line) => line.replace(/: .*/, ""))
        .map((region) => `${region}: ${Partition.forRegion(region).name}`),
      official
    )
  })

  it("has the partitions of the official table", () => {
    assert.deepStrictEqual(
      Partition.partitions.map(({ name }) => name).toSorted(),
      table.map(({ id }) => id).toSorted()
    )
  })

  it.each(table)("has the domains and the pattern of $id in the official table", ({ id, outputs, regionRegex }) => {
    const partition = Partition.partitions.find(({ name }) => name === id) ?? assert.fail(`there is no ${id}`)
    assert.deepStrictEqual(
      { ...partition, pattern: partition.pattern.source },
      {
        name: outputs.name,
        pattern: regionRegex.replaceAll("\\-", "-"),
        dnsSuffix: outputs.dnsSuffix,
        dualStackDnsSuffix: outputs.dualStackDnsSuffix
      }
    )
    // Our endpoints rely on it
    assert.deepInclude(outputs, { supportsFIPS: true, supportsDualStack: true })
  })
})

const knownRegions = table.flatMap(({ regions }) => Object.keys(regions).map((region) => ({ region })))

const regionsToCome = table.map(({ id, regionRegex, regions }) => {
  const known = Object.keys(regions).find((region) => new RegExp(regionRegex).test(region))
  return { region: known?.replace(/\d+$/, "99") ?? assert.fail(`no region of ${id} looks like one`) }
})

const oddRegions = [
  ["moon-base-1", "us-east", "1", "127", "xn--a", "xn--nxasmq6b", "US-EAST-1", "CN-NORTH-1", "a".repeat(63)],
  ["", " ", "us east 1", "us-east-1\n", "us-east-1.evil.example", "us-east-1/", "us-east-1#", "@evil", "é"],
  ["us_east_1", "-us-east-1", "us-east-1-", "%75s-east-1", "a".repeat(64), "..", "\u0000"]
].flatMap((regions) => regions.map((region) => ({ region })))

describe.each(services)("the endpoint of %s", (service) => {
  describe.each(switches)("with useFips $useFips and useDualStack $useDualStack", (switches) => {
    it.each(customEndpoints)("is the official one in every known region, with the custom endpoint %s", (endpoint) =>
      assertSame(service, { endpoint, ...switches }, knownRegions)
    )

    it.each(customEndpoints)("is the official one in future regions, with the custom endpoint %s", (endpoint) =>
      assertSame(service, { endpoint, ...switches }, regionsToCome)
    )

    it.each(customEndpoints)(
      "is the official one for invalid and unusual regions, with the custom endpoint %s",
      (endpoint) => assertSame(service, { endpoint, ...switches }, oddRegions)
    )
  })

  it.each([
    "https://sso.example.com",
    "https://sso.example.com/",
    "HTTPS://SSO.Example.com:443/A",
    "https://sso.example.com/a/../b/%7Ec",
    "https://sso.example.com\\a",
    "http://127.1/x",
    "http://[0:0::1]:8080",
    "sso.example.com",
    "/sso",
    "https://",
    "https://[::1",
    "https://a:99999"
  ])("is the official one for the custom endpoint %s", (endpoint) =>
    assertSame(service, { region: "us-east-1" }, [{ endpoint }])
  )

  it("is the official one for plain http, with allowInsecureEndpoint", async () => {
    const settings = { region: "us-east-1", endpoint: "http://sso.example.com" }
    assert.strictEqual(ours(service, { ...settings, allowInsecureEndpoint: true }), await official(service, settings))
  })

  it("is refused as the official one is where no region is given", () => assertSame(service, {}, [{}]))

  // The differences below are on purpose: see `docs/decisions.md`

  it.each([
    ["a wildcard as a region", { region: "*" }],
    ["the name of a FIPS endpoint for a region", { region: "fips-us-east-1" }],
    ["the name of a FIPS endpoint for a region", { region: "us-east-1-fips" }],
    ["an empty endpoint, which is no endpoint to the official clients", { endpoint: "" }],
    ["plain http to another machine", { endpoint: "http://sso.example.com" }],
    ["another scheme than http(s)", { endpoint: "ftp://sso.example.com" }],
    ["an endpoint without slashes before the host", { endpoint: "https:sso.example.com" }],
    ["an endpoint with blanks around it", { endpoint: " https://sso.example.com" }],
    ["an endpoint with blanks inside", { endpoint: "https://sso.example.com/a b" }],
    ["credentials, which the official clients drop", { endpoint: "https://me:pw@sso.example.com" }],
    ["a query, which the official clients drop", { endpoint: "https://sso.example.com/?a=b" }],
    ["a fragment, which the official clients drop", { endpoint: "https://sso.example.com/#a" }]
  ])("is refused only by ours for %s: %j", async (_, settings) => {
    assert.notStrictEqual(await official(service, { region: "us-east-1", ...settings }), refused)
    assert.strictEqual(ours(service, { region: "us-east-1", ...settings }), refused)
  })

  it("needs no region if it is custom, only for ours", async () => {
    const endpoint = "https://sso.example.com"
    assert.strictEqual(await official(service, { endpoint }), refused)
    assert.strictEqual(ours(service, { endpoint }), endpoint)
  })

  it("has no trailing slash, only for ours", async () => {
    const settings = { region: "us-east-1", endpoint: "https://sso.example.com/a/" }
    assert.strictEqual(await official(service, settings), "https://sso.example.com/a/")
    assert.strictEqual(ours(service, settings), "https://sso.example.com/a")
  })
})
