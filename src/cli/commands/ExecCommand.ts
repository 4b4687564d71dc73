/**
 * `effect-sso exec`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as CredentialFormat from "./CredentialFormat.ts"
import * as Passthrough from "./Passthrough.ts"
import * as RoleEnvironment from "./RoleEnvironment.ts"

const command = Argument.String("command").pipe(
  Argument.withDescription("The command to run with its arguments, after --"),
  Argument.atLeast(1)
)

/** Runs a command with the credentials of a role in its environment. */
export const exec = Command.make(
  "exec",
  { ...RoleFlags.flags, command },
  Effect.fnUntraced(function* ({ command, ...input }) {
    const credentials = yield* CredentialFormat.encode(yield* RoleFlags.credentials(input))
    const changes = yield* RoleEnvironment.forRole(credentials, input)
    yield* RoleEnvironment.log(changes)
    yield* Passthrough.run(command, RoleEnvironment.apply(process.env, changes))
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => RoleFlags.check(input)),
  Command.withDescription(
    "Run a command with temporary AWS credentials of a role in its environment, and exit with its exit code"
  ),
  Command.withShortDescription("Run a command with temporary AWS credentials of a role"),
  Command.withExamples([{ command: "effect-sso exec --profile my-profile -- aws sts get-caller-identity" }])
)
