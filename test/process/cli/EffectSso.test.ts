import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { Emulator, Home, json, mode, run, session, startUrl, timeout } from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"

const environment = Emulator.layer(["--auto-approve", "0"]).pipe(Layer.provideMerge(NodeServices.layer))

layer(environment, { excludeTestServices: true })("effect-sso", (it) => {
  it.effect(
    "signs in, gives the token, tells how it stands, and signs out",
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

        const status = yield* run(["status", ...session])
        assert.deepStrictEqual({ ...status, stdout: "" }, { exitCode: 0, stdout: "", stderr: "" })
        assert.match(status.stdout, /^SESSION .*\nhttps:\S+ +us-east-1 +signed in +7h 59m +yes +\/.*\.json\n$/)

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
          stderr: `effect-sso: nobody is signed in at ${startUrl}: sign in with \`effect-sso login --start-url ${startUrl} --region us-east-1\`\n`
        })
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "refuses a wrong invocation in one line on standard error",
    () =>
      Effect.forEach(
        [
          [["logn"], /Unknown subcommand "logn" .*\. Did you mean login\? \(see effect-sso --help\)/],
          [["login", "--start-url", startUrl], /--start-url needs --region/],
          [["token", "--region", "us-east-1"], /--region goes with --start-url/],
          [["status", "--profile", "a", "--sso-session", "b"], /--profile and --sso-session name two sessions/],
          [["logout", "--all", "--profile", "a"], /--all and --profile: choose one/],
          [["login", ...session, "--scopes", "a,,b"], /scopes/],
          [["login", "--start-url", "portal", "--region", "us-east-1"], /startUrl/],
          [["emulator", "--port", "70000"], /port.*0 to 65535/],
          [["emulator", "--interval", "-1"], /interval.*no less than 0/],
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
    "shows help where there is no home directory, and says so where one is needed",
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
    "ends a defect in one line that has nothing of it but its kind",
    () =>
      Effect.gen(function* () {
        // What Node itself does while it loads modules is left alone
        const stringify =
          "(...args)=>{if(args[2]===2)throw new RangeError('who knows what is in it');return s(...args)}"
        const broken = `data:text/javascript,const s=JSON.stringify;JSON.stringify=${stringify}`
        const { exitCode, stderr, stdout } = yield* run(["status", "--json", ...session], {
          env: { NODE_OPTIONS: `--import="${broken}"` }
        })
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
        assert.match(stderr, /^effect-sso: .*\(RangeError\): .*\n$/)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )
})
