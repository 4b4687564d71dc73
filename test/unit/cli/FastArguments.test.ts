import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Ref, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { CliOutput, Command } from "effect/cli"
import { credentials } from "../../../src/cli/commands/CredentialsCommand.ts"
import { exec } from "../../../src/cli/commands/ExecCommand.ts"
import { login } from "../../../src/cli/commands/LoginCommand.ts"
import { token } from "../../../src/cli/commands/TokenCommand.ts"
import * as FastArguments from "../../../src/cli/fast/FastArguments.ts"
import { sample } from "../../support/Sample.ts"

/** What the command framework makes of arguments, with the flags and the checks of the real commands. */
const framework = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const found = yield* Ref.make(Option.none<FastArguments.Invocation>())
  const find = (invocation: FastArguments.Invocation) => Ref.set(found, Option.some(invocation))
  const command = Command.make("effect-sso").pipe(
    Command.withSubcommands([
      token.pipe(Command.withHandler((input) => find({ command: "token", input }))),
      credentials.pipe(Command.withHandler((input) => find({ command: "credentials", input }))),
      login.pipe(Command.withHandler(() => Effect.void)),
      exec.pipe(Command.withHandler(() => Effect.void))
    ])
  )
  const presenter = Layer.succeed(CliOutput.Presenter, {
    present: ({ _tag }) => (_tag === "Version" ? find({ command: "version" }) : Effect.void)
  })
  yield* Command.runWith(command, { version: "1.2.3" })(args).pipe(
    Effect.catchCause(() => Effect.void),
    Effect.provide(Layer.mergeAll(presenter, NodeServices.layer))
  )
  return Option.getOrUndefined(yield* Ref.get(found))
})

const pick = (strings: ReadonlyArray<string>) => Arbitrary.schema(Schema.Literals(strings))

const flags = [
  "profile",
  "sso-session",
  "start-url",
  "region",
  "account-id",
  "role-name",
  "no-cache",
  "cache",
  "format",
  "no-export",
  "export",
  "no-format",
  "json",
  "help",
  "version",
  "log-level"
]
const values = [
  "dev",
  "us-east-1",
  "https://example.awsapps.com/start?a=b#c",
  "111122223333",
  "1111",
  "process",
  "json",
  "ini",
  "xml",
  "true",
  "false",
  "token",
  "login",
  "",
  " ",
  "a b",
  "a=b",
  "=",
  "-",
  "--",
  "-x",
  "--region",
  "é\n"
]

/** An argument, or the two of a flag and its value. */
const argument = Arbitrary.flatMap(pick(["flag", "flag", "flag", "attached", "bare", "value", "odd"]), (kind) => {
  switch (kind) {
    case "flag":
      return Arbitrary.map(Arbitrary.all([pick(flags), pick(values)]), ([flag, value]) => [`--${flag}`, value])
    case "attached":
      return Arbitrary.map(Arbitrary.all([pick(flags), pick(values)]), ([flag, value]) => [`--${flag}=${value}`])
    case "bare":
      return Arbitrary.map(pick(flags), (flag) => [`--${flag}`])
    case "value":
      return Arbitrary.map(pick(values), (value) => [value])
    default:
      return Arbitrary.map(pick(["-h", "-v", "-p", "--pro", "--Profile", "---profile", "--profile="]), (odd) => [odd])
  }
})

const likely = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(
      pick([
        "--profile dev",
        "--sso-session=dev",
        "--start-url https://example.awsapps.com/start --region us-east-1",
        "--account-id 111122223333 --role-name Reader",
        "--no-cache",
        "--format json",
        "--format=env",
        "--no-export"
      ]),
      { maxLength: 4 }
    )
  ]),
  ([parts]) => parts.flatMap((part) => part.split(" "))
)

const command = pick(["token", "credentials", "login", "--version", ""])

const invocations = Arbitrary.all([
  command,
  likely,
  Arbitrary.array(argument, { maxLength: 4 }),
  Arbitrary.schema(Schema.Boolean)
]).pipe(
  Arbitrary.map(([command, likely, odd, isOdd]) =>
    [command === "" ? [] : [command], likely, isOdd ? odd.flat() : []].flat()
  )
)

describe("FastArguments", () => {
  it.effect.prop(
    "reads arguments as the command framework does, or leaves them to it",
    [invocations],
    ([args]) =>
      Effect.gen(function* () {
        const invocation = FastArguments.parse(args)
        if (invocation !== undefined) assert.deepStrictEqual(invocation, yield* framework(args))
      }),
    { arbitrary: { runs: sample(5000, 500) } }
  )

  it.effect("takes the usual invocations", () =>
    Effect.gen(function* () {
      const taken = [
        ["--version"],
        ["token"],
        ["token", "--profile", "dev"],
        ["token", "--sso-session=dev"],
        ["token", "--start-url", "https://example.awsapps.com/start", "--region", "us-east-1"],
        ["credentials"],
        ["credentials", "--profile", "dev", "--format", "json"],
        ["credentials", "--sso-session", "dev", "--account-id", "111122223333", "--role-name", "Reader"]
      ]
      for (const args of taken) {
        const invocation = FastArguments.parse(args)
        assert.isDefined(invocation)
        assert.deepStrictEqual(invocation, yield* framework(args))
      }
    })
  )

  it("leaves everything else to the command framework", () => {
    const left = [
      [],
      ["--help"],
      ["token", "--help"],
      ["token", "--log-level", "debug"],
      ["--log-level", "debug", "token"],
      ["token", "--profile", "dev", "--profile", "prod"],
      ["token", "--region", "us-east-1"],
      ["token", "--profile", "-x"],
      ["token", "dev"],
      ["credentials", "--account-id", "12"],
      ["credentials", "--format", "xml"],
      ["credentials", "--no-export"],
      ["login"]
    ]
    assert.deepStrictEqual(
      left.filter((args) => FastArguments.parse(args) !== undefined),
      []
    )
  })
})
