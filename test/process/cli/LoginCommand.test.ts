import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { spawnSync } from "node:child_process"
import {
  answer,
  Emulator,
  Home,
  json,
  run,
  session,
  start,
  startEmulator,
  startUrl,
  timeout,
  write
} from "../../support/Command.ts"
import * as SecureDomain from "../../support/SecureDomain.ts"
import { slow } from "../../support/Sample.ts"

/** The link that carries the code. */
const link = /http:\S+user_code=[\w-]+/

const environment = Emulator.layer(["--interval", "1"]).pipe(Layer.provideMerge(NodeServices.layer))

layer(environment, { excludeTestServices: true })("effect-sso login", (it) => {
  it.effect(
    "shows the page and the code, and ends when the user has approved",
    () =>
      Effect.gen(function* () {
        const { tokenFile } = yield* Home
        const { handle, stderr, stdout } = yield* start(["login", ...session, "--json"])
        const [url] = yield* stderr.until(link)
        yield* answer(url, "approve")
        assert.strictEqual(yield* handle.exitCode, 0)
        const said = yield* stderr.all
        assert.include(said, `  ${new URL(url).searchParams.get("user_code")}\n`)
        assert.match(said, /\nwaiting for approval, \d+:\d\d left\nSigned in to /)
        const report = json(yield* stdout.all)
        assert.deepInclude(report, { state: "signed-in", refreshable: true, startUrl, file: tokenFile(startUrl) })
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "stores no token when the user denies the sign-in",
    () =>
      Effect.gen(function* () {
        const { cached, tokenFile } = yield* Home
        const { handle, stderr, stdout } = yield* start(["login", ...session])
        const [url] = yield* stderr.until(link)
        yield* answer(url, "deny")
        assert.strictEqual(yield* handle.exitCode, 1)
        assert.match(yield* stderr.all, /\neffect-sso: the sign-in was denied .*: run the command again.*\n$/)
        assert.strictEqual(yield* stdout.all, "")
        assert.notInclude(yield* cached, tokenFile(startUrl))
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "ends at once when it is interrupted, and leaves no token, no lock and no temporary file",
    () =>
      Effect.gen(function* () {
        const { cached, tokenFile } = yield* Home
        for (const killSignal of ["SIGINT", "SIGTERM"] as const) {
          const { handle, stderr } = yield* start(["login", ...session])
          yield* stderr.until(link)
          yield* handle.kill({ killSignal })
          assert.strictEqual(yield* handle.exitCode, 130)
        }
        // The client's registration is there for the next sign-in
        const [registration, ...others] = yield* cached
        assert.deepStrictEqual(others, [])
        assert.notStrictEqual(registration, tokenFile(startUrl))
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "ends when the code expires",
    () =>
      Effect.gen(function* () {
        const { url } = yield* startEmulator(["--interval", "1", "--code-lifetime", "2"])
        const { exitCode, stderr } = yield* run(["login", ...session], { env: { AWS_ENDPOINT_URL_SSO_OIDC: url } })
        assert.strictEqual(exitCode, 1)
        assert.match(stderr, /\neffect-sso: the code was not approved within 2 seconds: sign in again\n$/)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "reports once that the service cannot be reached, and polls until the code expires",
    () =>
      Effect.gen(function* () {
        const emulator = yield* startEmulator(["--interval", "1", "--code-lifetime", "5"])
        const { handle, stderr } = yield* start(["login", ...session], {
          env: { AWS_ENDPOINT_URL_SSO_OIDC: emulator.url }
        })
        yield* stderr.until(link)
        yield* emulator.handle.kill()
        assert.strictEqual(yield* handle.exitCode, 1)
        const said = yield* stderr.all
        assert.lengthOf(said.match(/the service cannot be reached, trying again\n/g) ?? [], 1)
        assert.match(said, /\neffect-sso: the service could not be reached until the code expired .*: sign in again\n$/)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )
})

const sessions = `[default]
sso_session = my-sso
[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
[sso-session my-sso]
sso_start_url = ${startUrl}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
`

layer(Emulator.layer(["--auto-approve", "0"]).pipe(Layer.provideMerge(NodeServices.layer)), {
  excludeTestServices: true
})("effect-sso login, with a config file", (it) => {
  it.effect(
    "signs in to sso-session and legacy sessions, and stores their tokens where AWS tools find them",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { cached, directory, tokenFile } = yield* Home
        const env = { AWS_CONFIG_FILE: `${directory}/elsewhere/config` }
        yield* write(env.AWS_CONFIG_FILE, sessions)
        const files = [tokenFile("my-sso"), tokenFile("https://old.awsapps.com/start")] as const

        const modern = yield* run(["login"], { env: { ...env, TZ: "UTC" } })
        assert.include(modern.stderr, "Signed in to my-sso (https://example.awsapps.com/start, us-east-1).\n")
        assert.include(modern.stderr, "). It is refreshed automatically.\n")
        assert.property(json(yield* fs.readFileString(files[0])), "refreshToken")

        assert.match(modern.stderr, /\nThe token expires at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00 \(in 7h 59m\)/)

        const legacy = yield* run(["login", "--profile", "old"], { env: { ...env, TZ: "Asia/Tokyo" } })
        assert.match(legacy.stderr, /\nThe token expires at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09:00 \(in 7h 59m\)/)
        assert.include(legacy.stderr, "Signed in to https://old.awsapps.com/start (eu-west-1).\n")
        assert.include(legacy.stderr, "). Sign in again after that.\n")
        assert.notProperty(json(yield* fs.readFileString(files[1])), "refreshToken")

        const byName = yield* run(["token", "--sso-session", "my-sso"], { env })
        assert.deepStrictEqual({ ...byName, stdout: "" }, { exitCode: 0, stdout: "", stderr: "" })

        const gone = yield* run(["logout", "--all"], { env })
        assert.strictEqual(gone.exitCode, 0)
        assert.lengthOf(gone.stderr.match(/^Signed out of /gm) ?? [], 2)
        for (const file of files) assert.notInclude(yield* cached, file)
      }).pipe(Effect.provide(Home.layer)),
    slow
  )
})

layer(Emulator.layer(["--auto-approve", "0"]).pipe(Layer.provideMerge(NodeServices.layer)), {
  excludeTestServices: true
})("effect-sso login, with a start URL under a custom domain", (it) => {
  const portal = "https://ssoins-0123456789abcdef.portal.eu-west-1.app.aws"

  it.effect.skipIf(!SecureDomain.hasOpenssl)(
    "signs in at the portal that it redirects to, and keeps the token under the start URL",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { tokenFile } = yield* Home
        const { asked, finds, startUrl, trusts } = yield* SecureDomain.start((_, response) => {
          response.writeHead(302, { location: `${portal}/?from=team` })
        })
        const flags = ["--start-url", startUrl, "--region", "us-east-1"]

        const login = yield* run(["login", ...flags], { env: { ...finds, ...trusts } })
        assert.include(login.stderr, `Signed in to ${startUrl} (eu-west-1).\n`)
        assert.strictEqual(login.exitCode, 0)
        assert.deepStrictEqual(asked, [`HEAD ${new URL(startUrl).host}/team`])
        const kept = json(yield* fs.readFileString(tokenFile(startUrl)))
        assert.deepInclude(kept, { startUrl, region: "eu-west-1" })

        const token = yield* run(["token", ...flags])
        assert.deepInclude(json(token.stdout), { startUrl, region: "eu-west-1", accessToken: kept["accessToken"] })
        const status = yield* run(["status", ...flags], { onTerminal: true })
        assert.match(status.stdout, / {2}eu-west-1 {2}signed in/)
        assert.include(status.stdout, tokenFile(startUrl))
        const logout = yield* run(["logout", ...flags])
        assert.include(logout.stderr, `Signed out of ${startUrl}`)
        assert.lengthOf(asked, 1)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect.skipIf(!SecureDomain.hasOpenssl)(
    "reports in one line why a start URL leads to no portal, and stores nothing",
    () =>
      Effect.gen(function* () {
        const { cached } = yield* Home
        const { finds, startUrl, trusts } = yield* SecureDomain.start((_, response) => {
          response.writeHead(302, { location: "https://login.example.com/?token=secret" })
        })
        const flags = ["--start-url", startUrl, "--region", "us-east-1"]
        const advice = "check the start URL of the session, and the network"
        const authority =
          "; the certificate of the server is from an authority that is not trusted: if it belongs to your company, set AWS_CA_BUNDLE to the file with its certificate"
        const { origin } = new URL(startUrl)

        const elsewhere = yield* run(["login", ...flags], { env: { ...finds, ...trusts } })
        assert.deepStrictEqual(elsewhere, {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: the start URL ${startUrl} cannot be used: it redirects to https://login.example.com, which is not under a domain of AWS: ${advice}\n`
        })
        const untrusted = yield* run(["login", ...flags], { env: finds })
        assert.deepStrictEqual(untrusted, {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: the start URL ${startUrl} cannot be used: there is no connection to ${origin} (DEPTH_ZERO_SELF_SIGNED_CERT): ${advice}${authority}\n`
        })
        assert.deepStrictEqual(yield* cached, [])
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )
})

const hasScript = spawnSync("script", ["--version"]).stdout?.includes("util-linux") === true

layer(environment, { excludeTestServices: true })("effect-sso login, on a terminal", (it) => {
  /** What a sign-in sends to a terminal. It is approved when the terminal has received this. */
  const seenOn = (env: Readonly<Record<string, string>>, waiting: RegExp) =>
    Effect.gen(function* () {
      const { handle, stdout } = yield* start(["login", ...session], { onTerminal: true, env })
      const [url] = yield* stdout.until(link)
      yield* stdout.until(waiting)
      yield* answer(url, "approve")
      assert.strictEqual(yield* handle.exitCode, 0)
      return (yield* stdout.all).replaceAll("\r\n", "\n")
    }).pipe(Effect.scoped, Effect.provide(Home.layer))

  const frames = /\r. waiting for approval, \d+:\d\d left *\r. waiting for approval/

  it.effect.skipIf(!hasScript)(
    "shows a countdown, and erases it at the end",
    () =>
      Effect.gen(function* () {
        const endpoint = (yield* Emulator).url
        const seen = yield* seenOn({ TERM: "xterm" }, frames)
        assert.include(seen, `  \u001B[1m${new URL("/device", endpoint).href}\u001B[22m\n`)
        assert.match(seen, / left *\r +\rSigned in to /)
      }),
    timeout
  )

  it.effect.skipIf(!hasScript)(
    "shows the countdown without escape sequences when NO_COLOR is set",
    () =>
      Effect.gen(function* () {
        const seen = yield* seenOn({ TERM: "xterm", NO_COLOR: "1" }, frames)
        assert.notInclude(seen, "\u001B")
        assert.match(seen, / left *\r +\rSigned in to /)
      }),
    slow
  )

  it.effect.skipIf(!hasScript)(
    "writes plain lines on a dumb terminal",
    () =>
      Effect.gen(function* () {
        const seen = yield* seenOn({ TERM: "dumb" }, /left\r\n/)
        for (const control of ["\u001B", "\r"]) assert.notInclude(seen, control)
        assert.match(seen, /\nwaiting for approval, \d+:\d\d left\nSigned in to /)
      }),
    slow
  )
})
