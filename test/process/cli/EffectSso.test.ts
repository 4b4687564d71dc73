import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { existsSync } from "node:fs"
import { Emulator, Home, json, main, mode, run, session, spawn, startUrl, timeout } from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"

const environment = Emulator.layer(["--auto-approve", "0"]).pipe(Layer.provideMerge(NodeServices.layer))

layer(environment, { excludeTestServices: true })("effect-sso", (it) => {
  it.effect(
    "signs in, prints the token, shows the status, and signs out",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { cached, directory, tokenFile } = yield* Home
        const file = tokenFile(startUrl)

        const login = yield* run(["login", ...session])
        assert.deepStrictEqual({ ...login, stderr: "" }, { exitCode: 0, stdout: "", stderr: "" })
        assert.include(login.stderr, "Signed in to https://example.awsapps.com/start (us-east-1).")
        assert.include(login.stderr, file)
        assert.notInclude(login.stderr, "\u001B")
        const kept = json(yield* fs.readFileString(file))
        assert.sameMembers(Object.keys(kept), [
          "startUrl",
          "region",
          "accessToken",
          "expiresAt",
          "clientId",
          "clientSecret",
          "registrationExpiresAt",
          "refreshToken"
        ])
        assert.deepInclude(kept, { startUrl, region: "us-east-1" })
        assert.strictEqual(yield* mode(file), 0o600)
        assert.strictEqual(yield* mode(`${directory}/.aws/sso/cache`), 0o700)

        const token = yield* run(["token", ...session])
        assert.deepStrictEqual(
          { ...token, stdout: json(token.stdout) },
          {
            exitCode: 0,
            stdout: { accessToken: kept["accessToken"], expiresAt: kept["expiresAt"], startUrl, region: "us-east-1" },
            stderr: ""
          }
        )

        const status = yield* run(["status", ...session], { onTerminal: true })
        assert.deepStrictEqual({ ...status, stdout: "" }, { exitCode: 0, stdout: "", stderr: "" })
        assert.match(
          status.stdout.replaceAll("\r\n", "\n"),
          /^SESSION .* REFRESHABLE .*\nhttps:\S+ +us-east-1 +signed in +7h 59m +yes +\/.*\.json\n$/
        )

        const logout = yield* run(["logout", ...session])
        assert.deepStrictEqual(logout, {
          exitCode: 0,
          stdout: "",
          stderr: `Signed out of ${startUrl}: removed ${file}\n`
        })
        assert.notInclude(yield* cached, file)

        assert.deepStrictEqual(yield* run(["token", ...session]), {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: you are not signed in to ${startUrl}. Sign in with \`effect-sso login --start-url ${startUrl} --region us-east-1\`\n`
        })
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "refuses a wrong invocation with one line on standard error",
    () =>
      Effect.forEach(
        [
          [["logn"], /Unknown subcommand "logn" .*\. Did you mean login\? \(see effect-sso --help\)/],
          [["login", "--start-url", startUrl], /--start-url needs --region/],
          [["token", "--region", "us-east-1"], /--region needs --start-url/],
          [
            ["status", "--profile", "a", "--sso-session", "b"],
            /--profile and --sso-session choose different sessions: specify only one/
          ],
          [["logout", "--all", "--profile", "a"], /--all and --profile choose different sessions/],
          [["login", ...session, "--scopes", "a,,b"], /scopes/],
          [["login", "--start-url", "portal", "--region", "us-east-1"], /startUrl/],
          [["emulator", "--port", "70000"], /port.*0 to 65535/],
          [["emulator", "--interval", "-1"], /interval: "-1". Expected: 0 or more/],
          [["login"], /there is no profile "default"/]
        ] as const,
        ([args, message]) =>
          Effect.gen(function* () {
            const { exitCode, stderr, stdout } = yield* run(args)
            assert.deepStrictEqual({ args, exitCode, stdout }, { args, exitCode: 1, stdout: "" })
            assert.match(stderr, /^effect-sso: .+\n$/)
            assert.match(stderr, message)
          }),
        { concurrency: 2 }
      ).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "prints help without a home directory, and reports a missing one where it is needed",
    () =>
      Effect.gen(function* () {
        const help = yield* run(["--help"], { env: { HOME: "" } })
        assert.deepStrictEqual({ ...help, stdout: "" }, { exitCode: 0, stdout: "", stderr: "" })
        const listed = Array.from(help.stdout.matchAll(/^ {2}([a-z]+) {2}/gm), ([, command]) => command)
        assert.includeMembers(listed, ["configure", "login", "token", "status", "logout", "emulator"])
        assert.includeMembers(listed, ["accounts", "roles", "credentials", "exec"])

        const status = yield* run(["status"], { env: { HOME: "" } })
        assert.strictEqual(status.exitCode, 1)
        assert.match(status.stderr, /^effect-sso: .*there is no home directory: set HOME.*\n$/)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "reports a defect by its kind alone, and its redacted cause with --log-level debug",
    () =>
      Effect.gen(function* () {
        // What Node itself does while it loads modules is left alone
        const stringify =
          "(...args)=>{if(args[2]===2)throw new RangeError('read aoa'+'0123456789abcdef in %22a file%22');return s(...args)}"
        const broken = `data:text/javascript,const s=JSON.stringify;JSON.stringify=${stringify}`
        const env = { NODE_OPTIONS: `--import="${broken}"` }
        const { exitCode, stderr, stdout } = yield* run(["status", "--json", ...session], { env })
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
        assert.strictEqual(
          stderr,
          "effect-sso: unexpected error (RangeError): run the command again with --log-level debug, and report it\n"
        )
        const debug = yield* run(["status", "--json", ...session, "--log-level", "debug"], { env })
        assert.include(
          debug.stderr,
          '\neffect-sso: debug: unexpected error\nRangeError: read <redacted> in "<redacted>"\n    at '
        )
        assert.notInclude(debug.stderr, "aoa0123456789abcdef")
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "wraps the help of every command at 80 columns",
    () =>
      Effect.gen(function* () {
        const root = (yield* run(["--help"])).stdout
        const commands = Array.from(root.matchAll(/^ {2}([a-z]+) {2}/gm), ([, command = ""]) => command)
        assert.isAtLeast(commands.length, 10)
        const help = yield* Effect.forEach(commands, (command) => run([command, "--help"]), { concurrency: 2 })
        for (const { exitCode, stdout } of help) {
          assert.strictEqual(exitCode, 0)
          const [text = "", examples = ""] = stdout.split("\nEXAMPLES\n")
          assert.deepStrictEqual(
            text.split("\n").filter((line) => line.length > 80),
            []
          )
          assert.notMatch(examples, /[^\n]{90}/)
        }
        const login = help[commands.indexOf("login")]?.stdout ?? ""
        assert.match(login, /^ {2}--no-browser {2}/m)
        assert.notMatch(login, /--browser/)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect.skipIf(!existsSync("/dev/full"))(
    "fails when standard output cannot be written, and ends quietly when its reader has read enough",
    () =>
      Effect.gen(function* () {
        const { env } = yield* Home
        const into = (args: string, redirect: string) =>
          Effect.scoped(
            Effect.gen(function* () {
              const script = `'${process.execPath}' '${main}' ${args} ${redirect}; echo "exit $?" >&2`
              const { handle, stderr } = yield* spawn(["sh", "-c", script], env)
              yield* handle.exitCode
              return yield* stderr.all
            })
          )
        for (const args of ["--help", "--version", "--completions bash", "status --json"]) {
          assert.strictEqual(
            (yield* into(args, ">/dev/full")).split("\n").slice(-3).join("\n"),
            "effect-sso: cannot write to standard output (ENOSPC): check the free disk space\nexit 1\n"
          )
        }
        assert.notInclude(yield* into("--help", "| true"), "effect-sso:")
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "says in debug lines which session, role and variables were chosen, without their values",
    () =>
      Effect.gen(function* () {
        yield* run(["login", ...session])
        const debug = ["--log-level", "debug"]
        const role = ["--account-id", "111122223333", "--role-name", "ReadOnlyAccess"]
        const chosen = `effect-sso: debug: session without a name: ${startUrl} in us-east-1, chosen by ${session.join(" ")}\n`
        for (const [args, expected] of [
          [["accounts"], "the portal lists 3 accounts"],
          [["roles"], "the portal lists 6 roles"],
          [
            ["credentials", ...role],
            "role ReadOnlyAccess in account 111122223333: credentials from the cache or the portal"
          ],
          [["credentials", ...role, "--format", "env"], "variables set: AWS_ACCESS_KEY_ID, "]
        ] as const) {
          const { exitCode, stderr } = yield* run([...args, ...session, ...debug])
          assert.strictEqual(exitCode, 0)
          assert.include(stderr, chosen)
          assert.include(stderr, `effect-sso: debug: ${expected}`)
        }
      }).pipe(Effect.provide(Home.layer)),
    slow
  )
})
