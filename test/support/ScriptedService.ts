/** An SSO OIDC service whose responses to polls are scripted, with an empty store and a prompt that records its states. */
import { Effect, Layer, Ref } from "effect"
import { AuthorizationPrompt, SsoOidc, SsoStore } from "../../src/index.ts"
import * as ScriptedHttp from "./ScriptedHttp.ts"

export const pending = ScriptedHttp.exception("AuthorizationPendingException", "authorization_pending")
export const slowDown = ScriptedHttp.exception("SlowDownException", "slow_down")
export const denied = ScriptedHttp.exception("AccessDeniedException", "access_denied")
export const token = ScriptedHttp.json(200, {
  accessToken: "secret-access",
  tokenType: "Bearer",
  expiresIn: 28800,
  refreshToken: "secret-r"
})
export const unavailable: ScriptedHttp.ScriptedResponse = { status: 503, body: "<html>Service Unavailable</html>" }

const registered = ScriptedHttp.json(200, {
  clientId: "client-1",
  clientSecret: "secret-client",
  clientIdIssuedAt: 0,
  clientSecretExpiresAt: 7_776_000
})

const started = (options: { readonly interval?: number; readonly expiresIn?: number }) =>
  ScriptedHttp.json(200, {
    deviceCode: "secret-device",
    userCode: "ABCD-EFGH",
    verificationUri: "https://device.example/",
    verificationUriComplete: "https://device.example/?user_code=ABCD-EFGH",
    expiresIn: options.expiresIn ?? 600,
    interval: options.interval ?? 1
  })

export const service = (
  tokens: ReadonlyArray<ScriptedHttp.ScriptedResponse>,
  options: { readonly interval?: number; readonly expiresIn?: number } = {}
) =>
  Layer.mergeAll(
    SsoOidc.layer({ region: "us-east-1" }),
    SsoStore.layerMemory(),
    AuthorizationPrompt.layerRecorded
  ).pipe(
    Layer.provideMerge(
      ScriptedHttp.layer(({ url }, before) => {
        switch (new URL(url).pathname) {
          case "/client/register":
            return registered
          case "/device_authorization":
            return started(options)
          default:
            return ScriptedHttp.script(tokens, before)
        }
      })
    )
  )

export const pollTimes = Effect.gen(function* () {
  const { requests } = yield* ScriptedHttp.Log
  return (yield* requests).filter(({ url }) => new URL(url).pathname === "/token").map(({ at }) => at / 1000)
})

export const shown = Effect.map(Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get), (states) =>
  states.map((state) => state._tag)
)
