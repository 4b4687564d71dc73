/**
 * The token providers of many sessions: one for each session, built on first use and shared.
 *
 * **When to use**
 *
 * Use in a program that serves many users or works with many sessions. A program with one session provides
 * `TokenProvider.layer` instead.
 *
 * **Details**
 *
 * Two sessions are the same if all their members are equal. Give each user a `principal`, so that two users of one start URL have
 * two sessions: they never share a token or credentials, only the client registration.
 *
 * **Example** (The accounts of a visitor)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { SsoPortal, SsoSession, SsoSessions, TokenProvider } from "effect-aws-sso"
 *
 * const accounts = Effect.fnUntraced(function*(visitor: string) {
 *   const sessions = yield* SsoSessions.SsoSessions
 *   const session = yield* SsoSession.make({
 *     startUrl: "https://example.awsapps.com/start",
 *     region: "us-east-1",
 *     principal: visitor
 *   })
 *   return yield* TokenProvider.withToken(({ accessToken }) => SsoPortal.listAccounts({ accessToken })).pipe(
 *     Effect.provide(sessions.get(session))
 *   )
 * })
 * ```
 *
 * @since 0.2.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LayerMap from "effect/LayerMap"
import type { SsoOidc } from "../service/SsoOidc.ts"
import type { SsoPortal } from "../service/SsoPortal.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import type { CredentialCache, Role } from "../store/CredentialCache.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import type { AwsCredentials } from "../wire/AwsCredentials.ts"
import * as RoleCredentials from "./RoleCredentials.ts"
import * as TokenProvider from "./TokenProvider.ts"

/**
 * The providers of many sessions.
 *
 * @category services
 * @since 0.2.0
 */
export class SsoSessions extends Context.Service<
  SsoSessions,
  {
    /** Provides the `TokenProvider` of a session. All uses of one session share it. */
    readonly get: (session: SsoSession) => Layer.Layer<TokenProvider.TokenProvider>
    /** Provides the credentials of a role of a session. All uses of one role share them. */
    readonly credentials: (
      session: SsoSession,
      role: Role
    ) => Layer.Layer<RoleCredentials.RoleCredentials | AwsCredentials>
    /**
     * Releases what is in memory for a session, as soon as it is unused. Not needed for correctness: a sign-in or
     * sign-out through the same store is noticed at the next use.
     */
    readonly invalidate: (session: SsoSession) => Effect.Effect<void>
  }
>()("effect-aws-sso/SsoSessions") {}

/**
 * How the providers of many sessions behave.
 *
 * @category models
 * @since 0.2.0
 */
export interface SsoSessionsOptions {
  /** How long an unused provider is kept in memory. 5 minutes by default. */
  readonly idleTimeToLive?: Duration.Input | undefined
  /** The options of each token provider. */
  readonly token?: TokenProvider.TokenProviderOptions | undefined
  /** The options of the credentials of each role. */
  readonly credentials?: RoleCredentials.RoleCredentialsOptions | undefined
  /** Makes the token provider of a session: `TokenProvider.layer` by default. */
  readonly provider?: (session: SsoSession) => Layer.Layer<TokenProvider.TokenProvider>
}

/** A role of a session, as a key: compared by its members. */
interface RoleKey {
  readonly session: SsoSession
  readonly accountId: string
  readonly roleName: string
}

/**
 * Makes the providers of many sessions. They are released with the scope.
 *
 * @category constructors
 * @since 0.2.0
 */
export const make = Effect.fnUntraced(function* (options?: SsoSessionsOptions) {
  const idleTimeToLive = options?.idleTimeToLive ?? "5 minutes"
  const providers = yield* LayerMap.make(
    (session: SsoSession) => options?.provider?.(session) ?? TokenProvider.layer(session, options?.token),
    { idleTimeToLive }
  )
  const roles = yield* LayerMap.make(
    ({ accountId, roleName, session }: RoleKey) =>
      RoleCredentials.layer({ accountId, roleName }, options?.credentials).pipe(Layer.provide(providers.get(session))),
    { idleTimeToLive }
  )
  return SsoSessions.of({
    get: (session) => providers.get(session),
    credentials: (session, { accountId, roleName }) => roles.get({ session, accountId, roleName }),
    invalidate: (session) => providers.invalidate(session)
  })
})

/**
 * Provides the token providers of many sessions.
 *
 * @category layers
 * @since 0.2.0
 */
export const layer = (
  options?: SsoSessionsOptions
): Layer.Layer<SsoSessions, never, SsoOidc | SsoPortal | TokenCache | CredentialCache> =>
  Layer.effect(SsoSessions, make(options))
