/**
 * The account, the role, the region and the name of a profile: from the flags, from the portal, or from the user.
 */
import type * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as SharedConfig from "../../config/SharedConfig.ts"
import type { AccountInfo } from "../../operation/ListAccounts.ts"
import * as Assigned from "../commands/Assigned.ts"
import * as Ask from "../terminal/Ask.ts"
import { Stderr } from "../terminal/Stderr.ts"
import * as Table from "../terminal/Table.ts"
import { AnswerMissing, NotAssigned } from "./ConfigureFailure.ts"
import { profileOf, type Task } from "./ConfigureTask.ts"
import { nameProblem, regionProblem } from "./Problems.ts"

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
  // Where the user cannot be asked, the value of the profile is used
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
  const presentRegion = SharedConfig.setting(profileOf(task, name), "region")
  const emptyProblem =
    presentRegion === undefined ? undefined : "to remove the region, delete its line from the config file"
  const region =
    task.defaultRegion ??
    (canAsk
      ? yield* Ask.text({
          message: presentRegion === undefined ? "Default region (optional)" : "Default region",
          suggestion: presentRegion,
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
