/**
 * How a token is printed: with what a caller of the portal needs. What refreshes the token stays in the store.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { SsoToken } from "../../session/SsoToken.ts"

const { accessToken, expiresAt, region, startUrl } = SsoToken.fields
const Printed = Schema.Struct({ accessToken, expiresAt, startUrl, region })

/** Unwraps a token, to hand it to another program. */
export const encode = (token: SsoToken): Effect.Effect<typeof Printed.Encoded> =>
  Effect.orDie(Schema.encodeEffect(Printed)(token))
