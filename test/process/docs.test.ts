import { execFile, spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"

const root = new URL("../..", import.meta.url).pathname

const listed = (directory: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${directory}/${name}`)

/** The TypeScript examples of a page or of the comments in a source file, with their first lines. */
const snippetsOf = (
  path: string
): ReadonlyArray<{ readonly path: string; readonly line: number; readonly text: string }> => {
  const source = readFileSync(join(root, path), "utf8").replaceAll(/^ \* ?/gm, "")
  return [...source.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => ({
    path,
    line: source.slice(0, match.index).split("\n").length + 1,
    text: match[1] ?? ""
  }))
}

const snippets = ["README.md", ...listed("docs", ".md"), ...listed("src", ".ts")].flatMap(snippetsOf)

describe("The code examples in the pages and comments", () => {
  it("compile as user code", () => {
    const directory = join(root, "build/snippets")
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    for (const { line, path, text } of snippets) {
      writeFileSync(join(directory, `${path.replaceAll(/\W/g, "_")}_${line}.ts`), `${text}\nexport {}\n`)
    }
    writeFileSync(
      join(directory, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, incremental: false },
        include: ["."]
      })
    )
    assert.isAbove(snippets.length, 10)
    const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", directory], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(stdout, "")
    assert.strictEqual(status, 0)
  })
})

const run = async (script: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "build/docs/examples", script)])
  return stdout.trimEnd().split("\n")
}

describe("The programs in docs/examples", () => {
  it("run, and print what the pages show", async () => {
    const expected: Record<string, ReadonlyArray<string>> = {
      "credentials.js": [
        "111122223333 AdministratorAccess",
        "111122223333 ReadOnlyAccess",
        "credentials of 111122223333 until 1h from now: <redacted>",
        "portal calls for 100 fibers: 1"
      ],
      "emulated-sign-in.js": [
        "prompting",
        "pending",
        "authorized for 8 hours",
        "RegisterClient StartDeviceAuthorization CreateToken CreateToken"
      ],
      "own-poller.js": [
        "AuthorizationPendingException: again in 1s",
        "AuthorizationPendingException: again in 1s",
        "a Bearer token for 8h: <redacted>"
      ],
      "stay-signed-in.js": [
        "NoToken: effect-sso login --start-url https://example.awsapps.com/start --region us-east-1",
        "refreshed: true",
        "refreshes: 1"
      ]
    }
    const built = readdirSync(join(root, "build/docs/examples")).filter((name) => name.endsWith(".js"))
    const printed = await Promise.all(built.map(async (script) => [script, await run(script)] as const))
    assert.deepStrictEqual(Object.fromEntries(printed), expected)
  })
})
