/**
 * The accounts and the roles that are assigned to the user at the access portal.
 */
import * as Stream from "effect/Stream"
import type * as ListAccounts from "../../operation/ListAccounts.ts"
import * as SsoPortal from "../../service/SsoPortal.ts"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import type { SsoSession } from "../../session/SsoSession.ts"
import type { SsoToken } from "../../session/SsoToken.ts"

const maxResults = 100

/** The portal throttles a client that sends more requests at once. */
const concurrency = 4

const accountsOf = (accessToken: SsoToken["accessToken"]) => SsoPortal.listAccountsStream({ accessToken, maxResults })

const rolesOf = (accessToken: SsoToken["accessToken"], { accountId, accountName }: ListAccounts.AccountInfo) =>
  SsoPortal.listAccountRolesStream({ accessToken, accountId, maxResults }).pipe(
    Stream.map(({ roleName }) => ({ accountId, ...(accountName === undefined ? {} : { accountName }), roleName }))
  )

const list = <A, E, R>(session: SsoSession, items: (accessToken: SsoToken["accessToken"]) => Stream.Stream<A, E, R>) =>
  TokenProvider.withPortal(session, ({ accessToken }) => Stream.runCollect(items(accessToken)))

/** All accounts. */
export const accounts = (session: SsoSession) => list(session, accountsOf)

/** The roles in one account. */
export const rolesIn = (session: SsoSession, account: ListAccounts.AccountInfo) =>
  list(session, (accessToken) => rolesOf(accessToken, account))

/** The roles in all accounts. */
export const roles = (session: SsoSession) =>
  list(session, (accessToken) =>
    accountsOf(accessToken).pipe(
      Stream.mapEffect((account) => Stream.runCollect(rolesOf(accessToken, account)), { concurrency }),
      Stream.flatMap(Stream.fromIterable)
    )
  )
