/**
 * AWS credentials that are always there while the session lasts: got for a role, cached, and renewed ahead of time.
 *
 * **When to use**
 *
 * Provide `layerProfile` to a program that runs on the credentials of a profile, and `layer` where session, account and
 * role are known otherwise. Both provide `AwsCredentials` too, so that `createTokenWithIAM` runs on them.
 *
 * **Details**
 *
 * Credentials with more than 5 minutes left come from memory; with less, they are asked for first: one call for all who
 * ask meanwhile. Where that fails, they are served while they last, and a warning says so. A token that the portal
 * refuses is renewed once; then it is a `LoginRequired`.
 *
 * **Example** (Credentials of the profile that the AWS CLI would take)
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
 * }).pipe(Effect.provide(RoleCredentials.layerProfile()), Effect.provide(NodeSso.layer))
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as SharedConfig from "../config/SharedConfig.ts"
import type { Exception } from "../operation/PortalExceptions.ts"
import { SessionError, SessionIncomplete } from "../session/SessionError.ts"
import * as SharedFiber from "./SharedFiber.ts"
import * as SsoSession from "../session/SsoSession.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import * as TokenProvider from "./TokenProvider.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import { AwsCredentials } from "../wire/AwsCredentials.ts"
import type * as ClientConfig from "../wire/ClientConfig.ts"
import { type ClientError, ConstructionFailure } from "../wire/ClientError.ts"
import type { StoreError } from "../store/StoreError.ts"
import { CredentialCache, layerFile, type Role } from "../store/CredentialCache.ts"
import { type Credentials, fromOutput } from "../session/Credentials.ts"
import * as SsoPortal from "../service/SsoPortal.ts"

/**
 * A role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export type { Role } from "../store/CredentialCache.ts"

/**
 * The credentials of a role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export type { Credentials } from "../session/Credentials.ts"

/**
 * How credentials can be missing.
 *
 * **Details**
 *
 * Besides what a `TokenProvider` fails with: an exception of the portal, or a `ClientError`, where there are none that
 * last still. A role that is not assigned is an `UnhandledServiceError` with the code `ForbiddenException`.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure = TokenProvider.Failure | Exception | ClientError

/**
 * The credentials of one role.
 *
 * @category services
 * @since 0.1.0
 */
export class RoleCredentials extends Context.Service<
  RoleCredentials,
  {
    /** Credentials that work now. To be asked for at each use, and not to be kept. */
    readonly credentials: Effect.Effect<Credentials, Failure>
  }
>()("effect-aws-sso/RoleCredentials") {}

/**
 * What can be said of how credentials are renewed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * With less than this left, credentials are renewed before they are given out. 5 minutes by default; to be well below
   * their life, which is an hour unless the permission set says otherwise.
   */
  readonly renewAhead?: Duration.Input | undefined
}

/** The least time between two renewals, while what is known lasts. */
const minInterval = Duration.toMillis("30 seconds")

/**
 * Makes a provider.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  session: SsoSession.SsoSession,
  role: Role,
  options?: Options & { readonly cache?: CredentialCache["Service"] | undefined }
): Effect.fn.Return<
  RoleCredentials["Service"],
  never,
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | Scope.Scope
> {
  const provider = yield* TokenProvider.TokenProvider
  const portal = yield* SsoPortal.SsoPortal
  const scope = yield* Effect.scope
  const renewAhead = Duration.toMillis(Duration.fromInputUnsafe(options?.renewAhead ?? "5 minutes"))
  const { accountId, roleName } = role
  const cache = options?.cache
  const generationNow = provider.generation ?? Effect.succeed(0)

  let known: Credentials | undefined
  /** The sign-in that the known ones come from. */
  let generation = -1
  /** One renewal for all who ask, of one sign-in: an earlier one may wait for a person still. */
  let once = SharedFiber.make<Credentials, Failure>(scope)
  let attempt = { at: Number.NEGATIVE_INFINITY, isSuccess: false }

  const isFresh = (credentials: Credentials) => Effect.map(timeLeft(credentials), (left) => left > renewAhead)

  /** Remembers what was got for a sign-in, unless that has given way to another one meanwhile. */
  const know = (credentials: Credentials, of: number): Effect.Effect<void> =>
    Effect.sync(() => {
      if (of === generation) known = credentials
    })

  const ask = TokenProvider.withPortal(session, ({ accessToken }) =>
    SsoPortal.getRoleCredentials({ accessToken, accountId, roleName })
  ).pipe(
    Effect.map((output) => fromOutput(output, accountId)),
    Effect.provideService(TokenProvider.TokenProvider, provider),
    Effect.provideService(SsoPortal.SsoPortal, portal)
  )

  /** What is kept, if that is fresh. If not, it may last longer than what is known, should the portal fail. */
  const fromCache = Effect.fnUntraced(function* (cache: CredentialCache["Service"], of: number) {
    const kept = yield* Effect.orElseSucceed(cache.get(session, role), Option.none<Credentials>)
    if (Option.isNone(kept)) return Option.none<Credentials>()
    const lastsLonger = known === undefined || DateTime.isGreaterThan(kept.value.expiration, known.expiration)
    if (lastsLonger) yield* know(kept.value, of)
    return (yield* isFresh(kept.value)) ? kept : Option.none()
  })

  /** What another process has asked for, else what the portal gives. A cache that fails costs a call, and no more. */
  const askThrough = Effect.fnUntraced(function* (cache: CredentialCache["Service"], of: number) {
    const goOn = ({ message }: { readonly message: string }) =>
      Effect.logWarning(`the credentials of ${roleName} in ${accountId} are not kept: ${message}`)
    const before = yield* fromCache(cache, of)
    if (Option.isSome(before)) return before.value
    yield* Effect.catch(cache.lock(session, role), goOn)
    const meanwhile = yield* fromCache(cache, of)
    if (Option.isSome(meanwhile)) return meanwhile.value
    const credentials = yield* ask
    // Who has signed out meanwhile has had the cache cleared
    const isCurrent = of === (yield* generationNow)
    if (isCurrent) yield* Effect.catch(cache.set(session, role, credentials), goOn)
    return credentials
  }, Effect.scoped)

  /** The ones that are known, where they last still. */
  const makeDo = Effect.fnUntraced(function* (failure: Failure): Effect.fn.Return<Credentials, Failure> {
    if (known === undefined || (yield* timeLeft(known)) <= 0) return yield* failure
    yield* Effect.logWarning(`credentials that were not renewed are served while they last: ${failure.message}`)
    return known
  })

  const renewal = Effect.suspend(() => {
    const of = generation
    return (cache === undefined ? ask : askThrough(cache, of)).pipe(
      Effect.tap((credentials) => know(credentials, of)),
      Effect.onExit(({ _tag }) =>
        Effect.map(Clock.currentTimeMillis, (at) => {
          attempt = { at, isSuccess: _tag === "Success" }
        })
      ),
      Effect.catch(makeDo)
    )
  }).pipe(Effect.withSpan("SsoPortal.RoleCredentials", { attributes: { "aws.account_id": accountId } }))

  /** The known ones, where they need no renewal now. */
  const serve = Effect.fnUntraced(function* (known: Credentials) {
    if (yield* isFresh(known)) return true
    const since = (yield* Clock.currentTimeMillis) - attempt.at
    // By a clock that is wrong, even those that were just given can have expired
    const isUsable = attempt.isSuccess || (yield* timeLeft(known)) > 0
    return isUsable && since >= 0 && since < minInterval
  })

  const credentials: Effect.Effect<Credentials, Failure> = Effect.gen(function* () {
    const current = yield* generationNow
    if (current !== generation) {
      // Another person may have signed in
      known = undefined
      generation = current
      once = SharedFiber.make(scope)
    }
    if (known !== undefined && (yield* serve(known))) return known
    const renewed = yield* Effect.exit(Effect.flatMap(once(renewal), Fiber.join))
    // What was asked for on another's behalf says nothing, whether it has succeeded or failed
    const isOfAnother = current !== (yield* generationNow)
    return yield* isOfAnother ? credentials : renewed
  })

  return RoleCredentials.of({ credentials })
})

const timeLeft = ({ expiration }: Credentials): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => DateTime.toEpochMillis(expiration) - now)

/** The same for who signs requests: a failure is one of missing credentials, which says what mends it. */
const asAwsCredentials = ({ credentials }: RoleCredentials["Service"]): AwsCredentials["Service"] =>
  AwsCredentials.of({
    credentials: Effect.mapError(
      credentials,
      ({ message }) =>
        new ConstructionFailure({
          reason: "MissingCredentials",
          description: `there are no AWS credentials to sign with: ${message}`
        })
    )
  })

const provide = <E, R>(
  make: Effect.Effect<RoleCredentials["Service"], E, R | Scope.Scope>
): Layer.Layer<RoleCredentials | AwsCredentials, E, Exclude<R, Scope.Scope>> =>
  Layer.effectContext(
    Effect.map(make, (service) =>
      Context.make(RoleCredentials, service).pipe(Context.add(AwsCredentials, asAwsCredentials(service)))
    )
  )

/**
 * Provides the credentials of a role, kept in memory.
 *
 * **Details**
 *
 * `AwsCredentials` fails with a `ConstructionFailure` of reason `MissingCredentials` where `RoleCredentials` fails.
 *
 * **Example** (A role of a session that no file knows)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { RoleCredentials, SsoOidc, SsoPortal, type SsoSession, TokenProvider } from "effect-aws-sso"
 *
 * const layer = (session: SsoSession.SsoSession) =>
 *   RoleCredentials.layer(session, { accountId: "111122223333", roleName: "ReadOnly" }).pipe(
 *     Layer.provide([TokenProvider.layer(session), SsoPortal.layer({ region: session.region })]),
 *     Layer.provide(SsoOidc.layer({ region: session.region }))
 *   )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  session: SsoSession.SsoSession,
  role: Role,
  options?: Options
): Layer.Layer<RoleCredentials | AwsCredentials, never, TokenProvider.TokenProvider | SsoPortal.SsoPortal> =>
  provide(make(session, role, options))

/**
 * Provides the credentials of a role, kept in memory and in the `CredentialCache`, so that of all processes that start
 * one asks the portal.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCached = (
  session: SsoSession.SsoSession,
  role: Role,
  options?: Options
): Layer.Layer<
  RoleCredentials | AwsCredentials,
  never,
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | CredentialCache
> => provide(Effect.flatMap(CredentialCache, (cache) => make(session, role, { ...options, cache })))

/**
 * How a profile can fail to say session and role.
 *
 * @category errors
 * @since 0.1.0
 */
export type ProfileFailure = SessionError

/**
 * The session and the role of a profile: `sso_account_id` and `sso_role_name`.
 *
 * **Errors**
 *
 * As `SsoSession.fromProfile`; `SessionIncomplete` where it names no account or no role.
 *
 * - `name`: `AWS_PROFILE` by default, else `default`
 * - `given`: the account or the role that is known otherwise, and goes before the profile's
 *
 * @category loading
 * @since 0.1.0
 */
export const fromProfile: (
  name?: string,
  given?: { readonly [member in keyof Role]?: string | undefined }
) => Effect.Effect<
  { readonly session: SsoSession.SsoSession; readonly role: Role },
  ProfileFailure,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function* (name, given) {
  const refused = Effect.mapError((reason: SessionError["reason"]) => new SessionError({ reason }))
  const chosen = name ?? (yield* refused(SharedConfig.chosenProfile))
  const shared = yield* refused(SharedConfig.load)
  const session = yield* Effect.fromResult(SsoSession.inProfile(shared, chosen))
  const settings = Option.getOrElse(SharedConfig.profile(shared, chosen), (): SharedConfig.Settings => ({}))
  const accountId = given?.accountId ?? settings["sso_account_id"] ?? ""
  const roleName = given?.roleName ?? settings["sso_role_name"] ?? ""
  const missing = [
    ...(accountId === "" ? (["sso_account_id"] as const) : []),
    ...(roleName === "" ? (["sso_role_name"] as const) : [])
  ]
  if (missing.length > 0) {
    return yield* new SessionError({ reason: new SessionIncomplete({ section: "profile", name: chosen, missing }) })
  }
  return { session, role: { accountId, roleName } }
})

/**
 * Provides the credentials of a profile: its session, account and role, and the settings of its clients, as
 * `ClientConfig.load` finds them.
 *
 * - `name`: `AWS_PROFILE` by default, else `default`
 * - `inFile`: whether credentials are kept in `~/.aws/cli/cache` too. `false` by default
 *
 * **Gotchas**
 *
 * Nobody is asked to sign in. For that, provide `layer` with `TokenProvider.layerInteractive`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerProfile = (
  name?: string,
  options?: Options & { readonly inFile?: boolean | undefined }
): Layer.Layer<
  RoleCredentials | AwsCredentials,
  ProfileFailure | ClientConfig.ClientConfigError | StoreError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> =>
  Layer.unwrap(
    Effect.map(fromProfile(name), ({ role, session }) => {
      const settings = { profile: name, region: session.region }
      const services = Layer.merge(TokenProvider.layer(session), SsoPortal.layerAws(settings)).pipe(
        Layer.provide(SsoOidc.layerAws(settings))
      )
      return options?.inFile === true
        ? layerCached(session, role, options).pipe(Layer.provide([services, layerFile()]))
        : layer(session, role, options).pipe(Layer.provide(services))
    })
  )
