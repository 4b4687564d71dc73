/**
 * Signs a person in, and keeps the token.
 *
 * **Example** (From settings to a kept token)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { AuthorizationPrompt, Login, SsoOidc, SsoSession, TokenCache } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 *   return yield* Login.login(session)
 * }).pipe(
 *   Effect.provide([SsoOidc.layer({ region: "us-east-1" }), TokenCache.layerFile(), AuthorizationPrompt.layerConsole]),
 *   Effect.provide([FetchHttpClient.layer, NodeServices.layer])
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { SsoSession } from "../session/SsoSession.ts"
import type { SsoToken } from "../session/SsoToken.ts"
import { type CacheError, TokenCache } from "../session/TokenCache.ts"
import type * as SsoOidc from "../SsoOidc.ts"
import type { AuthorizationPrompt } from "./AuthorizationPrompt.ts"
import * as DeviceFlow from "./DeviceFlow.ts"

/**
 * How a sign-in can fail.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure = DeviceFlow.Failure | CacheError

/**
 * What a sign-in can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The name that the person sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
}

/**
 * Signs a person in by the device flow, and keeps the token in the `TokenCache`, whatever was there before.
 *
 * **Details**
 *
 * A token that the flow has ended with is kept even where the caller is interrupted meanwhile.
 *
 * @category flows
 * @since 0.1.0
 */
export const login = Effect.fn("SsoOidc.Login")(function* (
  session: SsoSession,
  options?: Options
): Effect.fn.Return<SsoToken, Failure, SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt> {
  const cache = yield* TokenCache
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.tap(restore(DeviceFlow.authorize(session, options)), (token) => keep(cache, session, token))
  )
})

// A renewal of the token before, which is under way elsewhere, must not be written over this one. Who holds the lock for
// too long must not cost the person the sign-in, though.
const keep = (cache: TokenCache["Service"], session: SsoSession, token: SsoToken): Effect.Effect<void, CacheError> =>
  cache.lock(session).pipe(
    Effect.catchTag("CacheUnavailable", (error) => Effect.logDebug(error.message)),
    Effect.andThen(cache.set(session, token, { overwriteCorrupt: true })),
    Effect.scoped
  )
