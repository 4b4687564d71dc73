/**
 * `effect-sso emulator`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Flags from "../flags/Flags.ts"
import * as Report from "../terminal/Report.ts"

const seconds = (name: string, description: string): Flag.Flag<Duration.Duration | undefined> =>
  Flag.Finite(name).pipe(
    Flag.withMetavar("SECONDS"),
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 0,
      () => "0 or more"
    ),
    Flag.map(Duration.seconds),
    Flags.orUndefined
  )

const port = Flags.port("port", "The port to listen on at 127.0.0.1 (default: a free port)").pipe(Flag.withDefault(0))

const data = Flag.File("data").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription('A JSON file with the "users" and "accounts" of the emulator'),
  Flags.orUndefined
)

const untilStdinEnds = Flags.whenGiven(
  "until-stdin-ends",
  "Stop when standard input ends, and so with the parent process"
)

/** Runs a local IAM Identity Center emulator. */
export const emulator = Command.make(
  "emulator",
  {
    port,
    data,
    autoApprove: seconds(
      "auto-approve",
      "Approve each sign-in automatically after this time (default: a user approves it on the page)"
    ),
    interval: seconds("interval", "The minimum time between two polls (default: 5)"),
    deviceCodeLifetime: seconds("code-lifetime", "How long a sign-in can be approved (default: 600)"),
    accessTokenLifetime: seconds("token-lifetime", "How long an access token is valid (default: 28800)"),
    roleCredentialsLifetime: seconds(
      "credentials-lifetime",
      "How long the credentials of a role are valid (default: 3600)"
    ),
    untilStdinEnds
  },
  Effect.fnUntraced(
    function* (options) {
      // Only this command needs a server
      const { run } = yield* Effect.promise(() => import("./EmulatorServer.ts"))
      yield* run(options)
    },
    Report.failures({ sessionFlags: [] })
  )
).pipe(
  Command.withDescription("Run a local IAM Identity Center emulator, for tests and demonstrations"),
  Command.withExamples([{ command: "effect-sso emulator --port 8123 --auto-approve 10" }])
)
