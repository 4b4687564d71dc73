/**
 * `effect-sso status`
 */
import * as Arr from "effect/Array"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SsoSession from "../../session/SsoSession.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as Json from "../terminal/Json.ts"
import * as Listing from "../terminal/Listing.ts"
import { ofCommand } from "../terminal/SafeText.ts"
import { commandLine } from "../../provider/CommandLine.ts"
import { loginCommand } from "../../provider/TokenError.ts"
import { Stderr } from "../terminal/Stderr.ts"
import * as SessionReport from "./SessionReport.ts"

/** Sessions cannot be used without a sign-in. */
export class SignInNeeded extends Schema.TaggedError<SignInNeeded>()("SignInNeeded", {
  /** The sessions that need it, as a user knows them. */
  sessions: Schema.Array(Schema.String),
  /** The command that signs in to the first one. */
  command: Schema.String
}) {
  override get message(): string {
    const [first = ""] = this.sessions
    const which = this.sessions.length === 1 ? first : `${first} and ${this.sessions.length - 1} more`
    return `not signed in to ${which}: sign in with \`${this.command}\``
  }
}

const header = ["SESSION", "REGION", "STATE", "TIME LEFT", "REFRESHABLE", "FILE"]

const row = ({
  file,
  refreshable,
  region,
  state,
  timeLeft,
  title
}: SessionReport.SessionReport): ReadonlyArray<string> => [
  title,
  region,
  state.replace("-", " "),
  state === "signed-in" ? timeLeft : "-",
  refreshable ? "yes" : "no",
  file
]

/** Shows the state of all configured sessions, and of the chosen one. */
export const status = Command.make(
  "status",
  { ...SessionFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, ...input }) {
    const { say } = yield* Stderr
    const chosen = SessionFlags.chosenBy(input).length === 0 ? [] : [yield* SessionFlags.session(input)]
    const sessions = Arr.dedupe([...chosen, ...(yield* SsoSession.configured)])
    const reports = yield* Effect.forEach(sessions, SessionReport.inspect)
    for (const { problem } of reports) if (problem !== undefined) yield* say(ofCommand(problem))
    yield* Listing.print(reports, {
      json,
      header,
      row,
      encode: SessionReport.encode,
      none: "No session is configured: run `effect-sso configure`, or specify --start-url and --region"
    })
    // A user who chose a session wants the status of this one
    const unusable = reports.slice(0, chosen.length === 0 ? undefined : 1).filter(({ isUsable }) => !isUsable)
    const [first] = unusable
    if (first === undefined) return
    return yield* new SignInNeeded({
      sessions: unusable.map(({ title }) => title),
      command:
        chosen.length === 0
          ? loginCommand({ ...first, name: first.session })
          : commandLine(["effect-sso", "login", ...SessionFlags.given(input)])
    })
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.withDescription(
    "Show which sessions are signed in, and for how long; the exit code is 1 if a session needs a sign-in"
  ),
  Command.withShortDescription("Show which sessions are signed in, and for how long"),
  Command.withExamples([{ command: "effect-sso status --profile my-profile || effect-sso login --profile my-profile" }])
)
