/**
 * The accounts and roles that are assigned to a user, and the credentials of these roles: the operations of the portal.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as GetRoleCredentials from "../../operation/GetRoleCredentials.ts"
import type * as ListAccountRoles from "../../operation/ListAccountRoles.ts"
import type * as ListAccounts from "../../operation/ListAccounts.ts"
import type * as Logout from "../../operation/Logout.ts"
import * as PortalExceptions from "../../operation/PortalExceptions.ts"
import * as RequestChecks from "./RequestChecks.ts"
import type { CompleteDirectory } from "./Directory.ts"
import type { DirectoryAccount } from "./DirectoryAccount.ts"
import type { DirectoryUser, Entitlement } from "./DirectoryUser.ts"
import * as ExpiringMap from "./ExpiringMap.ts"
import * as FakeValues from "./FakeValues.ts"
import * as Paging from "./Paging.ts"
import type { IssuedTokens, TokenGrant } from "./IssuedTokens.ts"
import type { Moment } from "./Transition.ts"

/** Role credentials that the portal has issued. */
export interface IssuedRoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken: Redacted.Redacted
  /** Epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
  /** The name of the user they were issued to. */
  readonly user: string
  readonly accountId: string
  readonly roleName: string
}

/** The account or the role is not assigned to the user. The portal does not model this exception. */
export class ForbiddenException extends Schema.TaggedError<ForbiddenException>()("ForbiddenException", {
  message: Schema.String
}) {
  static readonly status = 403
}

export interface Entitlements {
  readonly listAccounts: (
    input: ListAccounts.ListAccountsInput,
    moment: Moment
  ) => Result.Result<ListAccounts.ListAccountsOutput, ListAccounts.ListAccountsError>
  readonly listAccountRoles: (
    input: ListAccountRoles.ListAccountRolesInput,
    moment: Moment
  ) => Result.Result<
    ListAccountRoles.ListAccountRolesOutput,
    ListAccountRoles.ListAccountRolesError | ForbiddenException
  >
  readonly getRoleCredentials: (
    input: GetRoleCredentials.GetRoleCredentialsInput,
    moment: Moment
  ) => Result.Result<
    GetRoleCredentials.GetRoleCredentialsOutput,
    GetRoleCredentials.GetRoleCredentialsError | ForbiddenException
  >
  /** Signs the user out: revokes all tokens of the grant. */
  readonly logout: (input: Logout.LogoutInput, moment: Moment) => Result.Result<void, Logout.LogoutError>
  /** The issued role credentials, the oldest first. */
  readonly issued: () => ReadonlyArray<IssuedRoleCredentials>
}

const scope = "sso:account:access"

/** The access token is missing or not valid. */
export const unauthorized = (): PortalExceptions.UnauthorizedException =>
  new PortalExceptions.UnauthorizedException({ message: "Session token not found or invalid" })

const noAccess = (): ForbiddenException => new ForbiddenException({ message: "No access" })

const toInfo = ({ accountId, accountName, emailAddress }: DirectoryAccount): ListAccounts.AccountInfo => ({
  accountId,
  ...(accountName === undefined ? {} : { accountName }),
  ...(emailAddress === undefined ? {} : { emailAddress })
})

// What is assigned to a user. An account without assigned roles is not listed.
interface Assignments {
  readonly accounts: ReadonlyArray<ListAccounts.AccountInfo>
  readonly roles: ReadonlyMap<string, ReadonlyArray<string>>
}

const assign = (
  accounts: ReadonlyMap<string, ListAccounts.AccountInfo>,
  entitlements: ReadonlyArray<Entitlement>
): Assignments => {
  const roles = new Map<string, ReadonlyArray<string>>()
  for (const { accountId, roleNames } of entitlements) {
    if (roleNames.length > 0) {
      roles.set(accountId, [...new Set([...(roles.get(accountId) ?? []), ...roleNames])])
    }
  }
  return { accounts: Array.from(roles.keys(), (accountId) => accounts.get(accountId) ?? { accountId }), roles }
}

// As in AWS, a token without scopes (of a profile without an `sso-session`) is accepted too.
const hasPortalScope = ({ scopes }: TokenGrant): boolean => scopes.length === 0 || scopes.includes(scope)

export const make = (
  options: CompleteDirectory & {
    readonly tokens: IssuedTokens
    /** The size of a page for requests that do not set it. */
    readonly pageSize: number
    /** Milliseconds. */
    readonly roleCredentialsLifetime: number
  }
): Entitlements => {
  const { pageSize, roleCredentialsLifetime, tokens } = options
  const accounts = new Map(options.accounts.map((account) => [account.accountId, toInfo(account)]))
  const everything = assign(
    accounts,
    options.accounts.map(({ accountId, roles }) => ({ accountId, roleNames: roles }))
  )
  const assigned = new Map(
    options.users.map(({ entitlements, name }) => [
      name,
      entitlements === undefined ? everything : assign(accounts, entitlements)
    ])
  )
  const issued = ExpiringMap.make<IssuedRoleCredentials>(({ expiresAt }) => expiresAt + ExpiringMap.keptAfterExpiry)

  const authenticate = (
    { accessToken }: { readonly accessToken: Redacted.Redacted },
    moment: Moment
  ): Result.Result<
    Assignments & { readonly grant: TokenGrant; readonly user: DirectoryUser },
    PortalExceptions.UnauthorizedException
  > =>
    Option.gen(function* () {
      const grant = yield* Option.filter(tokens.find(accessToken, moment), hasPortalScope)
      const user = yield* Option.fromUndefinedOr(grant.user)
      const { accounts, roles } = yield* Option.fromUndefinedOr(assigned.get(user.name))
      return { grant, user, accounts, roles }
    }).pipe(Result.fromOption(unauthorized))

  const rolesIn = (
    accountId: string,
    { roles }: Assignments
  ): Result.Result<ReadonlyArray<string>, PortalExceptions.ResourceNotFoundException | ForbiddenException> =>
    Result.gen(function* () {
      yield* RequestChecks.ensure(
        accounts.has(accountId),
        () => new PortalExceptions.ResourceNotFoundException({ message: "Account not found" })
      )
      return yield* Result.fromNullishOr(roles.get(accountId), noAccess)
    })

  return {
    listAccounts: (input, moment) =>
      Result.gen(function* () {
        const { accounts, user } = yield* authenticate(input, moment)
        const listing = { name: `accounts of ${user.name}`, items: accounts }
        const { items, next } = yield* Paging.page(listing, input, pageSize)
        return { accountList: items, ...next }
      }),

    listAccountRoles: (input, moment) =>
      Result.gen(function* () {
        const session = yield* authenticate(input, moment)
        const { accountId } = input
        const listing = {
          name: `roles of ${session.user.name} in ${accountId}`,
          items: yield* rolesIn(accountId, session)
        }
        const { items, next } = yield* Paging.page(listing, input, pageSize)
        return { roleList: items.map((roleName) => ({ roleName, accountId })), ...next }
      }),

    getRoleCredentials: (input, moment) =>
      Result.gen(function* () {
        const session = yield* authenticate(input, moment)
        const { accountId, roleName } = input
        yield* RequestChecks.ensure((yield* rolesIn(accountId, session)).includes(roleName), noAccess)
        const credentials = {
          accessKeyId: FakeValues.accessKeyId(moment.random),
          secretAccessKey: FakeValues.secretAccessKey(moment.random),
          sessionToken: FakeValues.sessionToken(moment.random)
        }
        // As in AWS: milliseconds on the wire, rounded to whole seconds.
        const expiration = DateTime.startOf(DateTime.makeUnsafe(moment.now + roleCredentialsLifetime), "second")
        const expiresAt = DateTime.toEpochMillis(expiration)
        const user = session.user.name
        issued.set(credentials.accessKeyId, { ...credentials, expiresAt, user, accountId, roleName }, moment.now)
        return { roleCredentials: { ...credentials, expiration } }
      }),

    logout: (input, moment) =>
      Result.map(authenticate(input, moment), ({ grant }) => {
        grant.revoked = true
      }),

    issued: issued.values
  }
}
