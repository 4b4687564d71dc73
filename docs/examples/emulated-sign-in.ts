/**
 * Signs in against an IAM Identity Center of one's own, in process and without a socket: what a test of a program that
 * signs people in looks like.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"
import { DeviceFlow, SsoOidc, SsoSession, TokenCache } from "effect-aws-sso"
import { IdentityCenter } from "effect-aws-sso/testing"

const program = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })

  yield* Stream.runForEach(DeviceFlow.states(session), (state) =>
    DeviceFlow.State.$match(state, {
      // Here a person would open the page; the test answers for them
      Prompting: ({ userCode }) => Effect.andThen(Console.log("prompting"), Effect.orDie(center.approve(userCode))),
      Pending: () => Console.log("pending"),
      SlowedDown: () => Console.log("slowed down"),
      Unreachable: ({ failure }) => Console.log(`unreachable: ${failure}`),
      Authorized: ({ token }) => Console.log(`authorized: ${token.accessToken}`)
    })
  )

  const requests = yield* center.requests
  yield* Console.log(requests.map(({ operation }) => operation).join(" "))
})

const layer = Layer.mergeAll(SsoOidc.layer({ region: "us-east-1" }), TokenCache.layerMemory).pipe(
  Layer.provideMerge(IdentityCenter.layer({ interval: "1 second" }))
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
