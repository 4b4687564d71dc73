/** A sign-in by the device flow, whose token is kept in memory. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as AuthorizationPrompt from "effect-aws-sso/AuthorizationPrompt"
import * as DeviceFlow from "effect-aws-sso/DeviceFlow"
import * as SsoOidc from "effect-aws-sso/SsoOidc"
import type { SsoSession } from "effect-aws-sso/SsoSession"
import * as SsoStore from "effect-aws-sso/SsoStore"

const layer = Layer.mergeAll(
  AuthorizationPrompt.layerConsole,
  SsoOidc.layer({ region: "us-east-1" }),
  SsoStore.layerMemory()
).pipe(Layer.provide(FetchHttpClient.layer))

export const authorize = (session: SsoSession) =>
  Effect.runPromise(Effect.provide(DeviceFlow.authorize(session), layer))
