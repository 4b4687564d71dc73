/**
 * A package registry on this machine, with the packages that it is given and no others.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { basename } from "node:path"

/** A package as `npm pack` makes it: the tarball, and what is in its package.json. */
export interface Packed {
  readonly tarball: string
  readonly manifest: { readonly name: string; readonly version: string }
}

export interface Registry {
  readonly url: string
  readonly close: () => void
}

export const serve = (packages: ReadonlyArray<Packed>): Promise<Registry> => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1)
    const file = packages.find(({ tarball }) => path === `-/${basename(tarball)}`)
    if (file !== undefined) return response.end(readFileSync(file.tarball))
    const found = packages.find(({ manifest }) => manifest.name === path)
    if (found === undefined) return response.writeHead(404).end("{}")
    const { manifest, tarball } = found
    const dist = {
      tarball: `http://${request.headers.host}/-/${basename(tarball)}`,
      integrity: `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`
    }
    return response.setHeader("content-type", "application/json").end(
      JSON.stringify({
        name: manifest.name,
        "dist-tags": { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } }
      })
    )
  })
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      resolve({ url: `http://127.0.0.1:${port}/`, close: () => server.close() })
    })
  )
}
