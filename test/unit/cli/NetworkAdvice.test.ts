import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect } from "effect"
import { networkAdvice } from "../../../src/cli/terminal/NetworkAdvice.ts"
import * as NetworkSettings from "../../../src/node/NetworkSettings.ts"
import { LoginFailed, StartUrlUnresolved } from "../../../src/session/LoginFailed.ts"
import { CallTimeout, ConstructionFailure, DispatchFailure } from "../../../src/wire/ClientError.ts"

const advice = (failure: unknown, env: Readonly<Record<string, string>> = {}) =>
  Effect.map(NetworkSettings.load, (settings) => networkAdvice(failure, settings)).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
  )

const noConnection = (code: string, origin = "https://oidc.us-east-1.amazonaws.com") =>
  new DispatchFailure({ operation: "CreateToken", origin, code })

const settings = { HTTPS_PROXY: "http://user:sekret@proxy:3128", AWS_CA_BUNDLE: "/etc/ca.pem" }
const named =
  "; the connection is made through the proxy http://proxy:3128 (HTTPS_PROXY); only the certificate authorities in /etc/ca.pem (AWS_CA_BUNDLE) are trusted"
const hint = "; if this network requires a proxy, set HTTPS_PROXY"

describe("networkAdvice", () => {
  it.effect("names the settings that were used, and hints at the proxy that could be missing", () =>
    Effect.gen(function* () {
      const timeout = new CallTimeout({ operation: "CreateToken", limit: "attempt", duration: Duration.seconds(10) })
      const unresolved = new StartUrlUnresolved({
        startUrl: "https://aws.example.com",
        reason: "Unreachable",
        description: "there is no connection"
      })
      for (const failure of [noConnection("ENOTFOUND"), timeout, unresolved]) {
        for (const error of [failure, new LoginFailed({ reason: failure })]) {
          assert.strictEqual(yield* advice(error, settings), named)
          assert.strictEqual(yield* advice(error), hint)
        }
      }
      assert.strictEqual(
        yield* advice(noConnection("ENOTFOUND"), { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".amazonaws.com" }),
        "; the connection is made without the proxy, because of NO_PROXY"
      )
    })
  )

  it.effect("hints at AWS_CA_BUNDLE if the authority of a certificate is unknown", () =>
    Effect.gen(function* () {
      for (const code of [
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "SELF_SIGNED_CERT_IN_CHAIN",
        "DEPTH_ZERO_SELF_SIGNED_CERT"
      ]) {
        assert.match(yield* advice(noConnection(code)), /^; the certificate of the server is .* set AWS_CA_BUNDLE to /)
        assert.strictEqual(yield* advice(noConnection(code), settings), named)
      }
    })
  )

  it.effect("prints no advice for a connection to this machine, or if no connection failed", () =>
    Effect.gen(function* () {
      const invalid = new ConstructionFailure({ reason: "InvalidConfiguration", description: "HTTPS_PROXY is wrong" })
      for (const failure of [noConnection("ECONNREFUSED", "http://127.0.0.1:8080"), invalid, undefined, "text"]) {
        assert.strictEqual(yield* advice(failure, settings), "")
      }
    })
  )
})
