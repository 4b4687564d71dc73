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
import * as NodeSso from "../../node/NodeSso.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import * as FileLock from "../../store/FileLock.ts"
import { TokenCache } from "../../store/TokenCache.ts"
import * as VanityUrl from "../../login/VanityUrl.ts"
import * as Ask from "../terminal/Ask.ts"
import * as Assigned from "../commands/Assigned.ts"
import * as Questions from "./ConfigureQuestions.ts"
import * as Flags from "../flags/Flags.ts"
import * as FlowFlags from "../flags/FlowFlags.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import { Stderr } from "../terminal/Stderr.ts"

const flags = {
  profile: Flags.text("profile", "NAME", "The profile to write; by default ROLE-ACCOUNT"),
  ssoSession: Flags.text("sso-session", "NAME", "The [sso-session] section to write"),
  startUrl: Flags.text("start-url", "URL", "The URL of the access portal"),
  region: Flags.text("region", "REGION", "The region of the Identity Center instance"),
  accountId: Flag.withDescription(RoleFlags.accountId, "The account that the profile is for, by its twelve digits"),
  roleName: Flags.text("role-name", "NAME", "The role that the profile takes on"),
  defaultRegion: Flag.String("default-region").pipe(
    Flag.withMetavar("REGION"),
    Flag.withDescription("The region of what the profile works with"),
    Flag.filter(
      (region) => Questions.regionProblem(region) === undefined,
      (region) => `a region such as us-east-1, got ${region}`
    ),
    Flags.orUndefined
  ),
  replace: Flags.whenGiven("replace", "Replace what the sections have said so far without asking")
}

const sessionEdit = (kept: SharedConfig.Settings, name: string, { region, startUrl }: SsoSession.SsoSession) => {
  const hasScopes = SharedConfig.setting(kept, "sso_registration_scopes") !== undefined
  return {
    kind: "sso-session",
    name,
    settings: {
      sso_start_url: startUrl,
      sso_region: region,
      ...(hasScopes ? {} : { sso_registration_scopes: SsoSession.defaultScopes.join(",") })
    }
  } as const
}

const profileEdit = (
  kept: SharedConfig.Settings,
  { name, settings }: Questions.Profile,
  session: ReturnType<typeof sessionEdit>
): ConfigEdit.Edit => {
  const { sso_region, sso_start_url } = session.settings
  return {
    kind: "profile",
    name,
    settings: {
      sso_session: session.name,
      ...settings,
      // From before there were sessions: a profile that says otherwise than its session would have none
      ...(SharedConfig.setting(kept, "sso_start_url") === undefined ? {} : { sso_start_url }),
      ...(SharedConfig.setting(kept, "sso_region") === undefined ? {} : { sso_region })
    }
  }
}

const outcome = (profile: string, { isChanged, path }: ConfigFile.Outcome): string => {
  const quoted = /\s/.test(profile) ? `'${profile}'` : profile
  return [
    isChanged ? `Wrote the profile ${quoted} into ${path}` : `The profile ${quoted} is in ${path} already`,
    `To use it: aws sts get-caller-identity --profile ${quoted}`
  ].join("\n")
}

/** Whether a token is kept, and of this very portal. */
const isSignedIn = Effect.fnUntraced(function* (session: SsoSession.SsoSession) {
  const cache = yield* TokenCache
  // What cannot be read is replaced by a sign-in
  const kept = yield* Effect.catchReason(cache.get(session), "StoreError", "EntryCorrupt", () => Effect.succeedNone)
  return Option.exists(
    kept,
    // A start URL of one's own can lead to a portal in any region
    ({ region, startUrl }) =>
      startUrl === session.startUrl && (region === session.region || !VanityUrl.isAwsOwned(startUrl))
  )
})

/** The person's accounts, after a sign-in where one is needed. */
const findAccounts = Effect.fnUntraced(function* (session: SsoSession.SsoSession, flow: FlowFlags.Input) {
  const stderr = yield* Stderr
  const signIn = FlowFlags.login(session, flow).pipe(
    Effect.provide(Ask.layerTerminal),
    Effect.andThen(stderr.say(`Signed in to ${session.startUrl}.`))
  )
  const accounts = Assigned.accounts(session)
  const afterSignIn = Effect.andThen(signIn, accounts)
  // A session can have been ended elsewhere
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
  const lock = yield* FileLock.make()
  yield* lock(join(dirname(yield* cache.locate(session)), "config")).pipe(
    Effect.catchTag("StoreError", ({ message }) => Effect.logDebug(message))
  )
})

/** Asks for what a profile needs, signs in, and writes the profile into the config file. */
export const configure = Command.make(
  "configure",
  { ...flags, ...FlowFlags.flags },
  Effect.fnUntraced(function* (input) {
    const stderr = yield* Stderr
    const task = { ...input, shared: yield* SharedConfig.load, canAsk: yield* Ask.isPossible }
    const { name, session } = yield* Effect.provide(Questions.askSession(task), Ask.layerTerminal)
    // What cannot be written shall not cost a sign-in
    yield* Effect.fromResult(
      ConfigEdit.edit("", [
        sessionEdit({}, name, session),
        ...(input.profile === undefined ? [] : [{ kind: "profile", name: input.profile, settings: {} } as const])
      ])
    )

    // Nor shall a session that may not be changed lose its token to a sign-in at another portal
    const newSession = sessionEdit(Questions.sessionOf(task, name), name, session)
    yield* Effect.provide(Questions.confirm(task, Questions.sessionOf(task, name), newSession), Ask.layerTerminal)

    const profile = yield* Effect.flatMap(findAccounts(session, input), (accounts) =>
      Effect.provide(Questions.askProfile(task, session, accounts), Ask.layerTerminal)
    ).pipe(Effect.provide(SessionFlags.portal(input, session)))

    // A sign-in takes its time, in which the file can have been changed
    const now = { ...task, shared: yield* SharedConfig.load }
    const [keptSession, keptProfile] = [Questions.sessionOf(now, name), Questions.profileOf(now, profile.name)]
    const ofSession = sessionEdit(keptSession, name, session)
    const ofProfile = profileEdit(keptProfile, profile, ofSession)
    const isAnotherNow = !Equal.equals(keptSession, Questions.sessionOf(task, name))
    yield* Effect.provide(
      Effect.gen(function* () {
        if (isAnotherNow) yield* Questions.confirm(now, keptSession, ofSession)
        yield* Questions.confirm(now, keptProfile, ofProfile)
      }),
      Ask.layerTerminal
    )
    const written = yield* Effect.scoped(
      Effect.andThen(oneWriterAtATime(session), ConfigFile.edit([ofSession, ofProfile]))
    )
    yield* stderr.say(outcome(profile.name, written))
  })
).pipe(
  Command.validate((input) => FlowFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("Write a profile for an account and a role, which are chosen from a list"),
  Command.withExamples([
    { command: "effect-sso configure" },
    { command: "effect-sso configure --sso-session my-sso --profile dev", description: "One more profile of a session" }
  ])
)
