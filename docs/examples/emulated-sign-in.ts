/**
 * Signs in at a local IAM Identity Center emulator, in process and without a socket, as a test does.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Duration, Effect, Layer, Stream } from "effect"
import { Login, LoginState, SsoOidc, SsoSession, SsoStore } from "effect-aws-sso"
import { IdentityCenter } from "effect-aws-sso/testing"

const program = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })

  yield* Stream.runForEach(Login.states(session), (state) =>
    LoginState.LoginState.match(state, {
      // A user would open the page and approve
      Prompting: ({ userCode }) => Effect.andThen(Console.log("prompting"), Effect.orDie(center.approve(userCode))),
      Pending: () => Console.log("pending"),
      SlowedDown: () => Console.log("slowed down"),
      Unreachable: ({ failure }) => Console.log(`unreachable: ${failure}`),
      Redirecting: ({ authorizationUrl }) => Console.log(`redirecting: ${authorizationUrl}`),
      Authorized: ({ expiresAt }) =>
        Effect.flatMap(DateTime.now, (now) =>
          Console.log(`authorized for ${Math.round(Duration.toHours(DateTime.distance(now, expiresAt)))} hours`)
        )
    })
  )

  const requests = yield* center.requests
  yield* Console.log(requests.map(({ operation }) => operation).join(" "))
})

const layer = Layer.mergeAll(SsoOidc.layer({ region: "us-east-1" }), SsoStore.layerMemory()).pipe(
  Layer.provideMerge(IdentityCenter.layer({ interval: "1 second" }))
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
