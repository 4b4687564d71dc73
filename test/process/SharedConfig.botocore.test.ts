import { spawnSync } from "node:child_process"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as ConfigEdit from "../../src/config/ConfigEdit.ts"
import * as SharedConfig from "../../src/config/SharedConfig.ts"
import * as ClientConfig from "../../src/wire/ClientConfig.ts"
import * as Endpoint from "../../src/wire/Endpoint.ts"
import * as Machine from "../support/Machine.ts"
import { sample } from "../support/Sample.ts"
import { lacksBotocore } from "../support/Tools.ts"

const python = (script: string, input = "") =>
  spawnSync("python3", ["-c", script], {
    encoding: "utf8",
    input,
    maxBuffer: 1e8,
    env: { ...process.env, PYTHONUTF8: "1" }
  })

// All texts at once: starting Python takes longer than everything else
const script = `
import json, os, sys, tempfile
from botocore.configloader import load_config
from botocore.exceptions import ConfigParseError
results = []
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "config")
    for text in json.load(sys.stdin):
        with open(path, "w", newline="") as file:
            file.write(text)
        try:
            results.append(load_config(path))
        except ConfigParseError:
            results.append(None)
print(json.dumps(results))
`

// botocore has sub-properties in a dictionary
const flatten = (settings: object): Array<[string, string]> =>
  Object.entries(settings).flatMap(([key, value]) =>
    Predicate.isObject(value)
      ? flatten(value).map(([name, value]): [string, string] => [`${key}.${name}`, value])
      : [[key, value]]
  )

const flattenAll = (sections: Record<string, object>) =>
  Object.fromEntries(Object.entries(sections).map(([name, settings]) => [name, Object.fromEntries(flatten(settings))]))

const edited = Result.getOrThrow(
  ConfigEdit.edit("# mine\r\n[default]\r\nregion=eu-west-1\r\ns3 =\r\n  a = 1\r\n\r\n[profile 'my team']", [
    { kind: "sso-session", name: "team", settings: { sso_start_url: "https://a/start/#/", sso_region: "us-east-1" } },
    { kind: "profile", name: "default", settings: { region: "eu-west-2", sso_session: "team" } },
    { kind: "profile", name: "my team", settings: { sso_session: "team", sso_role_name: "a=b,c" } },
    { kind: "profile", name: "dev", settings: { sso_account_id: "123456789012" } }
  ])
)

const cases: ReadonlyArray<{ readonly it: string; readonly text: string; readonly ignored?: ReadonlyArray<number> }> = [
  {
    it: "a profile with a session",
    text: `
[default]
region = eu-west-1

[profile dev]
sso_session = team
sso_account_id = 123456789012

[sso-session team]
sso_start_url = https://example.awsapps.com/start/#/
sso_region = us-east-1
sso_registration_scopes = sso:account:access
`
  },
  {
    it: "a legacy profile",
    text: `
[profile old]
sso_start_url=https://example.awsapps.com/start
sso_region=us-east-1
sso_role_name=Admin
`
  },
  {
    it: "sub-properties",
    text: `
[profile dev]
services = local
s3 =
  max_concurrent_requests = 20
  addressing_style = path

[services local]
sso_oidc =
  # an indented comment
  endpoint_url = http://localhost:8080
sso =
\tendpoint_url = http://localhost:8081
`
  },
  { it: "comments and blank lines", text: "# one\n\n[profile dev]\n; two\na = 1\n\n# three\nb = 2\n" },
  { it: "values of several lines", text: "[profile dev]\na = b\n  c\n  d = e\nf = g\n" },
  { it: "blank values, and = in values", text: "[profile dev]\na =\nb = c=d==\n" },
  { it: "keys in capitals", text: "[profile dev]\nSSO_Region = us-east-1\n" },
  {
    it: "quoted names",
    text: "[profile \"dev\"]\na = 1\n[profile 'my team']\nb = 2\n[sso-session 'my team']\nc = 3\n"
  },
  { it: "Windows line ends and Unicode", text: "[profile dev]\r\na = żółw\r\nb = 2\r\n" },
  { it: "what ConfigEdit makes of a file", text: edited },
  {
    it: "a section whose lines are all indented",
    text: "[profile dev]\n  region = eu-west-1\n\n  s3 =\n    a = 1\n  output = json\n  [profile other]\n  a = 1\nb = 2"
  },
  { it: "key: value", text: "[profile dev]\na: b\nc:d\ne: f = g\nh = i: j\nurl: https://a/?b=c\ns3:\n  a = 1" },
  { it: "text after a header", text: "[profile dev] a = 1\nb = 2\n[sso-session team] ; c\nd = 3", ignored: [1] },
  {
    it: "names with letters of any language, and ( ) & , ~",
    text: "[profile żółw]\na = 1\n[sso-session Équipe(R&D),東京~]\nb = 2\n[profile 'my (team)']\nc = 3"
  },
  {
    it: "a header that nobody can read",
    text: "[profile dev # ]\na = 1\n[profile a b c]\nb = 2\n[profile d]\ne = 4",
    ignored: [1, 3]
  }
]

/** Lines that can follow each other in any order, often to no good. */
const pieces = [
  ["[default]", "[profile a]", "  [profile b]", "[sso-session é]", "[profile x(y)&z,~]", "[profile a] text"],
  [" [services s] # c", "[profile p", " [x y z]", "[profile q # ]", "a = 1", "  a = 1", "    c = 2", "\tb = 3", "d: 4"],
  [" d:5", "f =", "g:", "  h = 7", "    i = 8", "# c", "  # c", "  text", "text", "m=n:o", "u:http://x/?a=b", "= 3"]
].flat()

const generated = Effect.runSync(
  Effect.replicateEffect(
    Effect.flatMap(Random.nextIntBetween(1, 7), (length) => Effect.replicateEffect(Random.choice(pieces), length)),
    sample(2000, 200)
  ).pipe(Random.withSeed("SharedConfig"))
).map((lines) => ["[profile z]", ...lines].join("\n"))

const environments: ReadonlyArray<Record<string, string>> = [
  {},
  { AWS_USE_FIPS_ENDPOINT: "true" },
  { AWS_USE_FIPS_ENDPOINT: "TRUE", AWS_USE_DUALSTACK_ENDPOINT: "True" },
  { AWS_USE_FIPS_ENDPOINT: "yes" },
  { AWS_USE_DUALSTACK_ENDPOINT: "1" },
  { AWS_USE_FIPS_ENDPOINT: "true", AWS_ENDPOINT_URL: "http://localhost:1" },
  {
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_USE_DUALSTACK_ENDPOINT: "true",
    AWS_ENDPOINT_URL_SSO_OIDC: "http://localhost:1/a"
  },
  { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "yes", AWS_ENDPOINT_URL: "http://localhost:1" },
  { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true", AWS_ENDPOINT_URL: "http://localhost:1" },
  { AWS_ENDPOINT_URL: "" },
  { AWS_DEFAULT_PROFILE: "fips" },
  { AWS_PROFILE: "local" },
  { AWS_PROFILE: "both" }
]

const profiles = [
  "[default]",
  "[profile fips]",
  "use_fips_endpoint: true",
  "[profile local]",
  "services = local",
  "[profile both]",
  "  use_fips_endpoint = true",
  "  endpoint_url = http://localhost:3",
  "[services local]",
  "sso_oidc =",
  "  endpoint_url = http://localhost:2"
].join("\n")

// Where botocore sends a request in each environment
const requests = `
import json, os, sys, tempfile
from botocore.awsrequest import AWSResponse
from botocore.session import Session
class Raw:
    def stream(self, *args, **options):
        yield b"{}"
results = []
text, environments = json.load(sys.stdin)
inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "config")
    with open(path, "w") as file:
        file.write(text)
    for environment in environments:
        os.environ.clear()
        os.environ.update({**inherited, "AWS_CONFIG_FILE": path, **environment})
        client = Session().create_client("sso-oidc", region_name="us-east-1")
        def send(request, **_):
            results.append(request.url)
            return AWSResponse(request.url, 200, {}, Raw())
        client.meta.events.register("before-send", send)
        client.register_client(clientName="a", clientType="public")
print(json.dumps(results))
`

interface Sections {
  readonly profiles: Record<string, object>
  readonly sso_sessions: Record<string, object>
  readonly services: Record<string, object>
}

/** What botocore reads in each text. Undefined where it refuses the text. */
const byBotocore = (texts: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = python(script, JSON.stringify(texts))
  assert.strictEqual(status, 0, stderr)
  const results: ReadonlyArray<Sections | null> = JSON.parse(stdout)
  return results.map((sections) =>
    sections === null
      ? undefined
      : {
          profiles: flattenAll(sections.profiles),
          ssoSessions: flattenAll(sections.sso_sessions),
          services: flattenAll(sections.services)
        }
  )
}

const sectionsOf = ({ profiles, services, ssoSessions }: SharedConfig.SharedConfig) => ({
  profiles,
  ssoSessions,
  services
})

describe.skipIf(lacksBotocore)("SharedConfig and botocore read the same", () => {
  const theirs = new Map<string, unknown>()

  beforeAll(() => {
    const results = byBotocore(cases.map(({ text }) => text))
    for (const [index, { it }] of cases.entries()) theirs.set(it, results[index])
  })

  it.each(cases)("in $it", (example) => {
    const read = Result.getOrThrow(SharedConfig.parse({ config: example.text }))
    assert.deepStrictEqual<unknown>(sectionsOf(read), theirs.get(example.it))
    assert.deepStrictEqual(
      read.ignored.map(({ line }) => line),
      example.ignored ?? []
    )
  })

  it.effect("in any environment: both send to the same endpoint", () =>
    Effect.gen(function* () {
      const { status, stderr, stdout } = python(requests, JSON.stringify([profiles, environments]))
      assert.strictEqual(status, 0, stderr)
      const ours = yield* Effect.forEach(environments, (env) =>
        Effect.gen(function* () {
          const config = yield* ClientConfig.load("sso_oidc", { region: "us-east-1" })
          const endpoint = yield* Effect.fromResult(Endpoint.resolve({ service: "sso-oidc", ...config }))
          return `${endpoint}/client/register`
        }).pipe(Effect.provide(Machine.layer({ env, config: profiles })))
      )
      assert.deepStrictEqual(ours, JSON.parse(stdout))
    })
  )

  it("in any lines that botocore can read", () => {
    const results = byBotocore(generated)
    assert.isAbove(results.filter(Predicate.isNotUndefined).length, generated.length / 4)
    for (const [index, text] of generated.entries()) {
      const read: unknown = results[index]
      if (read === undefined) continue
      assert.deepStrictEqual<unknown>(sectionsOf(Result.getOrThrow(SharedConfig.parse({ config: text }))), read, text)
    }
  })
})
