import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { SourceMap } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = new URL("../..", import.meta.url).pathname
const project = mkdtempSync(join(tmpdir(), "effect-aws-sso-package-"))
const installed = join(project, "node_modules/effect-aws-sso")

let files: ReadonlyArray<string> = []
let size = 0

const node = (...args: ReadonlyArray<string>): string =>
  execFileSync(process.execPath, args, { cwd: project, encoding: "utf8", env: { ...process.env, HOME: project } })

/** Packs what `npm publish` would publish, and unpacks it into an empty project. */
beforeAll(() => {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--silent", "--pack-destination", project], {
      cwd: root,
      encoding: "utf8"
    })
  )
  files = packed.files.map(({ path }: { readonly path: string }) => path)
  size = packed.size
  mkdirSync(installed, { recursive: true })
  execFileSync("tar", ["-xzf", join(project, packed.filename), "-C", installed, "--strip-components=1"])
  for (const name of ["effect", "aws4fetch", "@effect/platform-node", "@effect/platform-node-shared"]) {
    const link = join(project, "node_modules", name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, "node_modules", name), link)
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }))
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe("The package", () => {
  it("has the built modules, their types and source maps, the sources and the pages, and no tests", () => {
    const unexpected = files.filter(
      (path) =>
        !/^(dist\/.+\.(js|d\.ts|js\.map|d\.ts\.map)|dist\/bin\/THIRD-PARTY\.txt|src\/.+\.ts|docs\/[\w-]+\.(md|svg)|package\.json|README\.md|LICENSE)$/.test(
          path
        )
    )
    assert.deepStrictEqual(unexpected, [])
    for (const path of ["dist/index.js", "dist/index.d.ts", "dist/bin/effect-sso.js", "src/index.ts"]) {
      assert.include(files, path)
    }
    assert.deepStrictEqual(
      files.filter((path) => /(^|\/)(test|examples|build|cli)\//.test(path)),
      []
    )
  })

  it("is smaller than 1.5 MB", () => {
    assert.isBelow(size, 1_500_000)
  })

  it("has maps that lead from each declaration to its source", () => {
    const modules = files.filter((path) => /^dist\/(?!bin\/).+\.js$/.test(path))
    assert.isAbove(modules.length, 50)
    for (const path of modules) {
      const text = (name: string) => readFileSync(join(installed, name), "utf8")
      const map = new SourceMap(JSON.parse(text(`${path}.map`)))
      assert.match(text(path), new RegExp(`\n//# sourceMappingURL=${basename(path)}\\.map\n$`))
      text(path)
        .split("\n")
        .forEach((line, index) => {
          const [, before = "", name = ""] = /^(export (?:const|class|function) )(\w+)/.exec(line) ?? []
          if (name === "") return
          const found = map.findEntry(index, before.length)
          if (!("originalSource" in found)) throw new Error(`${path}: ${name} has no origin`)
          const source = text(join(dirname(path), found.originalSource)).split("\n")[found.originalLine]
          assert.isTrue(source?.slice(found.originalColumn).startsWith(name), `${path}: ${name}`)
        })
    }
  })

  it("can be imported by each entry point in a project that has nothing else", () => {
    const script = `
      import { readFileSync } from "node:fs"
      const { exports } = JSON.parse(readFileSync("node_modules/effect-aws-sso/package.json", "utf8"))
      for (const entry of Object.keys(exports)) {
        if (entry === "./package.json") continue
        const module = await import("effect-aws-sso" + entry.slice(1))
        if (Object.keys(module).length === 0) throw new Error(entry + " is empty")
      }
      const { SsoOidc } = await import("effect-aws-sso")
      const single = await import("effect-aws-sso/SsoOidc")
      console.log(single.SsoOidc === SsoOidc.SsoOidc)
    `
    assert.strictEqual(node("--input-type=module", "--eval", script).trim(), "true")
  })

  it("has types that another library can name in its declarations", () => {
    const source = `
      import { Effect } from "effect"
      import {
        AwsSdk, CreateToken, GetRoleCredentials, Login, RegisterClient, RoleCredentials, SsoOidc, SsoPortal, TokenCache, TokenProvider
      } from "effect-aws-sso"
      import { NodeSso } from "effect-aws-sso/node"
      import { IdentityCenter } from "effect-aws-sso/testing"
      export const lease = (session: Parameters<typeof Login.login>[0]) => TokenCache.TokenCache.use((cache) => cache.acquireLease(session))
      export const store = (...args: Parameters<typeof TokenCache.make>) => TokenCache.make(...args)
      export const operations = [RegisterClient.operation, CreateToken.operation, GetRoleCredentials.operation] as const
      export const all = { AwsSdk, Login, RoleCredentials, SsoOidc, SsoPortal, TokenProvider, NodeSso, IdentityCenter }
      export const signedIn = (session: Parameters<typeof Login.login>[0]) =>
        Login.login(session).pipe(Effect.provide(NodeSso.layer))
    `
    writeFileSync(join(project, "library.ts"), source)
    const options = {
      target: "ES2022",
      lib: ["ES2024", "DOM", "DOM.Iterable"],
      module: "NodeNext",
      strict: true,
      declaration: true,
      skipLibCheck: true,
      types: [],
      outDir: "out"
    }
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["library.ts"] }))
    const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
      encoding: "utf8"
    })
    assert.strictEqual(stdout, "")
  })

  it("has the command", () => {
    assert.include(node("node_modules/effect-aws-sso/dist/bin/effect-sso.js", "--version"), "0.2.0")
  })
})
