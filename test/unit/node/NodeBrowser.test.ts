import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Path, Stream } from "effect"
import * as NodeBrowser from "../../../src/node/NodeBrowser.ts"

const withEnvironment = (env: Record<string, string>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

const withFiles = (...files: ReadonlyArray<string>) =>
  Effect.provide(FileSystem.layerNoop({ exists: (path) => Effect.succeed(files.includes(path)) }))

const display = { DISPLAY: ":0" }

describe("NodeBrowser.isAvailable", () => {
  for (const [where, env, files, expected] of [
    ["on a desktop", display, [], true],
    ["on a Wayland desktop", { WAYLAND_DISPLAY: "wayland-0" }, [], true],
    ["on WSL", { WSL_DISTRO_NAME: "Debian" }, [], true],
    ["over SSH", { ...display, SSH_CONNECTION: "::1 1 ::1 2" }, [], false],
    ["in Docker", display, ["/.dockerenv"], false],
    ["in Podman", display, ["/run/.containerenv"], false],
    ["in a codespace", { ...display, CODESPACES: "true" }, [], false],
    ["without a display", {}, [], false],
    ["without a display, if BROWSER names a browser", { BROWSER: "w3m" }, [], true],
    ["on a desktop, if BROWSER is none", { ...display, BROWSER: "none" }, [], false]
  ] as const) {
    it.effect.skipIf(process.platform !== "linux")(`is ${expected} ${where}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* NodeBrowser.isAvailable, expected)
      }).pipe(withFiles(...files), withEnvironment(env))
    )
  }
})

describe("NodeBrowser.open", () => {
  it.live("passes the URL to the browser that BROWSER names, as one argument, without a shell", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = yield* fs.makeTempDirectoryScoped()
      const browser = path.join(directory, "browser")
      yield* fs.writeFileString(
        browser,
        `#!/bin/sh\nprintf '%s|' "$#" "$@" > "$(dirname "$0")/opened.tmp"\nmv "$(dirname "$0")/opened.tmp" "$(dirname "$0")/opened"\n`
      )
      yield* fs.chmod(browser, 0o755)
      const opened = path.join(directory, "opened")
      const url = "http://127.0.0.1/authorize?a=$(touch%20x)&b=;ls&c='d'"
      const started = yield* NodeBrowser.open(url).pipe(withEnvironment({ BROWSER: `${browser} %s` }))
      assert.isTrue(started)
      yield* fs.watch(directory).pipe(
        Stream.merge(Stream.tick("50 millis")),
        Stream.takeUntilEffect(() => fs.exists(opened)),
        Stream.runDrain
      )
      assert.strictEqual(yield* fs.readFileString(opened), `1|${new URL(url).href}|`)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  for (const url of ["file:///etc/passwd", "javascript:alert(1)", "--version", ""]) {
    it.effect(`does not open ${url === "" ? "nothing" : url}`, () =>
      Effect.gen(function* () {
        assert.isFalse(yield* NodeBrowser.open(url).pipe(withEnvironment({ BROWSER: "true" })))
      })
    )
  }

  it.live("returns false if the browser could not be started", () =>
    Effect.gen(function* () {
      const started = yield* NodeBrowser.open("https://example.com/").pipe(
        withEnvironment({ BROWSER: "/nonexistent/browser" })
      )
      assert.isFalse(started)
    })
  )
})
