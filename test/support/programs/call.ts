/** One raw call. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import type { CreateTokenInput } from "effect-aws-sso/CreateToken"
import * as SsoOidc from "effect-aws-sso/SsoOidc"

const layer = SsoOidc.layer({ region: "us-east-1" }).pipe(Layer.provide(FetchHttpClient.layer))

export const createToken = (input: CreateTokenInput) =>
  Effect.runPromise(Effect.provide(SsoOidc.createToken(input), layer))
