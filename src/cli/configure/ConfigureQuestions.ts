/**
 * What `effect-sso configure` asks for: each answer is the flag's, else the person's, else what the config file says.
 */
import type * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ConfigEdit from "../../config/ConfigEdit.ts"
import * as SharedConfig from "../../config/SharedConfig.ts"
import type { AccountInfo } from "../../operation/ListAccounts.ts"
import { StartUrl } from "../../operation/StartUrl.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import * as Endpoint from "../../wire/Endpoint.ts"
import * as Ask from "../terminal/Ask.ts"
import * as Assigned from "../commands/Assigned.ts"
import { AnswerMissing, Declined, NotAssigned } from "./ConfigureFailure.ts"
import { oneLine } from "../terminal/SafeText.ts"
import { Stderr } from "../terminal/Stderr.ts"
import * as Table from "../terminal/Table.ts"

/** What the flags can say. */
export interface Input {
  readonly profile: string | undefined
  readonly ssoSession: string | undefined
  readonly startUrl: string | undefined
  readonly region: string | undefined
  readonly accountId: string | undefined
  readonly roleName: string | undefined
  readonly defaultRegion: string | undefined
  readonly replace: boolean
}

/** What the flags say, what the file says, and whether anybody can be asked for the rest. */
export interface Task extends Input {
  readonly shared: SharedConfig.SharedConfig
  readonly canAsk: boolean
}

const none: SharedConfig.Settings = {}

/** What a profile says so far. */
export const profileOf = ({ shared }: Task, name: string | undefined): SharedConfig.Settings =>
  name === undefined ? none : Option.getOrElse(SharedConfig.profile(shared, name), () => none)

/** What an `sso-session` section says so far. */
export const sessionOf = ({ shared }: Task, name: string | undefined): SharedConfig.Settings =>
  name === undefined ? none : Option.getOrElse(SharedConfig.ssoSession(shared, name), () => none)

const nameProblem =
  (kind: ConfigEdit.Edit["kind"]) =>
  (name: string): string | undefined =>
    Result.isFailure(ConfigEdit.edit("", [{ kind, name, settings: {} }]))
      ? "letters, digits, spaces and _ - / . % @ : + are allowed"
      : undefined

/** Why a text is no region, where it is none. */
export const regionProblem = (region: string): string | undefined =>
  Result.isFailure(Endpoint.resolve({ service: "sso-oidc", region }))
    ? "a region such as us-east-1 is expected"
    : undefined

const isStartUrl = Schema.is(StartUrl)

const startUrlProblem = (url: string): string | undefined =>
  isStartUrl(url) && !/\s/.test(url) ? undefined : "a URL such as https://example.awsapps.com/start is expected"

/** The name of a session that is there, or of a new one. */
const askName = Effect.fnUntraced(function* (task: Task) {
  const names = Object.keys(task.shared.ssoSessions)
  const known =
    names.length === 0
      ? undefined
      : yield* Ask.choose<string | undefined>({
          message: "Session",
          choices: [...names.map((name) => ({ title: name, value: name })), { title: "a new one", value: undefined }]
        })
  return known ?? (yield* Ask.text({ message: "Name of the session", problem: nameProblem("sso-session") }))
})

/** The session as it shall be. */
export const askSession = Effect.fnUntraced(function* (task: Task) {
  const { canAsk, profile } = task
  const ofProfile = SharedConfig.setting(profileOf(task, profile), "sso_session")
  const name = task.ssoSession ?? ofProfile ?? (canAsk ? yield* askName(task) : undefined)
  const kept = sessionOf(task, name)
  const answer = Effect.fnUntraced(function* (
    given: string | undefined,
    key: string,
    message: string,
    problem: (answer: string) => string | undefined
  ) {
    const suggestion = SharedConfig.setting(kept, key)
    return given ?? (canAsk ? yield* Ask.text({ message, suggestion, problem }) : suggestion)
  })
  const startUrl = yield* answer(task.startUrl, "sso_start_url", "Start URL", startUrlProblem)
  const region = yield* answer(task.region, "sso_region", "Region of the Identity Center", regionProblem)
  if (name === undefined || startUrl === undefined || region === undefined) {
    const answers = { "--sso-session": name, "--start-url": startUrl, "--region": region }
    const missing = Object.entries(answers).filter(([, answer]) => answer === undefined)
    return yield* new AnswerMissing({ flags: missing.map(([flag]) => flag) })
  }
  const session = yield* SsoSession.make({ name, startUrl, region })
  // What else its section says goes for the sign-in too
  const configured = yield* Effect.option(SsoSession.fromSsoSession(name))
  return {
    name,
    session: Option.match(configured, {
      onNone: () => session,
      onSome: (configured) => new SsoSession.SsoSession({ ...configured, startUrl, region })
    })
  }
})

/** One of those that are assigned: the one that was asked for, the only one, or what the person chooses. */
const pick = Effect.fnUntraced(function* <A>(
  { canAsk }: Task,
  options: {
    readonly what: "account" | "role"
    readonly flag: string
    readonly where: string
    readonly wanted: string | undefined
    readonly suggested: string | undefined
    readonly items: ReadonlyArray<A>
    readonly keyOf: (item: A) => string
    /** How the items are shown, in their order. */
    readonly titles: ReadonlyArray<string>
  }
): Effect.fn.Return<A, AnswerMissing | NotAssigned, Prompt.Environment | Stderr> {
  const { flag, items, keyOf, suggested, titles, what, where } = options
  // What the profile says is an answer where nobody can give another
  const wanted = options.wanted ?? (canAsk ? undefined : suggested)
  const stderr = yield* Stderr
  const found = items.find((item) => keyOf(item) === wanted)
  if (found !== undefined) return found
  const [only] = items
  if (wanted !== undefined || only === undefined) {
    return yield* new NotAssigned({
      what,
      where,
      assigned: items.map(keyOf),
      ...(wanted === undefined ? {} : { wanted })
    })
  }
  if (items.length === 1) {
    yield* stderr.say(`The only ${what} ${where}: ${titles[0] ?? ""}`)
    return only
  }
  if (!canAsk) {
    return yield* new AnswerMissing({ flags: [flag], choices: items.map(keyOf) })
  }
  return yield* Ask.choose({
    message: what === "account" ? "Account" : "Role",
    choices: items.map((value, index) => ({ title: titles[index] ?? "", value })),
    isSuggested: (item) => keyOf(item) === suggested
  })
})

/** Account ID, name and email address, in columns. */
const accountTitles = (accounts: ReadonlyArray<AccountInfo>): ReadonlyArray<string> =>
  Table.align(
    accounts.map(({ accountId, accountName = "", emailAddress = "" }) => [accountId, accountName, emailAddress])
  )

/** What is asked for a profile. */
export interface Profile {
  readonly name: string
  /** Account, role and, where there is a default one, region. */
  readonly settings: Readonly<Record<string, string>>
}

/** What the profile shall say of account, role and region, and its name. */
export const askProfile = Effect.fnUntraced(function* (
  task: Task,
  session: SsoSession.SsoSession,
  accounts: ReadonlyArray<AccountInfo>
) {
  const { canAsk } = task
  const given = profileOf(task, task.profile)
  const { accountId } = yield* pick(task, {
    what: "account",
    flag: "--account-id",
    where: "at this portal",
    wanted: task.accountId,
    suggested: SharedConfig.setting(given, "sso_account_id"),
    items: accounts,
    keyOf: ({ accountId }) => accountId,
    titles: accountTitles(accounts)
  })
  const roles = yield* Assigned.rolesIn(session, { accountId })
  const { roleName } = yield* pick(task, {
    what: "role",
    flag: "--role-name",
    where: `in account ${accountId}`,
    wanted: task.roleName,
    suggested: SharedConfig.setting(given, "sso_role_name"),
    items: roles,
    keyOf: ({ roleName }) => roleName,
    titles: roles.map(({ roleName }) => roleName)
  })
  // Names of roles can have what names of profiles cannot
  const suggestion = `${roleName}-${accountId}`.replaceAll(/[^\w\-/.%@:+]/g, "-")
  const name =
    task.profile ??
    (canAsk
      ? yield* Ask.text({ message: "Name of the profile", suggestion, problem: nameProblem("profile") })
      : suggestion)
  const keptRegion = SharedConfig.setting(profileOf(task, name), "region")
  const emptyProblem =
    keptRegion === undefined ? undefined : "to have none, remove the line from the file; here it stays or is replaced"
  const region =
    task.defaultRegion ??
    (canAsk
      ? yield* Ask.text({
          message: keptRegion === undefined ? "Default region, or nothing" : "Default region",
          suggestion: keptRegion,
          problem: (region) => (region === "" ? emptyProblem : regionProblem(region))
        })
      : "")
  return {
    name,
    settings: {
      sso_account_id: accountId,
      sso_role_name: roleName,
      ...(region === "" ? {} : { region })
    }
  }
})

/** Shows what a section says otherwise, and asks whether that shall be replaced. */
export const confirm = Effect.fnUntraced(function* (
  { canAsk, replace }: Task,
  kept: SharedConfig.Settings,
  { kind, name, settings }: ConfigEdit.Edit
) {
  const stderr = yield* Stderr
  const changes = Object.entries(settings).filter(([key, value]) => kept[key] !== value)
  const replaces = changes.some(([key]) => SharedConfig.setting(kept, key) !== undefined)
  // A session that only lacked something is completed; a profile may be another one's business
  const isOthers = kind === "profile" ? Object.keys(kept).length > 0 && changes.length > 0 : replaces
  if (!isOthers) return
  const header = name === "default" && kind === "profile" ? "[default]" : `[${kind} ${name}]`
  const others = Object.keys(kept).filter((key) => !(key in settings))
  const lines = [
    `${header} is there already. This would change:`,
    ...changes.map(
      ([key, value]) => `  ${key}: ${oneLine(SharedConfig.setting(kept, key) ?? "(none)")} -> ${oneLine(value)}`
    ),
    ...(others.length === 0 ? [] : [`This would stay: ${others.join(", ")}`])
  ]
  yield* stderr.say(lines.join("\n"))
  if (replace) return
  if (!canAsk) return yield* new AnswerMissing({ flags: ["--replace"] })
  if (yield* Ask.confirm(`Change ${header}?`)) return
  return yield* new Declined({ flag: kind === "profile" ? "--profile" : "--sso-session" })
})
