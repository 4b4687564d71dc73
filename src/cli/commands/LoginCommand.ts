/**
 * `effect-sso login`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { SsoSession } from "../../session/SsoSession.ts"
import * as Flags from "../flags/Flags.ts"
import * as FlowFlags from "../flags/FlowFlags.ts"
import * as Json from "../terminal/Json.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as SessionReport from "./SessionReport.ts"
import { Stderr } from "../terminal/Stderr.ts"

const scopes = Flag.String("scopes").pipe(
  Flag.withMetavar("SCOPE,..."),
  Flag.withDescription("The scopes to request, separated by commas (default: the scopes of the session)"),
  Flag.map((text) => text.split(",").map((scope) => scope.trim())),
  Flag.filter(
    (scopes) => scopes.every((scope) => scope !== ""),
    () => "a list such as sso:account:access,codewhisperer:completions"
  ),
  Flags.orUndefined
)

const outcome = (report: SessionReport.SessionReport): string => {
  const where = report.session === undefined ? report.region : `${report.startUrl}, ${report.region}`
  const next = report.refreshable ? "It is refreshed automatically." : "Sign in again after that."
  return [
    `Signed in to ${report.title} (${where}).`,
    `The token expires at ${report.until} (in ${report.timeLeft}). ${next}`,
    `Token file: ${report.file}`
  ].join("\n")
}

/** Signs in. */
export const login = Command.make(
  "login",
  { ...SessionFlags.flags, scopes, ...FlowFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, scopes, ...input }) {
    const stderr = yield* Stderr
    const configured = yield* SessionFlags.session(input)
    const session = scopes === undefined ? configured : new SsoSession({ ...configured, scopes })
    yield* FlowFlags.login(session, input).pipe(Effect.provide(SessionFlags.service(input, session)))
    const report = yield* SessionReport.inspect(session)
    yield* stderr.say(outcome(report))
    if (json) yield* Json.print(SessionReport.encode(report))
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => Effect.andThen(SessionFlags.check(input), FlowFlags.check(input))),
  Command.withDescription("Sign in, and store the token where all AWS tools find it"),
  Command.withExamples([
    { command: "effect-sso login", description: "Sign in to the session of the default profile" },
    { command: "effect-sso login --sso-session my-sso" },
    { command: "effect-sso login --start-url https://example.awsapps.com/start --region us-east-1" }
  ])
)
