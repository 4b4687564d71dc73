/**
 * The end of a session: at the service, and in the caches.
 *
 * **Example** (Signing out)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { SignOut } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const { notEnded } = yield* SignOut.signOut
 *   if (notEnded !== undefined) yield* Effect.logWarning("the session may still be active:", notEnded.message)
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { SsoPortalException } from "../operation/PortalExceptions.ts"
import type { StoreError } from "../store/StoreError.ts"
import { changeSignIn, TokenCache } from "../store/TokenCache.ts"
import * as TokenProvider from "../provider/TokenProvider.ts"
import type { ClientError } from "../wire/ClientError.ts"
import { CredentialCache } from "../store/CredentialCache.ts"
import * as SsoPortal from "../service/SsoPortal.ts"

/**
 * What a sign-out came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outcome {
  /** Whether there was anything to forget. */
  readonly wasKept: boolean
  /** Why the session may go on at the service, where it could not be ended there. */
  readonly notEnded?: TokenProvider.TokenError | SsoPortalException | ClientError
}

/**
 * Signs out of a session: ends it at the service, for everybody who shares it, and forgets its token and, where there is
 * a `CredentialCache`, the credentials that were kept for it, and those that do not say for which session.
 *
 * **Details**
 *
 * Only a token that works can end a session, so one that has expired is renewed for it where it can be. Whatever the
 * service says, and also where who asked is interrupted meanwhile, the caches are cleared. A session that was over
 * already counts as ended.
 *
 * AWS credentials that were given out work until they expire.
 *
 * @category signing out
 * @since 0.1.0
 */
export const signOut: Effect.Effect<
  Outcome,
  StoreError,
  TokenCache | TokenProvider.TokenProvider | SsoPortal.SsoPortal
> = Effect.gen(function* () {
  const { session } = yield* TokenProvider.TokenProvider
  const cache = yield* TokenCache
  const credentials = yield* Effect.serviceOption(CredentialCache)
  const wasKept = yield* cache.get(session).pipe(
    Effect.map(Option.isSome),
    // What cannot be read can still be removed
    Effect.orElseSucceed(() => true)
  )
  const end = wasKept
    ? TokenProvider.withToken(({ accessToken }) => SsoPortal.logout({ accessToken })).pipe(
        Effect.provideService(TokenProvider.Interactive, false),
        Effect.result
      )
    : Effect.succeed(Result.succeed(undefined))
  const forget = changeSignIn(cache, session, cache.remove(session))
  const forgetCredentials = Option.match(credentials, {
    onNone: () => Effect.succeed(0),
    onSome: (cache) => cache.removeAll(session)
  })
  // Who is tired of waiting for the service wants to be signed out all the same
  const [ended, removed] = yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const ended = yield* Effect.exit(restore(end))
      const token = yield* Effect.result(forget)
      // Who has read old credentials meanwhile remembers them for a sign-in that is over
      const removed = yield* Effect.ensuring(forgetCredentials, cache.beginGeneration(session))
      yield* Effect.fromResult(token)
      return [yield* ended, removed] as const
    })
  )
  const isOver = Result.isSuccess(ended) || ended.failure._tag === "LoginRequired"
  return { wasKept: wasKept || removed > 0, ...(isOver ? {} : { notEnded: ended.failure }) }
}).pipe(Effect.withSpan("SsoPortal.SignOut"))
