/**
 * The error of a session that cannot be made from its settings.
 *
 * **Example** (Using another session where the profile does not exist)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { SsoSession } from "effect-aws-sso"
 *
 * const session = SsoSession.fromProfile("dev").pipe(
 *   Effect.catchReason("SessionError", "SessionNotFound", () => SsoSession.fromSsoSession("my-sso"))
 * )
 * ```
 *
 * @since 0.2.0
 */
import * as Config from "effect/Config"
import * as Schema from "effect/Schema"
import { ConfigParseError, ConfigReadError } from "../config/SharedConfig.ts"

const SectionKind = Schema.Literals(["profile", "sso-session"])

const Key = Schema.Literals(["sso_start_url", "sso_region"])

const configFile = "the AWS config file (~/.aws/config, or the file that AWS_CONFIG_FILE names)"

const examples = {
  sso_session: "my-sso",
  sso_start_url: "https://example.awsapps.com/start",
  sso_region: "us-east-1",
  sso_account_id: "111122223333",
  sso_role_name: "ReadOnly"
}

const header = (section: typeof SectionKind.Type, name: string): string => {
  if (section === "profile" && name === "default") return "[default]"
  return /\s/.test(name) ? `[${section} '${name}']` : `[${section} ${name}]`
}

/**
 * The section does not exist.
 *
 * @category errors
 * @since 0.2.0
 */
export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", {
  section: SectionKind,
  name: Schema.String,
  /** The profile that names the session, if the session was found through a profile. */
  namedBy: Schema.optionalKey(Schema.String),
  /** A section that was probably meant to be this one, and why it is ignored. */
  ignored: Schema.optionalKey(Schema.Struct({ file: Schema.String, line: Schema.Int, what: Schema.String }))
}) {
  override get message(): string {
    const wanted = header(this.section, this.name)
    const { ignored } = this
    const hint = ignored === undefined ? "" : ` (${ignored.file}, line ${ignored.line}: ignored ${ignored.what})`
    if (this.section === "profile") {
      return `there is no profile "${this.name}"${hint}: write ${wanted} with an sso_session into ${configFile}, or choose another profile`
    }
    const named = this.namedBy === undefined ? undefined : header("profile", this.namedBy)
    return (
      `there is no sso-session "${this.name}"${named === undefined ? "" : `, which ${named} names`}${hint}: ` +
      `write ${wanted} with sso_start_url and sso_region into ${configFile}, or ` +
      (named === undefined ? "choose another session" : `correct the sso_session of ${named}`)
    )
  }
}

/**
 * The section lacks settings that are required.
 *
 * @category errors
 * @since 0.2.0
 */
export class SessionIncomplete extends Schema.TaggedError<SessionIncomplete>()("SessionIncomplete", {
  section: SectionKind,
  name: Schema.String,
  /**
   * The missing settings. `sso_session`: the profile has no settings for a sign-in. `sso_account_id` and
   * `sso_role_name`: they are required for credentials only.
   */
  missing: Schema.Array(Schema.Literals(["sso_session", ...Key.literals, "sso_account_id", "sso_role_name"]))
}) {
  override get message(): string {
    const lines = this.missing.map((key) => `"${key} = ${examples[key]}"`).join(" and ")
    return `${header(this.section, this.name)} has no ${this.missing.join(" and no ")}: write a line such as ${lines} below it in ${configFile}`
  }
}

/**
 * A setting has an invalid value.
 *
 * @category errors
 * @since 0.2.0
 */
export class SessionInvalid extends Schema.TaggedError<SessionInvalid>()("SessionInvalid", {
  /** The setting: a key of the config file, or an option of `SsoSession.make`. */
  key: Schema.Literals([...Key.literals, "login_type", "startUrl", "region", "scopes", "name", "principal"]),
  /** What is wrong with the value, and what is expected. */
  description: Schema.String,
  /** The section that has the setting. Absent for options of `SsoSession.make`. */
  section: Schema.optionalKey(SectionKind),
  /** The name of that section. */
  name: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const { description, key, name, section } = this
    return section === undefined || name === undefined
      ? `correct the ${key} of the session: ${description}`
      : `correct the ${key} of ${header(section, name)} in ${configFile}: ${description}`
  }
}

/**
 * A profile and its session have different values for one setting.
 *
 * @category errors
 * @since 0.2.0
 */
export class SessionConflict extends Schema.TaggedError<SessionConflict>()("SessionConflict", {
  key: Key,
  /** The name of the profile. */
  profile: Schema.String,
  /** The name of the session. */
  session: Schema.String,
  /** The value in the profile. */
  inProfile: Schema.String,
  /** The value in the session. */
  inSession: Schema.String
}) {
  override get message(): string {
    const profile = header("profile", this.profile)
    const session = header("sso-session", this.session)
    return (
      `${this.key} is "${this.inProfile}" in ${profile} and "${this.inSession}" in ${session}: ` +
      `remove it from ${profile} in ${configFile}, and correct it in ${session} if it is wrong there`
    )
  }
}

/**
 * There is no session. `reason` says why.
 *
 * **Details**
 *
 * - `SessionNotFound`: the profile or the `sso-session` section does not exist
 * - `SessionIncomplete`: a required setting is missing
 * - `SessionInvalid`: a setting has an invalid value
 * - `SessionConflict`: a profile and its session have different values
 * - `ConfigReadError`: a config file exists but cannot be read
 * - `ConfigParseError`: a config file has a syntax error
 * - `ConfigError`: an environment variable has an invalid value
 *
 * @category errors
 * @since 0.2.0
 */
export class SessionError extends Schema.TaggedError<SessionError>()("SessionError", {
  reason: Schema.Union([
    SessionNotFound,
    SessionIncomplete,
    SessionInvalid,
    SessionConflict,
    ConfigReadError,
    ConfigParseError,
    Schema.instanceOf(Config.ConfigError)
  ])
}) {
  override get message(): string {
    return this.reason.message
  }
}
