/**
 * `effect-sso credentials`
 */
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as Flags from "../flags/Flags.ts"
import * as FormatInput from "../flags/FormatInput.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as Json from "../terminal/Json.ts"
import * as CredentialFormat from "./CredentialFormat.ts"
import * as RoleEnvironment from "./RoleEnvironment.ts"

/** The profile that the section of the credentials file is for. */
const section = (input: RoleFlags.Input) => {
  if (!SessionFlags.isByProfile(input)) return Effect.succeed("default")
  return input.profile === undefined ? SharedConfig.chosenProfile : Effect.succeed(input.profile)
}

/** Prints the credentials of a role. */
export const credentials = Command.make(
  "credentials",
  {
    ...RoleFlags.flags,
    format: Flags.ofChoice(FormatInput.format),
    noExport: Flags.ofSwitch(FormatInput.noExport)
  },
  Effect.fnUntraced(function* ({ format, noExport, ...input }) {
    const plain = yield* CredentialFormat.encode(yield* RoleFlags.credentials(input))
    switch (format) {
      case "process":
        return yield* Json.print(CredentialFormat.process(plain))
      case "json":
        return yield* Json.print(CredentialFormat.json(plain))
      case "ini":
        return yield* Console.log(yield* CredentialFormat.ini(plain, yield* section(input)))
      default: {
        const changes = yield* RoleEnvironment.forRole(plain, input)
        yield* RoleEnvironment.log(changes)
        const lines = noExport ? CredentialFormat.assignments(changes) : CredentialFormat.shell(format, changes)
        return yield* Console.log(yield* lines)
      }
    }
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => RoleFlags.check(input)),
  Command.validate((input) => Flags.refuse(FormatInput.problem(input))),
  Command.withDescription("Print temporary AWS credentials of a role"),
  Command.withExamples([
    {
      command: "effect-sso credentials --profile my-profile",
      description: "In the config file: credential_process = effect-sso credentials ..."
    },
    { command: 'eval "$(effect-sso credentials --format env)"', description: "Set the variables in sh, bash or zsh" },
    { command: "effect-sso credentials --format fish | source", description: "In fish" },
    {
      command: "effect-sso credentials --format powershell | Out-String | Invoke-Expression",
      description: "In PowerShell"
    },
    {
      command: "for /f \"delims=\" %v in ('effect-sso credentials --format cmd') do @%v",
      description: "In cmd"
    }
  ])
)
