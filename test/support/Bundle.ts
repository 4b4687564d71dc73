/**
 * Programs as a bundler makes them from the built library: what it costs those who ship it.
 */
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

const root = `${process.cwd()}/`

export interface Bundle {
  /** What is loaded at the start, minified; not what is loaded later, by `import()`. */
  readonly code: string
  /** Its size after gzip, in bytes. */
  readonly size: number
  /** The modules that any of it is from. */
  readonly modules: ReadonlyArray<string>
}

/** Bundles a program of `test/support/programs`, for a browser unless it needs Node. */
export const bundle = async (name: string, platform: "browser" | "node" = "browser"): Promise<Bundle> => {
  const program = `test/support/programs/${name}.ts`
  await using build = await rolldown({
    cwd: root,
    input: program,
    platform,
    external: /^node:/,
    logLevel: "silent",
    // Its paths lead to the sources
    tsconfig: false
  })
  const { output } = await build.generate({ format: "esm", minify: true, comments: false })
  const loaded = new Set([output[0].fileName])
  for (const file of loaded) {
    const chunk = output.find(({ fileName }) => fileName === file)
    if (chunk?.type === "chunk") chunk.imports.forEach((name) => loaded.add(name))
  }
  const chunks = output.filter((chunk) => chunk.type === "chunk").filter(({ fileName }) => loaded.has(fileName))
  const code = chunks.map(({ code }) => code).join("\n")
  return {
    code,
    size: gzipSync(code).length,
    modules: chunks
      .flatMap(({ modules }) => Object.entries(modules))
      .filter(([, { renderedLength }]) => renderedLength > 0)
      .map(([id]) => id.replace(root, ""))
      .filter((id) => id !== program)
  }
}
