/**
 * `effect-sso accounts`
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Assigned from "./Assigned.ts"
import * as Json from "../terminal/Json.ts"
import * as Listing from "../terminal/Listing.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

/** Lists the accounts that are assigned to the user. */
export const accounts = Command.make(
  "accounts",
  { ...SessionFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, ...input }) {
    const session = yield* SessionFlags.session(input)
    const accounts = yield* Effect.provide(Assigned.accounts, SessionFlags.portal(input, session))
    yield* Effect.logDebug(`the portal lists ${accounts.length} accounts`)
    yield* Listing.print(accounts, {
      json,
      header: ["ACCOUNT ID", "NAME", "EMAIL"],
      row: ({ accountId, accountName = "-", emailAddress = "-" }) => [accountId, accountName, emailAddress],
      none: "No accounts are assigned to you"
    })
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.withDescription("List the AWS accounts that are assigned to you")
)
