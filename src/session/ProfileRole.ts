/**
 * The role of a profile: `sso_account_id` and `sso_role_name`.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as SharedConfig from "../config/SharedConfig.ts"
import { SessionError, SessionIncomplete } from "./SessionError.ts"
import * as SsoSession from "./SsoSession.ts"

/** A role, and the session that obtains its credentials. */
export interface ProfileRole {
  readonly session: SsoSession.SsoSession
  readonly role: { readonly accountId: string; readonly roleName: string }
}

/** Values that replace settings of the profile. */
interface Overrides {
  readonly accountId?: string | undefined
  readonly roleName?: string | undefined
}

/** Loads the session and the role of a profile. The overrides replace its account or its role. */
export const fromProfile: (
  name?: string,
  overrides?: Overrides
) => Effect.Effect<ProfileRole, SessionError, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(
  function* (name, overrides) {
    const rejected = Effect.mapError((reason: SessionError["reason"]) => new SessionError({ reason }))
    const chosen = name ?? (yield* rejected(SharedConfig.chosenProfile))
    const shared = yield* rejected(SharedConfig.load)
    const session = yield* Effect.fromResult(SsoSession.inProfile(shared, chosen))
    const settings = Option.getOrElse(SharedConfig.profile(shared, chosen), (): SharedConfig.Settings => ({}))
    const accountId = overrides?.accountId ?? settings["sso_account_id"] ?? ""
    const roleName = overrides?.roleName ?? settings["sso_role_name"] ?? ""
    const missing = [
      ...(accountId === "" ? (["sso_account_id"] as const) : []),
      ...(roleName === "" ? (["sso_role_name"] as const) : [])
    ]
    if (missing.length > 0) {
      return yield* new SessionError({ reason: new SessionIncomplete({ section: "profile", name: chosen, missing }) })
    }
    return { session, role: { accountId, roleName } }
  }
)
