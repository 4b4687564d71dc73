/**
 * A token at each use: `TokenProvider` reads it, refreshes it ahead of time, and fails when the user has to sign in.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Effect, Layer } from "effect"
import { AuthorizationPrompt, Login, SsoOidc, SsoSession, SsoStore, TokenProvider } from "effect-aws-sso"
import { IdentityCenter } from "effect-aws-sso/testing"

const program = Effect.gen(function* () {
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })

  yield* Effect.gen(function* () {
    const { token } = yield* TokenProvider.TokenProvider

    // The user has not signed in yet
    yield* Effect.catchTag(token, "LoginRequired", (e) => Console.log(`${e.reason._tag}: ${e.command}`))

    const first = yield* Login.device(session)
    // This token has four minutes left, so it is refreshed before it is returned: one call for all three callers
    const all = yield* Effect.all([token, token, token], { concurrency: "unbounded" })
    const later = all.every(({ expiresAt }) => DateTime.isGreaterThanOrEqualTo(expiresAt, first.expiresAt))
    yield* Console.log(`refreshed: ${later}`)
  }).pipe(Effect.provide(TokenProvider.layer(session)))

  const center = yield* IdentityCenter.IdentityCenter
  const refreshes = (yield* center.requests).filter(({ grantType }) => grantType === "refresh_token")
  yield* Console.log(`refreshes: ${refreshes.length}`)
})

const layer = Layer.mergeAll(
  SsoOidc.layer({ region: "us-east-1" }),
  SsoStore.layerMemory(),
  AuthorizationPrompt.layerSilent
).pipe(
  Layer.provideMerge(
    IdentityCenter.layer({ interval: "1 second", autoApprove: "0 seconds", accessTokenLifetime: "4 minutes" })
  )
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
