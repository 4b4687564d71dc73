/**
 * `effect-sso token`
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import * as Json from "../terminal/Json.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"
import * as TokenFormat from "./TokenFormat.ts"

/** Prints a valid token. */
export const token = Command.make(
  "token",
  SessionFlags.flags,
  Effect.fnUntraced(function* (input) {
    const session = yield* SessionFlags.session(input)
    const token = yield* TokenProvider.TokenProvider.use(({ token }) => token).pipe(
      Effect.provide(SessionFlags.provider(input, session))
    )
    yield* Json.print(yield* TokenFormat.encode(token))
  }, SessionFlags.run)
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.withDescription(
    "Print a valid access token as JSON; a token that expires within 15 minutes is refreshed first"
  ),
  Command.withShortDescription("Print a valid access token as JSON"),
  Command.withExamples([{ command: "effect-sso token | jq -r .accessToken", description: "Only the access token" }])
)
