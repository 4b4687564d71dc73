// Marks the calls that a module makes while it loads as pure (`/*#__PURE__*/`), as Effect's own build does, so that
// bundlers drop those whose result is not used. The source maps still point to the sources.
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { transformSync } from "@babel/core"

const dist = fileURLToPath(new URL("../../dist", import.meta.url))

for (const name of readdirSync(dist, { recursive: true })) {
  if (!name.endsWith(".js")) continue
  const file = join(dist, name)
  const { code, map } = transformSync(readFileSync(file, "utf8").replace(/\n\/\/# sourceMappingURL=.*\n?$/, ""), {
    babelrc: false,
    configFile: false,
    filename: file,
    plugins: ["annotate-pure-calls"],
    inputSourceMap: JSON.parse(readFileSync(`${file}.map`, "utf8")),
    sourceMaps: true
  })
  // The sources themselves are in the package
  const { mappings, names, sources, version } = map
  writeFileSync(file, `${code}\n//# sourceMappingURL=${basename(file)}.map\n`)
  writeFileSync(`${file}.map`, JSON.stringify({ version, file: basename(file), sources, names, mappings }))
}
