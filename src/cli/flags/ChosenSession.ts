/**
 * The session that the flags choose.
 */
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type { SessionError } from "../../session/SessionError.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import type { Input } from "./SessionInput.ts"

/** The session that the flags choose; without flags, the session of the default profile. */
export const find = ({
  profile,
  region,
  ssoSession,
  startUrl
}: Input): Effect.Effect<SsoSession.SsoSession, SessionError, FileSystem.FileSystem | Path.Path> => {
  if (startUrl !== undefined && region !== undefined) return SsoSession.make({ startUrl, region })
  return ssoSession === undefined ? SsoSession.fromProfile(profile) : SsoSession.fromSsoSession(ssoSession)
}
