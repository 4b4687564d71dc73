/** The official tools get credentials from our sign-in: by `credential_process`, and from the shared files. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { fileURLToPath } from "node:url"
import { Emulator, Home, json, main, run, spawn, startUrl, timeout, write } from "../support/Command.ts"
import { sampleOf } from "../support/Sample.ts"
import { lacksBotocore } from "../support/Tools.ts"

const here = (script: string) => fileURLToPath(new URL(`../support/${script}`, import.meta.url))

const environment = Emulator.layer(["--auto-approve", "0", "--interval", "1"]).pipe(
  Layer.provideMerge(NodeServices.layer)
)

const role = ["sso_account_id = 111122223333", "sso_role_name = ReadOnlyAccess", "region = us-east-1"]

const config = [
  "[sso-session my-sso]",
  `sso_start_url = ${startUrl}`,
  "sso_region = us-east-1",
  "[profile modern]",
  "sso_session = my-sso",
  ...role,
  "[profile legacy]",
  `sso_start_url = ${startUrl}`,
  "sso_region = us-east-1",
  ...role,
  "[profile by-process]",
  `credential_process = "${process.execPath}" "${main}" credentials --profile modern`,
  "region = us-east-1",
  ""
].join("\n")

/** Signs in to both sessions. */
const signedIn = Effect.gen(function* () {
  const { directory } = yield* Home
  yield* write(`${directory}/.aws/config`, config)
  for (const profile of ["modern", "legacy"]) {
    assert.strictEqual((yield* run(["login", "--profile", profile])).exitCode, 0)
  }
})

const ours = Effect.fnUntraced(function* (profile: string) {
  const { AccessKeyId, SecretAccessKey, SessionToken } = json(
    (yield* run(["credentials", "--profile", profile])).stdout
  )
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
})

/** The output of a tool, as JSON. */
const printed = Effect.fnUntraced(function* (command: readonly [string, ...ReadonlyArray<string>]) {
  const { env } = yield* Home
  const { handle, stderr, stdout } = yield* spawn(command, { ...inherited, ...env })
  const text = yield* stdout.all
  assert.strictEqual(yield* handle.exitCode, 0, yield* stderr.all)
  return json(text)
}, Effect.scoped)

const { PATH = "" } = process.env

const inherited = { PATH, AWS_EC2_METADATA_DISABLED: "true", NODE_NO_WARNINGS: "1" }

const tools = [
  { name: "the AWS SDK for JavaScript", command: [process.execPath, here("credentials.mjs")], skip: false },
  { name: "botocore", command: ["python3", here("credentials.py")], skip: lacksBotocore }
] as const

layer(environment, { excludeTestServices: true })("With our sign-in", (it) => {
  for (const { command, name, skip } of tools) {
    describe.skipIf(skip)(name, () => {
      it.effect(
        "gets credentials by credential_process",
        () =>
          Effect.gen(function* () {
            yield* signedIn
            const theirs = yield* printed([...command, "by-process"])
            assert.deepStrictEqual(theirs, yield* ours("modern"))
          }).pipe(Effect.provide(Home.layer)),
        timeout
      )

      it.effect.each(sampleOf(["modern", "legacy"], 1))(
        "gets its own credentials with the token of a %s session",
        (profile) =>
          Effect.gen(function* () {
            yield* signedIn
            const { accessKeyId } = yield* printed([...command, profile])
            assert.match(String(accessKeyId), /^ASIA/)
          }).pipe(Effect.provide(Home.layer)),
        timeout
      )
    })
  }

  describe.skipIf(lacksBotocore)("botocore, with the cache of AWS CLI 2,", () => {
    const theirs = Effect.fnUntraced(function* (profile: string) {
      const { directory } = yield* Home
      return yield* printed(["python3", here("credentials.py"), profile, `${directory}/.aws/cli/cache`])
    })

    it.effect.each(sampleOf(["modern", "legacy"], 1))(
      "reads the credentials that we cached for a %s session, and we read those that it cached",
      (profile) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const { directory } = yield* Home
          yield* signedIn
          const kept = yield* ours(profile)
          assert.deepStrictEqual(yield* theirs(profile), kept)

          yield* fs.remove(`${directory}/.aws/cli`, { recursive: true })
          const other = yield* theirs(profile)
          assert.notDeepEqual(other, kept)
          assert.deepStrictEqual(yield* ours(profile), other)
        }).pipe(Effect.provide(Home.layer)),
      timeout
    )
  })
})
