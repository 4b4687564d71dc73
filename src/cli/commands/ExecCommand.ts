/**
 * `effect-sso exec`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as NodeSso from "../../node/NodeSso.ts"
import * as CredentialFormat from "./CredentialFormat.ts"
import * as Passthrough from "../terminal/Passthrough.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

const command = Argument.String("command").pipe(
  Argument.withDescription("The command to run and its arguments, after --"),
  Argument.atLeast(1)
)

/** With them, a tool would look for other credentials than those of its environment. */
const misleading = new Set(["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"])

const regionVariables = ["AWS_REGION", "AWS_DEFAULT_REGION"]

/** The region of a profile, which the command could not find any more without `AWS_PROFILE`. */
const region = Effect.fnUntraced(function* (
  profile: string | undefined
): Effect.fn.Return<
  string | undefined,
  SharedConfig.ConfigParseError | SharedConfig.ConfigReadError | Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> {
  const settings = SharedConfig.profile(yield* SharedConfig.load, profile ?? (yield* SharedConfig.chosenProfile))
  return Option.getOrUndefined(Option.flatMap(settings, ({ region }) => Option.fromUndefinedOr(region)))
})

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ""

const environment = Effect.fnUntraced(function* (credentials: CredentialFormat.Plain, input: RoleFlags.Input) {
  const { env } = process
  const inherited = Object.entries(env).filter(([name]) => !misleading.has(name))
  const configured = SessionFlags.isByProfile(input) ? yield* region(input.profile) : undefined
  // Not all tools read both variables
  const chosen = [...regionVariables.map((name) => env[name]), configured].find(isSet)
  const regions =
    chosen === undefined ? [] : regionVariables.filter((name) => !isSet(env[name])).map((name) => [name, chosen])
  return { ...Object.fromEntries([...inherited, ...regions]), ...CredentialFormat.variables(credentials) }
})

/** Runs a command with the credentials of a role in its environment. */
export const exec = Command.make(
  "exec",
  { ...RoleFlags.flags, command },
  Effect.fnUntraced(function* ({ command, ...input }) {
    const credentials = yield* CredentialFormat.encode(yield* RoleFlags.credentials(input))
    yield* Passthrough.run(command, yield* environment(credentials, input))
  })
).pipe(
  Command.validate((input) => RoleFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("Run a command with AWS credentials in its environment, and end as it ends"),
  Command.withExamples([{ command: "effect-sso exec --profile my-profile -- aws sts get-caller-identity" }])
)
