/**
 * The state of an emulator: how each operation, page and control changes its clients, authorizations and tokens. Nothing
 * here depends on HTTP.
 */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
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
import * as RequestChecks from "./RequestChecks.ts"
import * as RegisteredClients from "./RegisteredClients.ts"
import type { CompleteDirectory } from "./Directory.ts"
import { approvedBy, type AuthorizationDecision, denied } from "./AuthorizationStatus.ts"
import * as DeviceAuthorizations from "./DeviceAuthorizations.ts"
import * as FakeValues from "./FakeValues.ts"
import * as Entitlements from "./Entitlements.ts"
import * as IssuedTokens from "./IssuedTokens.ts"
import { transition } from "./Transition.ts"
import { findUser, type UnknownUser } from "./DirectoryUser.ts"

/** The directory and the settings of an emulator. Times are in milliseconds. */
export interface StateSettings extends CompleteDirectory {
  readonly interval: number
  readonly deviceCodeLifetime: number
  readonly accessTokenLifetime: number
  readonly registrationLifetime: number
  readonly autoApprove: number | undefined
  readonly pageSize: number
  readonly roleCredentialsLifetime: number
}

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
const refreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token"

// The scopes of an application that asks for none (CreateTokenWithIAM, "scope").
const defaultApplicationScopes: ReadonlyArray<string> = ["openid", "aws", "sts:identity_context"]

export const make = (settings: StateSettings, digest: Digest.Digest["Service"]) => {
  const clients = RegisteredClients.make({ lifetime: settings.registrationLifetime })
  const tokens = IssuedTokens.make({
    accessTokenLifetime: settings.accessTokenLifetime,
    refreshTokenLifetime: settings.registrationLifetime
  })
  const entitlements = Entitlements.make({ ...settings, tokens })
  const requests = AuthorizationRequests.make()
  const devices = DeviceAuthorizations.make({
    interval: settings.interval,
    lifetime: settings.deviceCodeLifetime,
    autoApprove: settings.autoApprove === undefined ? undefined : { after: settings.autoApprove, by: settings.users[0] }
  })

  const approval = (user: string | undefined): Result.Result<AuthorizationDecision, UnknownUser> =>
    Result.map(findUser(settings.users, user), approvedBy)

  // RFC 7636 §4.6
  const challengeOf = (codeVerifier: Redacted.Redacted): Effect.Effect<string> =>
    Effect.map(digest.digest(Digest.sha256, new TextEncoder().encode(Redacted.value(codeVerifier))), Base64Url.encode)

  return {
    users: settings.users,

    registerClient: (input: RegisterClient.RegisterClientInput) =>
      transition((moment) => clients.register(input, moment)),

    startDeviceAuthorization: (
      input: StartDeviceAuthorization.StartDeviceAuthorizationInput,
      verificationUri: string
    ) =>
      transition((moment) =>
        Result.map(clients.authenticate(input, GrantType.deviceCode, moment), (client) =>
          devices.start(client, input.startUrl, verificationUri, moment)
        )
      ),

    createToken: Effect.fnUntraced(function* (input: CreateToken.CreateTokenInput) {
      // The digest is asynchronous, so it comes before the transition.
      const codeChallenge =
        input.grantType === GrantType.authorizationCode ? yield* challengeOf(input.codeVerifier) : ""
      return yield* transition((moment) =>
        Result.gen(function* () {
          const client = yield* clients.authenticate(input, input.grantType, moment)
          const redeem = (): Result.Result<IssuedTokens.TokenGrant, CreateToken.CreateTokenError> => {
            switch (input.grantType) {
              case GrantType.deviceCode:
                return devices.redeem(input.deviceCode, client, moment)
              case GrantType.refreshToken:
                return tokens.redeem(input.refreshToken, client.id, moment)
              case GrantType.authorizationCode:
                return requests.redeem({ ...input, codeChallenge }, client, moment)
            }
          }
          const grant = yield* redeem()
          // `scope` has no effect here (API reference): the token has the scopes of the grant.
          // As in AWS, a client without scopes gets no refresh token.
          const refreshable = grant.scopes.length > 0 && client.grantTypes.includes(GrantType.refreshToken)
          return tokens.issue(grant, refreshable, moment)
        })
      )
    }),

    createTokenWithIAM: (input: CreateTokenWithIAM.CreateTokenWithIAMInput) =>
      transition((moment) =>
        Result.gen(function* () {
          const scope = input.scope ?? defaultApplicationScopes
          let grant = IssuedTokens.makeGrant(input.clientId, scope, undefined)
          let issuedTokenType = refreshTokenType
          switch (input.grantType) {
            case GrantType.refreshToken:
              grant = yield* tokens.redeem(input.refreshToken, input.clientId, moment)
              break
            case GrantType.authorizationCode:
              yield* Result.fail(
                new Exceptions.InvalidGrantException({
                  error_description: "The emulator issues no authorization codes to applications"
                })
              )
              break
            case GrantType.tokenExchange:
              issuedTokenType = input.requestedTokenType ?? accessTokenType
              yield* RequestChecks.ensure(
                input.subjectTokenType === accessTokenType &&
                  [accessTokenType, refreshTokenType].includes(issuedTokenType),
                () =>
                  new Exceptions.InvalidRequestException({
                    error_description: "An access token can be exchanged only for an access token or a refresh token"
                  })
              )
          }
          return {
            ...tokens.issue(grant, issuedTokenType === refreshTokenType, moment),
            issuedTokenType,
            scope,
            awsAdditionalDetails: { identityContext: FakeValues.identityContext(moment.random) }
          }
        })
      ),

    listAccounts: (input: ListAccounts.ListAccountsInput) =>
      transition((moment) => entitlements.listAccounts(input, moment)),
    listAccountRoles: (input: ListAccountRoles.ListAccountRolesInput) =>
      transition((moment) => entitlements.listAccountRoles(input, moment)),
    getRoleCredentials: (input: GetRoleCredentials.GetRoleCredentialsInput) =>
      transition((moment) => entitlements.getRoleCredentials(input, moment)),
    logout: (input: Logout.LogoutInput) => transition((moment) => entitlements.logout(input, moment)),

    /** Approves a device in the name of a user. Default: the first user. */
    approve: (userCode: string, user: string | undefined) =>
      transition((moment) => Result.flatMap(approval(user), (decision) => devices.decide(userCode, decision, moment))),

    /** Denies a device. */
    deny: (userCode: string) => transition((moment) => devices.decide(userCode, denied, moment)),

    /** The device authorization with this user code, and the token that its form must send back. */
    findDevice: (userCode: string) => transition((moment) => Result.succeed(devices.find(userCode, moment))),

    deviceAuthorizations: transition((moment) => Result.succeed(devices.all(moment))),

    /** Accepts an authorization request that came through a browser. */
    openRequest: (query: URLSearchParams) =>
      transition((moment) =>
        Result.map(AuthorizationQuery.read(query, clients, moment), (read) => requests.open(read, moment))
      ),

    pendingRequest: (id: string) => transition((moment) => requests.pending(id, moment)),

    /** Approves a request in the name of a user. Returns the URL that sends the response to the client. */
    approveRequest: (id: string, user: string) =>
      transition((moment) =>
        Result.gen(function* () {
          const decision = yield* approval(user)
          return requests.decide(yield* requests.pending(id, moment), decision, moment)
        })
      ),

    /** Denies a request. Returns the URL that sends the response to the client. */
    denyRequest: (id: string) =>
      transition((moment) =>
        Result.map(requests.pending(id, moment), (request) => requests.decide(request, denied, moment))
      ),

    /** Opens a request and decides about it, in one step. */
    signIn: (
      query: URLSearchParams,
      { approve, user }: { readonly approve: boolean; readonly user: string | undefined }
    ) =>
      transition((moment) =>
        Result.gen(function* () {
          const decision = approve ? yield* approval(user) : denied
          const read = yield* AuthorizationQuery.read(query, clients, moment)
          return requests.decide(requests.open(read, moment), decision, moment)
        })
      ).pipe(Effect.catchTag("AuthorizationErrorResponse", ({ location }) => Effect.succeed(location))),

    authorizationRequests: transition((moment) => Result.succeed(requests.all(moment))),

    roleCredentials: Effect.sync(entitlements.issued),

    revokeAccessTokens: Effect.sync(tokens.revokeAccessTokens),
    revokeRefreshTokens: Effect.sync(tokens.revokeRefreshTokens),
    revokeClients: Effect.sync(clients.revoke)
  }
}

export type IdentityCenterState = ReturnType<typeof make>
