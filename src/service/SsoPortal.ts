/**
 * The AWS access portal of IAM Identity Center: the accounts and roles of a user, and credentials for the roles.
 *
 * **When to use**
 *
 * Use for the four operations themselves. `RoleCredentials` obtains AWS credentials, keeps them and obtains new ones
 * before they expire.
 *
 * **Example** (The accounts of a user)
 *
 * ```ts
 * import { Console, type Redacted, Stream } from "effect"
 * import { SsoPortal } from "effect-aws-sso"
 *
 * const program = (accessToken: Redacted.Redacted) =>
 *   SsoPortal.listAccountsStream({ accessToken }).pipe(
 *     Stream.runForEach(({ accountId, accountName }) => Console.log(accountId, accountName))
 *   )
 * ```
 *
 * Source: AWS IAM Identity Center Portal API Reference, version 2019-06-10.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import * as GetRoleCredentials from "../operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../operation/ListAccountRoles.ts"
import * as ListAccounts from "../operation/ListAccounts.ts"
import * as Logout from "../operation/Logout.ts"
import * as Client from "../wire/Client.ts"
import * as ClientConfig from "../wire/ClientConfig.ts"
import { type ClientError, type ConstructionFailure, ResponseError } from "../wire/ClientError.ts"
import { unmocked } from "./Mock.ts"

/**
 * The operations of the portal.
 *
 * **Details**
 *
 * Each operation fails with the exceptions that the service models for it, or with a `ClientError`. No response makes it
 * die.
 *
 * @category models
 * @since 0.2.0
 */
export interface SsoPortalService {
  /**
   * Where requests go: scheme, host and, for a custom endpoint, path, without a trailing slash. Fails where the settings
   * have neither a region nor an endpoint.
   */
  readonly endpoint: Effect.Effect<string, ConstructionFailure>
  readonly listAccounts: (
    input: ListAccounts.ListAccountsInput
  ) => Effect.Effect<ListAccounts.ListAccountsOutput, ListAccounts.ListAccountsError | ClientError>
  readonly listAccountRoles: (
    input: ListAccountRoles.ListAccountRolesInput
  ) => Effect.Effect<ListAccountRoles.ListAccountRolesOutput, ListAccountRoles.ListAccountRolesError | ClientError>
  readonly getRoleCredentials: (
    input: GetRoleCredentials.GetRoleCredentialsInput
  ) => Effect.Effect<
    GetRoleCredentials.GetRoleCredentialsOutput,
    GetRoleCredentials.GetRoleCredentialsError | ClientError
  >
  readonly logout: (input: Logout.LogoutInput) => Effect.Effect<void, Logout.LogoutError | ClientError>
  /**
   * The portal in a region, with the same settings and the same retry quota; a custom endpoint stays. The same region
   * gives the same portal each time. Fails where the region is invalid, or has no endpoint for the settings.
   */
  readonly inRegion: (region: string) => Effect.Effect<SsoPortalService, ConstructionFailure>
}

/**
 * The portal.
 *
 * **When to use**
 *
 * Use as the requirement of a program that lists accounts or roles, or obtains credentials. `layer` and `layerAws`
 * provide it, and `layerMock` in a test.
 *
 * @category services
 * @since 0.1.0
 */
export class SsoPortal extends Context.Service<SsoPortal, SsoPortalService>()("effect-aws-sso/SsoPortal") {}

/**
 * Makes the portal from settings.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` where a setting is invalid. The region can be missing: calls then fail until a
 * region is chosen with `inRegion`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  config?: ClientConfig.ClientConfig
) => Effect.Effect<SsoPortalService, ConstructionFailure, HttpClient.HttpClient> = Effect.fnUntraced(function* (
  config = {}
) {
  const client = yield* Client.make(
    { name: "SsoPortal", id: "SSO", endpoint: "sso", signingName: "awsssoportal" },
    config
  )
  const listAccounts = client.compile(ListAccounts.operation)
  const listAccountRoles = client.compile(ListAccountRoles.operation)
  const getRoleCredentials = client.compile(GetRoleCredentials.operation)
  const logout = client.compile(Logout.operation)
  return yield* client.service<SsoPortalService>(({ call, endpoint }, inRegion) => ({
    endpoint,
    listAccounts: call(listAccounts),
    listAccountRoles: call(listAccountRoles),
    getRoleCredentials: call(getRoleCredentials),
    logout: call(logout),
    inRegion
  }))
})

/**
 * Provides the portal with the settings given, on the `HttpClient` of the environment. Nothing else is read.
 *
 * **Details**
 *
 * The region can be missing, for a program that chooses it with `inRegion`, as `TokenProvider` and `RoleCredentials` do.
 * A raw operation then fails with a `ConstructionFailure` of reason `InvalidRegion`.
 *
 * **Example** (A region of the program's own choice)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { SsoPortal } from "effect-aws-sso"
 *
 * const SsoPortalLive = SsoPortal.layer({ region: "eu-west-1" }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  config?: ClientConfig.ClientConfig
): Layer.Layer<SsoPortal, ConstructionFailure, HttpClient.HttpClient> => Layer.effect(SsoPortal, make(config))

/**
 * Provides the portal with the settings given, completed from the environment and from the profile, as AWS tools read
 * them.
 *
 * **Details**
 *
 * `ClientConfig.load` lists the settings; the service is `sso`. Fails where one of them is invalid, and names where it
 * comes from, or where the AWS config files cannot be read.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerAws = (
  options?: ClientConfig.LayerAwsOptions
): Layer.Layer<SsoPortal, ClientConfig.ClientConfigError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Layer.effect(SsoPortal, Effect.flatMap(ClientConfig.load("sso", options), make))

/**
 * Provides the portal with settings that are read from Effect's `ConfigProvider`.
 *
 * **Example** (A region from a variable)
 *
 * ```ts
 * import { Config } from "effect"
 * import { SsoPortal } from "effect-aws-sso"
 *
 * const layer = SsoPortal.layerConfig({ region: Config.String("IDENTITY_CENTER_REGION") })
 * ```
 *
 * @category layers
 * @since 0.2.0
 */
export const layerConfig = (
  config: Config.Wrap<ClientConfig.ClientConfig>
): Layer.Layer<SsoPortal, ConstructionFailure | Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(SsoPortal, Effect.flatMap(Config.unwrap(config), make))

/**
 * Provides a portal for tests, from the operations given. `inRegion` gives the same portal for every region. Any other
 * operation dies with a message that names it.
 *
 * **Example** (A user with one account)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { SsoPortal } from "effect-aws-sso"
 *
 * const layer = SsoPortal.layerMock({
 *   listAccounts: () => Effect.succeed({ accountList: [{ accountId: "123456789012" }] })
 * })
 * ```
 *
 * @category testing
 * @since 0.2.0
 */
export const layerMock = (operations: Partial<SsoPortalService>): Layer.Layer<SsoPortal> =>
  Layer.sync(SsoPortal, () => {
    const unmockedOperation = unmocked("SsoPortal")
    const portal: SsoPortalService = {
      endpoint: Effect.succeed("https://portal.sso.us-east-1.amazonaws.com"),
      listAccounts: unmockedOperation("listAccounts"),
      listAccountRoles: unmockedOperation("listAccountRoles"),
      getRoleCredentials: unmockedOperation("getRoleCredentials"),
      logout: unmockedOperation("logout"),
      inRegion: () => Effect.succeed(portal),
      ...operations
    }
    return portal
  })

/**
 * One page of the accounts that are assigned to the user.
 *
 * @category operations
 * @since 0.1.0
 */
export const listAccounts = (
  input: ListAccounts.ListAccountsInput
): Effect.Effect<ListAccounts.ListAccountsOutput, ListAccounts.ListAccountsError | ClientError, SsoPortal> =>
  SsoPortal.use((portal) => portal.listAccounts(input))

/**
 * One page of the roles that are assigned to the user in an account.
 *
 * @category operations
 * @since 0.1.0
 */
export const listAccountRoles = (
  input: ListAccountRoles.ListAccountRolesInput
): Effect.Effect<
  ListAccountRoles.ListAccountRolesOutput,
  ListAccountRoles.ListAccountRolesError | ClientError,
  SsoPortal
> => SsoPortal.use((portal) => portal.listAccountRoles(input))

/**
 * The credentials of a role in an account.
 *
 * **Gotchas**
 *
 * For a role that is not assigned to the user, it fails with an `UnhandledServiceError` of code `ForbiddenException`,
 * which the service does not model.
 *
 * @category operations
 * @since 0.1.0
 */
export const getRoleCredentials = (
  input: GetRoleCredentials.GetRoleCredentialsInput
): Effect.Effect<
  GetRoleCredentials.GetRoleCredentialsOutput,
  GetRoleCredentials.GetRoleCredentialsError | ClientError,
  SsoPortal
> => SsoPortal.use((portal) => portal.getRoleCredentials(input))

/**
 * Ends the session of the token at the service, for every program that shares it.
 *
 * @category operations
 * @since 0.1.0
 */
export const logout = (input: Logout.LogoutInput): Effect.Effect<void, Logout.LogoutError | ClientError, SsoPortal> =>
  SsoPortal.use((portal) => portal.logout(input))

interface PageInput {
  readonly nextToken?: string | undefined
}

interface Page {
  readonly nextToken?: string
}

// All items of all pages. A page without a token, or with an empty one, is the last
const paginate = <Input extends PageInput, Output extends Page, A, E, R>(
  { name }: { readonly name: string },
  input: Input,
  call: (input: Input) => Effect.Effect<Output, E, R>,
  items: (output: Output) => ReadonlyArray<A>
): Stream.Stream<A, E | ResponseError, R> =>
  Stream.paginate(input, (input) =>
    Effect.flatMap(call(input), (output) => {
      const next = Option.filter(Option.fromUndefinedOr(output.nextToken), (token) => token !== "")
      // The same request would get the same response forever
      if (Option.contains(next, input.nextToken)) return Effect.fail(sameToken(name))
      return Effect.succeed([items(output), Option.map(next, (nextToken): Input => ({ ...input, nextToken }))])
    })
  )

const sameToken = (operation: string): ResponseError =>
  new ResponseError({
    operation,
    status: 200,
    reason: "UnexpectedShape",
    description: "nextToken is the token of the same page, so the pages never end: check the endpoint"
  })

/**
 * All accounts that are assigned to the user. A page is requested when the stream needs it. Fails with a `ResponseError`
 * of reason `UnexpectedShape` where a page has its own token as `nextToken`.
 *
 * @category streaming
 * @since 0.1.0
 */
export const listAccountsStream = (
  input: ListAccounts.ListAccountsInput
): Stream.Stream<ListAccounts.AccountInfo, ListAccounts.ListAccountsError | ClientError, SsoPortal> =>
  paginate(ListAccounts.operation, input, listAccounts, ({ accountList }) => accountList)

/**
 * All roles that are assigned to the user in an account. A page is requested when the stream needs it. Fails as
 * `listAccountsStream`.
 *
 * @category streaming
 * @since 0.1.0
 */
export const listAccountRolesStream = (
  input: ListAccountRoles.ListAccountRolesInput
): Stream.Stream<ListAccountRoles.RoleInfo, ListAccountRoles.ListAccountRolesError | ClientError, SsoPortal> =>
  paginate(ListAccountRoles.operation, input, listAccountRoles, ({ roleList }) => roleList)
