/**
 * The portal of AWS IAM Identity Center: which accounts and roles a person has, and the credentials of these.
 *
 * **When to use**
 *
 * Use for the four operations themselves. A program that wants AWS credentials, cached and renewed, uses
 * `RoleCredentials`.
 *
 * **Example** (The accounts of whoever is signed in)
 *
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { SsoPortal, TokenProvider, type SsoSession } from "effect-aws-sso"
 *
 * const program = (session: SsoSession.SsoSession) =>
 *   TokenProvider.withPortal(session, ({ accessToken }) =>
 *     SsoPortal.listAccountsStream({ accessToken }).pipe(
 *       Stream.runForEach(({ accountId, accountName }) => Console.log(accountId, accountName))
 *     )
 *   ).pipe(Effect.provide(SsoPortal.layer({ region: session.region })))
 * ```
 *
 * Source: AWS IAM Identity Center Portal API Reference, version 2019-06-10.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
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

/**
 * What the portal offers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** Where requests go: scheme, host and, for an endpoint of one's own, path, without a trailing slash. */
  readonly endpoint: string
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
   * The same portal in another region, with the same settings; an endpoint of one's own stays. Asked for where a token
   * belongs to another region than its session. Fails where the settings have no endpoint there.
   */
  readonly inRegion: (region: string) => Effect.Effect<Service, ConstructionFailure>
}

/**
 * The portal.
 *
 * **When to use**
 *
 * Use as the requirement of a program that asks for accounts, roles or credentials; `layer` provides it, and a test
 * provides another.
 *
 * **Details**
 *
 * Each operation fails with the exceptions that the service models for it, or with a `ClientError`; none of them dies
 * of what a server answered.
 *
 * @category services
 * @since 0.1.0
 */
export class SsoPortal extends Context.Service<SsoPortal, Service>()("effect-aws-sso/SsoPortal") {}

/**
 * Builds the portal of one region or endpoint.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` where the settings do not give an endpoint, before anything is sent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  config: ClientConfig.ClientConfig
) => Effect.Effect<Service, ConstructionFailure, HttpClient.HttpClient> = Effect.fnUntraced(function* (config) {
  const http = yield* HttpClient.HttpClient
  const client = yield* Client.make(
    { name: "SsoPortal", id: "SSO", endpoint: "sso", signingName: "awsssoportal" },
    config
  )
  return SsoPortal.of({
    endpoint: client.endpoint,
    listAccounts: client.call(ListAccounts.operation),
    listAccountRoles: client.call(ListAccountRoles.operation),
    getRoleCredentials: client.call(GetRoleCredentials.operation),
    logout: client.call(Logout.operation),
    inRegion: (region) => Effect.provideService(make({ ...config, region }), HttpClient.HttpClient, http)
  })
})

/**
 * Provides the portal of one region or endpoint, on the `HttpClient` of the environment.
 *
 * **Example** (The region of a session)
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
  config: ClientConfig.ClientConfig
): Layer.Layer<SsoPortal, ConstructionFailure, HttpClient.HttpClient> => Layer.effect(SsoPortal, make(config))

/**
 * Provides the portal with the settings of the program, completed by those of the environment and of the profile.
 *
 * **Details**
 *
 * `ClientConfig.load` has the table of settings; the service is `sso`. Fails where one of them is invalid, naming its
 * origin, or where the shared files cannot be read.
 *
 * - `profile`: `AWS_PROFILE` by default, else `default`
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options?: ClientConfig.ClientConfig & { readonly profile?: string | undefined }
): Layer.Layer<SsoPortal, ClientConfig.LoadFailure, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Layer.effect(SsoPortal, Effect.flatMap(ClientConfig.load("sso", options), make))

/**
 * One page of the accounts that are assigned to the person.
 *
 * @category operations
 * @since 0.1.0
 */
export const listAccounts = (
  input: ListAccounts.ListAccountsInput
): Effect.Effect<ListAccounts.ListAccountsOutput, ListAccounts.ListAccountsError | ClientError, SsoPortal> =>
  SsoPortal.use((portal) => portal.listAccounts(input))

/**
 * One page of the roles that are assigned to the person in an account.
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
 * A role that is not assigned to the person is an `UnhandledServiceError` with the code `ForbiddenException`, which the
 * service does not model.
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
 * Ends the session of the token at the service, for everybody who shares it.
 *
 * @category operations
 * @since 0.1.0
 */
export const logout = (input: Logout.LogoutInput): Effect.Effect<void, Logout.LogoutError | ClientError, SsoPortal> =>
  SsoPortal.use((portal) => portal.logout(input))

// The members of each page, and what asks for the next one; a page that names none is the last
const pages = <Input extends { readonly nextToken?: string | undefined }, Output extends Page, A, E, R>(
  { name }: { readonly name: string },
  input: Input,
  call: (input: Input) => Effect.Effect<Output, E, R>,
  items: (output: Output) => ReadonlyArray<A>
): Stream.Stream<A, E | ResponseError, R> =>
  Stream.paginate(input, (input) =>
    Effect.flatMap(call(input), (output) => {
      const next = Option.filter(Option.fromUndefinedOr(output.nextToken), (token) => token !== "")
      // What was answered once is answered for ever
      if (Option.contains(next, input.nextToken)) return Effect.fail(endless(name))
      return Effect.succeed([items(output), Option.map(next, (nextToken): Input => ({ ...input, nextToken }))])
    })
  )

const endless = (operation: string): ResponseError =>
  new ResponseError({
    operation,
    status: 200,
    reason: "UnexpectedShape",
    description: "nextToken leads to the page that it came with, and so to no end: check the endpoint"
  })

interface Page {
  readonly nextToken?: string
}

/**
 * All accounts that are assigned to the person, from all pages, which are asked for as the stream is read. Fails with a
 * `ResponseError` of reason `UnexpectedShape` where a page leads to itself.
 *
 * @category streaming
 * @since 0.1.0
 */
export const listAccountsStream = (
  input: ListAccounts.ListAccountsInput
): Stream.Stream<ListAccounts.AccountInfo, ListAccounts.ListAccountsError | ClientError, SsoPortal> =>
  pages(ListAccounts.operation, input, listAccounts, ({ accountList }) => accountList)

/**
 * All roles that are assigned to the person in an account, from all pages, which are asked for as the stream is read.
 * Fails as `listAccountsStream`.
 *
 * @category streaming
 * @since 0.1.0
 */
export const listAccountRolesStream = (
  input: ListAccountRoles.ListAccountRolesInput
): Stream.Stream<ListAccountRoles.RoleInfo, ListAccountRoles.ListAccountRolesError | ClientError, SsoPortal> =>
  pages(ListAccountRoles.operation, input, listAccountRoles, ({ roleList }) => roleList)
