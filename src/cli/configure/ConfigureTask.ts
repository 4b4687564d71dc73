/**
 * What `effect-sso configure` has to do: the flags and the config file.
 */
import * as Option from "effect/Option"
import * as SharedConfig from "../../config/SharedConfig.ts"

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
