import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { Emulator, Home, json, run, session, startUrl, timeout, write } from "../../support/Command.ts"

const environment = Emulator.layer(["--auto-approve", "0", "--token-lifetime", "600"]).pipe(
  Layer.provideMerge(NodeServices.layer)
)

layer(environment, { excludeTestServices: true })("effect-sso token", (it) => {
  it.effect(
    "refreshes a token that expires within 15 minutes, and prints the new one",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { tokenFile } = yield* Home
        const read = Effect.map(fs.readFileString(tokenFile(startUrl)), json)
        yield* run(["login", ...session])
        const before = yield* read
        const { stdout } = yield* run(["token", ...session])
        const after = yield* read
        assert.strictEqual(json(stdout)["accessToken"], after["accessToken"])
        assert.notStrictEqual(after["accessToken"], before["accessToken"])
        assert.notStrictEqual(after["refreshToken"], before["refreshToken"])

        const unreachable = { env: { AWS_ENDPOINT_URL_SSO_OIDC: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" } }
        const served = yield* run(["token", ...session], unreachable)
        assert.deepInclude(served, { exitCode: 0 })
        assert.strictEqual(json(served.stdout)["accessToken"], after["accessToken"])
        // The last attempt was less than 30 seconds ago: there is no other one while the token is valid
        assert.strictEqual(served.stderr, "")
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "names a file that cannot be read, and leaves it unchanged",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { tokenFile } = yield* Home
        const file = tokenFile(startUrl)
        yield* write(file, "{half")
        const { exitCode, stderr, stdout } = yield* run(["token", ...session])
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
        assert.match(stderr, /^effect-sso: .* cannot be read: .*Sign in again.*\n$/)
        assert.include(stderr, file)
        assert.strictEqual(yield* fs.readFileString(file), "{half")
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )
})
