import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Home, run, session, startUrl, timeout, write } from "../../support/Command.ts"

const reports = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Array(Schema.Record(Schema.String, Schema.Unknown)))
)

layer(NodeServices.layer, { excludeTestServices: true })("effect-sso status", (it) => {
  it.effect(
    "shows the state of every configured session, and no secret",
    () =>
      Effect.gen(function* () {
        const { directory, tokenFile } = yield* Home
        const names = ["expired", "signed-in", "signed-out", "unreadable"]
        yield* write(
          `${directory}/.aws/config`,
          names
            .map(
              (name) =>
                `[sso-session ${name}]\nsso_start_url = https://${name}.awsapps.com/start\nsso_region = us-east-1\n`
            )
            .join("")
        )
        const token = {
          accessToken: "aoa-very-secret",
          refreshToken: "aor-very-secret",
          clientId: "c",
          clientSecret: "very-secret"
        }
        yield* write(tokenFile("expired"), JSON.stringify({ ...token, expiresAt: "2001-01-01T00:00:00Z" }))
        yield* write(
          tokenFile("signed-in"),
          JSON.stringify({ accessToken: "aoa-very-secret", expiresAt: "2999-01-01T00:00:00Z", region: "eu-west-1" })
        )
        yield* write(tokenFile("unreadable"), `{"accessToken":"aoa-very-secret"`)

        const data = yield* run(["status", "--json"])
        // A session that is signed out needs a sign-in; one whose token can be refreshed does not
        assert.strictEqual(data.exitCode, 1)
        assert.match(data.stderr, /^effect-sso: .* cannot be read: .*\n/)
        assert.match(
          data.stderr,
          /\neffect-sso: not signed in to signed-out and 1 more: sign in with `effect-sso login --sso-session signed-out`\n$/
        )
        assert.deepStrictEqual(
          reports(data.stdout).map(({ refreshable, session, startUrl, state }) => ({
            refreshable,
            session,
            startUrl,
            state
          })),
          names.map((name) => ({
            refreshable: name === "expired",
            session: name,
            startUrl: `https://${name}.awsapps.com/start`,
            state: name
          }))
        )

        const table = yield* run(["status", ...session], { onTerminal: true })
        assert.strictEqual(table.exitCode, 1)
        assert.include(
          table.stdout,
          `effect-sso: not signed in to ${startUrl}: sign in with \`effect-sso login ${session.join(" ")}\`\r\n`
        )
        assert.deepStrictEqual(
          table.stdout
            .split("\r\n")
            .filter((line) => !line.startsWith("effect-sso:"))
            .map((line) => line.split(/ {2,}/).slice(0, 3)),
          [
            ["SESSION", "REGION", "STATE"],
            [startUrl, "us-east-1", "signed out"],
            ["expired", "us-east-1", "expired"],
            ["signed-in", "eu-west-1", "signed in"],
            ["signed-out", "us-east-1", "signed out"],
            ["unreadable", "us-east-1", "unreadable"],
            [""]
          ]
        )
        assert.notInclude([data.stdout, data.stderr, table.stdout, table.stderr].join(), "very-secret")
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "says what to do where no session is configured",
    () =>
      Effect.gen(function* () {
        const { exitCode, stderr, stdout } = yield* run(["status"])
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 0, stdout: "[]\n" })
        assert.match(stderr, /^No session is configured: /)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "exits with 0 or 1 for the session that the flags choose, and prints JSON when standard output is not a terminal",
    () =>
      Effect.gen(function* () {
        const { directory, tokenFile } = yield* Home
        const section = (name: string) =>
          `[sso-session ${name}]\nsso_start_url = https://${name}.awsapps.com/start\nsso_region = us-east-1\n`
        yield* write(
          `${directory}/.aws/config`,
          `${section("here")}[sso-session 'my away']\nsso_start_url = https://away.awsapps.com/start\nsso_region = us-east-1\n[profile dev]\nsso_session = my away\n`
        )
        yield* write(
          tokenFile("here"),
          JSON.stringify({ accessToken: "aoa-very-secret", expiresAt: "2999-01-01T00:00:00Z" })
        )
        const here = yield* run(["status", "--sso-session", "here"])
        assert.deepStrictEqual({ ...here, stdout: "" }, { exitCode: 0, stdout: "", stderr: "" })
        assert.deepStrictEqual(
          reports(here.stdout).map(({ session, state }) => [session, state]),
          [
            ["here", "signed-in"],
            ["my away", "signed-out"]
          ]
        )
        for (const [flags, command] of [
          [[], "--sso-session 'my away'"],
          [["--sso-session", "my away"], "--sso-session 'my away'"],
          [["--profile", "dev"], "--profile dev"]
        ] as const) {
          const { exitCode, stderr } = yield* run(["status", ...flags])
          assert.strictEqual(exitCode, 1)
          assert.strictEqual(
            stderr,
            `effect-sso: not signed in to my away: sign in with \`effect-sso login ${command}\`\n`
          )
        }
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )
})
