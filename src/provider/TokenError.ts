/**
 * Why there is no token.
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import * as CreateToken from "../operation/CreateToken.ts"
import type { LoginFailed } from "../session/LoginFailed.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import type { StoreError } from "../store/StoreError.ts"
import * as ClientError from "../wire/ClientError.ts"
import { commandLine } from "./CommandLine.ts"

/**
 * Why the user has to sign in.
 *
 * - `NoToken`: the user has not signed in, or has signed out
 * - `Expired`: the token has expired, and came without a refresh token
 * - `RegistrationExpired`: the token has expired, and so has the client that could refresh it
 * - `RefreshRejected`: the service rejects the refresh token: the session has ended
 * - `TokenRejected`: the portal rejects an access token that has not expired: the session has ended
 *
 * @category models
 * @since 0.2.0
 */
export const LoginRequiredReason = Schema.TaggedUnion({
  NoToken: {},
  Expired: {},
  RegistrationExpired: {},
  RefreshRejected: {},
  TokenRejected: {}
})

/**
 * Why the user has to sign in.
 *
 * @category models
 * @since 0.2.0
 */
export type LoginRequiredReason = typeof LoginRequiredReason.Type

/**
 * The user has to sign in: nothing that is stored gives a token.
 *
 * **Example** (Telling an ended session from one that never began)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { TokenProvider } from "effect-aws-sso"
 *
 * const token = TokenProvider.TokenProvider.use(({ token }) => token).pipe(
 *   Effect.catchReason("LoginRequired", "RefreshRejected", () => Effect.die("your session has ended"))
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class LoginRequired extends Schema.TaggedError<LoginRequired>()("LoginRequired", {
  reason: LoginRequiredReason,
  startUrl: Schema.String,
  /** The command that signs the user in. */
  command: Schema.String
}) {
  override get message(): string {
    return `${explanations[this.reason._tag](this.startUrl)}. Sign in with \`${this.command}\``
  }
}

const explanations: { readonly [reason in LoginRequiredReason["_tag"]]: (startUrl: string) => string } = {
  NoToken: (startUrl) => `you are not signed in to ${startUrl}`,
  Expired: (startUrl) => `the token for ${startUrl} has expired`,
  RegistrationExpired: (startUrl) => `the token for ${startUrl} and its client registration have expired`,
  RefreshRejected: (startUrl) => `the session at ${startUrl} has ended`,
  TokenRejected: (startUrl) => `the session at ${startUrl} was ended`
}

/**
 * The token has expired, and could not be refreshed this time. A later call can succeed.
 *
 * @category errors
 * @since 0.2.0
 */
export class TokenUnavailable extends Schema.TaggedError<TokenUnavailable>()("TokenUnavailable", {
  /** What `CreateToken` failed with. */
  reason: Schema.Union([...CreateToken.errors, ...ClientError.all]),
  startUrl: Schema.String
}) {
  override get message(): string {
    return `the token for ${this.startUrl} could not be refreshed: ${this.reason.message}`
  }
}

/**
 * Why there is no token.
 *
 * **Details**
 *
 * - `LoginRequired`: only the user can help
 * - `LoginFailed`: the user was asked to sign in, and the sign-in failed (`layerInteractive` alone)
 * - `TokenUnavailable`: the token has expired, and the service could not be reached or failed
 * - `StoreError`: the store could not be read or written
 *
 * @category errors
 * @since 0.2.0
 */
export type TokenError = LoginRequired | LoginFailed | TokenUnavailable | StoreError

/** The command of this package that signs in to a session. */
export const loginCommand = ({
  name,
  region,
  startUrl
}: {
  readonly name?: string | undefined
  readonly startUrl: string
  readonly region: string
}): string =>
  commandLine([
    "effect-sso",
    "login",
    ...(name === undefined ? ["--start-url", startUrl, "--region", region] : ["--sso-session", name])
  ])

/** A `LoginRequired` for a session. */
export const loginRequired = (
  session: SsoSession,
  reason: LoginRequiredReason["_tag"],
  command: string = loginCommand(session)
): LoginRequired => new LoginRequired({ reason: { _tag: reason }, startUrl: session.startUrl, command })
