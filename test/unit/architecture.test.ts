import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = new URL("../..", import.meta.url).pathname

const read = (path: string): string => readFileSync(join(root, path), "utf8")

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`)

interface Import {
  readonly from: string
  readonly to: string
}

/** What a file imports, statically, dynamically or by a type: paths below src as paths, packages by their names. */
const importsOf = (from: string): ReadonlyArray<Import> =>
  [...read(from).matchAll(/^(?:(?:import|export) .*from |\} from |import )"([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
    (match) => {
      const target = match[1] ?? match[2] ?? ""
      return { from, to: target.startsWith(".") ? normalize(join(dirname(from), target)) : target }
    }
  )

const imports = sources.flatMap(importsOf)

/** The rooms of the house, each with the rooms that it may import. */
const mayUse: Record<string, ReadonlyArray<string>> = {
  operation: [],
  config: ["operation"],
  wire: ["config", "operation"],
  service: ["wire", "config", "operation"],
  session: ["wire", "config", "operation"],
  store: ["session", "service", "wire", "config", "operation"],
  provider: ["store", "session", "service", "wire", "config", "operation"],
  login: ["provider", "store", "session", "service", "wire", "config", "operation"],
  node: ["login", "provider", "store", "session", "service", "wire", "config", "operation"],
  emulator: ["operation"],
  cli: ["node", "emulator", "login", "provider", "store", "session", "service", "wire", "config", "operation"]
}

const roomOf = (path: string): string => path.split("/")[1]?.replace(/\.ts$/, "") ?? ""

describe("the house", () => {
  it("has no room that the plan does not know", () => {
    const known = new Set([...Object.keys(mayUse), "index"])
    assert.deepStrictEqual(
      sources.filter((path) => !known.has(roomOf(path))),
      []
    )
  })

  it("imports downwards only", () => {
    const upwards = imports.filter(
      ({ from, to }) =>
        to.startsWith("src/") &&
        roomOf(from) !== "index" &&
        roomOf(from) !== roomOf(to) &&
        !mayUse[roomOf(from)]?.includes(roomOf(to))
    )
    assert.deepStrictEqual(upwards, [])
  })

  it("imports nothing of Node outside the rooms that only Node can enter", () => {
    const ofNode = imports.filter(
      ({ from, to }) => /^(node:|@effect\/platform-node)/.test(to) && !["node", "cli"].includes(roomOf(from))
    )
    assert.deepStrictEqual(ofNode, [])
  })

  it("imports single modules of Effect, never a barrel", () => {
    const barrels = imports.filter(({ to }) =>
      /^(effect|effect\/(http|cli|crypto|persistence|process|testing|net|encoding))$/.test(to)
    )
    assert.deepStrictEqual(barrels, [])
  })

  it("imports no package but those that package.json names as a dependency or a peer", () => {
    const { dependencies, peerDependencies } = JSON.parse(read("package.json"))
    const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const packageOf = (name: string) => name.split("/", name.startsWith("@") ? 2 : 1).join("/")
    const others = imports.filter(
      ({ to }) => !to.startsWith("src/") && !to.startsWith("node:") && !allowed.has(packageOf(to))
    )
    assert.deepStrictEqual(others, [])
  })
})

describe("the entry points", () => {
  it("are every public module of the index, one by one, and the two for Node and for tests", () => {
    const { exports } = JSON.parse(read("package.json"))
    const modules = [...read("src/index.ts").matchAll(/export \* as (\w+) from "\.\/(.+)\.ts"/g)]
    const built = (path: string) => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` })
    assert.deepStrictEqual(exports, {
      ".": built("index"),
      ...Object.fromEntries(modules.map(([, name = "", path = ""]) => [`./${name}`, built(path)])),
      "./node": built("node/index"),
      "./testing": built("emulator/index"),
      "./package.json": "./package.json"
    })
  })
})
