/**
 * The flags that choose a role, as data, and the combinations that are invalid.
 */
import type { SwitchFlag, TextFlag } from "./FlagTable.ts"
import * as SessionInput from "./SessionInput.ts"

export const accountId: TextFlag = {
  name: "account-id",
  metavar: "ID",
  description: "The ID of the AWS account (default: sso_account_id of the profile)",
  accepted: { pattern: /^\d{12}$/, expected: "12 digits, such as 111122223333" }
}

export const roleName: TextFlag = {
  name: "role-name",
  metavar: "NAME",
  description: "The name of the role (default: sso_role_name of the profile)"
}

export const noCache: SwitchFlag = {
  name: "no-cache",
  description: "Do not read or write cached credentials (~/.aws/cli/cache)"
}

/** The values of the flags. */
export interface Input extends SessionInput.Input {
  readonly accountId: string | undefined
  readonly roleName: string | undefined
  readonly noCache: boolean
}

/** What is wrong with the flags, if they contradict each other or do not choose a role. */
export const problem = (input: Input): string | undefined => {
  const isComplete = input.accountId !== undefined && input.roleName !== undefined
  return (
    SessionInput.problem(input) ??
    (SessionInput.isByProfile(input) || isComplete
      ? undefined
      : `${SessionInput.chosenBy(input).join()} needs --account-id and --role-name: only a profile has a role`)
  )
}
