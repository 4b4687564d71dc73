/**
 * `effect-sso credentials`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as NodeSso from "../../node/NodeSso.ts"
import * as CredentialFormat from "./CredentialFormat.ts"
import * as Json from "../terminal/Json.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

const format = Flag.Literals("format", ["process", "json", "env", "ini"]).pipe(
  Flag.withDescription(
    "process: what credential_process of a profile expects. json: as the portal says it. env: lines for a shell. ini: lines for the credentials file"
  ),
  Flag.withDefault("process")
)

/** The section that the lines are for. A credentials file takes a name as it is, without quotes. */
const section = Effect.fnUntraced(function* (input: RoleFlags.Input) {
  const name = SessionFlags.isByProfile(input) ? (input.profile ?? (yield* SharedConfig.chosenProfile)) : "default"
  return /[\s\]#;]/.test(name) ? yield* new CredentialFormat.SectionImpossible({ name }) : name
})

/** Prints the credentials of a role. */
export const credentials = Command.make(
  "credentials",
  { ...RoleFlags.flags, format },
  Effect.fnUntraced(function* ({ format, ...input }) {
    const variables = yield* CredentialFormat.encode(yield* RoleFlags.credentials(input))
    switch (format) {
      case "process":
        return yield* Json.print(CredentialFormat.process(variables))
      case "json":
        return yield* Json.print(CredentialFormat.json(variables))
      case "env":
        return yield* Console.log(CredentialFormat.shell(variables))
      case "ini":
        return yield* Console.log(CredentialFormat.ini(variables, yield* section(input)))
    }
  })
).pipe(
  Command.validate((input) => RoleFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("Print AWS credentials of a role, as credential_process or otherwise"),
  Command.withExamples([
    {
      command: "effect-sso credentials --profile my-profile",
      description: "For a profile with credential_process = effect-sso credentials --profile my-profile"
    },
    { command: 'eval "$(effect-sso credentials --format env)"', description: "Into the environment of a shell" }
  ])
)
