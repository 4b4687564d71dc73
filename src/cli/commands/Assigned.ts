/**
 * The accounts and the roles that are assigned to the user at the access portal.
 */
import * as Stream from "effect/Stream"
import type * as ListAccounts from "../../operation/ListAccounts.ts"
import * as SsoPortal from "../../service/SsoPortal.ts"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import type { SsoToken } from "../../session/SsoToken.ts"

const maxResults = 100

/** The portal throttles a client that sends more requests at once. */
const concurrency = 4

const accountsOf = (accessToken: SsoToken["accessToken"]) => SsoPortal.listAccountsStream({ accessToken, maxResults })

const rolesOf = (accessToken: SsoToken["accessToken"], { accountId, accountName }: ListAccounts.AccountInfo) =>
  SsoPortal.listAccountRolesStream({ accessToken, accountId, maxResults }).pipe(
    Stream.map(({ roleName }) => ({ accountId, ...(accountName === undefined ? {} : { accountName }), roleName }))
  )

const list = <A, E, R>(items: (accessToken: SsoToken["accessToken"]) => Stream.Stream<A, E, R>) =>
  TokenProvider.withToken(({ accessToken }) => Stream.runCollect(items(accessToken)))

/** All accounts. */
export const accounts = list(accountsOf)

/** The roles in one account. */
export const rolesIn = (account: ListAccounts.AccountInfo) => list((accessToken) => rolesOf(accessToken, account))

/** The roles in all accounts. */
export const roles = list((accessToken) =>
  accountsOf(accessToken).pipe(
    Stream.mapEffect((account) => Stream.runCollect(rolesOf(accessToken, account)), { concurrency }),
    Stream.flatMap(Stream.fromIterable)
  )
)
