/** An emulator on a port of this machine, and what a test needs beside it. It ends with the test. */
import { createServer } from "node:http"
import { NodeHttpClient, NodeHttpServer, NodeServices } from "@effect/platform-node"
import { type Duration, Effect, Layer } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"

export const layer = Layer.mergeAll(IdentityCenter.serve({ autoApprove: 0 }), NodeHttpClient.layerNodeHttp).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Layer.provideMerge(NodeServices.layer)
)

/** How long each call for a token takes from now on. */
export const latency = (duration: Duration.Input): Effect.Effect<void, never, IdentityCenter.IdentityCenter> =>
  Effect.flatMap(IdentityCenter.IdentityCenter, ({ fault }) =>
    fault(IdentityCenter.Fault.delay(duration), { operation: "CreateToken", times: Infinity })
  )
