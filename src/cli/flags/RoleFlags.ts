/**
 * Which role a command is about: the flags, and what they come to.
 */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type { CredentialCache } from "../../store/CredentialCache.ts"
import * as RoleCredentials from "../../provider/RoleCredentials.ts"
import type * as SsoSession from "../../session/SsoSession.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import type * as ClientConfig from "../../wire/ClientConfig.ts"
import type { ConstructionFailure } from "../../wire/ClientError.ts"
import * as Flags from "./Flags.ts"
import * as SessionFlags from "./SessionFlags.ts"

/** The flag for an account: twelve digits. */
export const accountId = Flag.String("account-id").pipe(
  Flag.withMetavar("ID"),
  Flag.filter(
    (id) => /^\d{12}$/.test(id),
    (id) => `twelve digits, got ${id}`
  ),
  Flags.orUndefined
)

/** The flag for a role. */
export const roleName = Flags.text(
  "role-name",
  "NAME",
  "The role, by the name of its permission set; that of the profile by default"
)

/** The flags that every command about a role has. */
export const flags = {
  ...SessionFlags.flags,
  accountId: Flag.withDescription(accountId, "The AWS account, by its twelve digits; that of the profile by default"),
  roleName,
  cache: Flag.Boolean("cache").pipe(
    Flag.withDescription("Whether to keep the credentials in ~/.aws/cli/cache, as the AWS CLI does"),
    Flag.withDefault(true)
  )
}

/** What the flags can say. */
export interface Input extends SessionFlags.Input {
  readonly accountId: string | undefined
  readonly roleName: string | undefined
  readonly cache: boolean
}

/** Refuses flags that contradict each other, or do not say enough. */
export const check = (input: Input): Effect.Effect<void, CliError.ValidationError> => {
  const isComplete = input.accountId !== undefined && input.roleName !== undefined
  return Effect.andThen(
    SessionFlags.check(input),
    SessionFlags.isByProfile(input) || isComplete
      ? Effect.void
      : Effect.fail(
          new CliError.ValidationError({
            message: `${SessionFlags.chosenBy(input).join()} needs --account-id and --role-name: only a profile has them`
          })
        )
  )
}

/** The session and the role that the flags name; what they do not say, the profile does. */
export const resolve: (
  input: Input
) => Effect.Effect<
  { readonly session: SsoSession.SsoSession; readonly role: RoleCredentials.Role },
  RoleCredentials.ProfileFailure | ConstructionFailure,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function* (input) {
  const { accountId, roleName } = input
  if (accountId !== undefined && roleName !== undefined) {
    return { session: yield* SessionFlags.session(input), role: { accountId, roleName } }
  }
  return yield* RoleCredentials.fromProfile(input.profile, { accountId, roleName })
})

/** AWS tools renew what has less than this left, and would ask again at once. */
const renewAhead = "15 minutes"

/** The credentials of the role that the flags name. */
export const credentials = Effect.fnUntraced(function* (
  input: Input
): Effect.fn.Return<
  RoleCredentials.Credentials,
  RoleCredentials.ProfileFailure | RoleCredentials.Failure | ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache | CredentialCache
> {
  const { role, session } = yield* resolve(input)
  const layer = input.cache
    ? RoleCredentials.layerCached(session, role, { renewAhead })
    : RoleCredentials.layer(session, role, { renewAhead })
  return yield* RoleCredentials.RoleCredentials.use(({ credentials }) => credentials).pipe(
    Effect.provide(Layer.provide(layer, SessionFlags.portal(input, session)))
  )
})
