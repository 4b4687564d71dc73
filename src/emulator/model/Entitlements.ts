/**
 * The portal: what an access token buys.
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
import type { Account } from "./Account.ts"
import * as Checks from "./Checks.ts"
import type * as Data from "./Data.ts"
import * as Fake from "./Fake.ts"
import * as Paging from "./Paging.ts"
import type { Grant, Tokens } from "./Tokens.ts"
import type { Moment } from "./Transition.ts"
import type { Entitlement, User } from "./User.ts"

/** Credentials that the portal has given out. */
export interface IssuedRoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken: Redacted.Redacted
  /** Epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
  /** The name of the user who asked for them. */
  readonly user: string
  readonly accountId: string
  readonly roleName: string
}

/**
 * The account or the role is not assigned to the person: an answer that the portal does not model.
 *
 * @internal
 */
export class ForbiddenException extends Schema.TaggedError<ForbiddenException>()("ForbiddenException", {
  message: Schema.String
}) {
  static readonly status = 403
}

/** @internal */
export interface Portal {
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
  /** Ends the session: no token of its grant is worth anything from now on. */
  readonly logout: (input: Logout.LogoutInput, moment: Moment) => Result.Result<void, Logout.LogoutError>
  /** The oldest first. */
  readonly issued: () => ReadonlyArray<IssuedRoleCredentials>
}

/** @internal */
export interface Options extends Data.Complete {
  readonly tokens: Tokens
  /** How much a page holds where nothing else is asked for. */
  readonly pageSize: number
  readonly roleCredentialsLifetime: number
}

const scope = "sso:account:access"

/**
 * The person does not have a session, for one reason or the other.
 *
 * @internal
 */
export const unauthorized = (): PortalExceptions.UnauthorizedException =>
  new PortalExceptions.UnauthorizedException({ message: "Session token not found or invalid" })

const noAccess = (): ForbiddenException => new ForbiddenException({ message: "No access" })

const toInfo = ({ accountId, accountName, emailAddress }: Account): ListAccounts.AccountInfo => ({
  accountId,
  ...(accountName === undefined ? {} : { accountName }),
  ...(emailAddress === undefined ? {} : { emailAddress })
})

// What a person is let into: an account without a role is none.
interface Assigned {
  readonly accounts: ReadonlyArray<ListAccounts.AccountInfo>
  readonly roles: ReadonlyMap<string, ReadonlyArray<string>>
}

const assign = (
  accounts: ReadonlyMap<string, ListAccounts.AccountInfo>,
  entitlements: ReadonlyArray<Entitlement>
): Assigned => {
  const roles = new Map<string, ReadonlyArray<string>>()
  for (const { accountId, roleNames } of entitlements) {
    if (roleNames.length > 0) {
      roles.set(accountId, [...new Set([...(roles.get(accountId) ?? []), ...roleNames])])
    }
  }
  return { accounts: Array.from(roles.keys(), (accountId) => accounts.get(accountId) ?? { accountId }), roles }
}

// As AWS: a token of a session without scopes, which no `sso-session` has, is as good.
const opensThePortal = ({ scopes }: Grant): boolean => scopes.length === 0 || scopes.includes(scope)

/**
 * A portal that has not given out anything yet.
 *
 * @internal
 */
export const make = (options: Options): Portal => {
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
  const issued: Array<IssuedRoleCredentials> = []

  const sessionOf = (
    { accessToken }: { readonly accessToken: Redacted.Redacted },
    moment: Moment
  ): Result.Result<{ readonly grant: Grant; readonly user: User } & Assigned, PortalExceptions.UnauthorizedException> =>
    Option.gen(function* () {
      const grant = yield* Option.filter(tokens.find(accessToken, moment), opensThePortal)
      const user = yield* Option.fromUndefinedOr(grant.user)
      const { accounts, roles } = yield* Option.fromUndefinedOr(assigned.get(user.name))
      return { grant, user, accounts, roles }
    }).pipe(Result.fromOption(unauthorized))

  const rolesIn = (
    accountId: string,
    { roles }: Assigned
  ): Result.Result<ReadonlyArray<string>, PortalExceptions.ResourceNotFoundException | ForbiddenException> =>
    Result.gen(function* () {
      yield* Checks.ensure(
        accounts.has(accountId),
        () => new PortalExceptions.ResourceNotFoundException({ message: "There is no such account" })
      )
      return yield* Result.fromNullishOr(roles.get(accountId), noAccess)
    })

  return {
    listAccounts: (input, moment) =>
      Result.gen(function* () {
        const { accounts, user } = yield* sessionOf(input, moment)
        const listing = { name: `accounts of ${user.name}`, items: accounts }
        const { items, next } = yield* Paging.page(listing, input, pageSize)
        return { accountList: items, ...next }
      }),

    listAccountRoles: (input, moment) =>
      Result.gen(function* () {
        const session = yield* sessionOf(input, moment)
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
        const session = yield* sessionOf(input, moment)
        const { accountId, roleName } = input
        yield* Checks.ensure((yield* rolesIn(accountId, session)).includes(roleName), noAccess)
        const credentials = {
          accessKeyId: Fake.accessKeyId(moment.random),
          secretAccessKey: Fake.secretAccessKey(moment.random),
          sessionToken: Fake.sessionToken(moment.random)
        }
        // Whole seconds, though they are sent as milliseconds
        const expiration = DateTime.startOf(DateTime.makeUnsafe(moment.now + roleCredentialsLifetime), "second")
        const expiresAt = DateTime.toEpochMillis(expiration)
        issued.push({ ...credentials, expiresAt, user: session.user.name, accountId, roleName })
        return { roleCredentials: { ...credentials, expiration } }
      }),

    logout: (input, moment) =>
      Result.map(sessionOf(input, moment), ({ grant }) => {
        grant.revoked = true
      }),

    issued: () => [...issued]
  }
}
