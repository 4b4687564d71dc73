import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Emulator, Home, json, run, session, start, timeout, write } from "../../support/Command.ts"
import { sampleOf, slow } from "../../support/Sample.ts"
import * as Tmux from "../../support/Tmux.ts"

const environment = Emulator.layer(["--auto-approve", "0", "--interval", "1"]).pipe(
  Layer.provideMerge(NodeServices.layer)
)

const role = [...session, "--account-id", "111122223333", "--role-name", "ReadOnlyAccess"]

/** Prints what it sees of AWS. */
const show = [
  process.execPath,
  "-e",
  "process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')))))"
]

/** Says `ready`, and ends a while after the first signal, with 7 and one more for each other that it got. */
const wait = (signal: string) => [
  process.execPath,
  "-e",
  `let code = 6
  process.on("${signal}", () => { code += 1; if (code === 7) setTimeout(() => process.exit(code), 500) })
  process.stdin.resume()
  console.log("ready")`
]

layer(environment, { excludeTestServices: true })("effect-sso exec", (it) => {
  it.effect(
    "runs a command with the credentials in its environment, and without variables of other credentials",
    () =>
      Effect.gen(function* () {
        const { directory } = yield* Home
        yield* write(
          `${directory}/.aws/config`,
          [
            "[profile dev]",
            `sso_start_url = ${session[1] ?? ""}`,
            "sso_region = us-east-1",
            "sso_account_id = 111122223333",
            "sso_role_name = ReadOnlyAccess",
            "region = eu-central-1"
          ].join("\n")
        )
        yield* run(["login", "--profile", "dev"])
        const env = {
          AWS_PROFILE: "dev",
          AWS_ACCESS_KEY_ID: "AKIAOLD",
          AWS_SECURITY_TOKEN: "old",
          AWS_ACCOUNT_ID: "999999999999"
        }
        const { exitCode, stderr, stdout } = yield* run(["exec", "--", ...show], { env })
        assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
        const seen = json(stdout)
        const given = json((yield* run(["credentials", "--profile", "dev"])).stdout)
        assert.deepInclude(seen, {
          AWS_ACCESS_KEY_ID: given["AccessKeyId"],
          AWS_SECRET_ACCESS_KEY: given["SecretAccessKey"],
          AWS_SESSION_TOKEN: given["SessionToken"],
          AWS_CREDENTIAL_EXPIRATION: given["Expiration"],
          AWS_ACCOUNT_ID: "111122223333",
          AWS_REGION: "eu-central-1",
          AWS_DEFAULT_REGION: "eu-central-1"
        })
        assert.notProperty(seen, "AWS_PROFILE")
        assert.notProperty(seen, "AWS_SECURITY_TOKEN")

        // Not all tools read both
        for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
          const elsewhere = yield* run(["exec", "--", ...show], {
            env: { ...env, AWS_REGION: "", [name]: "us-west-2" }
          })
          assert.deepInclude(json(elsewhere.stdout), { AWS_REGION: "us-west-2", AWS_DEFAULT_REGION: "us-west-2" })
        }
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "exits with the exit code of the command",
    () =>
      Effect.gen(function* () {
        yield* run(["login", ...session])
        const codeOf = (...command: ReadonlyArray<string>) =>
          Effect.map(run(["exec", ...role, "--", ...command]), ({ exitCode }) => exitCode)
        assert.strictEqual(yield* codeOf("sh", "-c", "exit 42"), 42)
        assert.strictEqual(yield* codeOf("sh", "-c", "kill -9 $$"), 128 + 9)
        assert.strictEqual(yield* codeOf("true", "--profile", "is the command's own"), 0)

        const missing = yield* run(["exec", ...role, "--", "no-such-command"])
        assert.strictEqual(missing.exitCode, 127)
        assert.match(missing.stderr, /^effect-sso: cannot run no-such-command \(ENOENT\): check its name and PATH\n$/)
        const { directory } = yield* Home
        yield* write(`${directory}/no-program`, "")
        const forbidden = yield* run(["exec", ...role, "--", `${directory}/no-program`])
        assert.strictEqual(forbidden.exitCode, 126)
        assert.match(forbidden.stderr, /EACCES/)
        for (const name of ["", `${directory}/no-program/below`, "a".repeat(300)]) {
          const { exitCode, stderr } = yield* run(["exec", ...role, "--", name])
          assert.include([126, 127], exitCode)
          assert.match(stderr, /^effect-sso: cannot run .*\n$/)
        }
      }).pipe(Effect.provide(Home.layer)),
    slow
  )

  it.effect.each(sampleOf(["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const, 1))(
    "passes %s on once, and waits for the command to end",
    (signal) =>
      Effect.gen(function* () {
        yield* run(["login", ...session])
        const { handle, stderr, stdout } = yield* start(["exec", ...role, "--", ...wait(signal)])
        yield* stdout.until(/ready/)
        process.kill(handle.pid, signal)
        assert.strictEqual(yield* handle.exitCode, 7)
        // Node would open its debugger otherwise, in the process that has the credentials
        assert.strictEqual(yield* stderr.all, "")
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "passes standard input on to the command",
    () =>
      Effect.gen(function* () {
        yield* run(["login", ...session])
        const { handle, stdout } = yield* start(["exec", ...role, "--", "cat"])
        yield* Stream.run(Stream.encodeText(Stream.make("what was piped")), handle.stdin)
        assert.strictEqual(yield* stdout.all, "what was piped")
        assert.strictEqual(yield* handle.exitCode, 0)
      }).pipe(Effect.scoped, Effect.provide(Home.layer)),
    timeout
  )

  it.effect(
    "does not run the command without credentials",
    () =>
      Effect.gen(function* () {
        const { exitCode, stderr, stdout } = yield* run(["exec", ...role, "--", "echo", "ran"])
        assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
        assert.match(stderr, /^effect-sso: you are not signed in to /)
      }).pipe(Effect.provide(Home.layer)),
    timeout
  )

  describe.skipIf(Tmux.isMissing)("on a terminal", () => {
    /** Reports each Ctrl-C, asks a question, and ends with 7 a while after the first. */
    const asking = [
      process.execPath,
      "-e",
      `let times = 0
      process.on("SIGINT", () => {
        times += 1
        if (times === 1) setTimeout(() => { console.log("Ctrl-C: " + times); process.exit(7) }, 500)
      })
      console.log("terminal: " + process.stdin.isTTY)
      process.stdin.once("data", (line) => console.log("answer: " + line))`
    ]

    it.effect(
      "leaves the terminal to the command, which can ask questions and receives Ctrl-C once",
      () =>
        Effect.gen(function* () {
          yield* run(["login", ...session])
          const { press, type, until } = yield* Tmux.start(["exec", ...role, "--", ...asking])
          yield* until(/terminal: true/)
          yield* type("forty-two")
          yield* press("Enter")
          yield* until(/answer: forty-two/)
          yield* press("C-c")
          const shown = yield* until(/\[exit \d+\]/)
          assert.match(shown, /Ctrl-C: 1\n\[exit 7\]$/)
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      timeout
    )

    /** As `wait`, for one whose streams lead elsewhere. */
    const apart = [
      process.execPath,
      "-e",
      `let code = 6
      process.on("SIGINT", () => { code += 1; if (code === 7) setTimeout(() => process.exit(code), 500) })
      setInterval(() => {}, 1000)
      require("node:fs").writeFileSync("/dev/tty", "ready\\n")`
    ]

    it.effect(
      "sends Ctrl-C once to a command whose streams are not the terminal",
      () =>
        Effect.gen(function* () {
          yield* run(["login", ...session])
          const { press, until } = yield* Tmux.start(["exec", ...role, "--", ...apart], {
            redirect: "</dev/null >/dev/null 2>&1"
          })
          yield* until(/ready/)
          yield* press("C-c")
          assert.match(yield* until(/\[exit \d+\]/), /\[exit 7\]$/)
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      slow
    )

    it.effect(
      "exits with 130 when Ctrl-C has ended the command",
      () =>
        Effect.gen(function* () {
          yield* run(["login", ...session])
          const { press, until } = yield* Tmux.start(["exec", ...role, "--", "sh", "-c", "echo ready; exec sleep 60"])
          yield* until(/ready/)
          yield* press("C-c")
          assert.match(yield* until(/\[exit \d+\]/), /\[exit 130\]$/)
        }).pipe(Effect.scoped, Effect.provide(Home.layer)),
      slow
    )
  })
})
