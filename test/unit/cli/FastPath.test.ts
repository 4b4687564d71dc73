import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, DateTime, Effect, Exit, FileSystem, Logger, Option, Path, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import * as CredentialFormat from "../../../src/cli/commands/CredentialFormat.ts"
import { refreshFirst } from "../../../src/cli/commands/Freshness.ts"
import * as TokenFormat from "../../../src/cli/commands/TokenFormat.ts"
import * as FastArguments from "../../../src/cli/fast/FastArguments.ts"
import * as FastPath from "../../../src/cli/fast/FastPath.ts"
import * as ChosenRole from "../../../src/cli/flags/ChosenRole.ts"
import * as ChosenSession from "../../../src/cli/flags/ChosenSession.ts"
import { safeJson } from "../../../src/cli/terminal/SafeText.ts"
import * as CredentialCache from "../../../src/store/CredentialCache.ts"
import * as SsoStore from "../../../src/store/SsoStore.ts"
import * as TokenCache from "../../../src/store/TokenCache.ts"
import * as ClientConfig from "../../../src/wire/ClientConfig.ts"
import { sample } from "../../support/Sample.ts"

const now = Date.parse("2026-11-24T10:00:00Z")

type Invocation = Exclude<FastArguments.Invocation, { readonly command: "version" }>

/** What the commands print, by the functions of the library. Fails where they would refresh, fail or warn. */
const reference = (invocation: Invocation, env: Readonly<Record<string, string>>) => {
  const logged: Array<unknown> = []
  const isFresh = (expiry: DateTime.Utc) => DateTime.toEpochMillis(expiry) - now > refreshFirst
  const print = Effect.gen(function* () {
    if (invocation.command === "token") {
      const session = yield* ChosenSession.find(invocation.input)
      yield* ClientConfig.load("sso_oidc", { profile: invocation.input.profile, region: session.region })
      const stored = yield* TokenCache.TokenCache.use((cache) => cache.get(session))
      const token = yield* Effect.fromOption(Option.filter(stored, ({ expiresAt }) => isFresh(expiresAt)))
      return safeJson(yield* TokenFormat.encode(token))
    }
    const { role, session } = yield* ChosenRole.find(invocation.input)
    for (const service of ["sso_oidc", "sso"] as const) {
      yield* ClientConfig.load(service, { profile: invocation.input.profile, region: session.region })
    }
    const stored = yield* CredentialCache.CredentialCache.use((cache) => cache.get(session, role))
    const fresh = yield* Effect.fromOption(Option.filter(stored, ({ expiration }) => isFresh(expiration)))
    const plain = yield* CredentialFormat.encode({ ...fresh, accountId: role.accountId })
    return safeJson(invocation.input.format === "json" ? CredentialFormat.json(plain) : CredentialFormat.process(plain))
  })
  return print.pipe(
    Effect.filterOrFail(() => logged.length === 0),
    Effect.provide(SsoStore.layerFile()),
    Effect.provide([
      NodeServices.layer,
      ConfigProvider.layer(ConfigProvider.fromEnv({ env })),
      Logger.layer([Logger.make(({ message }) => void logged.push(message))])
    ])
  )
}

/** The files of a home directory, by their paths. */
type Files = Readonly<Record<string, string>>

const writeAll = Effect.fnUntraced(function* (home: string, files: Files, mode: number) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, join } = yield* Path.Path
  yield* fs.remove(join(home, ".aws"), { recursive: true, force: true })
  for (const [name, text] of Object.entries(files)) {
    const file = join(home, name)
    yield* fs.makeDirectory(dirname(file), { recursive: true, mode: 0o700 })
    yield* fs.writeFileString(file, text)
    yield* fs.chmod(file, mode)
  }
})

const pick = <A extends string>(strings: ReadonlyArray<A>) => Arbitrary.schema(Schema.Literals(strings))

/** Mostly the usual, sometimes one of the others. */
const mostly = (usual: string, ...others: ReadonlyArray<string>) =>
  pick([...Array.from({ length: 8 * others.length }, () => usual), ...others])

const startUrl = "https://example.awsapps.com/start"

const urls = mostly(
  startUrl,
  "",
  "http://localhost:8080/start",
  "https://example.awsapps.com",
  "https://example.awsapps.com:99999/start",
  "https://example.awsapps.com/start/#/",
  "https://EXAMPLE.awsapps.com/start",
  "ftp://example.com/",
  "example",
  "https:///"
)
const regions = mostly(
  "us-east-1",
  "",
  "eu-central-2",
  "us-gov-west-1",
  "us_east_1",
  "US-EAST-1",
  "fips-us-east-1",
  "*",
  "a.b"
)
const times = mostly(
  "2026-11-24T18:00:00Z",
  "2026-11-24T18:00:00.000Z",
  "2026-11-24T18:00:00.5Z",
  "2026-11-24T18:00:00+00:00",
  "2026-11-24T18:00:00UTC",
  "2026-11-24T18:00:00",
  "2026-11-24T10:15:00Z",
  "2026-11-24T10:15:01Z",
  "2026-11-24T09:00:00Z",
  "2027-02-30T00:00:00Z",
  "2026-11-24T24:00:00Z",
  "2026-11-24t18:00:00z",
  "never"
)
const texts = mostly("text", "", "null", "number", "\u0007\u202E")

const lines = Arbitrary.all({
  session: mostly("sso_session = dev", "", "sso_session =", "sso_session = prod", "SSO_Session: dev # x"),
  profile: mostly("", `sso_start_url = ${startUrl}`, "sso_region = us-east-1", "sso_region = eu-west-1"),
  login: mostly("", "login_type = pkce", "login_type = device", "login_type = other", "login_type ="),
  client: mostly("", "max_attempts = 0", "max_attempts = 3", "retry_mode = Legacy", "services = x", "endpoint_url = x"),
  odd: mostly("", "no equals", "[profile dev]\n[wrong", "  indented = 1", "k\u00E9y = 1", "# comment", "[other]", "=x"),
  role: mostly("sso_role_name = Reader", "", "sso_role_name =", "sso_role_name = R\u00E9\u{1F600}"),
  name: mostly("default", "profile default", "profile dev", "profile 'a b'", "profile \u00E9"),
  url: urls,
  region: regions
})

const configs = Arbitrary.map(
  lines,
  ({ client, login, name, odd, profile, region, role, session, url }) => `[${name}]
${session}
${profile}
${client}
sso_account_id = 111122223333
${role}
[sso-session dev]
sso_start_url = ${url}
sso_region = ${region}
${login}
${odd}
`
)

const member = (kind: string): unknown => (kind === "null" ? null : kind === "number" ? 1 : kind)

const tokens = Arbitrary.map(
  Arbitrary.all({
    startUrl: urls,
    region: regions,
    accessToken: texts,
    expiresAt: times,
    clientId: texts,
    registrationExpiresAt: times,
    refreshToken: texts,
    form: mostly("all", "least", "half", "list")
  }),
  ({ form, ...members }) => {
    const { accessToken, expiresAt } = members
    const token = form === "least" ? { accessToken: member(accessToken), expiresAt } : members
    const decoded = Object.entries(token).map(([key, value]) => [
      key,
      typeof value === "string" ? member(value) : value
    ])
    const text = JSON.stringify(Object.fromEntries(decoded))
    return form === "half" ? text.slice(0, -9) : form === "list" ? `[${text}]` : text
  }
)

const stored = Arbitrary.map(
  Arbitrary.all({ key: texts, secret: texts, expiration: times, account: texts, type: mostly("sso", "login") }),
  ({ account, expiration, key, secret, type }) =>
    JSON.stringify({
      ProviderType: type,
      Credentials: {
        AccessKeyId: member(key),
        SecretAccessKey: member(secret),
        SessionToken: "session-token",
        Expiration: expiration,
        ...(account === "text" ? {} : { AccountId: member(account) })
      },
      SsoSession: "dev"
    })
)

const variables = Arbitrary.map(
  Arbitrary.all([
    mostly("", "AWS_PROFILE=dev", "AWS_PROFILE= ", "AWS_DEFAULT_PROFILE=dev", "AWS_PROFILE=\u00E9"),
    mostly(
      "",
      "AWS_MAX_ATTEMPTS=3",
      "AWS_MAX_ATTEMPTS=0",
      "AWS_RETRY_MODE=standard",
      "AWS_RETRY_MODE=none",
      "AWS_USE_FIPS_ENDPOINT=true",
      "AWS_USE_FIPS_ENDPOINT=yes",
      "AWS_SDK_UA_APP_ID=a b",
      "AWS_ENDPOINT_URL=http://127.0.0.1:8080",
      "AWS_ENDPOINT_URL_SSO_OIDC=http://example.com",
      "AWS_ENDPOINT_URL_SSO=https://-.example.com",
      "AWS_CONFIG_FILE=/missing/config",
      "AWS_CONFIG_FILE=/dev/null",
      "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
      "AWS_CONFIG_FILE=~/.aws/other"
    )
  ]),
  (all) => Object.fromEntries(all.filter((text) => text !== "").map((text) => text.split("=")))
)

const commands = pick([
  "token",
  "token",
  "token --sso-session dev",
  `token --start-url ${startUrl} --region us-east-1`,
  "token --start-url https://example.awsapps.com:99999/start --region us-east-1",
  "credentials",
  "credentials",
  "credentials --format json",
  "credentials --profile dev",
  "credentials --role-name Writer",
  "credentials --sso-session dev --account-id 111122223333 --role-name Reader"
])

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex")

describe("FastPath", () => {
  const served = { yes: 0, no: 0 }

  it.effect.prop(
    "prints what the commands print, or leaves it to them",
    [configs, tokens, stored, variables, commands, mostly("private", "open")],
    ([config, token, credentials, variables, command, access]) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const home = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
        const invocation = FastArguments.parse(command.split(" "))
        if (invocation === undefined || invocation.command === "version") return assert.fail(command)
        const roles = ["Reader", "Writer", "R\\u00e9\\ud83d\\ude00"].flatMap((role) => [
          `{"accountId":"111122223333","roleName":"${role}","sessionName":"dev"}`,
          `{"accountId":"111122223333","roleName":"${role}","startUrl":"${startUrl}"}`
        ])
        const files = {
          ".aws/config": config,
          ...Object.fromEntries(["dev", startUrl].map((key) => [`.aws/sso/cache/${sha1(key)}.json`, token])),
          ...Object.fromEntries(roles.map((key) => [`.aws/cli/cache/${sha1(key)}.json`, credentials]))
        }
        yield* writeAll(home, files, access === "open" ? 0o644 : 0o600)
        const env = { ...variables, HOME: home }
        const printed = FastPath.serve(invocation, env, now)
        served[printed === undefined ? "no" : "yes"]++
        if (printed !== undefined)
          assert.deepStrictEqual(yield* Effect.exit(reference(invocation, env)), Exit.succeed(printed))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    { arbitrary: { runs: sample(2000, 200) } }
  )

  it("serves enough of them to compare", () => {
    assert.isAbove(served.yes, served.no / 20)
  })
})
