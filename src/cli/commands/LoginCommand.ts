/**
 * `effect-sso login`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as NodeSso from "../../node/NodeSso.ts"
import { SsoSession } from "../../session/SsoSession.ts"
import * as Flags from "../flags/Flags.ts"
import * as FlowFlags from "../flags/FlowFlags.ts"
import * as Json from "../terminal/Json.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as SessionReport from "../terminal/SessionReport.ts"
import { Stderr } from "../terminal/Stderr.ts"

const scopes = Flag.String("scopes").pipe(
  Flag.withMetavar("SCOPE,..."),
  Flag.withDescription("What the token shall be able to do, in place of the scopes of the session"),
  Flag.map((text) => text.split(",").map((scope) => scope.trim())),
  Flag.filter(
    (scopes) => scopes.every((scope) => scope !== ""),
    () => "a list such as sso:account:access,codewhisperer:completions"
  ),
  Flags.orUndefined
)

const outcome = (report: SessionReport.SessionReport): string => {
  const where = report.session === undefined ? report.region : `${report.startUrl}, ${report.region}`
  const next = report.renewable ? "is then renewed without you" : "then asks you to sign in again"
  return [
    `Signed in to ${report.title} (${where}).`,
    `The token lasts until ${report.until} (${report.timeLeft}), and ${next}.`,
    `It is kept in ${report.file}`
  ].join("\n")
}

/** Signs a person in by the flow that was asked for, or that fits. */
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
  })
).pipe(
  Command.validate((input) => Effect.andThen(SessionFlags.check(input), FlowFlags.check(input))),
  Command.provide(NodeSso.layer),
  Command.withDescription("Sign in, and keep the token where all AWS tools find it"),
  Command.withExamples([
    { command: "effect-sso login", description: "To the session of the default profile" },
    { command: "effect-sso login --sso-session my-sso" },
    { command: "effect-sso login --start-url https://example.awsapps.com/start --region us-east-1" }
  ])
)
