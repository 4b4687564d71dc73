/**
 * A small, honest IAM Identity Center of one's own.
 *
 * **When to use**
 *
 * Use `layer` in tests: it provides the emulator's controls, and an `HttpClient` that talks to it without a socket. Use
 * `serve` to put the emulator behind a real HTTP server, with pages on which a person signs in and approves.
 *
 * **Details**
 *
 * The emulator registers clients, runs device authorizations and the authorization code flow with PKCE, issues and renews
 * tokens, and is the portal where these buy the credentials of roles, with the statuses, headers and bodies of the
 * service. It runs on the `Clock`, so that `TestClock` drives it, and draws from `Random`, so that a seed makes it
 * reproducible. It checks client secrets, redirect URIs, challenges, expiry, the poll interval, grants and scopes;
 * refresh tokens rotate, and a code that is used twice takes back what it gave. Of a signature it checks form and
 * scope, since it knows no secret keys.
 *
 * Its secrets are fake, and each has `emulated-` and its kind in it, so that a search through the output of a program
 * tells whether one got out.
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
 *   const [authorization] = yield* center.authorizations
 *   if (authorization !== undefined) {
 *     yield* center.approve(authorization.userCode)
 *   }
 * }).pipe(Effect.provide(IdentityCenter.layer({ interval: "1 second" })))
 * ```
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Url from "effect/http/Url"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Account } from "./model/Account.ts"
import type { InvalidAuthorizationRequest } from "./model/AuthorizationQuery.ts"
import type { AuthorizationRequest } from "./model/AuthorizationRequests.ts"
import * as Data from "./model/Data.ts"
import type { Authorization, UnknownUserCode } from "./model/DeviceAuthorizations.ts"
import type * as Fault from "./model/Fault.ts"
import type { IssuedRoleCredentials } from "./model/Entitlements.ts"
import * as RequestLog from "./http/RequestLog.ts"
import * as Routes from "./http/Routes.ts"
import * as State from "./model/State.ts"
import type * as User from "./model/User.ts"

/**
 * What the emulator can be told to do instead of its duty.
 *
 * @since 0.1.0
 */
export * as Fault from "./model/Fault.ts"

/**
 * The operations that the emulator knows.
 *
 * @category models
 * @since 0.1.0
 */
export type { OperationName } from "./http/Operations.ts"

/**
 * A request that the emulator was sent.
 *
 * @category models
 * @since 0.1.0
 */
export type { RequestRecord } from "./http/RequestLog.ts"

/**
 * A device authorization, and what may have become of it.
 *
 * @category models
 * @since 0.1.0
 */
export type { Authorization } from "./model/DeviceAuthorizations.ts"

/**
 * An authorization request that came through a browser, and what may have become of it.
 *
 * @category models
 * @since 0.1.0
 */
export type { AuthorizationRequest } from "./model/AuthorizationRequests.ts"

/**
 * What has become of an authorization.
 *
 * @category models
 * @since 0.1.0
 */
export type { Status } from "./model/Decision.ts"

/**
 * A person who can sign in.
 *
 * @category models
 * @since 0.1.0
 */
export type { User } from "./model/User.ts"

/**
 * The roles of an account that a person may take on.
 *
 * @category models
 * @since 0.1.0
 */
export type { Entitlement } from "./model/User.ts"

/**
 * An AWS account, and the roles that there are in it.
 *
 * @category models
 * @since 0.1.0
 */
export type { Account } from "./model/Account.ts"

/**
 * The users and the accounts of an emulator, as one reads them from a file.
 *
 * @category schemas
 * @since 0.1.0
 */
export { Data } from "./model/Data.ts"

/**
 * Credentials that the portal has given out.
 *
 * @category models
 * @since 0.1.0
 */
export type { IssuedRoleCredentials } from "./model/Entitlements.ts"

/**
 * There is no pending device authorization with this user code.
 *
 * @category errors
 * @since 0.1.0
 */
export { UnknownUserCode } from "./model/DeviceAuthorizations.ts"

/**
 * There is no user of this name.
 *
 * @category errors
 * @since 0.1.0
 */
export { UnknownUser } from "./model/User.ts"

/**
 * An authorization request that no answer can be sent to.
 *
 * @category errors
 * @since 0.1.0
 */
export { InvalidAuthorizationRequest } from "./model/AuthorizationQuery.ts"

/**
 * How the emulator behaves.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The region it stands in for, which signatures must be scoped to. Default: `us-east-1`. */
  readonly region?: string | undefined
  /**
   * Where clients and people reach it. Default: `https://oidc.{region}.amazonaws.com` in process; behind a server, the
   * address that each request was sent to.
   */
  readonly baseUrl?: string | undefined
  /** The least time between two polls. Default: 5 seconds. */
  readonly interval?: Duration.Input | undefined
  /** The life of a device code and its user code. Default: 10 minutes. */
  readonly deviceCodeLifetime?: Duration.Input | undefined
  /** The life of an access token. Default: 8 hours. */
  readonly accessTokenLifetime?: Duration.Input | undefined
  /** The life of a client's registration. Default: 90 days. */
  readonly registrationLifetime?: Duration.Input | undefined
  /**
   * Who can sign in, one at least: on the pages by a click, since nobody has a password. Default: `alice`, who may take
   * on every role, and `bob`, who may take on the last role of the first account.
   */
  readonly users?: Arr.NonEmptyReadonlyArray<User.User> | undefined
  /** The AWS accounts that they are let into. Default: three, with an administrator's and a reader's role in each. */
  readonly accounts?: ReadonlyArray<Account> | undefined
  /** How much a page of the portal holds where nothing else is asked for. Default: 20. */
  readonly pageSize?: number | undefined
  /** The life of a role's credentials, in whole seconds. Default: 1 hour. */
  readonly roleCredentialsLifetime?: Duration.Input | undefined
  /** How long after its start a device authorization counts as approved by itself, in the name of the first user. Default: never. */
  readonly autoApprove?: Duration.Input | undefined
}

/**
 * The controls of a running emulator.
 *
 * @category services
 * @since 0.1.0
 */
export class IdentityCenter extends Context.Service<
  IdentityCenter,
  {
    /** Where it is reachable: what a client takes as its endpoint. */
    readonly baseUrl: string
    /**
     * Says yes to a device, in the name of a user. Case and punctuation of the user code do not matter. Default user:
     * the first one.
     */
    readonly approve: (
      userCode: string,
      options?: { readonly user?: string | undefined }
    ) => Effect.Effect<void, UnknownUserCode | User.UnknownUser>
    /** Says no to a device. */
    readonly deny: (userCode: string) => Effect.Effect<void, UnknownUserCode>
    /** All device authorizations, the oldest first. */
    readonly authorizations: Effect.Effect<ReadonlyArray<Authorization>>
    /**
     * Does what a person does in a browser at the address of an authorization request: signs in as a user, the first one
     * by default, and approves, or does not. Returns where the browser is sent, with a code or with an error. Of the
     * address, only the query matters.
     */
    readonly signIn: (
      authorizeUrl: string | URL,
      options?: {
        /** Default: `true`. */
        readonly approve?: boolean | undefined
        readonly user?: string | undefined
      }
    ) => Effect.Effect<URL, InvalidAuthorizationRequest | User.UnknownUser>
    /** All authorization requests that came through a browser or `signIn`, the oldest first. */
    readonly authorizationRequests: Effect.Effect<ReadonlyArray<AuthorizationRequest>>
    /** All requests since the start or the last `clearRequests`, the oldest first, those under way included. */
    readonly requests: Effect.Effect<ReadonlyArray<RequestLog.RequestRecord>>
    readonly clearRequests: Effect.Effect<void>
    /** Queues a fault for requests to come. Default target: the next request to any operation. */
    readonly fault: (fault: Fault.Fault, target?: Fault.Target) => Effect.Effect<void>
    /** Forgets the faults that no request has met yet. */
    readonly clearFaults: Effect.Effect<void>
    /** All credentials of roles that the portal has given out, the oldest first. */
    readonly roleCredentials: Effect.Effect<ReadonlyArray<IssuedRoleCredentials>>
    /**
     * From now on refuses every access token given out so far with `UnauthorizedException`. Refresh tokens stay good.
     */
    readonly revokeAccessTokens: Effect.Effect<void>
    /** From now on refuses every refresh token given out so far with `InvalidGrantException`. */
    readonly revokeRefreshTokens: Effect.Effect<void>
    /** From now on refuses every client registered so far with `InvalidClientException`. */
    readonly revokeClients: Effect.Effect<void>
  }
>()("effect-aws-sso/testing/IdentityCenter") {}

const millis = (input: Duration.Input | undefined, otherwise: Duration.Input): number =>
  Duration.toMillis(input ?? otherwise)

const decodePageSize = Schema.decodeUnknownEffect(Schema.Int.check(Schema.isGreaterThan(0)))

const decodeData = Schema.decodeUnknownEffect(Data.Data)

const defaultRegion = "us-east-1"

const queryOf = (url: string | URL): URLSearchParams =>
  Result.match(Url.fromString(String(url)), {
    onFailure: () => new URLSearchParams(),
    onSuccess: ({ searchParams }) => searchParams
  })

const make = Effect.fnUntraced(function* (options: Options, baseUrl: string, origin: (url: URL) => string) {
  const digest = yield* Digest.Digest
  const data = yield* Effect.orDie(decodeData(options))
  const pageSize = yield* Effect.orDie(decodePageSize(options.pageSize ?? 20))
  const state = State.make(
    {
      ...Data.complete(data),
      interval: millis(options.interval, "5 seconds"),
      deviceCodeLifetime: millis(options.deviceCodeLifetime, "10 minutes"),
      accessTokenLifetime: millis(options.accessTokenLifetime, "8 hours"),
      registrationLifetime: millis(options.registrationLifetime, "90 days"),
      autoApprove: options.autoApprove === undefined ? undefined : Duration.toMillis(options.autoApprove),
      pageSize,
      roleCredentialsLifetime: millis(options.roleCredentialsLifetime, "1 hour")
    },
    digest
  )
  const log = RequestLog.make()
  const faults = Ref.makeUnsafe<ReadonlyArray<Fault.Queued>>([])
  const controls = IdentityCenter.of({
    baseUrl,
    approve: (userCode, options) => state.approve(userCode, options?.user),
    deny: state.deny,
    authorizations: state.authorizations,
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
  const handle = Routes.make({ state, log, faults, region: options.region ?? defaultRegion, baseUrl, origin })
  return { controls, handle }
}, Effect.provide(Digest.layerWebCrypto))

/**
 * An emulator in this process, and the `HttpClient` that reaches it.
 *
 * **When to use**
 *
 * Use in tests. No socket is opened; a request ends at once when its fiber is interrupted.
 *
 * **Gotchas**
 *
 * The client reaches the emulator under every host: the log's `host` tells where a request was meant to go.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<IdentityCenter | HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const baseUrl = options.baseUrl ?? `https://oidc.${options.region ?? defaultRegion}.amazonaws.com`
      const { controls, handle } = yield* make(options, baseUrl, () => baseUrl)
      const client = HttpClient.make((request) =>
        handle.pipe(
          Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
          Effect.mapBoth({
            onSuccess: (response) => HttpServerResponse.toClientResponse(response, { request }),
            onFailure: () =>
              new HttpClientError.HttpClientError({
                reason: new HttpClientError.TransportError({ request, description: "the connection was dropped" })
              })
          })
        )
      )
      return Context.make(IdentityCenter, controls).pipe(Context.add(HttpClient.HttpClient, client))
    })
  )

// A body that fails before its first byte: the server has no way left but to destroy the connection.
const droppedConnection = HttpServerResponse.stream(Stream.fail("dropped"))

// People cannot open a wildcard address.
const reachableUrl = (address: NetAddress.SocketAddress): string => {
  const unspecified = NetAddress.isInetAddress(address) && NetAddress.isUnspecified(address.address)
  return HttpServer.formatAddress(
    unspecified ? NetAddress.inetAddressUnsafe(NetAddress.ipv4Loopback, address.port) : address
  )
}

/**
 * An emulator behind the `HttpServer` that is provided, with pages for people at `/device` and `/authorize`.
 *
 * **When to use**
 *
 * Use where the other side is no Effect program, or where a person shall approve.
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
export const serve = (options: Options = {}): Layer.Layer<IdentityCenter, never, HttpServer.HttpServer> =>
  Layer.effect(
    IdentityCenter,
    Effect.gen(function* () {
      const server = yield* HttpServer.HttpServer
      const baseUrl = options.baseUrl ?? reachableUrl(server.address)
      const { controls, handle } = yield* make(options, baseUrl, (url) => options.baseUrl ?? url.origin)
      yield* server.serve(
        handle.pipe(
          Effect.catchTag("Dropped", () => Effect.succeed(droppedConnection)),
          // Servers run handlers uninterruptible unless told otherwise; a client that goes away ends its request.
          Effect.interruptible
        )
      )
      return controls
    })
  )
