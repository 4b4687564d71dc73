import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer, Option } from "effect"
import { SharedConfig } from "../../../src/index.ts"
import {
  comeBack,
  Emulator,
  Home,
  json,
  mode,
  run,
  startEmulator,
  startUrl,
  timeout,
  write
} from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"
import { spawnSync } from "node:child_process"
import * as Tmux from "../../support/Tmux.ts"
import { lacksBotocore } from "../../support/Tools.ts"

const ofSession = ["--sso-session", "my-sso", "--start-url", startUrl, "--region", "us-east-1"]
const ofProfile = ["--account-id", "444455556666", "--role-name", "ReadOnlyAccess"]

const sessionSection = `[sso-session my-sso]
sso_start_url = ${startUrl}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
`

/** A config file as users have them. */
const lived = `# Ada's
[default]
region = eu-west-1

; at work
[profile dev]
output = json  # for scripts
sso_session=my-sso
sso_account_id = 111122223333 ; production
sso_role_name   =   AdministratorAccess
s3 =
    max_concurrent_requests = 20

[sso-session my-sso]
sso_start_url = ${startUrl}
sso_region = us-east-1
sso_registration_scopes = sso:account:access,codewhisperer:completions
`

const configFile = Effect.map(Home, ({ directory }) => `${directory}/.aws/config`)

const written = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFileString(yield* configFile)
})

/** The profile as AWS tools that share our reading of the file see it. */
const loaded = Effect.fnUntraced(function* (name: string) {
  const { env } = yield* Home
  const provider = ConfigProvider.fromEnv({ env })
  const shared = yield* Effect.provideService(SharedConfig.load, ConfigProvider.ConfigProvider, provider)
  return { ...Option.getOrThrow(SharedConfig.profile(shared, name)) }
})

/** An emulator with accounts of its own, and the environment that leads to it. */
const emulatorWith = Effect.fnUntraced(function* (accounts: ReadonlyArray<object>) {
  const { directory } = yield* Home
  const file = `${directory}/data.json`
  yield* write(file, JSON.stringify({ accounts }))
  const { url } = yield* startEmulator(["--auto-approve", "0", "--interval", "1", "--data", file])
  return { AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_ENDPOINT_URL_SSO: url }
})

/** The profile as the AWS CLI sees it. */
const byBotocore = (name: string, env: Readonly<Record<string, string>>) =>
  spawnSync(
    "python3",
    [
      "-c",
      "import botocore.session, json, sys; print(json.dumps(botocore.session.Session(profile=sys.argv[1]).get_scoped_config()))",
      name
    ],
    { encoding: "utf8", env: { ...process.env, ...env } }
  )

const environment = Emulator.layer(["--auto-approve", "0", "--interval", "1"]).pipe(
  Layer.provideMerge(NodeServices.layer)
)

layer(environment, { excludeTestServices: true })("effect-sso configure, without a terminal", (it) => {
  it.effect(
    "writes a valid profile from the flags, and signs in once",
    () =>
      Effect.gen(function* () {
        const first = yield* run(["configure", ...ofSession, ...ofProfile, "--default-region", "eu-west-1"])
        assert.deepStrictEqual({ ...first, stderr: "" }, { exitCode: 0, stdout: "", stderr: "" })
        const name = "ReadOnlyAccess-444455556666"
        const file = yield* configFile
        assert.include(first.stderr, `Signed in to ${startUrl}.\n`)
        assert.include(
          first.stderr,
          `\nWrote profile "${name}" to ${file}\nTo use it: aws sts get-caller-identity --profile ${name}\n`
        )
        assert.strictEqual(
          yield* written,
          `${sessionSection}
[profile ${name}]
sso_session = my-sso
sso_account_id = 444455556666
sso_role_name = ReadOnlyAccess
region = eu-west-1
`
        )
        assert.strictEqual(yield* mode(file), 0o600)
        assert.deepStrictEqual(yield* loaded(name), {
          sso_session: "my-sso",
          sso_account_id: "444455556666",
          sso_role_name: "ReadOnlyAccess",
          region: "eu-west-1"
        })
        const token = yield* run(["token", "--profile", name])
        assert.deepInclude(json(token.stdout), { startUrl, region: "us-east-1" })

        const again = yield* run(["configure", "--sso-session", "my-sso", ...ofProfile])
        assert.deepStrictEqual(again, {
          exitCode: 0,
          stdout: "",
          stderr: `Profile "${name}" in ${file} is up to date\nTo use it: aws sts get-caller-identity --profile ${name}\n`
        })
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect.skipIf(lacksBotocore)(
    "writes a profile that the AWS CLI reads in the same way (botocore)",
    () =>
      Effect.gen(function* () {
        const { env } = yield* Home
        yield* write(yield* configFile, lived.replace(" ; production", "").replace("  # for scripts", ""))
        for (const name of ["dev", "my team"]) {
          yield* run(["configure", "--sso-session", "my-sso", "--profile", name, ...ofProfile, "--replace"])
          const { status, stdout } = byBotocore(name, env)
          assert.strictEqual(status, 0)
          assert.deepInclude(json(stdout), {
            sso_session: "my-sso",
            sso_account_id: "444455556666",
            sso_role_name: "ReadOnlyAccess"
          })
        }
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "names the missing flags in one line, and writes nothing",
    () =>
      Effect.gen(function* () {
        const before = lived.replace(/\[profile dev\][^]*\n(?=\[sso)/, "[profile dev]\nregion = eu-west-1\n\n")
        yield* write(yield* configFile, before)
        for (const [args, flags] of [
          [[], "--sso-session, --start-url and --region"],
          [["--sso-session", "other", "--region", "us-east-1"], "--start-url"],
          [["--sso-session", "my-sso"], "--account-id, one of 111122223333, 444455556666 and 777788889999"],
          [
            ["--sso-session", "my-sso", "--account-id", "111122223333"],
            "--role-name, one of AdministratorAccess and ReadOnlyAccess"
          ],
          [["--sso-session", "my-sso", ...ofProfile, "--profile", "dev"], "--replace"]
        ] as const) {
          const { exitCode, stderr, stdout } = yield* run(["configure", ...args])
          assert.deepStrictEqual({ args, exitCode, stdout }, { args, exitCode: 1, stdout: "" })
          assert.match(stderr, new RegExp(`(^|\\n)effect-sso: there is no terminal to ask on: specify ${flags}\\n$`))
        }
        assert.strictEqual(yield* written, before)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "changes a profile in place, leaves the rest of the file unchanged, and finds the session by the profile",
    () =>
      Effect.gen(function* () {
        yield* write(yield* configFile, lived)
        const { exitCode, stderr } = yield* run(["configure", "--profile", "dev", ...ofProfile, "--replace"])
        assert.strictEqual(exitCode, 0)
        assert.include(
          stderr,
          [
            "[profile dev] exists. These settings would change:",
            "  sso_account_id: 111122223333 -> 444455556666",
            "  sso_role_name: AdministratorAccess -> ReadOnlyAccess",
            "These settings would stay: output, s3.max_concurrent_requests",
            ""
          ].join("\n")
        )
        assert.strictEqual(
          yield* written,
          lived
            .replace("sso_account_id = 111122223333 ;", "sso_account_id = 444455556666 ;")
            .replace("sso_role_name   =   AdministratorAccess", "sso_role_name   =   ReadOnlyAccess")
        )
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "uses the account and the role of the profile by default",
    () =>
      Effect.gen(function* () {
        yield* write(yield* configFile, lived)
        const { exitCode, stderr } = yield* run(["configure", "--profile", "dev"])
        assert.strictEqual(exitCode, 0)
        assert.match(stderr, /^Profile "dev" in .* is up to date\n/m)
        assert.strictEqual(yield* written, lived)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "does not sign in or out when the session must not change",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { tokenFile } = yield* Home
        yield* write(yield* configFile, sessionSection)
        yield* run(["login", "--sso-session", "my-sso"])
        const before = yield* fs.readFileString(tokenFile("my-sso"))
        const other = ["--sso-session", "my-sso", "--start-url", "https://other.awsapps.com/start", ...ofProfile]
        const { exitCode, stderr } = yield* run(["configure", ...other])
        assert.strictEqual(exitCode, 1)
        assert.match(stderr, /sso_start_url: .* -> https:\/\/other[^]*specify --replace\n$/)
        assert.strictEqual(yield* fs.readFileString(tokenFile("my-sso")), before)
        assert.strictEqual(yield* written, sessionSection)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "loses no profile when several processes write at once",
    () =>
      Effect.gen(function* () {
        yield* write(yield* configFile, sessionSection)
        yield* run(["login", "--sso-session", "my-sso"])
        const names = Array.from({ length: 6 }, (_, index) => `p${index}`)
        const outcomes = yield* Effect.forEach(
          names,
          (name) => run(["configure", "--sso-session", "my-sso", "--profile", name, ...ofProfile]),
          { concurrency: "unbounded" }
        )
        for (const { exitCode, stderr } of outcomes) assert.strictEqual(exitCode, 0, stderr)
        for (const name of names) assert.deepInclude(yield* loaded(name), { sso_role_name: "ReadOnlyAccess" })
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "updates a legacy profile so that it does not contradict its session",
    () =>
      Effect.gen(function* () {
        const old = "[profile old]\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n"
        yield* write(yield* configFile, old)
        const { exitCode } = yield* run(["configure", "--profile", "old", ...ofSession, ...ofProfile, "--replace"])
        assert.strictEqual(exitCode, 0)
        assert.deepStrictEqual(yield* loaded("old"), {
          sso_start_url: startUrl,
          sso_region: "us-east-1",
          sso_session: "my-sso",
          sso_account_id: "444455556666",
          sso_role_name: "ReadOnlyAccess"
        })
        assert.strictEqual((yield* run(["token", "--profile", "old"])).exitCode, 0)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "takes the only account and the only role, and a profile name that the file can have",
    () =>
      Effect.gen(function* () {
        const env = yield* emulatorWith([{ accountId: "123456789012", accountName: "a\u001B[2J", roles: ["a=b,c"] }])
        const { exitCode, stderr } = yield* run(["configure", ...ofSession], { env })
        assert.strictEqual(exitCode, 0)
        assert.include(stderr, "\nThe only account at this access portal: 123456789012  a [2J\n")
        assert.include(stderr, "\nThe only role in account 123456789012: a=b,c\n")
        assert.deepStrictEqual(yield* loaded("a-b-c-123456789012"), {
          sso_session: "my-sso",
          sso_account_id: "123456789012",
          sso_role_name: "a=b,c"
        })
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "signs in again when the portal rejects the stored token",
    () =>
      Effect.gen(function* () {
        yield* run(["configure", ...ofSession, ...ofProfile])
        const env = yield* emulatorWith([{ accountId: "123456789012", roles: ["Auditor"] }])
        const { exitCode, stderr } = yield* run(["configure", "--sso-session", "my-sso"], { env })
        assert.strictEqual(exitCode, 0)
        assert.include(stderr, `Signed in to ${startUrl}.\n`)
        assert.include(yield* written, "\n[profile Auditor-123456789012]\n")
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "refuses invalid flags in one line, and leaves the file unchanged",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const file = yield* configFile
        yield* write(file, sessionSection)
        yield* fs.chmod(file, 0o444)
        const nobody = yield* emulatorWith([])
        const known = ["--sso-session", "my-sso"]
        for (const [args, message, env] of [
          [[...known, "--account-id", "1"], /account-id: "1"\. Expected: 12 digits/],
          [
            [...known, "--default-region", "moon base"],
            /default-region: "moon base"\. Expected: a region such as us-east-1/
          ],
          [[...known, "--profile", "a]"], /\[profile a\]\] cannot be written/],
          [["--sso-session", "a'b", ...ofSession.slice(2)], /\[sso-session a'b\] cannot be written/],
          [["--sso-session", "a", "--start-url", "portal", "--region", "us-east-1"], /startUrl/],
          [[...known, "--use-device-code", "--redirect-port", "1"], /--use-device-code and --redirect-port/],
          [
            [...known, "--account-id", "123456789012"],
            /the account 123456789012 is not assigned to you at this access portal: choose one of 111122223333, /
          ],
          [
            [...known, "--account-id", "111122223333", "--role-name", "Root"],
            /the role Root is not assigned to you in account 111122223333: choose one of AdministratorAccess and /
          ],
          [[...known, ...ofProfile], /\/config cannot be written, and is unchanged: .*\(it is read-only\)/],
          [known, /no account is assigned to you at this access portal: ask your administrator/, nobody]
        ] as ReadonlyArray<readonly [ReadonlyArray<string>, RegExp, Record<string, string>?]>) {
          const { exitCode, stderr, stdout } = yield* run(["configure", ...args], env === undefined ? {} : { env })
          assert.deepStrictEqual({ args, exitCode, stdout }, { args, exitCode: 1, stdout: "" })
          const last = stderr.trimEnd().split("\n").at(-1) ?? ""
          assert.match(last, /^effect-sso: /)
          assert.match(last, message)
        }
        assert.strictEqual(yield* written, sessionSection)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )
})

layer(environment, { excludeTestServices: true })("effect-sso configure, on a terminal (tmux)", (it) => {
  it.effect.skipIf(Tmux.isMissing)(
    "asks on standard error, lets the user choose with the arrow keys, and prints nothing to standard output",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* Home
        const { press, type, until } = yield* Tmux.start(["configure"], { redirect: `>'${directory}/out'` })
        yield* until(/^\? Session name ›$/m)
        yield* type("my-sso")
        yield* press("Enter")
        yield* until(/^\? Start URL ›$/m)
        yield* type("example")
        yield* press("Enter")
        yield* until(/^› enter a URL such as https:\/\/example\.awsapps\.com\/start$/m)
        yield* press("C-u")
        yield* type(startUrl)
        yield* press("Enter")
        yield* until(/^\? Region of IAM Identity Center ›$/m)
        yield* type("us-east-1")
        yield* press("Enter")
        const accounts = yield* until(/^\? Account ›$/m)
        assert.include(
          accounts,
          [
            `Signed in to ${startUrl}.`,
            "? Account ›",
            "❯ 111122223333  production   production@example.com",
            "  444455556666  staging      staging@example.com",
            "  777788889999  development  development@example.com"
          ].join("\n")
        )
        yield* press("Down")
        yield* until(/^❯ 444455556666 /m)
        yield* press("Enter")
        yield* until(/^❯ AdministratorAccess$/m)
        yield* press("Up")
        yield* until(/^❯ ReadOnlyAccess$/m)
        yield* press("Enter")
        yield* until(/^\? Profile name › ReadOnlyAccess-444455556666$/m)
        yield* press("C-u")
        yield* type("my team")
        yield* press("Enter")
        yield* until(/^\? Default region \(optional\) ›$/m)
        yield* press("Enter")
        const end = yield* until(/\[exit 0\]/)
        assert.include(
          end,
          [
            "✔ Account …  444455556666  staging      staging@example.com",
            "✔ Role …  ReadOnlyAccess",
            "✔ Profile name … my team",
            "✔ Default region (optional) …",
            `Wrote profile "my team" to ${directory}/.aws/config`,
            "To use it: aws sts get-caller-identity --profile 'my team'",
            "[exit 0]"
          ].join("\n")
        )
        assert.strictEqual(yield* fs.readFileString(`${directory}/out`), "")
        assert.strictEqual(
          yield* written,
          `${sessionSection}
[profile 'my team']
sso_session = my-sso
sso_account_id = 444455556666
sso_role_name = ReadOnlyAccess
`
        )
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect.skipIf(Tmux.isMissing)(
    "suggests the present settings, shows the changes, and writes them only after a yes",
    () =>
      Effect.gen(function* () {
        yield* write(yield* configFile, lived)
        for (const [answer, last] of [
          ["n", /^effect-sso: nothing was written: choose another name with --profile\n\[exit 1\]/m],
          ["y", /^Wrote profile "dev" to .*\n.*\n\[exit 0\]/m]
        ] as const) {
          const { press, until } = yield* Tmux.start(["configure", "--profile", "dev"])
          // The profile has a session, and the session has a start URL and a region
          assert.notMatch(yield* until(/^❯ 111122223333 /m), /Session|Start URL|Region/)
          yield* press("Down", "Enter")
          yield* until(/^❯ AdministratorAccess$/m)
          yield* press("Enter")
          yield* until(/^\? Default region/m)
          yield* press("Enter")
          const question = yield* until(/^\? Change \[profile dev\]\? › \(y\/N\)$/m)
          assert.include(
            question,
            "would change:\n  sso_account_id: 111122223333 -> 444455556666\nThese settings would stay:"
          )
          assert.strictEqual(yield* written, lived)
          yield* press(answer)
          yield* until(last)
        }
        assert.strictEqual(
          yield* written,
          lived.replace("sso_account_id = 111122223333 ;", "sso_account_id = 444455556666 ;")
        )
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect.skipIf(Tmux.isMissing)(
    "ends with Ctrl-C at a question and during a sign-in, and writes nothing",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { url } = yield* startEmulator(["--interval", "1"])
        const env = { AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_ENDPOINT_URL_SSO: url }
        for (const [args, moment] of [
          [[], /^\? Session name ›$/m],
          [ofSession, /waiting for approval/]
        ] as const) {
          const { press, until } = yield* Tmux.start(["configure", ...args], { env })
          yield* until(moment)
          yield* press("C-c")
          yield* until(/^(\^C)?\[exit 130\]$/m)
        }
        assert.isFalse(yield* fs.exists(yield* configFile))
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect.skipIf(Tmux.isMissing)(
    "filters many accounts by what the user types",
    () =>
      Effect.gen(function* () {
        const env = yield* emulatorWith(
          Array.from({ length: 40 }, (_, index) => ({
            accountId: String(100_000_000_000 + index),
            accountName: `team-${index}`,
            roles: ["Auditor"]
          }))
        )
        const { press, type, until } = yield* Tmux.start(["configure", ...ofSession, "--profile", "a"], { env })
        const first = yield* until(/^\? Account › \[filter: type to filter\]$/m)
        assert.lengthOf(first.match(/^[❯ ↓]+ ?1\d{11} /gm) ?? [], 10)
        yield* type("team-37")
        yield* until(/\[filter: team-37\]\n❯ 100000000037  team-37$/m)
        yield* press("Enter")
        yield* until(/^\? Default region/m)
        yield* press("Enter")
        yield* until(/\[exit 0\]/)
        assert.deepInclude(yield* loaded("a"), { sso_account_id: "100000000037", sso_role_name: "Auditor" })
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect.skipIf(Tmux.isMissing)(
    "accepts a pasted address during a sign-in between questions",
    () =>
      Effect.gen(function* () {
        const { press, type, until } = yield* Tmux.start(["configure", ...ofSession.slice(0, 4), "--flow", "browser"])
        yield* until(/^\? Region of IAM Identity Center ›$/m)
        yield* type("us-east-1")
        yield* press("Enter")
        const shown = yield* until(/paste the URL/)
        const [link = ""] = /http:\S+\/authorize\?\S+/.exec(shown) ?? []
        yield* type(yield* comeBack(link))
        yield* press("Enter")
        yield* until(/^❯ 111122223333 /m)
        yield* press("Enter")
        yield* until(/^❯ AdministratorAccess$/m)
        yield* press("C-c")
        yield* until(/^\[exit 130\]$/m)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )
})
