// Completes package-lock.json after `npm install`: npm leaves out the optional packages of other systems that a registry
// does not offer at the moment, and `npm ci` then takes the whole file for stale. An entry needs no more than a version
// and the systems that it is for; on any other system nothing is fetched for it.
import { readFileSync, writeFileSync } from "node:fs"

const file = new URL("../../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(file, "utf8"))

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"]

const added = []
for (const [from, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`
    if (lock.packages[path] !== undefined || lock.packages[`${from}/${path}`] !== undefined) continue
    const words = name.split("/").at(-1).split("-")
    lock.packages[path] = {
      version: version.replace(/^[^\d]*/, ""),
      cpu: processors.filter((processor) => words.includes(processor)),
      ...(dev ? { dev } : {}),
      ...(words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {}),
      optional: true,
      os: systems.filter((system) => words.includes(system))
    }
    added.push(name)
  }
}

const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(added.length === 0 ? "nothing was missing" : `added ${added.join(", ")}`)
