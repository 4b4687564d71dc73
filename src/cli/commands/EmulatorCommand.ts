/**
 * `effect-sso emulator`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Flags from "../flags/Flags.ts"

const seconds = (name: string, description: string): Flag.Flag<Duration.Duration | undefined> =>
  Flag.Finite(name).pipe(
    Flag.withMetavar("SECONDS"),
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 0,
      (value) => `no less than 0, got ${value}`
    ),
    Flag.map(Duration.seconds),
    Flags.orUndefined
  )

const port = Flags.port("port", "Where to listen on 127.0.0.1; 0 for a free one, which is the default").pipe(
  Flag.withDefault(0)
)

const data = Flag.File("data").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription('Who can sign in, and to which accounts, as JSON with "users" and "accounts"'),
  Flags.orUndefined
)

const untilStdinEnds = Flags.whenGiven(
  "until-stdin-ends",
  "End with the standard input, and so with the process that holds it"
)

/** Runs an IAM Identity Center of one's own. */
export const emulator = Command.make(
  "emulator",
  {
    port,
    data,
    autoApprove: seconds(
      "auto-approve",
      "Approve each sign-in by itself after this long; else a person does, on the page"
    ),
    interval: seconds("interval", "The least time between two polls; 5 by default"),
    deviceCodeLifetime: seconds("code-lifetime", "How long a sign-in can be approved; 600 by default"),
    accessTokenLifetime: seconds("token-lifetime", "How long an access token lasts; 28800 by default"),
    roleCredentialsLifetime: seconds("credentials-lifetime", "How long credentials of a role last; 3600 by default"),
    untilStdinEnds
  },
  Effect.fnUntraced(function* (options) {
    // No other command needs a server
    const { run } = yield* Effect.promise(() => import("./EmulatorServer.ts"))
    yield* run(options)
  })
).pipe(
  Command.withDescription("Run an IAM Identity Center of one's own, for tests and demonstrations"),
  Command.withExamples([{ command: "effect-sso emulator --port 8123 --auto-approve 10" }])
)
