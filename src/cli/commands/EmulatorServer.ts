/**
 * Serves the emulator on a Node server. Only `effect-sso emulator` loads this module.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import { systemCode } from "../../wire/SystemCode.ts"
import * as IdentityCenter from "../../emulator/IdentityCenter.ts"
import * as EmulatorData from "./EmulatorData.ts"
import { type EmulatorDataFailure, EmulatorFailure } from "./EmulatorFailure.ts"
import { Stderr } from "../terminal/Stderr.ts"

const host = "127.0.0.1"

/**
 * Serves until it is interrupted, or until standard input ends. Prints the address to standard output, for a parent
 * process to read, and how to use it to standard error.
 */
export const run = Effect.fnUntraced(function* (
  options: IdentityCenter.IdentityCenterOptions & {
    readonly port: number
    readonly untilStdinEnds: boolean
    /** The path of a file with users and accounts. */
    readonly data: string | undefined
  }
): Effect.fn.Return<void, EmulatorDataFailure | EmulatorFailure, FileSystem.FileSystem | Stderr | Stdio.Stdio> {
  const data = options.data === undefined ? {} : yield* EmulatorData.read(options.data)
  const stderr = yield* Stderr
  const { stdin } = yield* Stdio.Stdio
  const server = createServer()
  const serve = Effect.gen(function* () {
    const { baseUrl } = yield* IdentityCenter.IdentityCenter
    // Idle connections of browsers would keep the server open
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    yield* Console.log(baseUrl)
    yield* stderr.say(
      [
        "To use the emulator with this command, the AWS CLI and the AWS SDKs:",
        "",
        `  export AWS_ENDPOINT_URL_SSO_OIDC=${baseUrl}`,
        `  export AWS_ENDPOINT_URL_SSO=${baseUrl}`,
        "",
        `Approve a sign-in at ${baseUrl}/device`,
        options.untilStdinEnds
          ? "The emulator stops when standard input ends, or with Ctrl-C."
          : "Stop the emulator with Ctrl-C."
      ].join("\n")
    )
    yield* options.untilStdinEnds ? Effect.ignore(Stream.runDrain(stdin)) : Effect.never
  })
  const emulator = IdentityCenter.serve({ ...options, ...data }).pipe(
    Layer.provide(NodeHttpServer.layerServer(() => server, { host, port: options.port }))
  )
  yield* serve.pipe(
    Effect.scoped,
    Effect.provide(emulator),
    Effect.catchTag(
      "ServeError",
      ({ cause }) => new EmulatorFailure({ host, port: options.port, code: systemCode(cause) ?? "" })
    )
  )
})
