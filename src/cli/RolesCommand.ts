/**
 * `effect-sso roles`
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeSso from "../node/NodeSso.ts"
import type * as ListAccounts from "../operation/ListAccounts.ts"
import * as SsoPortal from "../portal/SsoPortal.ts"
import type { SsoToken } from "../session/SsoToken.ts"
import * as Json from "./Json.ts"
import * as RoleFlags from "./RoleFlags.ts"
import * as SessionFlags from "./SessionFlags.ts"
import { Stderr } from "./Stderr.ts"
import * as Table from "./Table.ts"

const maxResults = 100

/** The portal slows down who asks for more at once. */
const concurrency = 4

const inAccount = (accessToken: SsoToken["accessToken"], { accountId, accountName }: ListAccounts.AccountInfo) =>
  SsoPortal.listAccountRolesStream({ accessToken, accountId, maxResults }).pipe(
    Stream.map(({ roleName }) => ({ accountId, ...(accountName === undefined ? {} : { accountName }), roleName }))
  )

const everywhere = (accessToken: SsoToken["accessToken"]) =>
  SsoPortal.listAccountsStream({ accessToken, maxResults }).pipe(
    Stream.mapEffect((account) => Stream.runCollect(inAccount(accessToken, account)), { concurrency }),
    Stream.flatMap(Stream.fromIterable)
  )

/**
 * Lists the roles that are assigned to the person, in one account or in all.
 *
 * @category commands
 * @since 0.1.0
 */
export const roles = Command.make(
  "roles",
  {
    ...SessionFlags.flags,
    accountId: Flag.withDescription(RoleFlags.accountId, "The account alone whose roles to list, by its twelve digits"),
    json: Json.flag
  },
  Effect.fnUntraced(function* ({ accountId, json, ...input }) {
    const session = yield* SessionFlags.session(input)
    const roles = yield* SsoPortal.withToken(session, (accessToken) =>
      Stream.runCollect(accountId === undefined ? everywhere(accessToken) : inAccount(accessToken, { accountId }))
    ).pipe(Effect.provide(SessionFlags.portal(input, session)))
    if (yield* Json.isWanted(json)) return yield* Json.print(roles)
    if (roles.length > 0) {
      return yield* Table.print(
        ["ACCOUNT ID", "ACCOUNT", "ROLE"],
        roles.map(({ accountId, accountName = "-", roleName }) => [accountId, accountName, roleName])
      )
    }
    yield* Effect.flatMap(Stderr, ({ say }) => say("No role is assigned to you"))
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("List the roles that are assigned to you, in one account or in all"),
  Command.withExamples([{ command: "effect-sso roles --account-id 111122223333" }])
)
