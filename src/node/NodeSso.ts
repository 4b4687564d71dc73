/**
 * One layer with everything that a sign-in needs from Node.
 *
 * **Example** (A sign-in on Node)
 *
 * ```ts
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Login, SsoOidc, SsoSession } from "effect-aws-sso"
 * import { NodeSso } from "effect-aws-sso/node"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 *   const token = yield* Login.login(session)
 *   yield* Effect.log("signed in until", token.expiresAt)
 * }).pipe(Effect.provide(SsoOidc.layer({ region: "us-east-1" })), Effect.provide(NodeSso.layer))
 *
 * NodeRuntime.runMain(program)
 * ```
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type { AuthorizationPrompt } from "../login/AuthorizationPrompt.ts"
import * as Login from "../login/Login.ts"
import type { RedirectListener } from "../login/RedirectListener.ts"
import * as VanityUrl from "../login/VanityUrl.ts"
import * as SsoStore from "../store/SsoStore.ts"
import type { StoreError } from "../store/StoreError.ts"
import * as RoleCredentials from "../provider/RoleCredentials.ts"
import * as TokenProvider from "../provider/TokenProvider.ts"
import type { SsoOidc } from "../service/SsoOidc.ts"
import type { SsoPortal } from "../service/SsoPortal.ts"
import type { SessionError } from "../session/SessionError.ts"
import type { AwsCredentials } from "../wire/AwsCredentials.ts"
import type { ClientConfigError } from "../wire/ClientConfig.ts"
import * as NodeHttp from "./NodeHttp.ts"
import * as NodePrompt from "./NodePrompt.ts"
import * as NodeRedirectListener from "./NodeRedirectListener.ts"

/**
 * Provides what `layer` provides, except the store: for a program that stores tokens elsewhere, such as in Redis, and
 * may have no home directory.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPlatform: Layer.Layer<
  AuthorizationPrompt | FileSystem.FileSystem | HttpClient.HttpClient | Path.Path | RedirectListener
> = Layer.mergeAll(
  Layer.provideMerge(VanityUrl.layer, NodeHttp.layer),
  NodePrompt.layer(),
  NodeRedirectListener.layer
).pipe(
  Layer.provide(Layer.mergeAll(NodeStdio.layer, NodeTerminal.layer)),
  Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer))
)

/**
 * Provides the `HttpClient`, the store that all AWS tools share, the `AuthorizationPrompt` with the browser, the
 * `RedirectListener`, the `VanityUrl.Resolver`, and the services of Node that they and the config files need.
 *
 * **When to use**
 *
 * Provide it last, below `SsoOidc.layer` or `SsoOidc.layerAws`. To replace a part of it, provide that part first.
 *
 * **Details**
 *
 * - Connections are kept alive, and made through the proxies and with the certificate authorities of the environment, as
 *   `NodeHttp.layer` describes.
 * - Tokens are stored in `~/.aws/sso/cache`, and role credentials in `~/.aws/cli/cache`. Fails with a `StoreError` if there
 *   is no home directory.
 * - What the user must do is printed on standard error, and the page is opened in the browser, if there is one.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  | AuthorizationPrompt
  | FileSystem.FileSystem
  | HttpClient.HttpClient
  | Path.Path
  | RedirectListener
  | SsoStore.Services,
  StoreError
> = SsoStore.layerFile().pipe(Layer.provideMerge(layerPlatform))

/**
 * How `layerProfile` obtains tokens and credentials.
 *
 * @category models
 * @since 0.2.0
 */
export interface LayerProfileOptions extends RoleCredentials.RoleCredentialsOptions {
  /** Whether the user is asked to sign in when that is needed. `false` by default: the calls fail with `LoginRequired`. */
  readonly interactive?: boolean | undefined
}

/**
 * Provides what a profile is configured for, on `layer`: `SsoOidc`, `SsoPortal`, `TokenProvider`, `RoleCredentials` and
 * `AwsCredentials`.
 *
 * **When to use**
 *
 * Use in a program that runs on one profile: it is all the wiring that such a program needs.
 *
 * **Details**
 *
 * - `name`: `AWS_PROFILE` by default, else `default`
 *
 * Fails with a `SessionError` where the profile has no session, account or role, and with an error of `layerAws` where a
 * setting is invalid.
 *
 * **Example** (The accounts of the user of a profile)
 *
 * ```ts
 * import { SsoPortal, TokenProvider } from "effect-aws-sso"
 * import { NodeSso } from "effect-aws-sso/node"
 * import { Effect } from "effect"
 *
 * const accounts = TokenProvider.withToken(({ accessToken }) => SsoPortal.listAccounts({ accessToken })).pipe(
 *   Effect.provide(NodeSso.layerProfile("my-profile", { interactive: true }))
 * )
 * ```
 *
 * @category layers
 * @since 0.2.0
 */
export const layerProfile = (
  name?: string,
  options?: LayerProfileOptions
): Layer.Layer<
  SsoOidc | SsoPortal | TokenProvider.TokenProvider | RoleCredentials.RoleCredentials | AwsCredentials,
  SessionError | ClientConfigError | StoreError
> =>
  (options?.interactive === true
    ? RoleCredentials.layerProfile(name, {
        ...options,
        provider: (session) => TokenProvider.layerInteractive(session, Login.login(session))
      })
    : RoleCredentials.layerProfile(name, options)
  ).pipe(Layer.provide(layer))
