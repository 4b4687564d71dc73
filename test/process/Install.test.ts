import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Registry, serve } from "../support/Registry.ts"
import { slow } from "../support/Sample.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "effect-aws-sso-install-"))
const manifest = (path: string) => JSON.parse(readFileSync(join(path, "package.json"), "utf8"))

/** The folders of the packages that are installed with this one. */
const dependencies = (path: string): ReadonlySet<string> =>
  new Set(
    Object.keys(manifest(path).dependencies ?? {})
      .map((name) => join(root, "node_modules", name))
      .flatMap((dependency) => [dependency].concat([...dependencies(dependency)]))
  )

let registry: Registry

/** Runs a program that has nothing but the registry: an empty home, an empty cache. */
const run = (directory: string, program: string, ...args: ReadonlyArray<string>) => {
  const home = join(folder, directory)
  mkdirSync(home, { recursive: true })
  const env = {
    PATH: `${join(home, "bin")}:${process.env["PATH"]}`,
    HOME: home,
    npm_config_registry: registry.url,
    npm_config_prefix: home,
    npm_config_update_notifier: "false"
  }
  return promisify(execFile)(program, args, { cwd: home, env, timeout: 100_000 })
}

beforeAll(async () => {
  const tarballs = join(folder, "tarballs")
  mkdirSync(tarballs)
  const folders = [root, ...dependencies(root)]
  const packed: ReadonlyArray<{ readonly filename: string }> = JSON.parse(
    execFileSync(
      "npm",
      ["pack", "--json", "--ignore-scripts", "--silent", "--pack-destination", tarballs, ...folders],
      { cwd: root, encoding: "utf8" }
    )
  )
  registry = await serve(
    packed.map(({ filename }, index) => ({
      tarball: join(tarballs, filename),
      manifest: manifest(folders[index] ?? root)
    }))
  )
})

afterAll(() => {
  registry.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("the command, from a registry that has the package and its dependencies, but no peer", () => {
  it("runs by npx", async () => {
    const { stdout } = await run("npx", "npx", "-y", "effect-aws-sso", "--version")
    assert.match(stdout, /^effect-sso v\d/)
  })

  it("is installed by npm under both of its names", slow, async () => {
    await run("global", "npm", "install", "-g", "effect-aws-sso")
    const versions = await Promise.all(["effect-sso", "effect-aws-sso"].map((name) => run("global", name, "--version")))
    for (const { stdout } of versions) assert.match(stdout, /^effect-sso v\d/)
    // What is loaded when it is needed is there too
    const { stdout } = await run("global", "sh", "-c", "effect-sso emulator --until-stdin-ends </dev/null")
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+/)
  })
})
