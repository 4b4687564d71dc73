/**
 * The state machine: what each operation, each page and each control does to clients, authorizations and tokens.
 *
 * It knows nothing of HTTP.
 */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as CreateToken from "../../operation/CreateToken.ts"
import type * as CreateTokenWithIAM from "../../operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as GrantType from "../../operation/GrantType.ts"
import type * as GetRoleCredentials from "../../operation/GetRoleCredentials.ts"
import type * as ListAccountRoles from "../../operation/ListAccountRoles.ts"
import type * as ListAccounts from "../../operation/ListAccounts.ts"
import type * as Logout from "../../operation/Logout.ts"
import type * as RegisterClient from "../../operation/RegisterClient.ts"
import type * as StartDeviceAuthorization from "../../operation/StartDeviceAuthorization.ts"
import * as AuthorizationQuery from "./AuthorizationQuery.ts"
import * as AuthorizationRequests from "./AuthorizationRequests.ts"
import * as Checks from "./Checks.ts"
import * as Clients from "./Clients.ts"
import type * as Data from "./Data.ts"
import * as Decision from "./Decision.ts"
import * as DeviceAuthorizations from "./DeviceAuthorizations.ts"
import * as Fake from "./Fake.ts"
import * as Portal from "./Entitlements.ts"
import * as Tokens from "./Tokens.ts"
import { transition } from "./Transition.ts"
import * as User from "./User.ts"

/**
 * Who can sign in and to what, and the times that matter, in milliseconds.
 *
 * @internal
 */
export interface Settings extends Data.Complete {
  readonly interval: number
  readonly deviceCodeLifetime: number
  readonly accessTokenLifetime: number
  readonly registrationLifetime: number
  readonly autoApprove: number | undefined
  readonly pageSize: number
  readonly roleCredentialsLifetime: number
}

/**
 * The transitions.
 *
 * @internal
 */
export interface State {
  readonly users: User.Users
  readonly registerClient: (
    input: RegisterClient.RegisterClientInput
  ) => Effect.Effect<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError>
  readonly startDeviceAuthorization: (
    input: StartDeviceAuthorization.StartDeviceAuthorizationInput,
    verificationUri: string
  ) => Effect.Effect<
    StartDeviceAuthorization.StartDeviceAuthorizationOutput,
    StartDeviceAuthorization.StartDeviceAuthorizationError
  >
  readonly createToken: (
    input: CreateToken.CreateTokenInput
  ) => Effect.Effect<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError>
  readonly createTokenWithIAM: (
    input: CreateTokenWithIAM.CreateTokenWithIAMInput
  ) => Effect.Effect<CreateTokenWithIAM.CreateTokenWithIAMOutput, CreateTokenWithIAM.CreateTokenWithIAMError>
  readonly listAccounts: (
    input: ListAccounts.ListAccountsInput
  ) => Effect.Effect<ListAccounts.ListAccountsOutput, ListAccounts.ListAccountsError>
  readonly listAccountRoles: (
    input: ListAccountRoles.ListAccountRolesInput
  ) => Effect.Effect<
    ListAccountRoles.ListAccountRolesOutput,
    ListAccountRoles.ListAccountRolesError | Portal.ForbiddenException
  >
  readonly getRoleCredentials: (
    input: GetRoleCredentials.GetRoleCredentialsInput
  ) => Effect.Effect<
    GetRoleCredentials.GetRoleCredentialsOutput,
    GetRoleCredentials.GetRoleCredentialsError | Portal.ForbiddenException
  >
  readonly logout: (input: Logout.LogoutInput) => Effect.Effect<void, Logout.LogoutError>

  /** Says yes to a device, in the name of the user: the first one, where none is named. */
  readonly approve: (
    userCode: string,
    user: string | undefined
  ) => Effect.Effect<void, DeviceAuthorizations.UnknownUserCode | User.UnknownUser>
  /** Says no to a device. */
  readonly deny: (userCode: string) => Effect.Effect<void, DeviceAuthorizations.UnknownUserCode>
  /** The device authorization, with the token that its form on the page must bring back. */
  readonly find: (
    userCode: string
  ) => Effect.Effect<
    Option.Option<{ readonly authorization: DeviceAuthorizations.Authorization; readonly formToken: string }>
  >
  readonly authorizations: Effect.Effect<ReadonlyArray<DeviceAuthorizations.Authorization>>

  /** Takes an authorization request that came through a browser. */
  readonly openRequest: (
    query: URLSearchParams
  ) => Effect.Effect<
    AuthorizationRequests.Request,
    AuthorizationQuery.InvalidAuthorizationRequest | AuthorizationQuery.SentBack
  >
  readonly pendingRequest: (
    id: string
  ) => Effect.Effect<AuthorizationRequests.Request, AuthorizationRequests.NotPending>
  /** Says yes to a request in the name of the user, and returns where that leads. */
  readonly approveRequest: (
    id: string,
    user: string
  ) => Effect.Effect<URL, AuthorizationRequests.NotPending | User.UnknownUser>
  /** Says no to a request, and returns where that leads. */
  readonly denyRequest: (id: string) => Effect.Effect<URL, AuthorizationRequests.NotPending>
  /** All that a person would do with a request, in one step. */
  readonly signIn: (
    query: URLSearchParams,
    answer: { readonly approve: boolean; readonly user: string | undefined }
  ) => Effect.Effect<URL, AuthorizationQuery.InvalidAuthorizationRequest | User.UnknownUser>
  readonly authorizationRequests: Effect.Effect<ReadonlyArray<AuthorizationRequests.AuthorizationRequest>>

  readonly roleCredentials: Effect.Effect<ReadonlyArray<Portal.IssuedRoleCredentials>>

  readonly revokeAccessTokens: Effect.Effect<void>
  readonly revokeRefreshTokens: Effect.Effect<void>
  readonly revokeClients: Effect.Effect<void>
}

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
const refreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token"

// What an application gets that asks for no scope (CreateTokenWithIAM, "scope").
const defaultApplicationScopes: ReadonlyArray<string> = ["openid", "aws", "sts:identity_context"]

/**
 * A state in which nothing is known yet.
 *
 * @internal
 */
export const make = (settings: Settings, digest: Digest.Digest["Service"]): State => {
  const clients = Clients.make({ lifetime: settings.registrationLifetime })
  const tokens = Tokens.make({ lifetime: settings.accessTokenLifetime })
  const portal = Portal.make({ ...settings, tokens })
  const requests = AuthorizationRequests.make()
  const devices = DeviceAuthorizations.make({
    interval: settings.interval,
    lifetime: settings.deviceCodeLifetime,
    autoApprove: settings.autoApprove === undefined ? undefined : { after: settings.autoApprove, by: settings.users[0] }
  })

  const approval = (user: string | undefined): Result.Result<Decision.Decision, User.UnknownUser> =>
    Result.map(User.find(settings.users, user), Decision.approvedBy)

  // RFC 7636 §4.6
  const challengeOf = (codeVerifier: Redacted.Redacted): Effect.Effect<string> =>
    Effect.map(digest.digest(Digest.sha256, new TextEncoder().encode(Redacted.value(codeVerifier))), Base64Url.encode)

  return {
    users: settings.users,

    registerClient: (input) => transition((moment) => clients.register(input, moment)),

    startDeviceAuthorization: (input, verificationUri) =>
      transition((moment) =>
        Result.map(clients.authenticate(input, GrantType.deviceCode, moment), (client) =>
          devices.start(client, input.startUrl, verificationUri, moment)
        )
      ),

    createToken: Effect.fnUntraced(function* (input) {
      // A digest takes its time: what has to happen at once begins after it.
      const codeChallenge =
        input.grantType === GrantType.authorizationCode ? yield* challengeOf(input.codeVerifier) : ""
      return yield* transition((moment) =>
        Result.gen(function* () {
          const client = yield* clients.authenticate(input, input.grantType, moment)
          const redeem = (): Result.Result<Tokens.Grant, CreateToken.CreateTokenError> => {
            switch (input.grantType) {
              case GrantType.deviceCode:
                return devices.redeem(input.deviceCode, client, moment)
              case GrantType.refreshToken:
                return tokens.redeem(input.refreshToken, client.id)
              case GrantType.authorizationCode:
                return requests.redeem({ ...input, codeChallenge }, client, moment)
            }
          }
          const grant = yield* redeem()
          // `scope` has no effect here (API reference): the token carries what the client was granted.
          // As AWS: a client without a scope, such as `sso:account:access`, has to sign in anew each time.
          const refreshable = grant.scopes.length > 0 && client.grantTypes.includes(GrantType.refreshToken)
          return tokens.issue(grant, refreshable, moment)
        })
      )
    }),

    createTokenWithIAM: (input) =>
      transition((moment) =>
        Result.gen(function* () {
          const scope = input.scope ?? defaultApplicationScopes
          let grant = Tokens.grant(input.clientId, scope, undefined)
          let issuedTokenType = refreshTokenType
          switch (input.grantType) {
            case GrantType.refreshToken:
              grant = yield* tokens.redeem(input.refreshToken, input.clientId)
              break
            case GrantType.authorizationCode:
              yield* Result.fail(
                new Exceptions.InvalidGrantException({
                  error_description: "No authorization code is ever given to an application"
                })
              )
              break
            case GrantType.tokenExchange:
              issuedTokenType = input.requestedTokenType ?? accessTokenType
              yield* Checks.ensure(
                input.subjectTokenType === accessTokenType &&
                  [accessTokenType, refreshTokenType].includes(issuedTokenType),
                () =>
                  new Exceptions.InvalidRequestException({
                    error_description: "An access token can be exchanged for an access token or a refresh token"
                  })
              )
          }
          return {
            ...tokens.issue(grant, issuedTokenType === refreshTokenType, moment),
            issuedTokenType,
            scope,
            awsAdditionalDetails: { identityContext: Fake.identityContext(moment.random) }
          }
        })
      ),

    listAccounts: (input) => transition((moment) => portal.listAccounts(input, moment)),
    listAccountRoles: (input) => transition((moment) => portal.listAccountRoles(input, moment)),
    getRoleCredentials: (input) => transition((moment) => portal.getRoleCredentials(input, moment)),
    logout: (input) => transition((moment) => portal.logout(input, moment)),

    approve: (userCode, user) =>
      transition((moment) => Result.flatMap(approval(user), (yes) => devices.decide(userCode, yes, moment))),

    deny: (userCode) => transition((moment) => devices.decide(userCode, Decision.denied, moment)),

    find: (userCode) => transition((moment) => Result.succeed(devices.find(userCode, moment))),

    authorizations: transition((moment) => Result.succeed(devices.all(moment))),

    openRequest: (query) =>
      transition((moment) =>
        Result.map(AuthorizationQuery.read(query, clients, moment), (read) => requests.open(read, moment))
      ),

    pendingRequest: (id) => transition((moment) => requests.pending(id, moment)),

    approveRequest: (id, user) =>
      transition((moment) =>
        Result.gen(function* () {
          const yes = yield* approval(user)
          return requests.answer(yield* requests.pending(id, moment), yes, moment)
        })
      ),

    denyRequest: (id) =>
      transition((moment) =>
        Result.map(requests.pending(id, moment), (request) => requests.answer(request, Decision.denied, moment))
      ),

    signIn: (query, answer) =>
      transition((moment) =>
        Result.gen(function* () {
          const decision = answer.approve ? yield* approval(answer.user) : Decision.denied
          const read = yield* AuthorizationQuery.read(query, clients, moment)
          return requests.answer(requests.open(read, moment), decision, moment)
        })
      ).pipe(Effect.catchTag("SentBack", ({ location }) => Effect.succeed(location))),

    authorizationRequests: transition((moment) => Result.succeed(requests.all(moment))),

    roleCredentials: Effect.sync(portal.issued),

    revokeAccessTokens: Effect.sync(tokens.revokeAccessTokens),
    revokeRefreshTokens: Effect.sync(tokens.revokeRefreshTokens),
    revokeClients: Effect.sync(clients.revoke)
  }
}
