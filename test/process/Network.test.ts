/** Processes in a network whose only way out is a proxy that inspects TLS, as companies have them. */
import * as Http from "node:http"
import type * as Net from "node:net"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Authority from "../support/Authority.ts"
import { Emulator, Home, json, run, secret, session, spawn, startUrl, timeout } from "../support/Command.ts"
import * as Proxy from "../support/Proxy.ts"
import { slow } from "../support/Sample.ts"
import { lacksBotocore } from "../support/Tools.ts"

class Network extends Context.Service<
  Network,
  {
    /** The port of a server with the names of AWS. */
    readonly port: number
    /** What it was asked. */
    readonly asked: ReadonlyArray<string>
    /** The file of the authority that vouches for it. */
    readonly authority: string
    readonly issue: Effect.Success<typeof Authority.make>["issue"]
  }
>()("test/Network") {
  static readonly layer = Layer.effect(
    Network,
    Effect.gen(function* () {
      const { url } = yield* Emulator
      const { file, issue } = yield* Authority.make
      const certificate = yield* issue("DNS:*.us-east-1.amazonaws.com", "DNS:*.sso.us-east-1.amazonaws.com")
      const front = yield* Proxy.startSecureFront(certificate, url)
      return Network.of({ ...front, authority: file, issue })
    })
  )
}

const environment = Network.layer.pipe(
  Layer.provideMerge(Emulator.layer(["--interval", "1", "--auto-approve", "2"])),
  Layer.provideMerge(NodeServices.layer)
)

/** No endpoint is set: the requests go to AWS, unless a proxy takes them elsewhere. */
const towardsAws = { AWS_ENDPOINT_URL_SSO_OIDC: "", AWS_ENDPOINT_URL_SSO: "" }

const login = (env: Readonly<Record<string, string>>) =>
  run(["login", ...session, "--flow", "device", "--json"], { env: { ...towardsAws, ...env } })

const program = fileURLToPath(new URL("../support/signIn.mjs", import.meta.url))

/** Runs a program that is no command. */
const runProgram = Effect.fnUntraced(function* (env: Readonly<Record<string, string>>) {
  const home = yield* Home
  const { handle, stderr, stdout } = yield* spawn([process.execPath, program], { HOME: home.directory, ...env })
  yield* handle.exitCode
  const output = (yield* stdout.all) + (yield* stderr.all)
  assert.notMatch(output, secret)
  return output
}, Effect.scoped)

const tunnels = ["CONNECT oidc.us-east-1.amazonaws.com:443"]

describe.skipIf(!Authority.hasOpenssl)("a network with a proxy", () => {
  layer(environment, { excludeTestServices: true })((it) => {
    it.effect(
      "lets the command sign in, list and sign out",
      () =>
        Effect.gen(function* () {
          const { asked, authority, port } = yield* Network
          const proxy = yield* Proxy.startProxy({ leadsTo: port })
          const env = { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: authority }
          const signedIn = yield* login(env)
          assert.strictEqual(signedIn.exitCode, 0, signedIn.stderr)
          assert.deepInclude(json(signedIn.stdout), { state: "signed-in", startUrl })
          assert.deepStrictEqual(proxy.tunnels(), tunnels)
          assert.includeMembers(
            [...asked],
            [
              "POST https://oidc.us-east-1.amazonaws.com/client/register",
              "POST https://oidc.us-east-1.amazonaws.com/token"
            ]
          )
          const listed = yield* run(["accounts", ...session, "--json"], { env: { ...towardsAws, ...env } })
          assert.strictEqual(listed.exitCode, 0, listed.stderr)
          const signedOut = yield* run(["logout", ...session], { env: { ...towardsAws, ...env } })
          assert.strictEqual(signedOut.exitCode, 0, signedOut.stderr)
          const portal = "CONNECT portal.sso.us-east-1.amazonaws.com:443"
          assert.deepStrictEqual(proxy.tunnels(), [...tunnels, portal])
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      timeout
    )

    it.effect(
      "lets a program sign in, also by a proxy that asks for a password and is reached over TLS",
      () =>
        Effect.gen(function* () {
          const { authority, issue, port } = yield* Network
          const certificate = yield* issue("IP:127.0.0.1")
          const proxy = yield* Proxy.startProxy({ leadsTo: port, credentials: "me:sekret", certificate })
          const env = { https_proxy: proxy.url.replace("//", "//me:sekret@"), AWS_CA_BUNDLE: authority }
          assert.include(yield* runProgram(env), `signed in to ${startUrl}`)
          assert.deepStrictEqual(proxy.tunnels(), tunnels)
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      slow
    )

    it.effect(
      "is the network of the AWS CLI, too: the same variables let botocore through",
      () =>
        Effect.gen(function* () {
          if (lacksBotocore) return
          const { authority, port } = yield* Network
          const proxy = yield* Proxy.startProxy({ leadsTo: port, credentials: "me:sekret" })
          const script = `
import botocore.session
client = botocore.session.get_session().create_client("sso-oidc", region_name="us-east-1")
print(sorted(client.register_client(clientName="botocore", clientType="public")))
`
          const { handle, stdout } = yield* spawn(["python3", "-c", script], {
            PATH: process.env["PATH"] ?? "",
            HTTPS_PROXY: proxy.url.replace("//", "//me:sekret@"),
            AWS_CA_BUNDLE: authority
          })
          yield* handle.exitCode
          assert.include(yield* stdout.all, "clientSecretExpiresAt")
          assert.deepStrictEqual(proxy.tunnels(), tunnels)
        }).pipe(Effect.scoped),
      timeout
    )

    it.effect(
      "is left for what NO_PROXY has, which then cannot be found, and for an emulator on this machine, which can",
      () =>
        Effect.gen(function* () {
          const { authority, port } = yield* Network
          const { url } = yield* Emulator
          const proxy = yield* Proxy.startProxy({ leadsTo: port })
          const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, AWS_CA_BUNDLE: authority }
          const { exitCode, stderr } = yield* login({ ...env, NO_PROXY: "localhost, .amazonaws.com" })
          assert.strictEqual(exitCode, 1)
          assert.match(stderr, /no connection to https:\/\/oidc\.us-east-1\.amazonaws\.com \((ENOTFOUND|EAI_AGAIN)\)/)
          assert.include(stderr, `only the certificate authorities in ${authority} (AWS_CA_BUNDLE) are trusted`)
          const local = yield* login({ ...env, AWS_ENDPOINT_URL_SSO_OIDC: url })
          assert.strictEqual(local.exitCode, 0, local.stderr)
          assert.deepStrictEqual(proxy.asked, [])
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      slow
    )

    it.effect(
      "names the proxy or the variable to set in each error, and no password",
      () =>
        Effect.gen(function* () {
          const { authority, port } = yield* Network
          const open = yield* Proxy.startProxy({ leadsTo: port })
          const closed = yield* Proxy.startProxy({ leadsTo: port, credentials: "me:sekret" })
          const strict = yield* Proxy.startProxy({ refusesWith: 403 })
          const failing = yield* Proxy.startProxy({ refusesWith: 502 })
          const CA = { AWS_CA_BUNDLE: authority }
          const once = { AWS_MAX_ATTEMPTS: "1" }
          for (const [env, expected] of [
            [{}, "; if this network requires a proxy, set HTTPS_PROXY\n"],
            [
              { HTTPS_PROXY: open.url },
              "(UNABLE_TO_VERIFY_LEAF_SIGNATURE): check the network, the region and AWS_ENDPOINT_URL_SSO_OIDC; the connection is made " +
                `through the proxy ${open.url} (HTTPS_PROXY); the certificate of the server is from an authority that is not ` +
                "trusted: if it belongs to your company, set AWS_CA_BUNDLE to the file with its certificate\n"
            ],
            [
              { HTTPS_PROXY: "http://me:sekret@127.0.0.1:1", ...CA },
              "(ECONNREFUSED): check the network, the region and AWS_ENDPOINT_URL_SSO_OIDC; the connection is made through the " +
                `proxy http://127.0.0.1:1 (HTTPS_PROXY); only the certificate authorities in ${authority} (AWS_CA_BUNDLE) are trusted\n`
            ],
            [
              { HTTPS_PROXY: closed.url, ...CA },
              `effect-sso: the proxy ${closed.url} (HTTPS_PROXY) requires a user and a password (HTTP 407): add them to HTTPS_PROXY`
            ],
            [
              { HTTPS_PROXY: closed.url.replace("//", "//me:sekret-wrong@"), ...CA },
              `effect-sso: the proxy ${closed.url} (HTTPS_PROXY) refused the user and the password in HTTPS_PROXY (HTTP 407): correct them\n`
            ],
            [
              { HTTPS_PROXY: strict.url, ...CA },
              `effect-sso: the proxy ${strict.url} (HTTPS_PROXY) refused to connect to oidc.us-east-1.amazonaws.com:443 (HTTP 403): check`
            ],
            [
              { HTTPS_PROXY: failing.url, ...CA },
              "no connection to https://oidc.us-east-1.amazonaws.com (PROXY_HTTP_502)"
            ],
            [
              { HTTPS_PROXY: "socks5://me:sekret@127.0.0.1:1080" },
              "effect-sso: HTTPS_PROXY names a proxy for socks5, but only http:// and https:// are supported: correct it\n"
            ],
            [
              { AWS_CA_BUNDLE: "/nowhere/ca.pem" },
              "effect-sso: AWS_CA_BUNDLE names /nowhere/ca.pem, which cannot be read (ENOENT): correct the path, or unset AWS_CA_BUNDLE\n"
            ]
          ] as const) {
            const { exitCode, stderr } = yield* login({ ...once, ...env })
            assert.strictEqual(exitCode, 1)
            assert.include(stderr, expected)
            assert.notInclude(stderr, "sekret")
            assert.notInclude(stderr, "unexpected")
          }
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      slow
    )
  })
})

layer(Emulator.layer(["--interval", "1", "--auto-approve", "3"]).pipe(Layer.provideMerge(NodeServices.layer)), {
  excludeTestServices: true
})("a server that closes each connection when the next request arrives on it", (it) => {
  it.effect(
    "does not delay the polls of a sign-in, and the command shows no outage",
    () =>
      Effect.gen(function* () {
        const { url } = yield* Emulator
        const seen = new Set<Net.Socket>()
        const answered: Array<string> = []
        const resets: Array<string> = []
        const { hostname, port } = new URL(url)
        const server = Http.createServer((request, response) => {
          const { headers, method, socket, url: path } = request
          if (seen.has(socket)) {
            resets.push(`${path}`)
            return socket.resetAndDestroy()
          }
          seen.add(socket)
          answered.push(`${path}`)
          const passed = Http.request({ hostname, port, method, path, headers, agent: false }, (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers)
            answer.pipe(response)
          })
          return request.pipe(passed)
        })
        const endpoint = `http://127.0.0.1:${yield* Proxy.listen(server)}`
        const { exitCode, stderr } = yield* run(["login", ...session, "--flow", "device"], {
          env: { AWS_ENDPOINT_URL_SSO_OIDC: endpoint }
        })
        assert.strictEqual(exitCode, 0, stderr)
        assert.notInclude(stderr, "cannot be reached")
        assert.isAbove(resets.filter((path) => path === "/token").length, 0)
        assert.isAbove(answered.filter((path) => path === "/token").length, 2)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )
})
