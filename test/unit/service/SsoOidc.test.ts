import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as AwsCredentials from "../../../src/wire/AwsCredentials.ts"
import type * as ClientConfig from "../../../src/wire/ClientConfig.ts"
import * as Calls from "../../support/Calls.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"

const http = ScriptedHttp.layer(() => ScriptedHttp.json(200, { clientId: "client-1", clientSecret: "secret-1" }))

describe("SsoOidc.layer", () => {
  it.effect("tells where requests go", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* SsoOidc.SsoOidc
      assert.strictEqual(endpoint, "https://oidc.eu-west-1.amazonaws.com")
    }).pipe(Effect.provide(SsoOidc.layer({ region: "eu-west-1" }).pipe(Layer.provide(http))))
  )

  it.effect("is not built where the settings give no endpoint, and nothing is sent", () =>
    Effect.gen(function* () {
      const register = SsoOidc.registerClient({ clientName: "a", clientType: "public" })
      const error = yield* Effect.flip(Effect.provide(register, SsoOidc.layer({ region: "nowhere at all" })))
      assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })
      const { asked } = yield* ScriptedHttp.Log
      assert.deepStrictEqual(yield* asked, [])
    }).pipe(Effect.provide(http))
  )
})

describe("SsoOidc.inRegion", () => {
  const register = (config: ClientConfig.ClientConfig, region: string) =>
    Effect.gen(function* () {
      const service = yield* Effect.flatMap(SsoOidc.make(config), ({ inRegion }) => inRegion(region))
      yield* service.registerClient({ clientName: "a", clientType: "public" })
      const { asked } = yield* ScriptedHttp.Log
      return (yield* asked).map(({ headers, url }) => `${url} ${headers["user-agent"]?.split(" ").at(-1)}`)
    }).pipe(Effect.provide(http))

  it.effect("is the same service with the same settings in another region", () =>
    Effect.gen(function* () {
      const config = { region: "us-east-1", useDualStack: true, appId: "my-app" }
      assert.deepStrictEqual(yield* register(config, "eu-west-1"), [
        "https://oidc.eu-west-1.api.aws/client/register app/my-app"
      ])
    })
  )

  it.effect("stays at an endpoint of one's own", () =>
    Effect.gen(function* () {
      const config = { region: "us-east-1", endpoint: "http://127.0.0.1:8080/sso", appId: "my-app" }
      assert.deepStrictEqual(yield* register(config, "eu-west-1"), [
        "http://127.0.0.1:8080/sso/client/register app/my-app"
      ])
    })
  )

  it.effect("fails where there is no such region, and nothing is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(register({ region: "us-east-1" }, "nowhere at all"))
      assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })
    })
  )
})

describe("SsoOidc", () => {
  const client = { clientId: "client-1", clientSecret: Redacted.make("secret-1") }
  const device = {
    deviceCode: client.clientSecret,
    userCode: "A",
    verificationUri: "https://a",
    expiresIn: Duration.seconds(1),
    interval: Duration.seconds(1)
  }
  const token = { accessToken: client.clientSecret, expiresIn: Duration.seconds(1) }
  const signedToken = { ...token, scope: ["a"] }

  it.effect("is a service that a test can provide itself", () =>
    Effect.gen(function* () {
      const outputs = yield* Effect.all(Calls.oidcCalls.map(({ call }) => call))
      assert.deepStrictEqual(outputs, [client, device, token, signedToken])
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          AwsCredentials.layer(Calls.credentials),
          Layer.mock(SsoOidc.SsoOidc, {
            endpoint: "https://a",
            registerClient: () => Effect.succeed(client),
            startDeviceAuthorization: () => Effect.succeed(device),
            createToken: () => Effect.succeed(token),
            createTokenWithIAM: () => Effect.succeed(signedToken)
          })
        )
      )
    )
  )
})
