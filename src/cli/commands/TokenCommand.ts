/**
 * `effect-sso token`
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as NodeSso from "../../node/NodeSso.ts"
import { SsoToken } from "../../session/SsoToken.ts"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import * as Json from "../terminal/Json.ts"
import * as SessionFlags from "../flags/SessionFlags.ts"

// What a caller of the portal needs. What renews the token stays in the cache.
const { accessToken, expiresAt, region, startUrl } = SsoToken.fields
const encode = Schema.encodeEffect(Schema.Struct({ accessToken, expiresAt, startUrl, region }))

/** Prints a token that works now. */
export const token = Command.make(
  "token",
  SessionFlags.flags,
  Effect.fnUntraced(function* (input) {
    const session = yield* SessionFlags.session(input)
    const token = yield* TokenProvider.TokenProvider.use(({ token }) => token).pipe(
      Effect.provide(SessionFlags.provider(input, session))
    )
    yield* Json.print(yield* Effect.orDie(encode(token)))
  })
).pipe(
  Command.validate((input) => SessionFlags.check(input)),
  Command.provide(NodeSso.layer),
  Command.withDescription("Print a token that works now as JSON, renewed first where it would expire soon"),
  Command.withExamples([{ command: "effect-sso token | jq -r .accessToken", description: "The bare token" }])
)
