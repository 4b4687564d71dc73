/** `effect-sso accounts`, `roles` and `credentials`, and the sign-out that takes them away. */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Schema } from "effect"
import {
  Emulator,
  Home,
  json,
  main,
  mode,
  run,
  session,
  spawn,
  startEmulator,
  startUrl,
  timeout,
  write
} from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"

const environment = Emulator.layer(["--auto-approve", "0", "--interval", "1"]).pipe(
  Layer.provideMerge(NodeServices.layer)
)

const rows = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Record(Schema.String, Schema.Unknown))))

const account = "111122223333"

const role = ["--account-id", account, "--role-name", "ReadOnlyAccess"]

const config = [
  "[sso-session my-sso]",
  `sso_start_url = ${startUrl}`,
  "sso_region = us-east-1",
  "[profile dev]",
  "sso_session = my-sso",
  `sso_account_id = ${account}`,
  "sso_role_name = ReadOnlyAccess",
  "region = eu-central-1",
  "[profile wrong]",
  "sso_session = my-sso",
  `sso_account_id = ${account}`,
  "sso_role_name = Nobody",
  "[profile 'with blanks']",
  "sso_session = my-sso",
  `sso_account_id = ${account}`,
  "sso_role_name = ReadOnlyAccess",
  "[profile roleless]",
  "sso_session = my-sso",
  ""
].join("\n")

const signIn = Effect.gen(function* () {
  const { directory } = yield* Home
  yield* write(`${directory}/.aws/config`, config)
  assert.strictEqual((yield* run(["login", "--sso-session", "my-sso"])).exitCode, 0)
})

layer(environment, { excludeTestServices: true })("effect-sso", (it) => {
  it.effect(
    "lists accounts and roles as tables on a terminal, and as JSON elsewhere",
    () =>
      Effect.gen(function* () {
        yield* run(["login", ...session])
        const table = yield* run(["accounts", ...session], { onTerminal: true })
        assert.deepStrictEqual(
          table.stdout.split("\r\n").map((line) => line.split(/ {2,}/)),
          [
            ["ACCOUNT ID", "NAME", "EMAIL"],
            ["111122223333", "production", "production@example.com"],
            ["444455556666", "staging", "staging@example.com"],
            ["777788889999", "development", "development@example.com"],
            [""]
          ]
        )
        const accounts = yield* run(["accounts", ...session])
        assert.deepInclude(rows(accounts.stdout), {
          accountId: account,
          accountName: "production",
          emailAddress: "production@example.com"
        })
        const all = rows((yield* run(["roles", ...session])).stdout)
        assert.strictEqual(all.length, 6)
        assert.deepInclude(all, { accountId: account, accountName: "production", roleName: "ReadOnlyAccess" })
        const few = yield* run(["roles", ...session, "--account-id", account, "--json"], { onTerminal: true })
        assert.deepStrictEqual(
          rows(few.stdout).map(({ roleName }) => roleName),
          ["AdministratorAccess", "ReadOnlyAccess"]
        )
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "prints the credentials of a profile in every format, and obtains them once",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* Home
        yield* signIn
        const given = yield* run(["credentials", "--profile", "dev"])
        assert.deepInclude(given, { exitCode: 0, stderr: "" })
        const { AccessKeyId, Expiration, SecretAccessKey, SessionToken, ...rest } = json(given.stdout)
        assert.deepStrictEqual(rest, { Version: 1, AccountId: account })
        assert.match(String(AccessKeyId), /^ASIA/)
        assert.match(String(Expiration), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

        const inFormat = (format: string) =>
          Effect.map(run(["credentials", "--profile", "dev", "--format", format]), ({ stdout }) => stdout)
        assert.deepStrictEqual(json(yield* inFormat("json")), {
          accessKeyId: AccessKeyId,
          secretAccessKey: SecretAccessKey,
          sessionToken: SessionToken,
          expiration: Expiration,
          accountId: account
        })
        assert.strictEqual(
          yield* inFormat("env"),
          [
            "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SECURITY_TOKEN",
            `export AWS_ACCESS_KEY_ID='${String(AccessKeyId)}'`,
            `export AWS_SECRET_ACCESS_KEY='${String(SecretAccessKey)}'`,
            `export AWS_SESSION_TOKEN='${String(SessionToken)}'`,
            `export AWS_CREDENTIAL_EXPIRATION='${String(Expiration)}'`,
            `export AWS_ACCOUNT_ID='${account}'`,
            "export AWS_REGION='eu-central-1'",
            "export AWS_DEFAULT_REGION='eu-central-1'",
            ""
          ].join("\n")
        )
        assert.strictEqual(
          (yield* run(["credentials", "--profile", "dev", "--format", "env", "--no-export"])).stdout,
          [
            `AWS_ACCESS_KEY_ID=${String(AccessKeyId)}`,
            `AWS_SECRET_ACCESS_KEY=${String(SecretAccessKey)}`,
            `AWS_SESSION_TOKEN=${String(SessionToken)}`,
            `AWS_CREDENTIAL_EXPIRATION=${String(Expiration)}`,
            `AWS_ACCOUNT_ID=${account}`,
            "AWS_REGION=eu-central-1",
            "AWS_DEFAULT_REGION=eu-central-1",
            ""
          ].join("\n")
        )
        for (const [format, line] of [
          ["fish", `set -gx AWS_ACCESS_KEY_ID '${String(AccessKeyId)}'`],
          ["powershell", `$Env:AWS_ACCESS_KEY_ID = '${String(AccessKeyId)}'`],
          ["cmd", `set "AWS_ACCESS_KEY_ID=${String(AccessKeyId)}"`]
        ] as const) {
          const lines = (yield* inFormat(format)).split("\n")
          assert.include(lines, line)
          assert.isTrue(lines.some((removed) => /AWS_DEFAULT_PROFILE\b/.test(removed)))
        }
        const byVariable = yield* run(["credentials", "--format", "ini"], { env: { AWS_PROFILE: "dev" } })
        assert.strictEqual(byVariable.stdout, yield* inFormat("ini"))
        assert.strictEqual(
          yield* inFormat("ini"),
          [
            "[dev]",
            `aws_access_key_id = ${String(AccessKeyId)}`,
            `aws_secret_access_key = ${String(SecretAccessKey)}`,
            `aws_session_token = ${String(SessionToken)}`,
            ""
          ].join("\n")
        )

        const cache = `${directory}/.aws/cli/cache`
        const file = (yield* fs.readDirectory(cache)).find((name) => name.endsWith(".json")) ?? ""
        assert.strictEqual(yield* mode(`${cache}/${file}`), 0o600)
        assert.strictEqual(yield* mode(cache), 0o700)
        const other = json((yield* run(["credentials", "--profile", "dev", "--no-cache"])).stdout)
        assert.notStrictEqual(other["AccessKeyId"], AccessKeyId)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "gives a shell the credentials, the account and the region of a profile, and removes AWS_PROFILE",
    () =>
      Effect.gen(function* () {
        const { env } = yield* Home
        yield* signIn
        const show = "process.stdout.write(JSON.stringify(process.env))"
        const script = `eval "$('${process.execPath}' '${main}' credentials --format env)" && '${process.execPath}' -e '${show}'`
        const { handle, stdout } = yield* spawn(["sh", "-c", script], {
          ...env,
          AWS_PROFILE: "dev",
          AWS_DEFAULT_PROFILE: "other",
          AWS_ACCOUNT_ID: "999999999999"
        })
        assert.strictEqual(yield* handle.exitCode, 0)
        const seen = json(yield* stdout.all)
        const given = json((yield* run(["credentials", "--profile", "dev"])).stdout)
        assert.deepInclude(seen, {
          AWS_ACCESS_KEY_ID: given["AccessKeyId"],
          AWS_SECRET_ACCESS_KEY: given["SecretAccessKey"],
          AWS_SESSION_TOKEN: given["SessionToken"],
          AWS_ACCOUNT_ID: account,
          AWS_REGION: "eu-central-1",
          AWS_DEFAULT_REGION: "eu-central-1"
        })
        for (const name of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) assert.notProperty(seen, name)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "obtains credentials once for all processes that start together",
    () =>
      Effect.gen(function* () {
        yield* signIn
        const all = yield* Effect.all(
          Array.from({ length: 8 }, () => run(["credentials", "--profile", "dev"])),
          { concurrency: "unbounded" }
        )
        // Each call of the portal returns other credentials
        assert.strictEqual(new Set(all.map(({ stdout }) => json(stdout)["AccessKeyId"])).size, 1)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "says what to do when there are no credentials",
    () =>
      Effect.gen(function* () {
        yield* signIn
        const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: RegExp]> = [
          [["--profile", "wrong"], /not assigned to you .*`effect-sso roles --profile wrong` lists/],
          [["--profile", "dev", "--account-id", "999999999999"], /`effect-sso roles --profile dev` lists/],
          [["--profile", "roleless"], /\[profile roleless\] has no sso_account_id and no sso_role_name: write a line/],
          [["--profile", "dev", "--account-id", "12"], /"12"\. Expected: 12 digits, such as 111122223333/],
          [["--profile", "roleless", "--account-id", account], /\[profile roleless\] has no sso_role_name: write/],
          [
            ["--profile", "with blanks", "--format", "ini"],
            /the profile name "with blanks" cannot be written in the format "ini"/
          ],
          [["--profile", "dev", "--no-export"], /--no-export needs --format env/],
          [["--sso-session", "my-sso"], /--sso-session needs --account-id and --role-name/],
          [
            ["--start-url", "https://other.awsapps.com/start", "--region", "us-east-1", ...role],
            /you are not signed in/
          ]
        ]
        for (const [args, said] of cases) {
          const { exitCode, stderr, stdout } = yield* run(["credentials", ...args])
          assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
          assert.match(stderr, /^effect-sso: .*\n$/)
          assert.match(stderr, said)
        }
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "completes a profile with the flags",
    () =>
      Effect.gen(function* () {
        yield* signIn
        const { exitCode, stdout } = yield* run(["credentials", "--profile", "roleless", ...role])
        assert.strictEqual(exitCode, 0)
        assert.strictEqual(json(stdout)["AccountId"], account)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "shows account names as text only, whatever characters they have",
    () =>
      Effect.gen(function* () {
        const { directory } = yield* Home
        const data = `${directory}/data.json`
        const accountName = "evil\n\u001B[31mred\u001B]0;title\u0007\u202Eoff\u200B\u009B"
        yield* write(data, JSON.stringify({ accounts: [{ accountId: account, accountName, roles: ["a"] }] }))
        const { url } = yield* startEmulator(["--auto-approve", "0", "--interval", "1", "--data", data])
        const env = { AWS_ENDPOINT_URL_SSO_OIDC: url, AWS_ENDPOINT_URL_SSO: url }
        yield* run(["login", ...session], { env })
        for (const command of ["accounts", "roles"]) {
          const { stdout } = yield* run([command, ...session], { env, onTerminal: true })
          assert.notMatch(stdout.replaceAll("\r\n", ""), /[\p{Cc}\p{Cf}]/u)
          assert.strictEqual(stdout.split("\r\n").length, 3)
        }
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "reports every session that it could not sign out of",
    () =>
      Effect.gen(function* () {
        const { directory, tokenFile } = yield* Home
        assert.match((yield* run(["logout", "--all"])).stderr, /^No session is configured/)
        const names = ["one", "two"]
        const sections = names.map(
          (name) => `[sso-session ${name}]\nsso_start_url = ${startUrl}\nsso_region = us-east-1\n`
        )
        yield* write(`${directory}/.aws/config`, sections.join(""))
        // A directory that is not empty cannot be removed as a file
        for (const name of names) yield* write(`${tokenFile(name)}/kept`, "")
        const { exitCode, stderr } = yield* run(["logout", "--all"])
        assert.strictEqual(exitCode, 1)
        for (const name of names) assert.include(stderr, `could not remove ${tokenFile(name)}`)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "signs out at the service, and removes the token and the cached credentials",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { directory, tokenFile } = yield* Home
        yield* signIn
        yield* run(["credentials", "--profile", "dev"])
        const file = tokenFile("my-sso")
        const kept = yield* fs.readFileString(file)
        const other = `${directory}/.aws/cli/cache/${"0".repeat(40)}.json`
        yield* write(other, JSON.stringify({ ProviderType: "sso", Credentials: {} }))

        const gone = yield* run(["logout", "--sso-session", "my-sso"])
        assert.deepStrictEqual(gone, { exitCode: 0, stdout: "", stderr: `Signed out of my-sso: removed ${file}\n` })
        const left = yield* fs.readDirectory(`${directory}/.aws/cli/cache`)
        assert.deepStrictEqual(
          left.filter((name) => name.endsWith(".json")),
          [`${"0".repeat(40)}.json`]
        )

        const again = yield* run(["credentials", "--profile", "dev"])
        assert.match(again.stderr, /\. Sign in with `effect-sso login --profile dev`\n$/)
        // A copy of the token is of no use
        yield* write(file, kept)
        const { exitCode, stderr } = yield* run(["accounts", "--sso-session", "my-sso"])
        assert.strictEqual(exitCode, 1)
        assert.match(stderr, /the session at .* has ended.*effect-sso login --sso-session my-sso/)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "signs out on this machine when the service cannot be reached, and warns that the session may still be active",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { tokenFile } = yield* Home
        yield* signIn
        const { exitCode, stderr } = yield* run(["logout", "--sso-session", "my-sso"], {
          env: { AWS_ENDPOINT_URL_SSO: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" }
        })
        assert.strictEqual(exitCode, 0)
        assert.match(
          stderr,
          /^effect-sso: the session may still be active .*ECONNREFUSED.*AWS_ENDPOINT_URL_SSO\nSigned out/
        )
        assert.isFalse(yield* fs.exists(tokenFile("my-sso")))
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "does not reuse the credentials of an earlier sign-in",
    () =>
      Effect.gen(function* () {
        yield* signIn
        const before = json((yield* run(["credentials", "--profile", "dev"])).stdout)
        const same = json((yield* run(["credentials", "--profile", "dev"])).stdout)
        assert.strictEqual(same["AccessKeyId"], before["AccessKeyId"])
        yield* signIn
        const after = json((yield* run(["credentials", "--profile", "dev"])).stdout)
        assert.notStrictEqual(after["AccessKeyId"], before["AccessKeyId"])
      }).pipe(Effect.provide(Home.layer)),
    slow
  )
})
