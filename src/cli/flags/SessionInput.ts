/**
 * The flags that choose a session, as data, and the combinations that are invalid.
 */
import type { TextFlag } from "./FlagTable.ts"

export const profile: TextFlag = {
  name: "profile",
  metavar: "NAME",
  description: 'Use the session of this profile (default: AWS_PROFILE, or else "default")'
}

export const ssoSession: TextFlag = {
  name: "sso-session",
  metavar: "NAME",
  description: "Use the session of this [sso-session] section"
}

export const startUrl: TextFlag = {
  name: "start-url",
  metavar: "URL",
  description: "Use the access portal at this URL, without a config file; needs --region"
}

export const region: TextFlag = {
  name: "region",
  metavar: "REGION",
  description: "The AWS Region of the IAM Identity Center instance at --start-url"
}

/** The values of the flags. */
export interface Input {
  readonly profile: string | undefined
  readonly ssoSession: string | undefined
  readonly startUrl: string | undefined
  readonly region: string | undefined
}

/** The names of the given flags that choose a session. */
export const chosenBy = ({ profile, ssoSession, startUrl }: Input): ReadonlyArray<string> =>
  Object.entries({ "--profile": profile, "--sso-session": ssoSession, "--start-url": startUrl }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [flag])
  )

/** The given flags with their values, as a user would type them again. */
export const given = ({ profile, region, ssoSession, startUrl }: Input): ReadonlyArray<string> =>
  Object.entries({
    "--profile": profile,
    "--sso-session": ssoSession,
    "--start-url": startUrl,
    "--region": region
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]))

/** Whether the session is that of a profile, named or not. */
export const isByProfile = ({ ssoSession, startUrl }: Input): boolean =>
  ssoSession === undefined && startUrl === undefined

/** What is wrong with the flags, if they contradict each other. */
export const problem = (input: Input): string | undefined => {
  const chosen = chosenBy(input)
  if (chosen.length > 1) return `${chosen.join(" and ")} choose different sessions: specify only one`
  if (input.startUrl !== undefined && input.region === undefined) {
    return "--start-url needs --region: the AWS Region of the IAM Identity Center instance, such as us-east-1"
  }
  if (input.startUrl === undefined && input.region !== undefined) {
    return "--region needs --start-url: a profile or an sso-session has its region in the config file (sso_region)"
  }
  return undefined
}
