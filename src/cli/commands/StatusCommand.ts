/**
 * `effect-sso status`
 */
import * as Arr from "effect/Array"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as NodeSso from "../../node/NodeSso.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import * as Json from "../terminal/Json.ts"
import { ofCommand } from "../terminal/SafeText.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as SessionReport from "../terminal/SessionReport.ts"
import { Stderr } from "../terminal/Stderr.ts"
import * as Table from "../terminal/Table.ts"

const header = ["SESSION", "REGION", "STATE", "TIME LEFT", "RENEWABLE", "FILE"]

const row = ({
  file,
  region,
  renewable,
  state,
  timeLeft,
  title
}: SessionReport.SessionReport): ReadonlyArray<string> => [
  title,
  region,
  state.replace("-", " "),
  state === "signed-in" ? timeLeft : "-",
  renewable ? "yes" : "no",
  file
]

/** Tells of each session that is known how it stands. */
export const status = Command.make(
  "status",
  { ...SessionFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, ...input }) {
    const stderr = yield* Stderr
    const chosen = SessionFlags.chosenBy(input).length === 0 ? [] : [yield* SessionFlags.session(input)]
    const sessions = Arr.dedupe([...chosen, ...(yield* SsoSession.configured)])
    const reports = yield* Effect.forEach(sessions, SessionReport.inspect)
    for (const { problem } of reports) if (problem !== undefined) yield* stderr.say(ofCommand(problem))
    if (json) return yield* Json.print(reports.map(SessionReport.encode))
    if (reports.length > 0) return yield* Table.print(header, reports.map(row))
    yield* stderr.say("No session is configured: run `effect-sso configure`, or name one with --start-url and --region")
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("Tell of each known session whether it is signed in, and how long it lasts")
)
