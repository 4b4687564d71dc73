import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Home, run, session, startUrl, timeout, write } from "../../support/Command.ts"

const reports = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Array(Schema.Record(Schema.String, Schema.Unknown)))
)

layer(NodeServices.layer, { excludeTestServices: true })("effect-sso status", (it) => {
  it.effect(
    "tells of every known session how it stands, and nothing secret",
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
        assert.strictEqual(data.exitCode, 0)
        assert.match(data.stderr, /^effect-sso: .* is not a token: .*\n$/)
        assert.deepStrictEqual(
          reports(data.stdout).map(({ renewable, session, startUrl, state }) => ({
            renewable,
            session,
            startUrl,
            state
          })),
          names.map((name) => ({
            renewable: name === "expired",
            session: name,
            startUrl: `https://${name}.awsapps.com/start`,
            state: name
          }))
        )

        const table = yield* run(["status", ...session])
        assert.deepStrictEqual(
          table.stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3)),
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
    "says what to do where no session is known",
    () =>
      Effect.gen(function* () {
        const { exitCode, stderr, stdout } = yield* run(["status"])
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 0, stdout: "" })
        assert.match(stderr, /^No session is configured: /)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )
})
