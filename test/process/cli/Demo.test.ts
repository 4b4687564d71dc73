import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { fileURLToPath } from "node:url"
import { Home, secret, spawn } from "../../support/Command.ts"
import { slow } from "../../support/Sample.ts"

const demo = fileURLToPath(new URL("../../../build/docs/demo.js", import.meta.url))

layer(NodeServices.layer, { excludeTestServices: true })("npm start", (it) => {
  it.effect(
    "signs in, refreshes and obtains credentials, prints no secret, and leaves no file",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { directory, env } = yield* Home
        const { handle, stderr, stdout } = yield* spawn([process.execPath, demo], { ...env, TMPDIR: directory })
        assert.strictEqual(yield* handle.exitCode, 0)
        const told = yield* stdout.all
        assert.match(told, /\n {3}approved .*\n/)
        assert.match(told, /\n {3}gained {4}[1-9]\d*s/)
        assert.match(told, /\n {3}account {3}111122223333 production\n/)
        assert.match(told, /\n {3}key {7}ASIA\w+, for ReadOnlyAccess in 111122223333\n/)
        assert.notMatch(told, secret)
        assert.strictEqual(yield* stderr.all, "")
        assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    slow
  )
})
