/**
 * Listens on this machine for the browser that returns with the authorization code.
 *
 * **When to use**
 *
 * Provide `NodeRedirectListener.layer` on Node. Implement this service for another runtime, and read the callbacks with
 * `AuthorizationResponse.read`, which checks them.
 *
 * Source: RFC 8252 §7.3 and §8.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ListenFailure } from "../session/LoginFailed.ts"
import type { AuthorizationResponse } from "./AuthorizationResponse.ts"

export { ListenFailure } from "../session/LoginFailed.ts"

/**
 * What to listen for.
 *
 * @category models
 * @since 0.2.0
 */
export interface ListenOptions {
  /** The state of the authorization request. A callback with another state is refused. */
  readonly state: Redacted.Redacted
  /** The port to listen on. A free port by default. */
  readonly port?: number | undefined
  /** The host of the redirect URI, such as the end of a tunnel. The loopback address by default, which is bound always. */
  readonly host?: string | undefined
}

/**
 * An open listener.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listening {
  /** The redirect URI of the authorization request. */
  readonly redirectUri: string
  /** Waits for the authorization response. Every other request is refused. */
  readonly response: Effect.Effect<AuthorizationResponse>
}

/**
 * Opens listeners.
 *
 * @category services
 * @since 0.1.0
 */
export class RedirectListener extends Context.Service<
  RedirectListener,
  {
    /** Opens a listener that closes with the scope. */
    readonly listen: (options: ListenOptions) => Effect.Effect<Listening, ListenFailure, Scope.Scope>
  }
>()("effect-aws-sso/RedirectListener") {}
