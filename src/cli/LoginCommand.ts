/**
 * `effect-sso login`
 *
 * @since 0.1.0
 */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Login from "../login/Login.ts"
import * as NodeSso from "../node/NodeSso.ts"
import { CredentialCache } from "../portal/CredentialCache.ts"
import { SsoSession } from "../session/SsoSession.ts"
import * as Flags from "./Flags.ts"
import * as Json from "./Json.ts"
import * as ProgressPrompt from "./ProgressPrompt.ts"
import * as SessionFlags from "./SessionFlags.ts"
import * as SessionReport from "./SessionReport.ts"
import { Stderr } from "./Stderr.ts"

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

const flowFlags = {
  flow: Flag.Literals("flow", ["device", "browser"]).pipe(
    Flag.withDescription(
      "By a code on any device, or by the browser of this machine; the browser where one can be opened, unless the profile says otherwise (login_type)"
    ),
    Flags.orUndefined
  ),
  useDeviceCode: Flag.Boolean("use-device-code").pipe(
    Flag.withDescription("The same as --flow device"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  browser: Flag.Boolean("browser").pipe(
    Flag.withDescription("Whether to open a browser: with --no-browser, the page is only shown"),
    Flag.withDefault(true)
  ),
  redirectPort: Flags.port(
    "redirect-port",
    "Where to wait for the browser, in place of a free port; implies the browser flow"
  ).pipe(Flags.orUndefined),
  redirectHost: Flag.String("redirect-host").pipe(
    Flag.withMetavar("HOST"),
    Flag.withDescription(
      "The host by which the browser reaches this machine, such as localhost; implies the browser flow"
    ),
    Flags.orUndefined
  )
}

interface FlowInput {
  readonly flow: "device" | "browser" | undefined
  readonly useDeviceCode: boolean
  readonly redirectPort: number | undefined
  readonly redirectHost: string | undefined
}

const checkFlow = ({
  flow,
  redirectHost,
  redirectPort,
  useDeviceCode
}: FlowInput): Effect.Effect<void, CliError.ValidationError> => {
  const byDevice = useDeviceCode ? "--use-device-code" : flow === "device" ? "--flow device" : undefined
  const byBrowser =
    flow === "browser"
      ? "--flow browser"
      : redirectPort !== undefined
        ? "--redirect-port"
        : redirectHost !== undefined
          ? "--redirect-host"
          : undefined
  return byDevice === undefined || byBrowser === undefined
    ? Effect.void
    : Effect.fail(
        new CliError.ValidationError({ message: `${byDevice} and ${byBrowser} ask for two flows: choose one` })
      )
}

const outcome = (report: SessionReport.SessionReport): string => {
  const where = report.session === undefined ? report.region : `${report.startUrl}, ${report.region}`
  const next = report.renewable ? "is then renewed without you" : "then asks you to sign in again"
  return [
    `Signed in to ${report.title} (${where}).`,
    `The token lasts until ${report.until} (${report.timeLeft}), and ${next}.`,
    `It is kept in ${report.file}`
  ].join("\n")
}

/**
 * Signs a person in by the flow that was asked for, or that fits.
 *
 * @category commands
 * @since 0.1.0
 */
export const login = Command.make(
  "login",
  { ...SessionFlags.flags, scopes, ...flowFlags, json: Json.flag },
  Effect.fnUntraced(function* ({ browser, flow, json, redirectHost, redirectPort, scopes, useDeviceCode, ...input }) {
    const stderr = yield* Stderr
    const configured = yield* SessionFlags.session(input)
    const session = scopes === undefined ? configured : new SsoSession({ ...configured, scopes })
    yield* Login.login(session, { flow: useDeviceCode ? "device" : flow, redirectHost, redirectPort }).pipe(
      Effect.provide([SessionFlags.service(input, session), ProgressPrompt.layer({ openBrowser: browser })])
    )
    // Somebody else may have signed in
    const credentials = yield* CredentialCache
    yield* Effect.catch(credentials.removeAll(session), ({ message }) => Effect.logWarning(message))
    const report = yield* SessionReport.inspect(session)
    yield* stderr.say(outcome(report))
    if (json) yield* Json.print(SessionReport.encode(report))
  })
).pipe(
  Command.validate((input) => Effect.andThen(SessionFlags.check(input), checkFlow(input))),
  Command.provide(NodeSso.layer),
  Command.withDescription("Sign in, and keep the token where all AWS tools find it"),
  Command.withExamples([
    { command: "effect-sso login", description: "To the session of the default profile" },
    { command: "effect-sso login --sso-session my-sso" },
    { command: "effect-sso login --start-url https://example.awsapps.com/start --region us-east-1" }
  ])
)
