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
import * as Option from "effect/Option"
import { CredentialCache } from "../store/CredentialCache.ts"
import { SsoSession } from "../session/SsoSession.ts"
import { SsoToken } from "../session/SsoToken.ts"
import type { StoreError } from "../store/StoreError.ts"
import { changeSignIn, TokenCache } from "../store/TokenCache.ts"
import * as VanityUrl from "./VanityUrl.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import { ConstructionFailure } from "../wire/ClientError.ts"
import { isLoopback } from "../wire/Loopback.ts"
import * as AuthorizationCodeFlow from "./AuthorizationCodeFlow.ts"
import { AuthorizationPrompt } from "./AuthorizationPrompt.ts"
import * as DeviceFlow from "./DeviceFlow.ts"
import { RedirectListener } from "./RedirectListener.ts"

/**
 * How a sign-in can fail.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure =
  | DeviceFlow.Failure
  | AuthorizationCodeFlow.AuthorizationCodeFlowError
  | VanityUrl.StartUrlUnresolved
  | StoreError

/**
 * What a sign-in can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends AuthorizationCodeFlow.AuthorizationCodeFlowOptions {
  /** By which flow. Chosen by default: see `login`. */
  readonly flow?: "device" | "browser" | undefined
}

/**
 * Signs a person in, and keeps the token in the `TokenCache`, whatever was there before.
 *
 * **Details**
 *
 * The flow is the one that was asked for: by `flow`, by a `redirectPort` or `redirectHost` (the browser flow), or by the
 * session's `loginType`. Else it is the browser flow where the `AuthorizationPrompt` can open a browser and there is a
 * `RedirectListener`, and the device flow everywhere else and for legacy sessions, which have no scopes.
 *
 * A start URL under a custom domain is resolved first (`VanityUrl.Resolver`): the sign-in takes place at the portal
 * that it leads to, in the portal's region. One of plain `http`, or of this machine, such as an emulator's, is taken as
 * it is. The token is kept under the session's own name, or its own start URL, where other tools look for it; it has the
 * start URL of the session, and the region of the portal, which alone renews it.
 *
 * A token that the flow has ended with is kept even where the caller is interrupted meanwhile. Where there is a
 * `CredentialCache`, it forgets the credentials that were got before: another person may have signed in.
 *
 * @category flows
 * @since 0.1.0
 */
export const login = Effect.fn("SsoOidc.Login")(function* (
  session: SsoSession,
  options?: Options
): Effect.fn.Return<SsoToken, Failure, SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt> {
  const cache = yield* TokenCache
  const service = yield* SsoOidc.SsoOidc
  const listener = yield* listenerFor(session, options)
  const portal = yield* portalOf(session)
  const elsewhere = portal.region !== session.region
  const authorize = Option.match(listener, {
    onNone: () => DeviceFlow.authorize(portal, options),
    onSome: (listener) =>
      Effect.provideService(AuthorizationCodeFlow.authorize(portal, options), RedirectListener, listener)
  }).pipe(
    Effect.provideService(SsoOidc.SsoOidc, elsewhere ? yield* service.inRegion(portal.region) : service),
    Effect.map((token) => new SsoToken({ ...token, startUrl: session.startUrl }))
  )
  const credentials = yield* Effect.serviceOption(CredentialCache)
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.tap(restore(authorize), (token) =>
      changeSignIn(cache, session, cache.set(session, token, { overwriteCorrupt: true })).pipe(
        Effect.andThen(forget(credentials, session)),
        // Who has read old credentials meanwhile
        Effect.andThen(cache.beginGeneration(session))
      )
    )
  )
})

/** The session as its portal knows it. */
const portalOf = Effect.fnUntraced(function* (
  session: SsoSession
): Effect.fn.Return<SsoSession, VanityUrl.StartUrlUnresolved> {
  const { hostname, protocol } = new URL(session.startUrl)
  // A custom server, such as the emulator, is its own portal
  const isCustom = protocol === "http:" || isLoopback(hostname)
  if (isCustom) return session
  const resolve = yield* VanityUrl.Resolver
  return new SsoSession({ ...session, ...(yield* resolve(session)) })
})

/** What the browser flow listens with; none for the device flow. */
const listenerFor = Effect.fnUntraced(function* (session: SsoSession, options: Options | undefined) {
  const prompt = yield* AuthorizationPrompt
  const listener = yield* Effect.serviceOption(RedirectListener)
  const redirects = options?.redirectPort !== undefined || options?.redirectHost !== undefined
  const asked = options?.flow ?? (redirects ? "browser" : session.loginType)
  const hasBrowser = Option.isSome(listener) && (yield* prompt.canOpenBrowser ?? Effect.succeed(false))
  // As with the AWS CLI: a legacy session registers without scopes, and signs in by the device flow
  const isLegacy = session.scopes.length === 0
  const byBrowser = asked === undefined ? hasBrowser && !isLegacy : asked === "browser"
  if (byBrowser && Option.isNone(listener)) {
    return yield* new ConstructionFailure({
      reason: "InvalidConfiguration",
      description:
        "the browser flow needs a RedirectListener: provide one, such as NodeSso.layer, or use the device flow"
    })
  }
  return byBrowser ? listener : Option.none()
})

// Somebody else may have signed in than the one whose credentials are kept
const forget = (credentials: Option.Option<CredentialCache["Service"]>, session: SsoSession): Effect.Effect<void> =>
  Option.match(credentials, {
    onNone: () => Effect.void,
    onSome: (cache) =>
      Effect.catch(Effect.asVoid(cache.removeAll(session)), ({ message }) => Effect.logWarning(message))
  })
