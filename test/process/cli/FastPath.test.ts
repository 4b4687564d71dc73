import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, FileSystem, Path, Schema } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { Home, main, run, timeout, write } from "../../support/Command.ts"
import { sampleOf } from "../../support/Sample.ts"

const config = `
[default]
sso_session = dev
sso_account_id = 111122223333
sso_role_name = Reader
[profile legacy]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[sso-session dev]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
`

const startUrl = "https://example.awsapps.com/start"
const session = ["--start-url", startUrl, "--region", "us-east-1"]

const inMinutes = (minutes: number) =>
  Effect.map(DateTime.now, (now) => DateTime.formatIso(DateTime.add(now, { minutes })).replace(/\.\d+/, ""))

const credentialsFile = (role: object): string =>
  `.aws/cli/cache/${createHash("sha1").update(JSON.stringify(role)).digest("hex")}.json`

/** What is kept in a home directory. */
interface State {
  readonly config?: string
  /** When the token and the credentials expire. */
  readonly expiresAt?: string
  readonly token?: string
  readonly mode?: number
}

/** Makes the home directory anew. */
const prepare = Effect.fnUntraced(function* (state: State) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const { directory, tokenFile } = yield* Home
  const at = (path: string) => join(directory, path)
  yield* fs.remove(at(".aws"), { recursive: true, force: true })
  const expiresAt = state.expiresAt ?? (yield* inMinutes(60))
  yield* write(at(".aws/config"), state.config ?? config)
  const token = JSON.stringify({ startUrl, region: "us-east-1", accessToken: "example-token", expiresAt })
  for (const file of [tokenFile("dev"), tokenFile(startUrl)]) {
    yield* write(file, state.token ?? token)
    yield* fs.chmod(file, state.mode ?? 0o600)
  }
  const role = { accountId: "111122223333", roleName: "Reader" }
  for (const key of [
    { ...role, sessionName: "dev" },
    { ...role, startUrl }
  ]) {
    const file = at(credentialsFile(key))
    const Credentials = { AccessKeyId: "AKIA", SecretAccessKey: "x", SessionToken: "y", Expiration: expiresAt }
    yield* write(file, JSON.stringify({ ProviderType: "sso", Credentials }))
    yield* fs.chmod(file, state.mode ?? 0o600)
  }
})

const Coverage = Schema.fromJsonString(Schema.Struct({ result: Schema.Array(Schema.Struct({ url: Schema.String })) }))

/** The files of the command that a process loads. */
const loaded = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  yield* run(args, { env: { NODE_V8_COVERAGE: directory } })
  const [file = ""] = yield* fs.readDirectory(directory)
  const { result } = yield* Effect.flatMap(
    fs.readFileString(join(directory, file)),
    Schema.decodeUnknownEffect(Coverage)
  )
  return result
    .map(({ url }) => url)
    .filter((url) => url.includes("/dist/"))
    .map((url) => basename(url))
    .toSorted()
}, Effect.scoped)

const fast = ["FastPath.js", "effect-sso.js"]

/** The modules that a file of the command is made of. */
const modulesOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(main.replace("effect-sso.js", file), "utf8").matchAll(/^\/\/ (.*\.js)$/gm)].map(
    ([, module = ""]) => module
  )

layer(NodeServices.layer, { excludeTestServices: true })("the fast path", (it) => {
  it.effect(
    "serves what is cached without the command framework",
    () =>
      Effect.gen(function* () {
        yield* prepare({})
        for (const args of [
          ["token"],
          ["token", ...session],
          ["credentials"],
          ["credentials", "--format", "json", "--sso-session=dev", "--account-id=111122223333", "--role-name=Reader"]
        ]) {
          assert.deepStrictEqual(yield* loaded(args), fast)
        }
        assert.deepStrictEqual(yield* loaded(["--version"]), ["effect-sso.js"])
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "leaves what it cannot serve to the command, which loads no emulator, no QR code, no signature and no Redis",
    () =>
      Effect.gen(function* () {
        yield* prepare({})
        const files = yield* loaded(["token", "--log-level", "info"])
        assert.include(files, "EffectSso.js")
        assert.deepStrictEqual(
          files.flatMap(modulesOf).filter((module) => /\/emulator\/|\/uqr\/|aws4fetch|[Rr]edis|\/ws\//.test(module)),
          []
        )
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it("contains no client, no prompt, no server, no command framework, and neither schemas nor the runtime", () => {
    const modules = modulesOf("FastPath.js")
    assert.isTrue(modules.some((module) => module.endsWith("dist/cli/fast/FastPath.js")))
    const unused =
      /effect\/dist\/(cli\/|Effect\.js|Schema)|\/http\/HttpClient|\/emulator\/|\/service\/|\/login\/|[Rr]edis|undici|\/ws\//
    assert.deepStrictEqual(
      modules.filter((module) => unused.test(module)),
      []
    )
  })

  const cases: ReadonlyArray<
    readonly [
      name: string,
      args: ReadonlyArray<string>,
      state: State & { readonly minutes?: number },
      env?: Readonly<Record<string, string>>
    ]
  > = [
    ["a fresh token", ["token"], {}],
    ["the token of a legacy profile", ["token", "--profile", "legacy"], {}],
    ["the token of a profile of the environment", ["token"], {}, { AWS_PROFILE: "legacy" }],
    ["the token of a session without a config file", ["token", ...session], { config: "" }],
    ["credentials", ["credentials"], {}],
    ["credentials as JSON", ["credentials", "--format=json"], {}],
    ["a token that expires soon", ["token"], { minutes: 14 }],
    ["an expired token", ["token"], { minutes: -1 }],
    ["a token file that is open to others", ["token"], { mode: 0o644 }],
    ["a credentials file that is open to others", ["credentials"], { mode: 0o644 }],
    ["a file that is not a token", ["token"], { token: "{half" }],
    ["a token without a part", ["token"], { token: "{}" }],
    ["a config file with a wrong line", ["token"], { config: `${config}[wrong\n` }],
    ["an unknown profile", ["token", "--profile", "unknown"], {}],
    ["a profile without a role", ["credentials", "--profile", "legacy"], {}],
    ["an invalid region", ["token", "--start-url", startUrl, "--region", "us east"], {}],
    ["an invalid setting of the client", ["token"], {}, { AWS_MAX_ATTEMPTS: "none" }],
    ["a config file that does not exist", ["token", ...session], {}, { AWS_CONFIG_FILE: "/missing/config" }],
    ["no home directory", ["token", ...session], {}, { HOME: "" }]
  ]

  it.effect.each(sampleOf(cases, 6))(
    "ends as the command for %s",
    ([, args, state, env = {}]) =>
      Effect.gen(function* () {
        const invocation = { env: { AWS_MAX_ATTEMPTS: "1", AWS_ENDPOINT_URL: "http://127.0.0.1:1", ...env } }
        const expiresAt = yield* inMinutes(state.minutes ?? 60)
        yield* prepare({ ...state, expiresAt })
        const quick = yield* run(args, invocation)
        yield* prepare({ ...state, expiresAt })
        // The command framework alone knows this flag, which says what is so without it
        assert.deepStrictEqual(quick, yield* run([...args, "--log-level", "info"], invocation))
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )
})
