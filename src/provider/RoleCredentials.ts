/**
 * Obtains the AWS credentials of a role, caches them, and obtains new ones ahead of their expiration.
 *
 * **When to use**
 *
 * Provide `layer` on top of a `TokenProvider`, or `NodeSso.layerProfile` to a program that runs on a profile. Both
 * provide `AwsCredentials` too, so that `createTokenWithIAM` and the AWS SDK run on them.
 *
 * **Details**
 *
 * Credentials with more than 5 minutes left come from memory. With less, new ones are obtained first: one call for all
 * callers, and for all processes that share the `CredentialCache`. Where that fails, the old ones are served while they
 * are valid, and a warning is logged. A token that the portal rejects is refreshed once; after that, the call fails with
 * `LoginRequired`.
 *
 * **Example** (Credentials of the default profile)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { RoleCredentials } from "effect-aws-sso"
 * import { NodeSso } from "effect-aws-sso/node"
 *
 * const program = Effect.gen(function*() {
 *   const { credentials } = yield* RoleCredentials.RoleCredentials
 *   const { accessKeyId, expiration } = yield* credentials
 *   yield* Effect.log(accessKeyId, expiration)
 * }).pipe(Effect.provide(NodeSso.layerProfile()))
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as PortalExceptions from "../operation/PortalExceptions.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import * as SsoPortal from "../service/SsoPortal.ts"
import { type Credentials, fromOutput } from "../session/Credentials.ts"
import * as ProfileRole from "../session/ProfileRole.ts"
import type { SessionError } from "../session/SessionError.ts"
import type * as SsoSession from "../session/SsoSession.ts"
import { CredentialCache, type Role } from "../store/CredentialCache.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import { AwsCredentials } from "../wire/AwsCredentials.ts"
import type * as ClientConfig from "../wire/ClientConfig.ts"
import * as ClientError from "../wire/ClientError.ts"
import * as RetryPolicy from "../wire/RetryPolicy.ts"
import * as Refresh from "./Refresh.ts"
import * as Refresher from "./Refresher.ts"
import type { TokenError } from "./TokenError.ts"
import * as TokenProvider from "./TokenProvider.ts"

export type { Role } from "../store/CredentialCache.ts"
export type { Credentials } from "../session/Credentials.ts"

/**
 * The portal gave no credentials, and there are none that are still valid.
 *
 * **Details**
 *
 * A role that is not assigned to the user is an `UnhandledServiceError` with the code `ForbiddenException`.
 *
 * @category errors
 * @since 0.2.0
 */
export class CredentialsUnavailable extends Schema.TaggedError<CredentialsUnavailable>()("CredentialsUnavailable", {
  /** What `GetRoleCredentials` failed with. */
  reason: Schema.Union([...PortalExceptions.all, ...ClientError.all]),
  accountId: Schema.String,
  roleName: Schema.String
}) {
  override get message(): string {
    return `the credentials of ${this.roleName} in ${this.accountId} could not be obtained: ${this.reason.message}`
  }
}

/**
 * Why there are no credentials: the errors of the `TokenProvider`, and `CredentialsUnavailable`.
 *
 * @category errors
 * @since 0.2.0
 */
export type CredentialsError = TokenError | CredentialsUnavailable

/**
 * The credentials of one role.
 *
 * @category services
 * @since 0.1.0
 */
export class RoleCredentials extends Context.Service<
  RoleCredentials,
  {
    readonly role: Role
    /** Valid credentials. Read them at each use, and do not keep them. */
    readonly credentials: Effect.Effect<Credentials, CredentialsError>
  }
>()("effect-aws-sso/RoleCredentials") {}

/**
 * When credentials are obtained again.
 *
 * @category models
 * @since 0.2.0
 */
export interface RoleCredentialsOptions {
  /**
   * With less than this left, new credentials are obtained before any are served. 5 minutes by default. Choose less than
   * their lifetime, which is one hour unless the permission set says otherwise.
   */
  readonly refreshAhead?: Duration.Input | undefined
}

/**
 * Makes a provider of the credentials of one role.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  { accountId, roleName }: Role,
  options?: RoleCredentialsOptions
): Effect.fn.Return<
  RoleCredentials["Service"],
  never,
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | CredentialCache | Scope.Scope
> {
  const role = { accountId, roleName }
  const provider = yield* TokenProvider.TokenProvider
  const portal = yield* SsoPortal.SsoPortal
  const cache = yield* CredentialCache
  const { session } = provider
  const refreshAhead = options?.refreshAhead ?? "5 minutes"
  const policy = Refresher.policy({ refreshAhead, refreshFirst: refreshAhead, minInterval: "30 seconds" })

  const unavailable = (reason: PortalExceptions.SsoPortalException | ClientError.ClientError) =>
    Effect.fail(new CredentialsUnavailable({ reason, accountId, roleName }))

  /** One call to the portal. */
  const obtain: Effect.Effect<Credentials, CredentialsError> = TokenProvider.withToken(({ accessToken }) =>
    SsoPortal.getRoleCredentials({ accessToken, accountId, roleName })
  ).pipe(
    Effect.map((output) => fromOutput(output, accountId)),
    Effect.catchTags({
      InvalidRequestException: unavailable,
      ResourceNotFoundException: unavailable,
      TooManyRequestsException: unavailable,
      ConstructionFailure: unavailable,
      CallTimeout: unavailable,
      DispatchFailure: unavailable,
      ResponseError: unavailable,
      UnhandledServiceError: unavailable
    }),
    Effect.provideService(TokenProvider.TokenProvider, provider),
    Effect.provideService(SsoPortal.SsoPortal, portal)
  )

  // A cache that fails costs a call, and no more
  const goOn = ({ message }: { readonly message: string }) =>
    Effect.logWarning(`the credentials of ${roleName} in ${accountId} are not cached: ${message}`)

  const read = Effect.gen(function* () {
    const generation = yield* cache.generation(session)
    const stored = yield* Effect.orElseSucceed(cache.get(session, role), Option.none<Credentials>)
    if (Option.isSome(stored)) yield* refresher.adopt(stored, generation)
    return stored
  })

  /** What another process has obtained meanwhile, else what the portal gives. */
  const obtainUnderLease = Effect.fnUntraced(function* (seen: Option.Option<Credentials>, generation: number) {
    const now = yield* Clock.currentTimeMillis
    const valid = Option.filter(seen, (seen) => held(seen).expiresAt > now)
    const mayAttempt = yield* Refresher.leaseFor({
      isValid: Option.isSome(valid),
      lastAttempt: cache.lastAttempt(session, role),
      acquire: cache.acquireLease(session, role),
      policy
    }).pipe(
      Effect.map(Option.isSome),
      Effect.catch((error) => Effect.as(goOn(error), true))
    )
    if (Option.isSome(valid) && !mayAttempt) return valid.value
    const stored = yield* read
    const facts = Refresh.observeUnderLease({
      stored: Option.getOrUndefined(Option.map(stored, held)),
      isSeen: Option.exists(stored, (stored) => Option.exists(seen, (seen) => isSame(stored, seen))),
      wasRejected: false,
      now: yield* Clock.currentTimeMillis,
      policy
    })
    if (Option.isSome(stored) && Refresh.decideUnderLease(facts) === "Use") return stored.value
    yield* cache.recordAttempt(session, role)
    const credentials = yield* Option.isSome(valid)
      ? Effect.provideService(obtain, RetryPolicy.Override, RetryPolicy.none)
      : obtain
    // A sign-out meanwhile has cleared the cache
    const isCurrent = generation === (yield* cache.generation(session))
    if (isCurrent) yield* Effect.catch(cache.set(session, role, credentials), goOn)
    yield* refresher.adopt(Option.some(credentials), generation)
    return credentials
  }, Effect.scoped)

  const refresher: Refresher.Refresher<Credentials, CredentialsError> = yield* Refresher.make<
    Credentials,
    CredentialsError
  >({
    name: "credentials",
    policy,
    held,
    isSame,
    generation: cache.generation(session),
    unwritten: Effect.succeed(false),
    read: Effect.suspend(() => read),
    refresh: (seen, generation) =>
      Effect.withSpan(obtainUnderLease(seen, generation), "SsoPortal.RoleCredentials", {
        attributes: { "aws.account_id": accountId }
      }),
    remembersFailures: false
  })

  return RoleCredentials.of({ role, credentials: refresher.value })
})

const held = ({ expiration }: Credentials): Refresh.Held => ({
  expiresAt: DateTime.toEpochMillis(expiration),
  canRefresh: true
})

const isSame = (one: Credentials, other: Credentials): boolean => one.accessKeyId === other.accessKeyId

/** The error that a signed request fails with: the credentials are missing, and why. */
const asAwsCredentials = ({ credentials }: RoleCredentials["Service"]): AwsCredentials["Service"] =>
  AwsCredentials.of({
    credentials: Effect.mapError(
      credentials,
      ({ message }) =>
        new ClientError.ConstructionFailure({
          reason: "MissingCredentials",
          description: `there are no AWS credentials to sign with: ${message}`
        })
    )
  })

/**
 * Provides the credentials of a role of the session that the `TokenProvider` is for.
 *
 * **Details**
 *
 * A role that the portal has listed (`RoleInfo`) can be passed as it is. `AwsCredentials` fails with a
 * `ConstructionFailure` of reason `MissingCredentials` where `RoleCredentials` fails.
 *
 * **Example** (A role of a session that is not in the config file)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { RoleCredentials, SsoOidc, SsoPortal, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const layer = (session: SsoSession.SsoSession) =>
 *   RoleCredentials.layer({ accountId: "111122223333", roleName: "ReadOnly" }).pipe(
 *     Layer.provide(TokenProvider.layer(session)),
 *     Layer.provide([SsoOidc.layer(), SsoPortal.layer()])
 *   )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  role: Role,
  options?: RoleCredentialsOptions
): Layer.Layer<
  RoleCredentials | AwsCredentials,
  never,
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | CredentialCache
> =>
  Layer.effectContext(
    Effect.map(make(role, options), (service) =>
      Context.make(RoleCredentials, service).pipe(Context.add(AwsCredentials, asAwsCredentials(service)))
    )
  )

/**
 * Reads the session and the role of a profile: `sso_account_id` and `sso_role_name`.
 *
 * **Details**
 *
 * - `name`: `AWS_PROFILE` by default, else `default`
 * - `overrides`: an account or a role to use in place of the profile's
 *
 * Fails with a `SessionError`, whose reason is `SessionIncomplete` where the profile has no account or no role.
 *
 * @category loading
 * @since 0.1.0
 */
export const fromProfile: (
  name?: string,
  overrides?: { readonly [member in keyof Role]?: string | undefined }
) => Effect.Effect<
  { readonly session: SsoSession.SsoSession; readonly role: Role },
  SessionError,
  FileSystem.FileSystem | Path.Path
> = ProfileRole.fromProfile

/**
 * How the services of a profile are made.
 *
 * @category models
 * @since 0.2.0
 */
export interface LayerProfileOptions<R = never> extends RoleCredentialsOptions {
  /** Makes the token provider of the profile's session. `TokenProvider.layer` by default, which never asks the user. */
  readonly provider?: (
    session: SsoSession.SsoSession
  ) => Layer.Layer<TokenProvider.TokenProvider, never, SsoOidc.SsoOidc | TokenCache | CredentialCache | R>
}

/**
 * Provides everything that a profile is configured for: its clients, the token of its session, and the credentials of
 * its role.
 *
 * **Details**
 *
 * - `name`: `AWS_PROFILE` by default, else `default`
 *
 * The settings of the clients are those that `SsoOidc.layerAws` reads for the profile.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerProfile = <R = never>(
  name?: string,
  options?: LayerProfileOptions<R>
): Layer.Layer<
  RoleCredentials | AwsCredentials | TokenProvider.TokenProvider | SsoOidc.SsoOidc | SsoPortal.SsoPortal,
  SessionError | ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache | CredentialCache | R
> =>
  Layer.unwrap(
    Effect.map(fromProfile(name), ({ role, session }) => {
      const settings = { profile: name, region: session.region }
      const provider = options?.provider?.(session) ?? TokenProvider.layer(session)
      return layer(role, options).pipe(
        Layer.provideMerge(provider),
        Layer.provideMerge(Layer.merge(SsoOidc.layerAws(settings), SsoPortal.layerAws(settings)))
      )
    })
  )
