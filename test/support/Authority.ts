/** A certificate authority that nobody else trusts, with certificates for host names. Its files go with the scope. */
import { spawnSync } from "node:child_process"
import { Effect, FileSystem, Path } from "effect"

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

const openssl = (args: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" })
    return status === 0 ? Effect.void : Effect.die(new Error(stderr))
  })

const newKey = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(" ")

export const make = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  const file = join(directory, "ca.pem")
  const caKey = join(directory, "ca-key.pem")
  yield* openssl([...newKey, "-subj", "/CN=Test authority", "-keyout", caKey, "-out", file])

  /** A key and a certificate for these names, such as `DNS:example.com` or `IP:127.0.0.1`. */
  const issue = Effect.fnUntraced(function* (...names: readonly [string, ...ReadonlyArray<string>]) {
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")]
    const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${names.join(",")}`]
    const constraints = ["-addext", "basicConstraints=critical,CA:FALSE"]
    const signer = ["-CA", file, "-CAkey", caKey]
    yield* openssl([...newKey, ...subject, ...constraints, ...signer, "-keyout", key, "-out", cert])
    return { key: yield* fs.readFileString(key), cert: yield* fs.readFileString(cert) }
  })

  return { file, issue }
})
