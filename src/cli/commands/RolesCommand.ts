/**
 * `effect-sso roles`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Assigned from "./Assigned.ts"
import * as Json from "../terminal/Json.ts"
import * as Listing from "../terminal/Listing.ts"
import * as RoleFlags from "../flags/RoleFlags.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

/** Lists the roles that are assigned to the user, in one account or in all. */
export const roles = Command.make(
  "roles",
  {
    ...SessionFlags.flags,
    accountId: Flag.withDescription(RoleFlags.accountId, "List only the roles in this account"),
    json: Json.flag
  },
  Effect.fnUntraced(function* ({ accountId, json, ...input }) {
    const session = yield* SessionFlags.session(input)
    const roles = yield* (accountId === undefined ? Assigned.roles : Assigned.rolesIn({ accountId })).pipe(
      Effect.provide(SessionFlags.portal(input, session))
    )
    yield* Effect.logDebug(`the portal lists ${roles.length} roles`)
    yield* Listing.print(roles, {
      json,
      header: ["ACCOUNT ID", "ACCOUNT", "ROLE"],
      row: ({ accountId, accountName = "-", roleName }) => [accountId, accountName, roleName],
      none: "No roles are assigned to you"
    })
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.withDescription("List the roles that are assigned to you, in one account or in all accounts"),
  Command.withExamples([{ command: "effect-sso roles --account-id 111122223333" }])
)
