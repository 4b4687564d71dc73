import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Machine from "../../support/Machine.ts"
import * as ConfigEdit from "../../../src/config/ConfigEdit.ts"
import * as SsoSession from "../../../src/session/SsoSession.ts"
import { sample } from "../../support/Sample.ts"

/** Runs on a machine with these files in its home directory. */
const on =
  (machine: Machine.Surroundings) =>
  <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>): Effect.Effect<A, E> =>
    Effect.provide(effect, Machine.layer(machine))

/** The settings alone, since `deepStrictEqual` compares prototypes too. */
const plain = (session: SsoSession.SsoSession) => ({ ...session })

const sessionOf = (machine: Machine.Surroundings, profile?: string) =>
  Effect.map(on(machine)(SsoSession.fromProfile(profile)), plain)

const failureOf = (machine: Machine.Surroundings, profile?: string) =>
  Effect.flip(on(machine)(SsoSession.fromProfile(profile)))

const team = {
  name: "my-team",
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
  scopes: ["sso:account:access"]
}

const teamSection = `
[sso-session my-team]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
`

const modern = `
[profile dev]
sso_session = my-team
region = eu-west-1
${teamSection}`

const configFile = "the AWS config file (~/.aws/config, or the file that AWS_CONFIG_FILE names)"

describe("SsoSession.make", () => {
  it.effect("uses the default scopes if none are given", () =>
    Effect.gen(function* () {
      const { name, ...settings } = team
      const session = yield* SsoSession.make({ startUrl: team.startUrl, region: team.region })
      assert.deepStrictEqual(plain(session), settings)
      assert.strictEqual((yield* SsoSession.make({ ...settings, name })).name, name)
    })
  )

  it.effect.each([
    { startUrl: "example.awsapps.com", region: "us-east-1", says: "an absolute http(s) URL" },
    { startUrl: team.startUrl, region: "us east", says: '"us east" is not a region' },
    { startUrl: team.startUrl, region: "fips-us-east-1", says: 'set the region to "us-east-1"' }
  ])("rejects the start URL $startUrl with the region $region", ({ region, says, startUrl }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SsoSession.make({ startUrl, region }))
      assert.strictEqual(error.reason._tag, "SessionInvalid")
      assert.include(error.message, says)
    })
  )

  it.effect.each([
    { key: "name", options: { name: "" } },
    { key: "principal", options: { principal: "" } },
    { key: "scopes", options: { scopes: ["sso:account:access", ""] } }
  ])("rejects an empty $key", ({ key, options }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SsoSession.make({ startUrl: team.startUrl, region: team.region, ...options }))
      assert.deepInclude({ ...error.reason }, { _tag: "SessionInvalid" })
      assert.strictEqual(error.message, `correct the ${key} of the session: it must not be empty`)
    })
  )

  it.effect("fails with an error whose reasons can be caught by their tags", () =>
    Effect.gen(function* () {
      const key = yield* SsoSession.make({ startUrl: team.startUrl, region: "" }).pipe(
        Effect.catchReason("SessionError", "SessionInvalid", (reason) => Effect.succeed(reason.key))
      )
      assert.strictEqual(key, "region")
    })
  )

  it.effect("makes a session of a principal with a sign-in flow", () =>
    Effect.gen(function* () {
      const session = yield* SsoSession.make({ ...team, principal: "user-1", loginType: "device" })
      assert.deepStrictEqual(plain(session), { ...team, principal: "user-1", loginType: "device" })
    })
  )
})

describe("SsoSession.fromProfile", () => {
  it.effect("loads the session that a profile names", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sessionOf({ config: modern }, "dev"), team)
    })
  )

  it.effect("uses the region of the session, not the region of the profile or the environment", () =>
    Effect.gen(function* () {
      const env = { AWS_REGION: "ap-south-1", AWS_DEFAULT_REGION: "ap-south-1" }
      assert.strictEqual((yield* sessionOf({ config: modern, env }, "dev")).region, "us-east-1")
    })
  )

  it.effect.each([
    { written: "sso:account:access", scopes: ["sso:account:access"] },
    {
      written: "sso:account:access, codewhisperer:completions",
      scopes: ["sso:account:access", "codewhisperer:completions"]
    },
    { written: " a ,b,, c,", scopes: ["a", "b", "c"] },
    { written: "a,\n  b,\n  c", scopes: ["a", "b", "c"] },
    { written: "", scopes: ["sso:account:access"] },
    { written: " , ", scopes: ["sso:account:access"] }
  ])("reads the scopes $written", ({ scopes, written }) =>
    Effect.gen(function* () {
      const session = yield* sessionOf({ config: `${modern}sso_registration_scopes = ${written}\n` }, "dev")
      assert.deepStrictEqual(session, { ...team, scopes })
    })
  )

  it.effect("loads a legacy profile as a session without a name and scopes", () =>
    Effect.gen(function* () {
      const config = `
[profile old]
sso_start_url = https://example.awsapps.com/start#/
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
sso_account_id = 123456789012`
      assert.deepStrictEqual(yield* sessionOf({ config }, "old"), {
        startUrl: "https://example.awsapps.com/start#/",
        region: "eu-central-1",
        scopes: []
      })
    })
  )

  it.effect("reads a profile whose settings are in the credentials file", () =>
    Effect.gen(function* () {
      const credentials = "[dev]\nsso_session = my-team"
      assert.deepStrictEqual(yield* sessionOf({ config: teamSection, credentials }, "dev"), team)
    })
  )

  it.effect("treats a setting without a value as absent", () =>
    Effect.gen(function* () {
      const config = `
[profile old]
sso_session =
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile dev]
sso_session = my-team
sso_region =
${teamSection}`
      assert.notProperty(yield* sessionOf({ config }, "old"), "name")
      assert.deepStrictEqual(yield* sessionOf({ config }, "dev"), team)
    })
  )

  describe("uses", () => {
    const legacyOf = (header: string, host: string) =>
      `[${header}]\nsso_start_url = https://${host}.awsapps.com/start\nsso_region = us-east-1\n`
    const config = legacyOf("default", "default") + legacyOf("profile a", "a") + legacyOf("profile b", "b")

    it.effect.each<{ it: string; env: Record<string, string>; argument?: string; host: string }>([
      { it: "the profile that is given", env: { AWS_PROFILE: "b" }, argument: "a", host: "a" },
      { it: "the profile of AWS_PROFILE if none is given", env: { AWS_PROFILE: "b" }, host: "b" },
      { it: "the profile default if AWS_PROFILE is not set", env: {}, host: "default" },
      { it: "the profile default if AWS_PROFILE is empty", env: { AWS_PROFILE: "" }, host: "default" },
      { it: "the profile default if AWS_PROFILE is blank", env: { AWS_PROFILE: "  " }, host: "default" }
    ])("$it", ({ argument, env, host }) =>
      Effect.gen(function* () {
        const session = yield* sessionOf({ config, env }, argument)
        assert.strictEqual(session.startUrl, `https://${host}.awsapps.com/start`)
      })
    )

    it.effect("the environment of each run", () =>
      Effect.gen(function* () {
        const chosen = SsoSession.fromProfile()
        const first = yield* on({ config, env: { AWS_PROFILE: "a" } })(chosen)
        const second = yield* on({ config, env: { AWS_PROFILE: "b" } })(chosen)
        assert.notStrictEqual(first.startUrl, second.startUrl)
      })
    )
  })

  describe("of a profile that has its own start URL or region", () => {
    const profile = (settings: string) => ({
      config: `[profile dev]\nsso_session = my-team\n${settings}\n${teamSection}`
    })

    it.effect("accepts settings that are equal to those of the session", () =>
      Effect.gen(function* () {
        const settings = "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1"
        assert.deepStrictEqual(yield* sessionOf(profile(settings), "dev"), team)
      })
    )

    it.effect.each<{ key: "sso_region" | "sso_start_url"; inProfile: string; inSession: string }>([
      { key: "sso_region", inProfile: "eu-west-1", inSession: "us-east-1" },
      { key: "sso_region", inProfile: "US-EAST-1", inSession: "us-east-1" },
      {
        key: "sso_start_url",
        inProfile: "https://example.awsapps.com/start/",
        inSession: "https://example.awsapps.com/start"
      }
    ])("fails with SessionConflict for $inProfile if its session has $inSession", ({ inProfile, inSession, key }) =>
      Effect.gen(function* () {
        const error = yield* failureOf(profile(`${key} = ${inProfile}`), "dev")
        assert.strictEqual(error.reason._tag, "SessionConflict")
        assert.deepInclude({ ...error.reason }, { key, profile: "dev", session: "my-team", inProfile, inSession })
        assert.strictEqual(
          error.message,
          `${key} is "${inProfile}" in [profile dev] and "${inSession}" in [sso-session my-team]: remove it from [profile dev] in ${configFile}, and correct it in [sso-session my-team] if it is wrong there`
        )
      })
    )

    it.effect("does not add them to an incomplete session", () =>
      Effect.gen(function* () {
        const config = `
[profile dev]
sso_session = my-team
sso_region = us-east-1
[sso-session my-team]
sso_start_url = https://example.awsapps.com/start`
        const error = yield* failureOf({ config }, "dev")
        assert.strictEqual(error.reason._tag, "SessionIncomplete")
        assert.deepInclude({ ...error.reason }, { section: "sso-session", name: "my-team", missing: ["sso_region"] })
      })
    )
  })

  it.effect.each<{ it: string; config: string; profile?: string; error: object; message: string }>([
    {
      it: "a profile does not exist",
      config: modern,
      profile: "prod",
      error: { _tag: "SessionNotFound", section: "profile", name: "prod" },
      message: `there is no profile "prod": write [profile prod] with an sso_session into ${configFile}, or choose another profile`
    },
    {
      it: "the default profile does not exist, whose header is [default]",
      config: modern,
      error: { _tag: "SessionNotFound", section: "profile", name: "default" },
      message: `there is no profile "default": write [default] with an sso_session into ${configFile}, or choose another profile`
    },
    {
      it: "a profile is written as in the credentials file, and on which line",
      config: "[dev]\nsso_session = my-team",
      profile: "dev",
      error: {
        _tag: "SessionNotFound",
        section: "profile",
        name: "dev",
        ignored: {
          file: "/home/me/.aws/config",
          line: 1,
          what: "a section that is none of [default], [profile name], [sso-session name] and [services name]"
        }
      },
      message: `there is no profile "dev" (/home/me/.aws/config, line 1: ignored a section that is none of [default], [profile name], [sso-session name] and [services name]): write [profile dev] with an sso_session into ${configFile}, or choose another profile`
    },
    {
      it: "the session of a profile does not exist",
      config: "[profile dev]\nsso_session = my team",
      profile: "dev",
      error: { _tag: "SessionNotFound", section: "sso-session", name: "my team", namedBy: "dev" },
      message: `there is no sso-session "my team", which [profile dev] names: write [sso-session 'my team'] with sso_start_url and sso_region into ${configFile}, or correct the sso_session of [profile dev]`
    },
    {
      it: "a profile has no settings of a sign-in",
      config: "[default]\nregion = eu-west-1",
      error: { _tag: "SessionIncomplete", section: "profile", name: "default", missing: ["sso_session"] },
      message: `[default] has no sso_session: write a line such as "sso_session = my-sso" below it in ${configFile}`
    },
    {
      it: "a legacy profile has no region",
      config: "[profile old]\nsso_start_url = https://example.awsapps.com/start",
      profile: "old",
      error: { _tag: "SessionIncomplete", section: "profile", name: "old", missing: ["sso_region"] },
      message: `[profile old] has no sso_region: write a line such as "sso_region = us-east-1" below it in ${configFile}`
    },
    {
      it: "a legacy profile has no start URL",
      config: "[profile old]\nsso_region = us-east-1",
      profile: "old",
      error: { _tag: "SessionIncomplete", section: "profile", name: "old", missing: ["sso_start_url"] },
      message: `[profile old] has no sso_start_url: write a line such as "sso_start_url = https://example.awsapps.com/start" below it in ${configFile}`
    },
    {
      it: "a session has no settings",
      config: "[profile dev]\nsso_session = my-team\n[sso-session my-team]",
      profile: "dev",
      error: {
        _tag: "SessionIncomplete",
        section: "sso-session",
        name: "my-team",
        missing: ["sso_start_url", "sso_region"]
      },
      message: `[sso-session my-team] has no sso_start_url and no sso_region: write a line such as "sso_start_url = https://example.awsapps.com/start" and "sso_region = us-east-1" below it in ${configFile}`
    },
    {
      it: "a start URL is invalid",
      config: "[profile old]\nsso_start_url = example.awsapps.com/start\nsso_region = us-east-1",
      profile: "old",
      error: { _tag: "SessionInvalid", section: "profile", name: "old", key: "sso_start_url" },
      message: `correct the sso_start_url of [profile old] in ${configFile}: an absolute http(s) URL is expected, such as https://example.awsapps.com/start`
    },
    {
      it: "a region is invalid",
      config:
        "[profile dev]\nsso_session = my-team\n[sso-session my-team]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1.evil.example",
      profile: "dev",
      error: { _tag: "SessionInvalid", section: "sso-session", name: "my-team", key: "sso_region" },
      message: `correct the sso_region of [sso-session my-team] in ${configFile}: "us-east-1.evil.example" is not a region: use letters, digits and hyphens, such as us-east-1`
    }
  ])("the message says that $it", ({ config, error, message, profile }) =>
    Effect.gen(function* () {
      const actual = yield* failureOf({ config }, profile)
      assert.deepInclude({ ...actual.reason }, error)
      assert.strictEqual(actual.message, message)
    })
  )

  it.effect("fails with ConfigParseError if a file has a syntax error", () =>
    Effect.gen(function* () {
      const error = yield* failureOf({ config: "[profile dev\n" }, "dev")
      assert.strictEqual(error.reason._tag, "ConfigParseError")
      assert.include(error.message, "/home/me/.aws/config, line 1")
    })
  )

  it.effect("fails with ConfigReadError if a file cannot be read", () =>
    Effect.gen(function* () {
      const files = FileSystem.layerNoop({
        readFile: (path) => Effect.fail(Machine.unreadable("PermissionDenied", path))
      })
      const error = yield* SsoSession.fromProfile("dev").pipe(
        Effect.flip,
        Effect.provide(Layer.mergeAll(files, Path.layer)),
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromEnv({ env: { AWS_CONFIG_FILE: "/etc/aws" } })
        )
      )
      assert.strictEqual(error.reason._tag, "ConfigReadError")
      assert.include(error.message, "/etc/aws cannot be read")
    })
  )
})

describe("SsoSession.fromSsoSession", () => {
  it.effect("loads a session that no profile names", () =>
    Effect.gen(function* () {
      const session = yield* on({ config: teamSection })(SsoSession.fromSsoSession("my-team"))
      assert.deepStrictEqual(plain(session), team)
    })
  )

  it.effect("fails with SessionNotFound if the section does not exist", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(on({ config: teamSection })(SsoSession.fromSsoSession("our-team")))
      assert.strictEqual(error.reason._tag, "SessionNotFound")
      assert.strictEqual(
        error.message,
        `there is no sso-session "our-team": write [sso-session our-team] with sso_start_url and sso_region into ${configFile}, or choose another session`
      )
    })
  )

  it.effect.each(["constructor", "__proto__", ""])(
    "does not find a session %j that only JavaScript objects have",
    (name) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(on({ config: teamSection })(SsoSession.fromSsoSession(name)))
        assert.strictEqual(error.reason._tag, "SessionNotFound")
      })
  )
})

describe("SsoSession.configured", () => {
  const known = (config: string) => {
    const warnings: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel === "Warn") warnings.push(String(message))
    })
    return on({ config })(SsoSession.configured).pipe(
      Effect.map((sessions) => ({ sessions: sessions.map(plain), warnings })),
      Effect.provide(Logger.layer([logger]))
    )
  }

  it.effect("is empty if no session is configured", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* known("[default]\nregion = eu-west-1"), { sessions: [], warnings: [] })
    })
  )

  it.effect("lists each sso-session section and each legacy session once", () =>
    Effect.gen(function* () {
      const { sessions, warnings } = yield* known(`
[profile a]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
[profile b]
sso_session = my-team
[profile c]
sso_session = my-team
[profile d]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
[profile e]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-2
${teamSection}
[sso-session unused]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1`)
      const old = { startUrl: "https://old.awsapps.com/start", region: "eu-west-1", scopes: [] }
      assert.deepStrictEqual(sessions, [team, { ...team, name: "unused" }, old, { ...old, region: "eu-west-2" }])
      assert.deepStrictEqual(warnings, [])
    })
  )

  it.effect(
    "lists a session and a legacy profile with the same settings separately, since they have separate tokens",
    () =>
      Effect.gen(function* () {
        const { sessions } = yield* known(`
[profile a]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
${teamSection}`)
        assert.deepStrictEqual(
          sessions.map(({ name }) => name),
          ["my-team", undefined]
        )
      })
  )

  it.effect("leaves out incomplete sessions, and logs how to correct them", () =>
    Effect.gen(function* () {
      const { sessions, warnings } = yield* known(`
[profile a]
sso_region = us-east-1
[profile b]
sso_session = gone
[sso-session empty]
${teamSection}`)
      assert.deepStrictEqual(sessions, [team])
      assert.strictEqual(warnings.length, 2)
      assert.include(warnings[0], "[sso-session empty] has no sso_start_url and no sso_region")
      assert.include(warnings[1], "[profile a] has no sso_start_url")
    })
  )
})

describe("SsoSession, with any config file", () => {
  const value = Arbitrary.schema(
    Schema.Literals(["", "my-team", "us-east-1", "eu-west-1", "not a url", team.startUrl, "https://b.example/", "a,b"])
  )
  const settings = { sso_start_url: value, sso_region: value }

  it.effect.prop(
    "the session of a profile is one of the configured sessions, or an error that names the section to correct",
    [
      Arbitrary.all({ ...settings, sso_session: value }),
      Arbitrary.all({ ...settings, sso_registration_scopes: value })
    ],
    ([profile, session]) =>
      Effect.gen(function* () {
        const edits = [
          { kind: "profile", name: "dev", settings: profile },
          { kind: "sso-session", name: "my-team", settings: session }
        ] as const
        const machine = { config: Result.getOrThrow(ConfigEdit.edit("", edits)) }
        const result = yield* Effect.result(sessionOf(machine, "dev"))
        const known = yield* on(machine)(SsoSession.configured).pipe(Effect.provide(Logger.layer([])))
        if (Result.isSuccess(result)) {
          assert.deepInclude(known.map(plain), result.success)
        } else {
          const { message } = result.failure
          assert.isTrue(message.includes("[profile dev]") || message.includes("[sso-session my-team]"), message)
        }
      }),
    { arbitrary: { runs: sample(500, 100) } }
  )
})
