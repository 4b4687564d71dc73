/**
 * The `effect-sso` command as a person has it: the built one, in a process and a home directory of its own.
 */
import { assert } from "@effect/vitest"
import { Context, Effect, Fiber, FileSystem, Layer, Path, Predicate, Schema, Stream, SubscriptionRef } from "effect"
import { FetchHttpClient, HttpBody, HttpClient, UrlParams } from "effect/http"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"
import { tokenFile } from "./TokenFile.ts"

export const startUrl = "https://example.awsapps.com/start"

/** The flags of a session that is not configured. */
export const session = ["--start-url", startUrl, "--region", "us-east-1"]

/** Processes are slow on a busy machine. In milliseconds. */
export const timeout = 120_000

export const json = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** The built command. */
export const main = fileURLToPath(new URL("../../dist/bin/effect-sso.js", import.meta.url))

/** What the emulator's secrets have in them. */
export const secret =
  /emulated-(access|refresh|client-secret|device-code|authorization-code|secret-access-key|session-token)/

/** What a process writes. */
const gather = Effect.fnUntraced(function* <E>(bytes: Stream.Stream<Uint8Array, E>) {
  const written = yield* SubscriptionRef.make("")
  const reading = yield* bytes.pipe(
    Stream.decodeText(),
    Stream.runForEach((text) => SubscriptionRef.update(written, (before) => before + text)),
    Effect.forkScoped
  )
  /** Everything, at its end. */
  const all = Effect.andThen(Fiber.join(reading), SubscriptionRef.get(written))
  /** Waits until what was written so far matches. */
  const until = (pattern: RegExp) =>
    SubscriptionRef.changes(written).pipe(
      Stream.map((text) => pattern.exec(text)),
      Stream.filter(Predicate.isNotNull),
      Stream.runHead,
      Effect.flatMap(Effect.fromOption),
      Effect.raceFirst(Effect.flatMap(all, (text) => Effect.die(new Error(`never wrote ${pattern}, but:\n${text}`))))
    )
  return { all, until, written }
})

/** Starts a process, which is ended with the scope. */
export const spawn = Effect.fnUntraced(function* (
  command: readonly [string, ...ReadonlyArray<string>],
  env: Readonly<Record<string, string>>
) {
  const [executable, ...args] = command
  const handle = yield* ChildProcess.make(executable, args, { env })
  const stdout = yield* gather(handle.stdout)
  const stderr = yield* gather(handle.stderr)
  return { handle, stdout, stderr }
})

/** Starts an emulator, and waits until it can be reached. */
export const startEmulator = Effect.fnUntraced(function* (flags: ReadonlyArray<string>) {
  const { handle, stderr, stdout } = yield* spawn([process.execPath, main, "emulator", ...flags], {})
  const [url] = yield* stdout.until(/^http:\/\/127\.0\.0\.1:\d+(?=\n)/)
  return { url, handle, stderr, stdout }
})

/** The emulator that commands are pointed to. */
export class Emulator extends Context.Service<Emulator, { readonly url: string }>()("test/Command/Emulator") {
  static readonly layer = (flags: ReadonlyArray<string>) =>
    Layer.effect(Emulator, startEmulator(["--until-stdin-ends", ...flags]))
}

/** A home directory for commands to run in. */
export class Home extends Context.Service<
  Home,
  {
    readonly directory: string
    readonly env: Readonly<Record<string, string>>
    /** Where the token of a session is kept, by the session's name or its start URL. */
    readonly tokenFile: (key: string) => string
    /** The files of the cache. */
    readonly cached: Effect.Effect<ReadonlyArray<string>>
  }
>()("test/Command/Home") {
  static readonly layer = Layer.effect(
    Home,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { join } = yield* Path.Path
      const emulator = yield* Effect.serviceOption(Emulator)
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-sso-test-" })
      const cache = join(directory, ".aws/sso/cache")
      return Home.of({
        directory,
        env: {
          HOME: directory,
          ...(emulator._tag === "Some"
            ? { AWS_ENDPOINT_URL_SSO_OIDC: emulator.value.url, AWS_ENDPOINT_URL_SSO: emulator.value.url }
            : {})
        },
        tokenFile: (key) => join(cache, tokenFile(key)),
        cached: fs.readDirectory(cache).pipe(
          Effect.map((names) => names.map((name) => join(cache, name))),
          Effect.orElseSucceed(() => [])
        )
      })
    })
  ).pipe(Layer.fresh)
}

export interface Invocation {
  readonly env?: Readonly<Record<string, string>>
  /** Whether it runs on a terminal, whose output is then standard output. */
  readonly onTerminal?: boolean
}

const onTerminal = (command: ReadonlyArray<string>) =>
  [
    "script",
    "--quiet",
    "--return",
    "--flush",
    "--command",
    command.map((word) => `'${word}'`).join(" "),
    "/dev/null"
  ] as const

/** Starts a command, which is ended with the scope. */
export const start = Effect.fnUntraced(function* (args: ReadonlyArray<string>, invocation: Invocation = {}) {
  const home = yield* Home
  const command = [process.execPath, main, ...args] as const
  return yield* spawn(invocation.onTerminal === true ? onTerminal(command) : command, {
    ...home.env,
    ...invocation.env
  })
})

/** Who has a secret to print. */
const printsSecrets = new Set(["token", "credentials", "exec"])

/** Runs a command to its end. None may let out a secret, but for those that have one to print. */
export const run = Effect.fnUntraced(function* (args: ReadonlyArray<string>, invocation?: Invocation) {
  const { handle, ...output } = yield* start(args, invocation)
  const exitCode: number = yield* handle.exitCode
  const stdout = yield* output.stdout.all
  const stderr = yield* output.stderr.all
  assert.notMatch(stderr, secret)
  if (!printsSecrets.has(args[0] ?? "")) assert.notMatch(stdout, secret)
  return { exitCode, stdout, stderr }
}, Effect.scoped)

const field = (page: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ""

const body = (fields: Record<string, string>) => HttpBody.urlParams(UrlParams.fromInput(fields))

/** Answers on the page as a person does: opens the link, and presses a button. */
export const answer = Effect.fnUntraced(function* (link: string, decision: "approve" | "deny") {
  const page = yield* Effect.flatMap(HttpClient.get(link), (response) => response.text)
  const response = yield* HttpClient.post(new URL("/device", link), {
    body: body({ user_code: field(page, "user_code"), form_token: field(page, "form_token"), decision })
  })
  assert.strictEqual(response.status, 200)
}, Effect.provide(FetchHttpClient.layer))

/** Allows a sign-in through the browser, and stops where that would come back: the address that a person can paste. */
export const comeBack = Effect.fnUntraced(function* (link: string) {
  const page = yield* Effect.flatMap(HttpClient.get(link), (response) => response.text)
  const [request, user] = [field(page, "request"), field(page, "user")]
  const consent = new URL("/authorize/consent", link)
  const asked = yield* Effect.flatMap(HttpClient.get(consent, { urlParams: { request, user } }), ({ text }) => text)
  const response = yield* HttpClient.post(consent, {
    body: body({ request, user, form_token: field(asked, "form_token"), decision: "approve" })
  }).pipe(Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }))
  return response.headers["location"] ?? ""
}, Effect.provide(FetchHttpClient.layer))

/** The permissions of a file or directory. */
export const mode = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.stat(path)).mode & 0o777
})

/** Writes a file, for its owner alone. */
export const write = Effect.fnUntraced(function* (file: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  yield* fs.makeDirectory(dirname(file), { recursive: true, mode: 0o700 })
  yield* fs.writeFileString(file, text, { mode: 0o600 })
})
