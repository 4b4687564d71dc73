/**
 * The formats in which other programs read AWS credentials.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider", "Environment variables", "Shared config and
 * credentials files".
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Credentials } from "../../session/Credentials.ts"
import { word } from "../../provider/CommandLine.ts"
import { hasControls } from "../terminal/SafeText.ts"
import * as Shell from "../terminal/Shell.ts"
import type { Plain } from "./PlainCredentials.ts"
import type { Changes } from "./RoleEnvironment.ts"

export type { Plain } from "./PlainCredentials.ts"

/** Unwraps credentials, to hand them to another program. */
export const encode: (credentials: Credentials) => Effect.Effect<Plain> = (credentials) =>
  Effect.orDie(Schema.encodeEffect(Credentials)(credentials))

/** A value cannot be written in the format: another program would read it as something else. */
export class FormatImpossible extends Schema.TaggedError<FormatImpossible>()("FormatImpossible", {
  format: Schema.String,
  /** What cannot be written, without its value. */
  what: Schema.String
}) {
  override get message(): string {
    return `${this.what} cannot be written in the format "${this.format}": use --format process or json`
  }
}

export { json, process } from "./PlainCredentials.ts"

const shells = { env: Shell.posix, fish: Shell.fish, powershell: Shell.powershell, cmd: Shell.cmd }

/** The shells that there is a format for. */
export type ShellFormat = keyof typeof shells

/** Fails where a value would be read as something else than it is. */
const check = (
  format: string,
  values: Readonly<Record<string, string>>,
  accepts: (value: string) => boolean
): Effect.Effect<void, FormatImpossible> => {
  const refused = Object.entries(values).find(([, value]) => hasControls(value) || !accepts(value))
  return refused === undefined
    ? Effect.void
    : Effect.fail(new FormatImpossible({ format, what: `the value of ${refused[0]}` }))
}

/** Lines that a shell evaluates, to have the credentials and nothing that misleads its programs. */
export const shell = (format: ShellFormat, { set, unset }: Changes): Effect.Effect<string, FormatImpossible> => {
  const { accepts = () => true, ...syntax } = shells[format]
  const lines = [syntax.unset(unset), ...Object.entries(set).map(([name, value]) => syntax.set(name, value))]
  return Effect.as(check(format, set, accepts), lines.join("\n"))
}

/** Lines with a name and a value, such as for `docker run --env-file`. They cannot remove a variable. */
export const assignments = ({ set }: Changes): Effect.Effect<string, FormatImpossible> =>
  Effect.as(
    check("env", set, () => true),
    Object.entries(set)
      .map(([name, value]) => `${name}=${word(value)}`)
      .join("\n")
  )

/** A section for the shared credentials file. */
export const ini = (
  { AccessKeyId, SecretAccessKey, SessionToken }: Plain,
  profile: string
): Effect.Effect<string, FormatImpossible> => {
  const settings = {
    aws_access_key_id: AccessKeyId,
    aws_secret_access_key: SecretAccessKey,
    aws_session_token: SessionToken
  }
  // A credentials file takes names and values as they are, without quotes
  return /[\s\p{Cc}[\]#;]/u.test(profile) || profile === ""
    ? Effect.fail(new FormatImpossible({ format: "ini", what: `the profile name ${JSON.stringify(profile)}` }))
    : Effect.as(
        check("ini", settings, (value) => value !== "" && !/[\s#;]/u.test(value)),
        [`[${profile}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`)].join("\n")
      )
}
