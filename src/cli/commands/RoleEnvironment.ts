/**
 * The environment variables that give another program the credentials of a role, and the variables that would mislead it.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Environment variables".
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import type * as CredentialFormat from "./CredentialFormat.ts"

/** How an environment changes. */
export interface Changes {
  readonly set: Readonly<Record<string, string>>
  readonly unset: ReadonlyArray<string>
}

type Environment = Readonly<Record<string, string | undefined>>

/** With these variables, a program would use other credentials, or the account of other credentials. */
const misleading = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_ACCOUNT_ID"]

/** Not all tools read both. */
const regionVariables = ["AWS_REGION", "AWS_DEFAULT_REGION"]

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ""

/**
 * How an environment changes for credentials. A region of the environment stays, and completes the other variable; else
 * both become the region of the profile, which the program cannot find without `AWS_PROFILE`.
 */
export const changes = (
  { AccessKeyId, AccountId, Expiration, SecretAccessKey, SessionToken }: CredentialFormat.Plain,
  profileRegion: string | undefined,
  environment: Environment
): Changes => {
  const region = [...regionVariables.map((name) => environment[name]), profileRegion].find(isSet)
  const set = {
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
    AWS_CREDENTIAL_EXPIRATION: Expiration,
    ...(AccountId === undefined ? {} : { AWS_ACCOUNT_ID: AccountId }),
    ...(region === undefined
      ? {}
      : Object.fromEntries(
          regionVariables.map((name) => {
            const own = environment[name]
            return [name, isSet(own) ? own : region]
          })
        ))
  }
  return { set, unset: misleading.filter((name) => !(name in set)) }
}

/** The environment after the changes. */
export const apply = (environment: Environment, { set, unset }: Changes): Environment => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !unset.includes(name))),
  ...set
})

/** The region of the profile that the flags choose. */
const profileRegion = Effect.fnUntraced(function* (
  input: SessionFlags.Input
): Effect.fn.Return<
  string | undefined,
  SharedConfig.ConfigParseError | SharedConfig.ConfigReadError | Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> {
  if (!SessionFlags.isByProfile(input)) return undefined
  const shared = yield* SharedConfig.load
  const settings = SharedConfig.profile(shared, input.profile ?? (yield* SharedConfig.chosenProfile))
  return Option.getOrUndefined(settings)?.region
})

/** How the environment of this process changes for the credentials of the role that the flags choose. */
export const forRole = (credentials: CredentialFormat.Plain, input: SessionFlags.Input) =>
  Effect.map(profileRegion(input), (region) => changes(credentials, region, process.env))

/** Logs which variables change, without their values. */
export const log = ({ set, unset }: Changes): Effect.Effect<void> =>
  Effect.logDebug(`variables set: ${Object.keys(set).join(", ")}; removed: ${unset.join(", ")}`)
