import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Clock, DateTime, Effect, FileSystem, Path, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { SsoPortal } from "../../../src/index.ts"
import { Home, run, session, startEmulator, startUrl, timeout, write } from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"

const Token = Schema.fromJsonString(Schema.Struct({ accessToken: Schema.RedactedFromValue(Schema.String) }))

const dataFile = Effect.fnUntraced(function* (data: unknown) {
  const { join } = yield* Path.Path
  const file = join((yield* Home).directory, "data.json")
  yield* write(file, JSON.stringify(data))
  return file
})

layer(NodeServices.layer, { excludeTestServices: true })("effect-sso emulator", (it) => {
  it.effect(
    "prints only its address on standard output, and stops when standard input ends",
    () =>
      Effect.gen(function* () {
        const { handle, stderr, stdout, url } = yield* startEmulator(["--until-stdin-ends"])
        yield* stderr.until(
          new RegExp(`  export AWS_ENDPOINT_URL_SSO_OIDC=${url}\n  export AWS_ENDPOINT_URL_SSO=${url}\n`)
        )
        yield* Stream.run(Stream.empty, handle.stdin)
        assert.strictEqual(yield* handle.exitCode, 0)
        assert.strictEqual(yield* stdout.all, `${url}\n`)
      }).pipe(Effect.scoped),
    timeout
  )

  it.effect(
    "reports a port that is in use, and stops at a signal",
    () =>
      Effect.gen(function* () {
        const { handle, url } = yield* startEmulator([])
        const { port } = new URL(url)
        assert.deepStrictEqual(yield* run(["emulator", "--port", port]), {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE): choose another port with --port, or 0 for a free port\n`
        })
        yield* handle.kill({ killSignal: "SIGINT" })
        assert.strictEqual(yield* handle.exitCode, 130)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "uses the users and the accounts of a file",
    () =>
      Effect.gen(function* () {
        const { tokenFile } = yield* Home
        const fs = yield* FileSystem.FileSystem
        const file = yield* dataFile({
          users: [{ name: "carol", entitlements: [{ accountId: "123456789012", roleNames: ["Reader"] }] }],
          accounts: [
            { accountId: "123456789012", accountName: "one", roles: ["Writer", "Reader"] },
            { accountId: "111122223333", accountName: "other", roles: ["Reader"] }
          ]
        })
        const { url } = yield* startEmulator(["--data", file, "--auto-approve", "0", "--credentials-lifetime", "60"])
        const { exitCode } = yield* run(["login", ...session, "--flow", "device"], {
          env: { AWS_ENDPOINT_URL_SSO_OIDC: url }
        })
        assert.strictEqual(exitCode, 0)
        const { accessToken } = yield* Schema.decodeEffect(Token)(yield* fs.readFileString(tokenFile(startUrl)))
        const portal = yield* SsoPortal.make({ endpoint: url }).pipe(Effect.provide(FetchHttpClient.layer))
        const { accountList } = yield* portal.listAccounts({ accessToken })
        assert.deepStrictEqual(accountList, [{ accountId: "123456789012", accountName: "one" }])
        const { roleCredentials } = yield* portal.getRoleCredentials({
          accessToken,
          accountId: "123456789012",
          roleName: "Reader"
        })
        const now = yield* Clock.currentTimeMillis
        assert.isAtMost(DateTime.toEpochMillis(roleCredentials.expiration), now + 60_000)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )

  it.effect(
    "reports what is wrong in a file",
    () =>
      Effect.gen(function* () {
        const file = yield* dataFile({ acounts: [] })
        assert.deepStrictEqual(yield* run(["emulator", "--data", file]), {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: cannot use ${file} for the users and accounts of the emulator (acounts: Expected no excess property): correct the file, or omit --data\n`
        })
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )
})
