/**
 * What a user waits for: milliseconds from the start of a process to its end.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { rolldown } from "rolldown"
import type { Benchmark, Sample } from "./Benchmark.ts"

const rounds = 15

/** A home directory with a session, a fresh token of it, and fresh credentials of a role. */
const makeHome = (home: string): void => {
  const write = (path: string, text: string) => {
    mkdirSync(join(home, path, ".."), { recursive: true, mode: 0o700 })
    writeFileSync(join(home, path), text, { mode: 0o600 })
  }
  const sha1 = (text: string) => createHash("sha1").update(text).digest("hex")
  const startUrl = "https://example.awsapps.com/start"
  const role = { accountId: "111122223333", roleName: "Reader" }
  const expiresAt = new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/\.\d+/, "")
  write(
    ".aws/config",
    `[default]
sso_session = dev
sso_account_id = ${role.accountId}
sso_role_name = ${role.roleName}

[sso-session dev]
sso_start_url = ${startUrl}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
`
  )
  write(
    `.aws/sso/cache/${sha1("dev")}.json`,
    JSON.stringify({ startUrl, region: "us-east-1", accessToken: "example-token", expiresAt })
  )
  write(
    `.aws/cli/cache/${sha1(JSON.stringify({ ...role, sessionName: "dev" }))}.json`,
    JSON.stringify({
      ProviderType: "sso",
      Credentials: {
        AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
        SecretAccessKey: "example-secret-access-key",
        SessionToken: "example-session-token",
        Expiration: expiresAt
      }
    })
  )
}

/** A portal on this machine, since the official client does not cache credentials on disk. */
const portal = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const roleCredentials = {
      accessKeyId: "ASIAIOSFODNN7EXAMPLE",
      secretAccessKey: "example-secret-access-key",
      sessionToken: "example-session-token",
      expiration: Date.now() + 3_600_000
    }
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ roleCredentials }))
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

/** Bundles a program into one file, as a command of its own would ship it. */
const bundle = (name: string, directory: string) =>
  Effect.promise(async () => {
    await using build = await rolldown({
      input: `test/bench/programs/${name}.ts`,
      platform: "node",
      logLevel: "silent",
      tsconfig: false
    })
    await build.write({ dir: join(directory, name), format: "esm", entryFileNames: "main.mjs", codeSplitting: false })
    return join(directory, name, "main.mjs")
  })

/** Runs Node with these arguments, and fails where it fails. */
const node = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Sample =>
  Effect.callback((resume) => {
    const start = performance.now()
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env })
    child.once("exit", (code) => {
      const time = performance.now() - start
      resume(code === 0 ? Effect.succeed(time) : Effect.die(new Error(`${args.join(" ")} ended with ${code}`)))
    })
  })

/** The benchmarks of processes. */
export const coldStarts = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  const { url } = yield* portal
  makeHome(directory)
  const command = join(process.cwd(), "dist/bin/effect-sso.js")
  const run = (...args: ReadonlyArray<string>) =>
    node(args, { HOME: directory, AWS_ENDPOINT_URL_SSO: url, NODE_NO_WARNINGS: "1" })
  const program = (name: string) => Effect.map(bundle(name, directory), (file) => run(file))
  const empty = run("--input-type=module", "--eval", "")
  const importing = (...modules: ReadonlyArray<string>): Sample => {
    const script = modules.map((module) => `import ${JSON.stringify(module)}`).join("\n")
    return run("--input-type=module", "--eval", script)
  }
  return [
    { name: "cold-version", unit: "ms", rounds, ours: run(command, "--version"), floor: empty },
    {
      name: "cold-token",
      unit: "ms",
      rounds,
      ours: run(command, "token"),
      peer: yield* program("token.peer"),
      floor: yield* program("token.floor")
    },
    {
      name: "cold-credentials",
      unit: "ms",
      rounds,
      ours: run(command, "credentials"),
      peer: yield* program("credentials.peer"),
      floor: yield* program("credentials.floor")
    },
    {
      name: "cold-import",
      unit: "ms above an empty module",
      rounds,
      base: empty,
      ours: importing("effect-aws-sso/SsoOidc"),
      peer: importing("@aws-sdk/client-sso-oidc"),
      // What an Effect program with such calls imports anyway
      floor: importing(
        "effect/Effect",
        "effect/Layer",
        "effect/Schedule",
        "effect/Schema",
        "effect/http/FetchHttpClient",
        "effect/http/HttpClient"
      )
    }
  ] satisfies ReadonlyArray<Benchmark>
})
