import { spawnSync } from "node:child_process"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as ConfigEdit from "../../src/config/ConfigEdit.ts"
import * as SharedConfig from "../../src/config/SharedConfig.ts"
import { lacksBotocore } from "../support/Tools.ts"

const python = (script: string, input = "") =>
  spawnSync("python3", ["-c", script], { encoding: "utf8", input, env: { ...process.env, PYTHONUTF8: "1" } })

// All texts in one go: to start Python takes longer than all the rest.
const script = `
import json, os, sys, tempfile
from botocore.configloader import load_config
results = []
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "config")
    for text in json.load(sys.stdin):
        with open(path, "w", newline="") as file:
            file.write(text)
        results.append(load_config(path))
print(json.dumps(results))
`

// botocore keeps sub-properties in a dictionary of their own.
const flatten = (settings: object): Array<[string, string]> =>
  Object.entries(settings).flatMap(([key, value]) =>
    Predicate.isObject(value)
      ? flatten(value).map(([name, value]): [string, string] => [`${key}.${name}`, value])
      : [[key, value]]
  )

const flattenAll = (sections: Record<string, object>) =>
  Object.fromEntries(Object.entries(sections).map(([name, settings]) => [name, Object.fromEntries(flatten(settings))]))

const printed = SharedConfig.make({
  profiles: { default: { region: "eu-west-1" }, "my team": { "s3.a": "1", "s3.b": "2", c: "d\ne" } },
  ssoSessions: { team: { sso_region: "us-east-1", sso_start_url: "https://example.awsapps.com/start/#/" } },
  services: { local: { "sso_oidc.endpoint_url": "http://localhost:8080" } }
})

const edited = Result.getOrThrow(
  ConfigEdit.edit("# mine\r\n[default]\r\nregion=eu-west-1\r\ns3 =\r\n  a = 1\r\n\r\n[profile 'my team']", [
    { kind: "sso-session", name: "team", settings: { sso_start_url: "https://a/start/#/", sso_region: "us-east-1" } },
    { kind: "profile", name: "default", settings: { region: "eu-west-2", sso_session: "team" } },
    { kind: "profile", name: "my team", settings: { sso_session: "team", sso_role_name: "a=b,c" } },
    { kind: "profile", name: "dev", settings: { sso_account_id: "123456789012" } }
  ])
)

const cases: ReadonlyArray<{ readonly it: string; readonly text: string }> = [
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
  { it: "what SharedConfig prints", text: Result.getOrThrow(SharedConfig.print(printed)) }
]

describe("SharedConfig and botocore", () => {
  const byBotocore = new Map<string, unknown>()

  beforeAll(() => {
    if (lacksBotocore) return
    const { status, stdout, stderr } = python(script, JSON.stringify(cases.map(({ text }) => text)))
    assert.strictEqual(status, 0, stderr)
    for (const [index, { profiles, sso_sessions, services }] of JSON.parse(stdout).entries()) {
      byBotocore.set(cases[index]?.it ?? "", {
        profiles: flattenAll(profiles),
        ssoSessions: flattenAll(sso_sessions),
        services: flattenAll(services),
        ignored: []
      })
    }
  })

  it.skipIf(lacksBotocore).each(cases)("read the same in $it", (example) => {
    const read: unknown = Result.getOrThrow(SharedConfig.parse({ config: example.text }))
    assert.deepStrictEqual(read, byBotocore.get(example.it))
  })
})
