/**
 * The authorization code flow with PKCE: the person signs in with the browser of this machine, which comes back with the
 * code.
 *
 * **When to use**
 *
 * Use where a browser can be opened that reaches this machine; the device flow works everywhere else. `Login.login`
 * chooses.
 *
 * Source: RFC 6749 §4.1; RFC 7636; RFC 8252.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as CreateToken from "../operation/CreateToken.ts"
import * as GrantType from "../operation/GrantType.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import type { ClientError } from "../wire/ClientError.ts"
import { AuthorizationPrompt, State } from "./AuthorizationPrompt.ts"
import * as ClientRegistration from "./ClientRegistration.ts"
import * as Pkce from "./Pkce.ts"
import * as RandomSecret from "./RandomSecret.ts"
import * as RedirectListener from "./RedirectListener.ts"

/**
 * The browser did not come back in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class CallbackTimeout extends Schema.TaggedError<CallbackTimeout>()("CallbackTimeout", {
  duration: Schema.Duration
}) {
  override get message(): string {
    return `the browser did not come back within ${Duration.format(this.duration)}: sign in again, or by the device flow`
  }
}

/**
 * How the flow can fail.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure =
  | ClientRegistration.Failure
  | RedirectListener.ListenFailure
  | RedirectListener.AuthorizationFailed
  | CallbackTimeout
  | CreateToken.CreateTokenError
  | ClientError

/**
 * What the flow can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The name that the person sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
  /** The port to listen on. A free one by default. */
  readonly redirectPort?: number | undefined
  /** The host by which the browser reaches the listener, such as the end of a tunnel. The loopback address by default. */
  readonly redirectHost?: string | undefined
  /** How long to wait for the browser. 10 minutes by default. */
  readonly timeout?: Duration.Input | undefined
}

const grantTypes = [GrantType.authorizationCode, GrantType.refreshToken]

/** As many bytes as make a guess hopeless (RFC 6749 §10.10). */
const makeState = RandomSecret.make(32)

/**
 * What is registered of a redirect URI: for a loopback address all but the port, which is that of the moment (RFC 8252
 * §7.3); for any other host, to which that leave does not extend, the whole of it.
 */
const registrable = (redirectUri: string): string => {
  const url = new URL(redirectUri)
  if (["127.0.0.1", "[::1]"].includes(url.hostname)) url.port = ""
  return url.href
}

/**
 * Signs a person in with the browser of this machine.
 *
 * **Details**
 *
 * The token is not kept, and the start URL is taken as it is, also one under a domain of one's own: `Login.login` keeps
 * the one and resolves the other. The listener closes when the flow ends, in whatever way. Where the browser cannot reach
 * it, the person can paste the address that the browser was sent to, where the `AuthorizationPrompt` asks for it.
 *
 * @category flows
 * @since 0.1.0
 */
export const authorize = Effect.fn("SsoOidc.AuthorizationCodeFlow")(function* (
  session: SsoSession,
  options?: Options
): Effect.fn.Return<
  SsoToken.SsoToken,
  Failure,
  SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt | RedirectListener.RedirectListener | Scope.Scope
> {
  const service = yield* SsoOidc.SsoOidc
  const prompt = yield* AuthorizationPrompt
  const listener = yield* RedirectListener.RedirectListener
  const timeout = Duration.fromInputUnsafe(options?.timeout ?? "10 minutes")

  const state = yield* makeState
  const listening = yield* listener.listen({ state, port: options?.redirectPort, host: options?.redirectHost })
  const registration = yield* ClientRegistration.get(session, {
    clientName: options?.clientName,
    grantTypes,
    redirectUris: [registrable(listening.redirectUri)],
    issuerUrl: session.startUrl
  })
  const pkce = yield* Pkce.make

  // RFC 6749 §4.1.1 and RFC 7636 §4.3; the service's parameter is `scopes`
  const parameters = {
    response_type: "code",
    client_id: registration.clientId,
    redirect_uri: listening.redirectUri,
    state: Redacted.value(state),
    code_challenge_method: pkce.method,
    scopes: session.scopes.join(" "),
    code_challenge: pkce.challenge
  }
  const authorizationUrl = `${service.endpoint}/authorize?${new URLSearchParams(parameters)}`
  yield* prompt.show(State.Redirecting({ authorizationUrl, redirectUri: listening.redirectUri, timeLeft: timeout }))

  const pasted = pastedAnswer(prompt, state)
  const answer = yield* Effect.raceFirst(listening.answer, pasted).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(new CallbackTimeout({ duration: timeout }))
    })
  )
  const code = yield* Effect.fromResult(answer)

  // RFC 6749 §4.1.3 and RFC 7636 §4.5
  const output = yield* service.createToken({
    grantType: GrantType.authorizationCode,
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    code,
    redirectUri: listening.redirectUri,
    codeVerifier: pkce.verifier
  })
  const token = yield* SsoToken.fromOutput({ session, registration, output })
  yield* prompt.show(State.Authorized({ token }))
  return token
}, Effect.scoped)

/** What the person pastes, once it is the answer to this request. */
const pastedAnswer = (
  prompt: AuthorizationPrompt["Service"],
  state: Redacted.Redacted
): Effect.Effect<RedirectListener.Answer> =>
  prompt.pastedUrl === undefined
    ? Effect.never
    : Effect.flatMap(prompt.pastedUrl, (url) =>
        Effect.result(Effect.fromResult(RedirectListener.readCallback(url, state)))
      ).pipe(
        Effect.tap((read) => (Result.isFailure(read) ? Effect.logWarning(read.failure.message) : Effect.void)),
        Effect.repeat({ until: Result.isSuccess<RedirectListener.Answer, RedirectListener.CallbackRefused> }),
        Effect.map(({ success }) => success)
      )
