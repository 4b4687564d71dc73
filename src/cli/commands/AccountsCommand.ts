/**
 * `effect-sso accounts`
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as NodeSso from "../../node/NodeSso.ts"
import * as Assigned from "./Assigned.ts"
import * as Json from "../terminal/Json.ts"
import * as Listing from "../terminal/Listing.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

/** Lists the accounts that are assigned to the person. */
export const accounts = Command.make(
  "accounts",
  { ...SessionFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, ...input }) {
    const session = yield* SessionFlags.session(input)
    const accounts = yield* Effect.provide(Assigned.accounts(session), SessionFlags.portal(input, session))
    yield* Listing.print(accounts, {
      json,
      header: ["ACCOUNT ID", "NAME", "EMAIL"],
      row: ({ accountId, accountName = "-", emailAddress = "-" }) => [accountId, accountName, emailAddress],
      none: "No account is assigned to you"
    })
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("List the AWS accounts that are assigned to you")
)
