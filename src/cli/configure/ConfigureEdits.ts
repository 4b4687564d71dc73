/**
 * The sections that `effect-sso configure` writes.
 */
import type * as ConfigEdit from "../../config/ConfigEdit.ts"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import type { Profile } from "./AskProfile.ts"

/** Adds the settings of the session to those of its section. */
export const sessionEdit = (
  present: SharedConfig.Settings,
  name: string,
  { region, startUrl }: SsoSession.SsoSession
) => {
  const hasScopes = SharedConfig.setting(present, "sso_registration_scopes") !== undefined
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

/** Adds the session and the role to the settings of the profile. */
export const profileEdit = (
  present: SharedConfig.Settings,
  { name, settings }: Profile,
  session: ReturnType<typeof sessionEdit>
): ConfigEdit.Edit => {
  const { sso_region, sso_start_url } = session.settings
  return {
    kind: "profile",
    name,
    settings: {
      sso_session: session.name,
      ...settings,
      // Settings from before there were sso-session sections: they must not contradict the session
      ...(SharedConfig.setting(present, "sso_start_url") === undefined ? {} : { sso_start_url }),
      ...(SharedConfig.setting(present, "sso_region") === undefined ? {} : { sso_region })
    }
  }
}
