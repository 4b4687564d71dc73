/**
 * The session and the role that the flags choose.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as ProfileRole from "../../session/ProfileRole.ts"
import type { SessionError } from "../../session/SessionError.ts"
import * as ChosenSession from "./ChosenSession.ts"
import type { Input } from "./RoleInput.ts"

/** The session and the role that the flags choose, completed from the profile. */
export const find = (
  input: Input
): Effect.Effect<ProfileRole.ProfileRole, SessionError, FileSystem.FileSystem | Path.Path> => {
  const { accountId, profile, roleName } = input
  return accountId !== undefined && roleName !== undefined
    ? Effect.map(ChosenSession.find(input), (session) => ({ session, role: { accountId, roleName } }))
    : ProfileRole.fromProfile(profile, { accountId, roleName })
}
