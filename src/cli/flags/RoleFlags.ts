/**
 * The flags that choose a role, and the credentials of the role.
 */
import type * as CliError from "effect/cli/CliError"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import { CredentialCache } from "../../store/CredentialCache.ts"
import * as SsoStore from "../../store/SsoStore.ts"
import * as RoleCredentials from "../../provider/RoleCredentials.ts"
import type { ProfileRole } from "../../session/ProfileRole.ts"
import type { SessionError } from "../../session/SessionError.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import type * as ClientConfig from "../../wire/ClientConfig.ts"
import { refreshFirst } from "../commands/Freshness.ts"
import * as ChosenRole from "./ChosenRole.ts"
import * as Flags from "./Flags.ts"
import * as RoleInput from "./RoleInput.ts"
import type { Input } from "./RoleInput.ts"
import * as SessionFlags from "./SessionFlags.ts"

/** The flag for an account. */
export const accountId = Flags.ofText(RoleInput.accountId)

/** The flag for a role. */
export const roleName = Flags.ofText(RoleInput.roleName)

/** The flags of every command that uses a role. */
export const flags = { ...SessionFlags.flags, accountId, roleName, noCache: Flags.ofSwitch(RoleInput.noCache) }

export type { Input } from "./RoleInput.ts"

/** Refuses flags that contradict each other, or that do not choose a role. */
export const check = (input: Input): Effect.Effect<void, CliError.ValidationError> =>
  Flags.refuse(RoleInput.problem(input))

/** The session and the role that the flags choose, completed from the profile. */
export const resolve = (input: Input): Effect.Effect<ProfileRole, SessionError, FileSystem.FileSystem | Path.Path> =>
  Effect.tap(ChosenRole.find(input), ({ session }) => SessionFlags.logChoice(session, input))

/** The credentials of the role that the flags choose. */
export const credentials = Effect.fnUntraced(function* (
  input: Input
): Effect.fn.Return<
  RoleCredentials.Credentials,
  SessionError | RoleCredentials.CredentialsError | ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache | CredentialCache
> {
  const { role, session } = yield* resolve(input)
  const source = input.noCache ? "the portal" : "the cache or the portal"
  yield* Effect.logDebug(`role ${role.roleName} in account ${role.accountId}: credentials from ${source}`)
  const given = Layer.effect(CredentialCache, CredentialCache)
  const cache = input.noCache ? Layer.provide(given, SsoStore.layerMemory()) : given
  const layer = RoleCredentials.layer(role, { refreshAhead: refreshFirst }).pipe(Layer.provide(cache))
  const credentials = yield* RoleCredentials.RoleCredentials.use(({ credentials }) => credentials).pipe(
    Effect.provide(Layer.provide(layer, SessionFlags.portal(input, session)))
  )
  yield* Effect.logDebug(`the credentials expire at ${DateTime.formatIso(credentials.expiration)}`)
  // Credentials that another tool has cached can lack it
  return { ...credentials, accountId: role.accountId }
})
