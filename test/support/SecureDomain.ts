/**
 * A web server under a domain of one's own, as processes meet it: over TLS, with a certificate that is made for it, on
 * the loopback address. It ends with the scope.
 */
import { spawnSync } from "node:child_process"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:https"
import { Effect, FileSystem, Path } from "effect"

const host = "aws.example.com"

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

// The domain is in no name server
const findsHost = `
  import dns from "node:dns"
  const { lookup } = dns
  dns.lookup = (name, ...rest) => lookup(name === "${host}" ? "127.0.0.1" : name, ...rest)
`

const certificate = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")]
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(" ")
  const name = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`]
  const { status, stderr } = spawnSync("openssl", [...request, ...name, "-keyout", key, "-out", cert], {
    encoding: "utf8"
  })
  if (status !== 0) return yield* Effect.die(new Error(stderr))
  return { key: yield* fs.readFileString(key), cert: yield* fs.readFileString(cert), file: cert }
})

/** Starts a server that answers like this. */
export const start = Effect.fnUntraced(function* (
  answer: (request: IncomingMessage, response: ServerResponse) => void
) {
  const { cert, file, key } = yield* certificate
  const asked: Array<string> = []
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(`${request.method} ${request.headers.host}${request.url}`)
    answer(request, response)
    response.end()
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const address = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  return {
    startUrl: `https://${host}:${port}/team`,
    /** What it was asked, with the host that was meant. */
    asked,
    /** By what a process finds it. */
    finds: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(findsHost)}` },
    /** By what a process trusts it. */
    trusts: { NODE_EXTRA_CA_CERTS: file }
  }
})
