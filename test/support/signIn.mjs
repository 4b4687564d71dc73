// A program on the built library that signs in by the device flow, and prints until when.
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Login, SsoOidc, SsoSession } from "effect-aws-sso"
import { NodeSso } from "effect-aws-sso/node"

const program = Effect.gen(function* () {
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
  const token = yield* Login.login(session, { flow: "device" })
  yield* Console.log(`signed in to ${token.startUrl}`)
}).pipe(
  Effect.provide(SsoOidc.layer({ region: "us-east-1" })),
  Effect.provide(NodeSso.layer),
  Effect.catch((error) => Console.log(`${error._tag}: ${error.message}`))
)

NodeRuntime.runMain(program)
