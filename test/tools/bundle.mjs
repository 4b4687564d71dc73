// Bundles the command from the built library into `dist/bin`, with all that it needs of other packages, so that it starts
// quickly and from the package alone. What few commands need is in files of its own, loaded when it is needed.
//
// There are two bundles: the start, with what the usual invocations of AWS tools need and no more, and the command
// framework with all commands. Each has its own copy of what both need, without what only the other needs.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bin = join(root, "dist/bin")
const licenses = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"])

const bundle = async (input, external) => {
  const build = await rolldown({
    cwd: root,
    input,
    platform: "node",
    // A dependency of the library, and so installed with it: it reads a script that lies beside it
    external: ["open", ...external],
    onLog: (_level, log) => {
      throw new Error(log.message)
    }
  })
  const { output } = await build.write({
    dir: bin,
    format: "esm",
    // Readable, for who looks into a stack trace, but without the comments, which are half of it
    minify: "dce-only",
    comments: false,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js"
  })
  await build.close()
  return output
}

const main = "./EffectSso.js"
const output = [
  ...(await bundle({ "effect-sso": "dist/cli/main.js" }, [main])),
  ...(await bundle({ EffectSso: "dist/cli/EffectSso.js" }, []))
]

/** The folders of the packages that modules of the bundles are from. */
const folders = new Set(
  output
    .flatMap(({ modules }) => Object.entries(modules))
    .filter(([id, { renderedLength }]) => id.includes(`${sep}node_modules${sep}`) && renderedLength > 0)
    .map(([id]) => /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id)[0])
)

const notices = Array.from(folders, (folder) => {
  const { license, name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
  if (!licenses.has(license)) throw new Error(`${name} is under the license ${license}`)
  if (file === undefined) throw new Error(`${name} has no license file`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`
})
writeFileSync(
  join(bin, "THIRD-PARTY.txt"),
  `The effect-sso command includes these packages:\n\n${notices.toSorted().join(`\n${"-".repeat(80)}\n\n`)}`
)

// Nobody can import what the bundle was made of
rmSync(join(root, "dist/cli"), { recursive: true })
