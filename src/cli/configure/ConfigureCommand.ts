/**
 * `effect-sso configure`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as ConfigEdit from "../../config/ConfigEdit.ts"
import * as ConfigFile from "../../config/ConfigFile.ts"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as VanityUrl from "../../login/VanityUrl.ts"
import * as NodeSso from "../../node/NodeSso.ts"
import { commandLine } from "../../provider/CommandLine.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import * as FileLease from "../../store/FileLease.ts"
import { TokenCache } from "../../store/TokenCache.ts"
import * as Assigned from "../commands/Assigned.ts"
import * as Flags from "../flags/Flags.ts"
import * as FlowFlags from "../flags/FlowFlags.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as Ask from "../terminal/Ask.ts"
import type { Failure } from "../terminal/Failure.ts"
import * as Report from "../terminal/Report.ts"
import { Stderr } from "../terminal/Stderr.ts"
import { askProfile } from "./AskProfile.ts"
import { askSession } from "./AskSession.ts"
import { profileEdit, sessionEdit } from "./ConfigureEdits.ts"
import { profileOf, sessionOf } from "./ConfigureTask.ts"
import { confirmEdit } from "./ConfirmEdit.ts"
import { regionProblem } from "./Problems.ts"

const flags = {
  profile: Flags.text("profile", "NAME", "The name of the profile (default: ROLE-ACCOUNT)"),
  ssoSession: Flags.text("sso-session", "NAME", "The [sso-session] section to use or to write"),
  startUrl: Flags.text("start-url", "URL", "The URL of the AWS access portal"),
  region: Flags.text("region", "REGION", "The AWS Region of the IAM Identity Center instance"),
  accountId: Flag.withDescription(RoleFlags.accountId, "The ID of the AWS account for the profile"),
  roleName: Flags.text("role-name", "NAME", "The name of the role for the profile"),
  defaultRegion: Flag.String("default-region").pipe(
    Flag.withMetavar("REGION"),
    Flag.withDescription("The default AWS Region of the profile"),
    Flag.filter(
      (region) => regionProblem(region) === undefined,
      () => "a region such as us-east-1"
    ),
    Flags.orUndefined
  ),
  replace: Flags.whenGiven("replace", "Replace existing settings without asking")
}

const outcome = (profile: string, { isChanged, path }: ConfigFile.Outcome): string => {
  const command = commandLine(["aws", "sts", "get-caller-identity", "--profile", profile])
  return [
    isChanged ? `Wrote profile "${profile}" to ${path}` : `Profile "${profile}" in ${path} is up to date`,
    `To use it: ${command}`
  ].join("\n")
}

/** Whether a token of this portal is stored. */
const isSignedIn = Effect.fnUntraced(function* (session: SsoSession.SsoSession) {
  const cache = yield* TokenCache
  // A sign-in replaces a token file that cannot be read
  const present = yield* Effect.catchReason(cache.get(session), "StoreError", "EntryCorrupt", () => Effect.succeedNone)
  return Option.exists(
    present,
    // A start URL under a custom domain can lead to a portal in any region
    ({ region, startUrl }) =>
      startUrl === session.startUrl && (region === session.region || !VanityUrl.isAwsOwned(startUrl))
  )
})

/** The accounts of the user, after a sign-in if one is needed. */
const findAccounts = Effect.fnUntraced(function* (session: SsoSession.SsoSession, flow: FlowFlags.Input) {
  const stderr = yield* Stderr
  const signIn = FlowFlags.login(session, flow).pipe(
    Effect.provide(Ask.layerTerminal),
    Effect.andThen(stderr.say(`Signed in to ${session.startUrl}.`))
  )
  const accounts = Assigned.accounts
  const afterSignIn = Effect.andThen(signIn, accounts)
  // The session can have been ended elsewhere
  return yield* (yield* isSignedIn(session))
    ? Effect.catchTag(accounts, "LoginRequired", () => afterSignIn)
    : afterSignIn
})

/**
 * Holds a lock against this command in other processes, in the directory of all locks: what another one writes between the
 * last look at the file and its replacement would be lost.
 */
const oneWriterAtATime = Effect.fnUntraced(function* (session: SsoSession.SsoSession) {
  const { dirname, join } = yield* Path.Path
  const cache = yield* TokenCache
  const acquireLease = yield* FileLease.make()
  yield* acquireLease(join(dirname(yield* cache.locate(session)), "config")).pipe(
    Effect.catchTag("StoreError", ({ message }) => Effect.logDebug(message))
  )
})

/** Runs the command with what Node provides, and reports how it fails. */
const run = <A, E extends Failure, R>(self: Effect.Effect<A, E, R>) =>
  self.pipe(Effect.provide(NodeSso.layer), Report.failures({ sessionFlags: [] }))

/** Asks for the settings of a profile, signs in, and writes the profile to the config file. */
export const configure = Command.make(
  "configure",
  { ...flags, ...FlowFlags.flags },
  Effect.fnUntraced(function* (input) {
    const stderr = yield* Stderr
    const task = { ...input, shared: yield* SharedConfig.load, canAsk: yield* Ask.isPossible }
    const { name, session } = yield* Effect.provide(askSession(task), Ask.layerTerminal)
    // Fail before the sign-in if the names cannot be written
    yield* Effect.fromResult(
      ConfigEdit.edit("", [
        sessionEdit({}, name, session),
        ...(input.profile === undefined ? [] : [{ kind: "profile", name: input.profile, settings: {} } as const])
      ])
    )

    // Ask before the sign-in too: it would replace the token of the session with a token of another portal
    const newSession = sessionEdit(sessionOf(task, name), name, session)
    yield* Effect.provide(confirmEdit(task, sessionOf(task, name), newSession), Ask.layerTerminal)

    const profile = yield* Effect.flatMap(findAccounts(session, input), (accounts) =>
      Effect.provide(askProfile(task, accounts), Ask.layerTerminal)
    ).pipe(Effect.provide(SessionFlags.portal(input, session)))

    // The file can have been changed during the sign-in
    const now = { ...task, shared: yield* SharedConfig.load }
    const [presentSession, presentProfile] = [sessionOf(now, name), profileOf(now, profile.name)]
    const ofSession = sessionEdit(presentSession, name, session)
    const ofProfile = profileEdit(presentProfile, profile, ofSession)
    const isAnotherNow = !Equal.equals(presentSession, sessionOf(task, name))
    yield* Effect.provide(
      Effect.gen(function* () {
        if (isAnotherNow) yield* confirmEdit(now, presentSession, ofSession)
        yield* confirmEdit(now, presentProfile, ofProfile)
      }),
      Ask.layerTerminal
    )
    const written = yield* Effect.scoped(
      Effect.andThen(oneWriterAtATime(session), ConfigFile.edit([ofSession, ofProfile]))
    )
    yield* stderr.say(outcome(profile.name, written))
  }, run)
).pipe(
  Command.validate((input) => FlowFlags.check(input)),
  Command.withDescription("Write a profile to the config file, for an account and a role that you choose from lists"),
  Command.withExamples([
    { command: "effect-sso configure" },
    { command: "effect-sso configure --sso-session my-sso --profile dev", description: "Add a profile to a session" }
  ])
)
