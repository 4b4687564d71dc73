import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join, normalize } from "node:path"
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

/** The rooms, from the lowest to the highest, and which rooms each may import. */
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

describe("the rooms of src", () => {
  it("are those of the design", () => {
    const known = new Set([...Object.keys(mayUse), "index"])
    assert.deepStrictEqual(
      sources.filter((path) => !known.has(roomOf(path))),
      []
    )
  })

  it("import downwards only", () => {
    const upwards = imports.filter(
      ({ from, to }) =>
        to.startsWith("src/") &&
        roomOf(from) !== "index" &&
        roomOf(from) !== roomOf(to) &&
        !mayUse[roomOf(from)]?.includes(roomOf(to))
    )
    assert.deepStrictEqual(upwards, [])
  })

  it("import Node in node and cli only", () => {
    const ofNode = imports.filter(
      ({ from, to }) => /^(node:|@effect\/platform-node)/.test(to) && !["node", "cli"].includes(roomOf(from))
    )
    assert.deepStrictEqual(ofNode, [])
  })

  it("import single modules of Effect, never a barrel", () => {
    const barrels = imports.filter(({ to }) =>
      /^(effect|effect\/(http|cli|crypto|persistence|process|testing|net|encoding))$/.test(to)
    )
    assert.deepStrictEqual(barrels, [])
  })

  it("import only packages that package.json has as dependencies or peers", () => {
    const { dependencies, peerDependencies } = JSON.parse(read("package.json"))
    const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const packageOf = (name: string) => name.split("/", name.startsWith("@") ? 2 : 1).join("/")
    const others = imports.filter(
      ({ to }) => !to.startsWith("src/") && !to.startsWith("node:") && !allowed.has(packageOf(to))
    )
    assert.deepStrictEqual(others, [])
  })
})

describe("the files of src", () => {
  it("have different names, except index.ts", () => {
    const names = sources.map((path) => basename(path)).filter((name) => name !== "index.ts")
    assert.deepStrictEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      []
    )
  })
})

const entryPoints = ["src/index.ts", "src/node/index.ts", "src/emulator/index.ts"]

/** The files that a file exports from: whole, or single names of them. */
const exportsOf = (from: string): { readonly whole: ReadonlyArray<string>; readonly names: ReadonlyArray<string> } => {
  const targets = (pattern: RegExp) =>
    [...read(from).matchAll(pattern)].map(([, to = ""]) => normalize(join(dirname(from), to)))
  return {
    whole: targets(/^export \* (?:as \w+ )?from "(\.[^"]+)"/gm),
    names: targets(/^export (?:type )?\{[^}]*\} from "(\.[^"]+)"/gm)
  }
}

const publicFiles = new Set(entryPoints)
for (const path of publicFiles) for (const to of exportsOf(path).whole) publicFiles.add(to)

const undocumented = (path: string): ReadonlyArray<string> => {
  const text = read(path)
  return [...text.matchAll(/^export (?:abstract )?(?:const|class|interface|type|function|namespace) (\w+)/gm)]
    .filter(({ index }) => {
      const [comment = ""] = /\/\*\*(?:(?!\*\/)[^])*\*\/\n(?:\/\/.*\n)*$/.exec(text.slice(0, index)) ?? []
      return !(comment.includes("@category ") && comment.includes("@since "))
    })
    .map(([, name]) => `${path}: ${name}`)
}

describe("the documentation tags", () => {
  it("are in the header of every public file, and in the comment of each of its exports", () => {
    const files = [...publicFiles]
    assert.deepStrictEqual(
      files.filter((path) => !/^\/\*\*(?:(?!\*\/)[^])*@since /.test(read(path))),
      []
    )
    assert.deepStrictEqual(files.flatMap(undocumented), [])
  })

  it("are in no file that users cannot import, not even one of its names", () => {
    const importable = new Set([...publicFiles, ...[...publicFiles].flatMap((path) => exportsOf(path).names)])
    assert.deepStrictEqual(
      sources.filter((path) => !importable.has(path) && /^ *\* @(since|category) /m.test(read(path))),
      []
    )
  })
})

describe("the entry points of the package", () => {
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
