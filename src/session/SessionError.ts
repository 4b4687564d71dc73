/**
 * What can be wrong with a session in the config file.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const SectionKind = Schema.Literals(["profile", "sso-session"])

const Key = Schema.Literals(["sso_start_url", "sso_region"])

const configFile = "the AWS config file (~/.aws/config, or the one that AWS_CONFIG_FILE names)"

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
 * There is no such section.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", {
  /** What was looked for. */
  section: SectionKind,
  /** The name it was looked for by. */
  name: Schema.String,
  /** The profile that names the session, where one does. */
  namedBy: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const wanted = header(this.section, this.name)
    if (this.section === "profile") {
      return `there is no profile "${this.name}": write ${wanted} with an sso_session into ${configFile}, or choose another profile`
    }
    const named = this.namedBy === undefined ? undefined : header("profile", this.namedBy)
    return (
      `there is no sso-session "${this.name}"${named === undefined ? "" : `, which ${named} names`}: ` +
      `write ${wanted} with sso_start_url and sso_region into ${configFile}, or ` +
      (named === undefined ? "choose another session" : `correct the sso_session of ${named}`)
    )
  }
}

/**
 * A section lacks what a session is made of.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionIncomplete extends Schema.TaggedError<SessionIncomplete>()("SessionIncomplete", {
  section: SectionKind,
  name: Schema.String,
  /**
   * `sso_session` stands for a profile that says nothing of a sign-in at all; `sso_account_id` and `sso_role_name` are
   * missing where credentials are asked for.
   */
  missing: Schema.Array(Schema.Literals(["sso_session", ...Key.literals, "sso_account_id", "sso_role_name"]))
}) {
  override get message(): string {
    const lines = this.missing.map((key) => `"${key} = ${examples[key]}"`).join(" and ")
    return `${header(this.section, this.name)} has no ${this.missing.join(" and no ")}: write a line such as ${lines} below it in ${configFile}`
  }
}

/**
 * A setting has a value that cannot be used.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionInvalid extends Schema.TaggedError<SessionInvalid>()("SessionInvalid", {
  section: SectionKind,
  name: Schema.String,
  key: Schema.Union([Key, Schema.Literal("login_type")]),
  /** What was wrong with it, and what is expected. */
  description: Schema.String
}) {
  override get message(): string {
    return `correct the ${this.key} of ${header(this.section, this.name)} in ${configFile}: ${this.description}`
  }
}

/**
 * A profile and the session that it names contradict each other.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionConflict extends Schema.TaggedError<SessionConflict>()("SessionConflict", {
  key: Key,
  profile: Schema.String,
  session: Schema.String,
  /** What the profile says. */
  inProfile: Schema.String,
  /** What the session says. */
  inSession: Schema.String
}) {
  override get message(): string {
    const profile = header("profile", this.profile)
    const session = header("sso-session", this.session)
    return (
      `${this.key} is "${this.inProfile}" in ${profile} and "${this.inSession}" in ${session}: ` +
      `remove it from ${profile} in ${configFile}, and correct that of ${session} if it is wrong`
    )
  }
}

/**
 * Anything that can be wrong with a session in the config file.
 *
 * @category models
 * @since 0.1.0
 */
export type SessionError = SessionNotFound | SessionIncomplete | SessionInvalid | SessionConflict
