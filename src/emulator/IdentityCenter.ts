/**
 * A small emulator of AWS IAM Identity Center, for tests.
 *
 * **When to use**
 *
 * Use `layer` in tests: it provides the controls of the emulator, and an `HttpClient` that reaches it without a socket.
 * Use `serve` to run the emulator behind a real HTTP server, with pages on which a user signs in and allows access.
 *
 * **Details**
 *
 * The emulator registers clients, runs the device flow and the authorization code flow with PKCE, issues and refreshes
 * tokens, and is the portal that issues role credentials. Its responses have the statuses, headers and bodies of the
 * service. It checks client secrets, redirect URIs, code challenges, expiry, the poll interval, grant types and scopes.
 * Refresh tokens rotate. A code that is used twice revokes its tokens. Signatures are checked for their form and scope
 * only, because the emulator has no secret keys.
 *
 * Time is Effect's `Clock`, so `TestClock` controls it. Randomness is Effect's `Random`, so a seed makes a run
 * reproducible. Secrets are fake: each contains `emulated-` and its kind, so that a search through the output of a program
 * shows whether one was printed.
 *
 * **Example** (Approving a device authorization in a test)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { IdentityCenter } from "effect-aws-sso/testing"
 *
 * const test = Effect.gen(function*() {
 *   const center = yield* IdentityCenter.IdentityCenter
 *   // ... the program under test starts a device authorization ...
 *   const [authorization] = yield* center.deviceAuthorizations
 *   if (authorization !== undefined) {
 *     yield* center.approve(authorization.userCode)
 *   }
 * }).pipe(Effect.provide(IdentityCenter.layer({ interval: "1 second" })))
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Url from "effect/http/Url"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as InProcessClient from "./http/InProcessClient.ts"
import * as RequestLog from "./http/RequestLog.ts"
import * as Routes from "./http/Routes.ts"
import * as SocketServer from "./http/SocketServer.ts"
import { defaultRegion, type IdentityCenterOptions, toSettings } from "./IdentityCenterOptions.ts"
import type { InvalidAuthorizationRequest } from "./model/AuthorizationQuery.ts"
import type { AuthorizationRequest } from "./model/AuthorizationRequests.ts"
import type { DeviceAuthorization, UnknownUserCode } from "./model/DeviceAuthorizations.ts"
import type { UnknownUser } from "./model/DirectoryUser.ts"
import type { IssuedRoleCredentials } from "./model/Entitlements.ts"
import type { Fault, FaultTarget } from "./model/Fault.ts"
import type { QueuedFault } from "./model/FaultQueue.ts"
import * as IdentityCenterState from "./model/IdentityCenterState.ts"

export type { OperationName } from "./http/OperationEndpoints.ts"
export type { RequestRecord } from "./http/RequestLog.ts"
export type { ExceptionName } from "./http/ServerResponse.ts"
export type { IdentityCenterOptions } from "./IdentityCenterOptions.ts"
export { InvalidAuthorizationRequest } from "./model/AuthorizationQuery.ts"
export type { AuthorizationRequest } from "./model/AuthorizationRequests.ts"
export type { AuthorizationStatus } from "./model/AuthorizationStatus.ts"
export { type DeviceAuthorization, UnknownUserCode } from "./model/DeviceAuthorizations.ts"
export { Directory } from "./model/Directory.ts"
export { DirectoryAccount } from "./model/DirectoryAccount.ts"
export { DirectoryUser, Entitlement, UnknownUser } from "./model/DirectoryUser.ts"
export type { IssuedRoleCredentials } from "./model/Entitlements.ts"
export * as Fault from "./model/Fault.ts"

/**
 * The controls of a running emulator.
 *
 * @category services
 * @since 0.1.0
 */
export class IdentityCenter extends Context.Service<
  IdentityCenter,
  {
    /** The URL of the emulator: the endpoint for clients. */
    readonly baseUrl: string
    /**
     * Approves a device authorization in the name of a user. Case and punctuation of the user code do not matter. Default
     * user: the first one.
     */
    readonly approve: (
      userCode: string,
      options?: { readonly user?: string | undefined }
    ) => Effect.Effect<void, UnknownUserCode | UnknownUser>
    /** Denies a device authorization. */
    readonly deny: (userCode: string) => Effect.Effect<void, UnknownUserCode>
    /** All device authorizations, the oldest first. They are released an hour after they expire. */
    readonly deviceAuthorizations: Effect.Effect<ReadonlyArray<DeviceAuthorization>>
    /**
     * Does what a user does in a browser at the URL of an authorization request: signs in, and approves or denies the
     * request. Returns the URL that the browser is redirected to, with a code or an error. Only the query of the given URL
     * matters.
     */
    readonly signIn: (
      authorizeUrl: string | URL,
      options?: {
        /** Default: `true`. */
        readonly approve?: boolean | undefined
        /** The name of the user. Default: the first user. */
        readonly user?: string | undefined
      }
    ) => Effect.Effect<URL, InvalidAuthorizationRequest | UnknownUser>
    /**
     * All authorization requests that came through a browser or `signIn`, the oldest first. They are released an hour
     * after they expire.
     */
    readonly authorizationRequests: Effect.Effect<ReadonlyArray<AuthorizationRequest>>
    /**
     * The newest requests since the start or the last `clearRequests`, the oldest first, including those without a
     * response. The option `requestLogSize` limits their number.
     */
    readonly requests: Effect.Effect<ReadonlyArray<RequestLog.RequestRecord>>
    /** Empties the log of requests. */
    readonly clearRequests: Effect.Effect<void>
    /** Queues a fault for future requests. Default target: the next request to any operation. */
    readonly fault: (fault: Fault, target?: FaultTarget) => Effect.Effect<void>
    /** Removes all queued faults. */
    readonly clearFaults: Effect.Effect<void>
    /** All role credentials that the portal has issued, the oldest first. They are released an hour after they expire. */
    readonly roleCredentials: Effect.Effect<ReadonlyArray<IssuedRoleCredentials>>
    /** Revokes all issued access tokens: they are refused with `UnauthorizedException`. Refresh tokens stay valid. */
    readonly revokeAccessTokens: Effect.Effect<void>
    /** Revokes all issued refresh tokens: they are refused with `InvalidGrantException`. */
    readonly revokeRefreshTokens: Effect.Effect<void>
    /** Revokes all registered clients: they are refused with `InvalidClientException`. */
    readonly revokeClients: Effect.Effect<void>
  }
>()("effect-aws-sso/testing/IdentityCenter") {}

const queryOf = (url: string | URL): URLSearchParams =>
  Result.match(Url.fromString(String(url)), {
    onFailure: () => new URLSearchParams(),
    onSuccess: ({ searchParams }) => searchParams
  })

const make = Effect.fnUntraced(function* (
  options: IdentityCenterOptions,
  address: Pick<Routes.RoutesOptions, "baseUrl" | "origin" | "acceptsHost">
) {
  const settings = yield* toSettings(options)
  const state = IdentityCenterState.make(settings, yield* Digest.Digest)
  const log = RequestLog.make(settings.requestLogSize)
  const faults = Ref.makeUnsafe<ReadonlyArray<QueuedFault>>([])
  const controls = IdentityCenter.of({
    baseUrl: address.baseUrl,
    approve: (userCode, options) => state.approve(userCode, options?.user),
    deny: state.deny,
    deviceAuthorizations: state.deviceAuthorizations,
    signIn: (authorizeUrl, options) =>
      state.signIn(queryOf(authorizeUrl), { approve: options?.approve ?? true, user: options?.user }),
    authorizationRequests: state.authorizationRequests,
    requests: Effect.sync(log.all),
    clearRequests: Effect.sync(log.clear),
    fault: (fault, target) => Ref.update(faults, (queue) => [...queue, { ...target, fault }]),
    clearFaults: Ref.set(faults, []),
    roleCredentials: state.roleCredentials,
    revokeAccessTokens: state.revokeAccessTokens,
    revokeRefreshTokens: state.revokeRefreshTokens,
    revokeClients: state.revokeClients
  })
  const handler = Routes.make({
    ...address,
    state,
    log,
    faults,
    region: options.region ?? defaultRegion,
    cors: options.cors ?? false
  })
  return { controls, handler }
}, Effect.provide(Digest.layerWebCrypto))

/**
 * An emulator in this process, and an `HttpClient` that reaches it.
 *
 * **When to use**
 *
 * Use in tests. No socket is opened, and a request ends at once when its fiber is interrupted.
 *
 * **Gotchas**
 *
 * Requests to every host reach the emulator. The `host` in the log of requests shows where a request was sent.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: IdentityCenterOptions = {}): Layer.Layer<IdentityCenter | HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const baseUrl = options.baseUrl ?? `https://oidc.${options.region ?? defaultRegion}.amazonaws.com`
      const { controls, handler } = yield* make(options, {
        baseUrl,
        origin: () => baseUrl,
        acceptsHost: () => true
      })
      return Context.make(IdentityCenter, controls).pipe(
        Context.add(HttpClient.HttpClient, InProcessClient.make(handler))
      )
    })
  )

/**
 * An emulator behind the provided `HttpServer`, with pages for users at `/device` and `/authorize`.
 *
 * **When to use**
 *
 * Use for programs that do not run on Effect, and for sign-ins that a user approves in a browser.
 *
 * **Gotchas**
 *
 * The server refuses requests for other hosts than `localhost`, loopback addresses and the host of `baseUrl`. This
 * protects against web pages that reach the emulator under a host name of their own (DNS rebinding).
 *
 * **Example** (On a free port of the loopback address, with Node)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { NodeHttpServer } from "@effect/platform-node"
 * import { IdentityCenter } from "effect-aws-sso/testing"
 * import { createServer } from "node:http"
 *
 * const EmulatorLive = IdentityCenter.serve().pipe(
 *   Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const serve = (options: IdentityCenterOptions = {}): Layer.Layer<IdentityCenter, never, HttpServer.HttpServer> =>
  Layer.effect(
    IdentityCenter,
    Effect.gen(function* () {
      const server = yield* HttpServer.HttpServer
      const baseUrl = options.baseUrl ?? SocketServer.urlOf(server)
      const { controls, handler } = yield* make(options, {
        baseUrl,
        origin: (url) => options.baseUrl ?? url.origin,
        acceptsHost: SocketServer.acceptsHost(baseUrl)
      })
      yield* SocketServer.serve(server, handler)
      return controls
    })
  )
