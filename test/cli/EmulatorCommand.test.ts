import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Home, run, startEmulator, timeout } from "../support/Command.ts"

layer(NodeServices.layer, { excludeTestServices: true })("effect-sso emulator", (it) => {
  it.effect(
    "prints its address alone on standard output, and ends with its standard input",
    () =>
      Effect.gen(function* () {
        const { handle, stderr, stdout, url } = yield* startEmulator(["--until-stdin-ends"])
        yield* stderr.until(new RegExp(`  export AWS_ENDPOINT_URL_SSO_OIDC=${url}\n`))
        yield* Stream.run(Stream.empty, handle.stdin)
        assert.strictEqual(yield* handle.exitCode, 0)
        assert.strictEqual(yield* stdout.all, `${url}\n`)
      }).pipe(Effect.scoped),
    timeout
  )

  it.effect(
    "says which port is taken, and ends at a signal",
    () =>
      Effect.gen(function* () {
        const { handle, url } = yield* startEmulator([])
        const { port } = new URL(url)
        assert.deepStrictEqual(yield* run(["emulator", "--port", port]), {
          exitCode: 1,
          stdout: "",
          stderr: `effect-sso: cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE): choose another with --port, or 0 for a free one\n`
        })
        yield* handle.kill({ killSignal: "SIGINT" })
        assert.strictEqual(yield* handle.exitCode, 130)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )
})
