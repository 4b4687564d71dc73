/**
 * `effect-sso accounts`
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeSso from "../node/NodeSso.ts"
import * as SsoPortal from "../portal/SsoPortal.ts"
import * as Json from "./Json.ts"
import * as SessionFlags from "./SessionFlags.ts"
import { Stderr } from "./Stderr.ts"
import * as Table from "./Table.ts"

/**
 * Lists the accounts that are assigned to the person.
 *
 * @category commands
 * @since 0.1.0
 */
export const accounts = Command.make(
  "accounts",
  { ...SessionFlags.flags, json: Json.flag },
  Effect.fnUntraced(function* ({ json, ...input }) {
    const session = yield* SessionFlags.session(input)
    const accounts = yield* SsoPortal.withToken(session, (accessToken) =>
      Stream.runCollect(SsoPortal.listAccountsStream({ accessToken, maxResults: 100 }))
    ).pipe(Effect.provide(SessionFlags.portal(input, session)))
    if (yield* Json.isWanted(json)) return yield* Json.print(accounts)
    if (accounts.length > 0) {
      return yield* Table.print(
        ["ACCOUNT ID", "NAME", "EMAIL"],
        accounts.map(({ accountId, accountName = "-", emailAddress = "-" }) => [accountId, accountName, emailAddress])
      )
    }
    yield* Effect.flatMap(Stderr, ({ say }) => say("No account is assigned to you"))
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("List the AWS accounts that are assigned to you")
)
