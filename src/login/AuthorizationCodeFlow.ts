/**
 * The authorization code flow with PKCE: the user signs in with the browser of this machine, which returns with the code.
 *
 * **When to use**
 *
 * Use where a browser that reaches this machine can be opened. The device flow works everywhere else. `Login.login`
 * chooses between them.
 *
 * Source: RFC 6749 §4.1; RFC 7636; RFC 8252.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as CreateToken from "../operation/CreateToken.ts"
import * as GrantType from "../operation/GrantType.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import { CallbackTimeout, type LoginFailed } from "../session/LoginFailed.ts"
import type { Registration } from "../session/Registration.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { StoreError } from "../store/StoreError.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import * as Partition from "../wire/Partition.ts"
import { AuthorizationPrompt } from "./AuthorizationPrompt.ts"
import * as AuthorizationResponse from "./AuthorizationResponse.ts"
import * as ClientRegistration from "./ClientRegistration.ts"
import * as Flow from "./Flow.ts"
import { LoginState } from "./LoginState.ts"
import * as Pkce from "./Pkce.ts"
import * as RandomSecret from "./RandomSecret.ts"
import { RedirectListener } from "./RedirectListener.ts"

export { CallbackTimeout } from "../session/LoginFailed.ts"

/**
 * The options of `authorize`.
 *
 * @category models
 * @since 0.2.0
 */
export interface AuthorizationCodeFlowOptions {
  /** The name that the user sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
  /** The port to listen on. A free port by default. */
  readonly redirectPort?: number | undefined
  /** The host by which the browser reaches the listener, such as the end of a tunnel. The loopback address by default. */
  readonly redirectHost?: string | undefined
  /** How long to wait for the browser. 10 minutes by default. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * Signs the user in with the browser of this machine.
 *
 * **Details**
 *
 * The token is not stored, and the start URL is used as it is: `Login.browser` stores the token and resolves a start URL
 * under a custom domain. The listener closes when the flow ends, however it ends. If the browser cannot reach the
 * listener, the user can paste the URL that the browser was redirected to, if the `AuthorizationPrompt` supports it.
 *
 * @category flows
 * @since 0.1.0
 */
export const authorize: (
  session: SsoSession,
  options?: AuthorizationCodeFlowOptions
) => Effect.Effect<
  SsoToken.SsoToken,
  LoginFailed | StoreError,
  SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt | RedirectListener
> = Effect.fn("AuthorizationCodeFlow.authorize")(
  function* (session: SsoSession, options?: AuthorizationCodeFlowOptions) {
    const oidc = yield* SsoOidc.SsoOidc
    const endpoint = yield* oidc.endpoint
    const prompt = yield* AuthorizationPrompt
    const listener = yield* RedirectListener
    const timeout = Duration.fromInputUnsafe(options?.timeout ?? "10 minutes")

    const state = yield* makeState
    const { redirectUri, response } = yield* listener.listen({
      state,
      port: options?.redirectPort,
      host: options?.redirectHost
    })
    // The service reports an unknown client on its page, to the user alone: the flow would wait in vain. AWS does not forget
    // a client, but an emulator does when it restarts
    const client = isAwsEndpoint(endpoint) ? ClientRegistration.get : ClientRegistration.register
    const registration = yield* client(session, {
      clientName: options?.clientName,
      grantTypes: [GrantType.authorizationCode, GrantType.refreshToken],
      redirectUris: [registeredUri(redirectUri)],
      issuerUrl: session.startUrl
    })
    const pkce = yield* Pkce.make
    const request = { registration, redirectUri, pkce }

    const authorizationUrl = authorizationRequest({ ...request, endpoint, session, state })
    yield* prompt.show(LoginState.cases.Redirecting.make({ authorizationUrl, redirectUri, timeLeft: timeout }))

    const received = yield* Effect.raceFirst(response, pastedResponse(prompt, state)).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => Effect.fail(new CallbackTimeout({ duration: timeout }))
      })
    )
    const code = yield* Effect.fromResult(received)

    const output = yield* oidc.createToken(accessTokenRequest({ ...request, code }))
    const token = yield* SsoToken.fromOutput({ session, registration, output })
    yield* prompt.show(LoginState.cases.Authorized.make({ expiresAt: token.expiresAt }))
    return token
  },
  Effect.scoped,
  Flow.inSession
)

const isAwsEndpoint = (endpoint: string): boolean => {
  const { hostname } = new URL(endpoint)
  return Partition.partitions.some(({ dnsSuffix, dualStackDnsSuffix }) =>
    [dnsSuffix, dualStackDnsSuffix].some((suffix) => hostname.endsWith(`.${suffix}`))
  )
}

/** RFC 6749 §10.10: a guess must succeed with a probability of at most 2^-160. These are 2^256 values. */
const makeState: Effect.Effect<Redacted.Redacted> = RandomSecret.make(32)

/**
 * RFC 8252 §7.3: a loopback redirect URI is registered without its port, which is chosen for each request. Any other one
 * is registered as it is.
 */
const registeredUri = (redirectUri: string): string => {
  const url = new URL(redirectUri)
  if (["127.0.0.1", "[::1]"].includes(url.hostname)) url.port = ""
  return url.href
}

/** RFC 6749 §4.1.1 and RFC 7636 §4.3: the authorization request. The service's name for `scope` is `scopes`. */
const authorizationRequest = (options: {
  readonly endpoint: string
  readonly session: SsoSession
  readonly registration: Registration
  readonly redirectUri: string
  readonly state: Redacted.Redacted
  readonly pkce: Pkce.Pkce
}): string => {
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: options.registration.clientId,
    redirect_uri: options.redirectUri,
    state: Redacted.value(options.state),
    code_challenge_method: options.pkce.method,
    scopes: options.session.scopes.join(" "),
    code_challenge: options.pkce.challenge
  })
  return `${options.endpoint}/authorize?${parameters}`
}

/** RFC 6749 §4.1.2: the response that the user pastes. A refused one is logged, and the user is asked again. */
const pastedResponse = (
  { pastedUrl }: AuthorizationPrompt["Service"],
  state: Redacted.Redacted
): Effect.Effect<AuthorizationResponse.AuthorizationResponse> =>
  pastedUrl === undefined
    ? Effect.never
    : pastedUrl.pipe(
        Effect.map((url) => AuthorizationResponse.read(url, state)),
        Effect.tap((read) => (Result.isFailure(read) ? Effect.logWarning(read.failure.message) : Effect.void)),
        Effect.repeat({
          until: Result.isSuccess<AuthorizationResponse.AuthorizationResponse, AuthorizationResponse.CallbackRefused>
        }),
        Effect.map(({ success }) => success)
      )

/** RFC 6749 §4.1.3 and RFC 7636 §4.5: the access token request. */
const accessTokenRequest = (options: {
  readonly registration: Registration
  readonly redirectUri: string
  readonly code: Redacted.Redacted
  readonly pkce: Pkce.Pkce
}): CreateToken.CreateTokenInput => ({
  grantType: GrantType.authorizationCode,
  clientId: options.registration.clientId,
  clientSecret: options.registration.clientSecret,
  code: options.code,
  redirectUri: options.redirectUri,
  codeVerifier: options.pkce.verifier
})
