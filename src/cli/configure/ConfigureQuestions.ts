/**
 * The questions of `effect-sso configure`. A flag answers a question, and so does the config file where nobody can be asked.
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

/** The values of the flags. */
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

/** The flags, the config file, and whether the user can be asked for the rest. */
export interface Task extends Input {
  readonly shared: SharedConfig.SharedConfig
  readonly canAsk: boolean
}

const none: SharedConfig.Settings = {}

/** The present settings of a profile. */
export const profileOf = ({ shared }: Task, name: string | undefined): SharedConfig.Settings =>
  name === undefined ? none : Option.getOrElse(SharedConfig.profile(shared, name), () => none)

/** The present settings of an `sso-session` section. */
export const sessionOf = ({ shared }: Task, name: string | undefined): SharedConfig.Settings =>
  name === undefined ? none : Option.getOrElse(SharedConfig.ssoSession(shared, name), () => none)

const nameProblem =
  (kind: ConfigEdit.Edit["kind"]) =>
  (name: string): string | undefined =>
    Result.isFailure(ConfigEdit.edit("", [{ kind, name, settings: {} }]))
      ? "use only letters, digits, spaces and _ - / . % @ : +"
      : undefined

/** What is wrong with a region, if anything is. */
export const regionProblem = (region: string): string | undefined =>
  Result.isFailure(Endpoint.resolve({ service: "sso-oidc", region })) ? "enter a region such as us-east-1" : undefined

const isStartUrl = Schema.is(StartUrl)

const startUrlProblem = (url: string): string | undefined =>
  isStartUrl(url) && !/\s/.test(url) ? undefined : "enter a URL such as https://example.awsapps.com/start"

/** The name of an existing session, or of a new one. */
const askName = Effect.fnUntraced(function* (task: Task) {
  const names = Object.keys(task.shared.ssoSessions)
  const known =
    names.length === 0
      ? undefined
      : yield* Ask.choose<string | undefined>({
          message: "Session",
          choices: [
            ...names.map((name) => ({ title: name, value: name })),
            { title: "(new session)", value: undefined }
          ]
        })
  return known ?? (yield* Ask.text({ message: "Session name", problem: nameProblem("sso-session") }))
})

/** The session of the profile. */
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
    const configured = SharedConfig.setting(kept, key)
    if (given !== undefined) return given
    const isAnswered = configured !== undefined && problem(configured) === undefined
    return isAnswered || !canAsk ? configured : yield* Ask.text({ message, suggestion: configured, problem })
  })
  const startUrl = yield* answer(task.startUrl, "sso_start_url", "Start URL", startUrlProblem)
  const region = yield* answer(task.region, "sso_region", "Region of IAM Identity Center", regionProblem)
  if (name === undefined || startUrl === undefined || region === undefined) {
    const answers = { "--sso-session": name, "--start-url": startUrl, "--region": region }
    const missing = Object.entries(answers).filter(([, answer]) => answer === undefined)
    return yield* new AnswerMissing({ flags: missing.map(([flag]) => flag) })
  }
  const session = yield* SsoSession.make({ name, startUrl, region })
  // The other settings of the section apply to the sign-in too
  const configured = yield* Effect.option(SsoSession.fromSsoSession(name))
  return {
    name,
    session: Option.match(configured, {
      onNone: () => session,
      onSome: (configured) => new SsoSession.SsoSession({ ...configured, startUrl, region })
    })
  }
})

/** One of the assigned accounts or roles: the wanted one, the only one, or the one that the user chooses. */
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
  // Where the user cannot be asked, the profile answers
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

/** A profile to write. */
export interface Profile {
  readonly name: string
  /** The account, the role and, optionally, the default region. */
  readonly settings: Readonly<Record<string, string>>
}

/** The account, the role, the region and the name of the profile. */
export const askProfile = Effect.fnUntraced(function* (task: Task, accounts: ReadonlyArray<AccountInfo>) {
  const { canAsk } = task
  const given = profileOf(task, task.profile)
  const { accountId } = yield* pick(task, {
    what: "account",
    flag: "--account-id",
    where: "at this access portal",
    wanted: task.accountId,
    suggested: SharedConfig.setting(given, "sso_account_id"),
    items: accounts,
    keyOf: ({ accountId }) => accountId,
    titles: accountTitles(accounts)
  })
  const roles = yield* Assigned.rolesIn({ accountId })
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
  // Names of roles can have characters that names of profiles cannot have
  const suggestion = `${roleName}-${accountId}`.replaceAll(/[^\w\-/.%@:+]/g, "-")
  const name =
    task.profile ??
    (canAsk ? yield* Ask.text({ message: "Profile name", suggestion, problem: nameProblem("profile") }) : suggestion)
  const keptRegion = SharedConfig.setting(profileOf(task, name), "region")
  const emptyProblem =
    keptRegion === undefined ? undefined : "to remove the region, delete its line from the config file"
  const region =
    task.defaultRegion ??
    (canAsk
      ? yield* Ask.text({
          message: keptRegion === undefined ? "Default region (optional)" : "Default region",
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

/** Shows which settings of a section would change, and asks for a yes. */
export const confirm = Effect.fnUntraced(function* (
  { canAsk, replace }: Task,
  kept: SharedConfig.Settings,
  { kind, name, settings }: ConfigEdit.Edit
) {
  const stderr = yield* Stderr
  const changes = Object.entries(settings).filter(([key, value]) => kept[key] !== value)
  const replaces = changes.some(([key]) => SharedConfig.setting(kept, key) !== undefined)
  // Completing a session changes nothing; any change of a profile can be unwanted
  const isOthers = kind === "profile" ? Object.keys(kept).length > 0 && changes.length > 0 : replaces
  if (!isOthers) return
  const header = name === "default" && kind === "profile" ? "[default]" : `[${kind} ${name}]`
  const others = Object.keys(kept).filter((key) => !(key in settings))
  const lines = [
    `${header} exists. These settings would change:`,
    ...changes.map(
      ([key, value]) => `  ${key}: ${oneLine(SharedConfig.setting(kept, key) ?? "(none)")} -> ${oneLine(value)}`
    ),
    ...(others.length === 0 ? [] : [`These settings would stay: ${others.join(", ")}`])
  ]
  yield* stderr.say(lines.join("\n"))
  if (replace) return
  if (!canAsk) return yield* new AnswerMissing({ flags: ["--replace"] })
  if (yield* Ask.confirm(`Change ${header}?`)) return
  return yield* new Declined({ flag: kind === "profile" ? "--profile" : "--sso-session" })
})
