/**
 * Signing in and storing the token; signing out.
 *
 * **When to use**
 *
 * Use `device` if the user can approve on any device, `browser` if a browser can reach this machine, and `login` to choose
 * between them. Use `states` to show a sign-in on a web page, and `logout` to sign out. `DeviceFlow` and
 * `AuthorizationCodeFlow` are the same flows without the store.
 *
 * **Example** (A sign-in from settings)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { AuthorizationPrompt, Login, SsoOidc, SsoSession, SsoStore } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 *   return yield* Login.device(session)
 * }).pipe(
 *   Effect.provide([SsoOidc.layer({ region: "us-east-1" }), SsoStore.layerFile(), AuthorizationPrompt.layerConsole]),
 *   Effect.provide([FetchHttpClient.layer, NodeServices.layer])
 * )
 * ```
 *
 * **Details**
 *
 * What all sign-ins have in common:
 *
 * - A sign-in whose token could not be stored fails with a `StoreError` before the user is asked.
 * - A start URL under a custom domain is resolved by the `VanityUrl.Resolver`: the user signs in at the portal it leads
 *   to, in the region of the portal. A start URL that is plain `http` or on this machine, such as that of an emulator, is
 *   used as it is.
 * - The token is stored under the name of the session or its start URL, where other tools look for it. Its region is that
 *   of the portal, where it can be refreshed.
 * - The token replaces the stored one, and the credentials that were obtained before are removed: another user may have
 *   signed in.
 * - Once the user has approved, the token is stored even if the caller is interrupted. If the store fails then, a warning
 *   is logged and the caller still gets the token.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { SsoPortalException } from "../operation/PortalExceptions.ts"
import * as TokenProvider from "../provider/TokenProvider.ts"
import type * as SsoOidc from "../service/SsoOidc.ts"
import * as SsoPortal from "../service/SsoPortal.ts"
import type { LoginFailed } from "../session/LoginFailed.ts"
import { describeSession } from "../session/SessionTelemetry.ts"
import { SsoSession } from "../session/SsoSession.ts"
import { SsoToken } from "../session/SsoToken.ts"
import { CredentialCache } from "../store/CredentialCache.ts"
import type { StoreError } from "../store/StoreError.ts"
import { changeSignIn, TokenCache } from "../store/TokenCache.ts"
import type { ClientError } from "../wire/ClientError.ts"
import { isLoopback } from "../wire/Loopback.ts"
import * as AuthorizationCodeFlow from "./AuthorizationCodeFlow.ts"
import { AuthorizationPrompt } from "./AuthorizationPrompt.ts"
import * as DeviceFlow from "./DeviceFlow.ts"
import * as Flow from "./Flow.ts"
import { LoginState } from "./LoginState.ts"
import type { RedirectListener } from "./RedirectListener.ts"
import * as VanityUrl from "./VanityUrl.ts"

/**
 * The options of `login`. Those of the flow that is not chosen are ignored.
 *
 * @category models
 * @since 0.2.0
 */
export interface LoginOptions extends DeviceFlow.DeviceFlowOptions, AuthorizationCodeFlow.AuthorizationCodeFlowOptions {
  /** The flow to use. Chosen by default: see `login`. */
  readonly flow?: "device" | "browser" | undefined
}

/**
 * Signs in by the device flow and stores the token.
 *
 * @category flows
 * @since 0.2.0
 */
export const device: (
  session: SsoSession,
  options?: DeviceFlow.DeviceFlowOptions
) => Effect.Effect<
  SsoToken,
  LoginFailed | StoreError,
  SsoOidc.SsoOidc | TokenCache | CredentialCache | AuthorizationPrompt
> = Effect.fn("Login.device")(
  (session: SsoSession, options?: DeviceFlow.DeviceFlowOptions) =>
    signIn(session, (portal) => DeviceFlow.authorize(portal, options), warn),
  Flow.inSession
)

/**
 * Signs in by the browser of this machine and stores the token.
 *
 * @category flows
 * @since 0.2.0
 */
export const browser: (
  session: SsoSession,
  options?: AuthorizationCodeFlow.AuthorizationCodeFlowOptions
) => Effect.Effect<
  SsoToken,
  LoginFailed | StoreError,
  SsoOidc.SsoOidc | TokenCache | CredentialCache | AuthorizationPrompt | RedirectListener
> = Effect.fn("Login.browser")(
  (session: SsoSession, options?: AuthorizationCodeFlow.AuthorizationCodeFlowOptions) =>
    signIn(session, (portal) => AuthorizationCodeFlow.authorize(portal, options), warn),
  Flow.inSession
)

/**
 * Signs in by the browser of this machine or by the device flow, and stores the token.
 *
 * **Details**
 *
 * The first of these that applies chooses the flow:
 *
 * - `flow`
 * - a `redirectPort` or `redirectHost`: the browser flow
 * - the `loginType` of the session
 * - a legacy session, which has no scopes: the device flow
 * - the browser flow if the `AuthorizationPrompt` can open a browser, or else the device flow
 *
 * @category flows
 * @since 0.1.0
 */
export const login: (
  session: SsoSession,
  options?: LoginOptions
) => Effect.Effect<
  SsoToken,
  LoginFailed | StoreError,
  SsoOidc.SsoOidc | TokenCache | CredentialCache | AuthorizationPrompt | RedirectListener
> = Effect.fnUntraced(function* (session: SsoSession, options?: LoginOptions) {
  const { canOpenBrowser = Effect.succeed(false) } = yield* AuthorizationPrompt
  const redirects = options?.redirectPort !== undefined || options?.redirectHost !== undefined
  const chosen = options?.flow ?? (redirects ? "browser" : session.loginType)
  // A legacy session registers without scopes and signs in by the device flow, as with the AWS CLI
  const isLegacy = session.scopes.length === 0
  const byBrowser = chosen === undefined ? !isLegacy && (yield* canOpenBrowser) : chosen === "browser"
  return yield* byBrowser ? browser(session, options) : device(session, options)
})

/**
 * Signs in by the device flow, stores the token, and emits the states, of which the last one is `Authorized`.
 *
 * **Details**
 *
 * States are delivered only to the consumer of the stream. If it stops early, the flow ends. `Authorized` comes after the
 * token is stored. No state contains the token: if it could not be stored, the stream fails with the `StoreError`.
 *
 * **Example** (Server-sent events for a page)
 *
 * ```ts
 * import { Effect, Schema, Stream } from "effect"
 * import { Login, LoginState, type SsoSession } from "effect-aws-sso"
 *
 * const encode = Schema.encodeEffect(Schema.fromJsonString(LoginState.LoginState))
 *
 * const events = (session: SsoSession.SsoSession) =>
 *   Login.states(session).pipe(
 *     Stream.mapEffect((state) => Effect.map(encode(state), (json) => `data: ${json}\n\n`)),
 *     Stream.encodeText
 *   )
 * ```
 *
 * @category flows
 * @since 0.2.0
 */
export const states = (
  session: SsoSession,
  options?: DeviceFlow.DeviceFlowOptions
): Stream.Stream<LoginState, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache | CredentialCache> =>
  Stream.callback((queue) =>
    statesInto(session, options, (state) => Effect.asVoid(Queue.offer(queue, state))).pipe(
      Effect.andThen(Queue.end(queue))
    )
  )

const statesInto = Effect.fn("Login.states")(
  (
    session: SsoSession,
    options: DeviceFlow.DeviceFlowOptions | undefined,
    show: AuthorizationPrompt["Service"]["show"]
  ) =>
    signIn(session, (portal) => DeviceFlow.authorize(portal, options), Effect.fail).pipe(
      Effect.provideService(AuthorizationPrompt, { show })
    ),
  Flow.inSession
)

/** The caller still gets the token, because the user has approved. */
const warn = ({ message }: StoreError): Effect.Effect<void> => Effect.logWarning(`the token is not stored: ${message}`)

/** Signs in by a flow, stores the token, and then shows `Authorized`. */
const signIn = Effect.fnUntraced(function* <R>(
  session: SsoSession,
  flow: (portal: SsoSession) => Effect.Effect<SsoToken, LoginFailed | StoreError, R>,
  onNotStored: (error: StoreError) => Effect.Effect<void, StoreError>
): Effect.fn.Return<
  SsoToken,
  LoginFailed | VanityUrl.StartUrlUnresolved | StoreError,
  R | TokenCache | CredentialCache | AuthorizationPrompt
> {
  const cache = yield* TokenCache
  const prompt = yield* AuthorizationPrompt
  yield* cache.ensureWritable(session)
  const portal = yield* portalOf(session)
  const authorize = flow(portal).pipe(
    Effect.provideService(AuthorizationPrompt, {
      ...prompt,
      show: (state) => (state._tag === "Authorized" ? Effect.void : prompt.show(state))
    }),
    Effect.map((token) => new SsoToken({ ...token, startUrl: session.startUrl }))
  )
  const token = yield* Effect.uninterruptibleMask((restore) =>
    Effect.tap(restore(authorize), (token) => Effect.catch(store(session, token), onNotStored))
  )
  yield* prompt.show(LoginState.cases.Authorized.make({ expiresAt: token.expiresAt }))
  return token
})

/** The session with the start URL and the region of its portal. */
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

const store = Effect.fnUntraced(function* (
  session: SsoSession,
  token: SsoToken
): Effect.fn.Return<void, StoreError, TokenCache | CredentialCache> {
  const cache = yield* TokenCache
  const credentials = yield* CredentialCache
  yield* changeSignIn(cache, session, cache.set(session, token, { overwriteCorrupt: true }))
  yield* credentials.removeAll(session).pipe(
    // The token is stored: credentials that remain are worth a warning, not a failure
    Effect.catch(({ message }) => Effect.logWarning(message)),
    // A fiber that has read them in the meantime must not remember them
    Effect.ensuring(cache.beginGeneration(session))
  )
})

/**
 * The result of `logout`.
 *
 * @category models
 * @since 0.2.0
 */
export interface LogoutResult {
  /** Whether a token or credentials of the session were stored. */
  readonly wasSignedIn: boolean
  /** Why the session may still be active at the service. Absent if it has ended there. */
  readonly notEnded?: TokenProvider.TokenError | SsoPortalException | ClientError
}

/**
 * Signs out of the session of the `TokenProvider`: ends the session at the service, for every program that shares it, and
 * removes its token and its credentials from the store.
 *
 * **Details**
 *
 * Only a valid token can end a session, so an expired one is refreshed first, if possible. The user is not asked to sign
 * in for that. The store is cleared whatever the service responds, and even if the caller is interrupted. A session that
 * had already ended counts as ended.
 *
 * AWS credentials that were obtained before remain valid until they expire.
 *
 * **Example** (Signing out)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Login } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const { notEnded } = yield* Login.logout
 *   if (notEnded !== undefined) yield* Effect.logWarning("the session may still be active", notEnded.message)
 * })
 * ```
 *
 * @category signing out
 * @since 0.2.0
 */
export const logout: Effect.Effect<
  LogoutResult,
  StoreError,
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | TokenCache | CredentialCache
> = Effect.flatMap(TokenProvider.TokenProvider, ({ session }) => logoutOf(session).pipe(describeSession(session))).pipe(
  Effect.withSpan("Login.logout")
)

const logoutOf = Effect.fnUntraced(function* (session: SsoSession) {
  const cache = yield* TokenCache
  const credentials = yield* CredentialCache
  const hasToken = yield* cache.get(session).pipe(
    Effect.map(Option.isSome),
    // An entry that cannot be read can still be removed
    Effect.orElseSucceed(() => true)
  )
  const endSession = hasToken
    ? TokenProvider.withToken(({ accessToken }) => SsoPortal.logout({ accessToken })).pipe(
        Effect.provideService(TokenProvider.Interactive, false),
        Effect.result
      )
    : Effect.succeed(Result.void)
  const removeToken = changeSignIn(cache, session, cache.remove(session))
  // A fiber that has read credentials in the meantime must not remember them
  const removeCredentials = Effect.ensuring(credentials.removeAll(session), cache.beginGeneration(session))
  // A caller that is interrupted while it waits for the service is signed out anyway
  const [ended, removed] = yield* Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      const ended = yield* Effect.exit(restore(endSession))
      const tokenRemoved = yield* Effect.result(removeToken)
      const removed = yield* removeCredentials
      yield* Effect.fromResult(tokenRemoved)
      return [yield* ended, removed] as const
    })
  )
  const hasEnded = Result.isSuccess(ended) || ended.failure._tag === "LoginRequired"
  return { wasSignedIn: hasToken || removed > 0, ...(hasEnded ? {} : { notEnded: ended.failure }) }
})
