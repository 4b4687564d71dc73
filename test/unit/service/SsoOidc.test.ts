import { assert, describe, it } from "@effect/vitest"
import { Cause, Config, ConfigProvider, Duration, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as SsoOidc from "../../../src/service/SsoOidc.ts"
import * as AwsCredentials from "../../../src/wire/AwsCredentials.ts"
import type * as ClientConfig from "../../../src/wire/ClientConfig.ts"
import * as RetryPolicy from "../../../src/wire/RetryPolicy.ts"
import * as Calls from "../../support/Calls.ts"
import * as ScriptedHttp from "../../support/ScriptedHttp.ts"

const http = ScriptedHttp.layer(() => ScriptedHttp.json(200, { clientId: "client-1", clientSecret: "secret-1" }))

const input = { clientName: "a", clientType: "public" }

const requests = Effect.flatMap(ScriptedHttp.Log, ({ requests }) => requests)

const urls = Effect.map(requests, (all) => all.map(({ url }) => url))

const assertInvalidRegion = (error: object) =>
  assert.deepInclude({ ...error }, { _tag: "ConstructionFailure", reason: "InvalidRegion" })

describe("SsoOidc.layer", () => {
  it.effect("shows its endpoint", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* SsoOidc.SsoOidc
      assert.strictEqual(yield* endpoint, "https://oidc.eu-west-1.amazonaws.com")
    }).pipe(Effect.provide(SsoOidc.layer({ region: "eu-west-1" }).pipe(Layer.provide(http))))
  )

  it.effect.each([{ region: "nowhere at all" }, { endpoint: "ftp://a" }, { region: "us-east-1", appId: "my tool" }])(
    "fails to build with invalid settings, and sends nothing (%j)",
    (config) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.provide(SsoOidc.registerClient(input), SsoOidc.layer(config)))
        assert.strictEqual(error._tag, "ConstructionFailure")
        assert.deepStrictEqual(yield* requests, [])
      }).pipe(Effect.provide(http))
  )

  it.effect("builds without a region, where a raw operation fails and one in a region works", () =>
    Effect.gen(function* () {
      const service = yield* SsoOidc.SsoOidc
      assertInvalidRegion(yield* Effect.flip(service.endpoint))
      assertInvalidRegion(yield* Effect.flip(SsoOidc.registerClient(input)))
      assert.deepStrictEqual(yield* requests, [])

      const { registerClient } = yield* service.inRegion("eu-west-1")
      yield* registerClient(input)
      assert.deepStrictEqual(yield* urls, ["https://oidc.eu-west-1.amazonaws.com/client/register"])
    }).pipe(Effect.provide(SsoOidc.layer().pipe(Layer.provideMerge(http))))
  )

  it.effect("needs no region for a custom endpoint", () =>
    Effect.gen(function* () {
      yield* SsoOidc.registerClient(input)
      assert.deepStrictEqual(yield* urls, ["http://127.0.0.1:8080/client/register"])
    }).pipe(Effect.provide(SsoOidc.layer({ endpoint: "http://127.0.0.1:8080" }).pipe(Layer.provideMerge(http))))
  )
})

describe("SsoOidc.layerConfig", () => {
  const layer = SsoOidc.layerConfig({
    region: Config.String("REGION"),
    retryPolicy: Config.succeed(RetryPolicy.none),
    operationTimeout: Config.Duration("TIMEOUT")
  }).pipe(Layer.provideMerge(http))

  const register = Effect.andThen(SsoOidc.registerClient(input), urls)

  const withVariables = (env: Record<string, string>) =>
    Effect.provide(register, layer).pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
    )

  it.effect("reads the settings from the ConfigProvider", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* withVariables({ REGION: "eu-west-1", TIMEOUT: "1 minute" }), [
        "https://oidc.eu-west-1.amazonaws.com/client/register"
      ])
    })
  )

  it.effect("fails where a setting is missing or invalid", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(withVariables({ TIMEOUT: "1 minute" }))
      assert.strictEqual(missing._tag, "ConfigError")
      assertInvalidRegion(yield* Effect.flip(withVariables({ REGION: "nowhere at all", TIMEOUT: "1 minute" })))
    })
  )
})

describe("SsoOidc.inRegion", () => {
  const register = (config: ClientConfig.ClientConfig, region: string) =>
    Effect.gen(function* () {
      const service = yield* Effect.flatMap(SsoOidc.make(config), ({ inRegion }) => inRegion(region))
      yield* service.registerClient(input)
      return (yield* requests).map(({ headers, url }) => `${url} ${headers["user-agent"]?.split(" ").at(-1)}`)
    }).pipe(Effect.provide(http))

  it.effect("keeps the settings", () =>
    Effect.gen(function* () {
      const config = { region: "us-east-1", useDualStack: true, appId: "my-app" }
      assert.deepStrictEqual(yield* register(config, "eu-west-1"), [
        "https://oidc.eu-west-1.api.aws/client/register app/my-app"
      ])
    })
  )

  it.effect("keeps a custom endpoint", () =>
    Effect.gen(function* () {
      const config = { region: "us-east-1", endpoint: "http://127.0.0.1:8080/sso", appId: "my-app" }
      assert.deepStrictEqual(yield* register(config, "eu-west-1"), [
        "http://127.0.0.1:8080/sso/client/register app/my-app"
      ])
    })
  )

  it.effect("fails for an invalid region, and sends nothing", () =>
    Effect.gen(function* () {
      assertInvalidRegion(yield* Effect.flip(register({ region: "us-east-1" }, "nowhere at all")))
    })
  )

  it.effect("gives the same service for the same region each time", () =>
    Effect.gen(function* () {
      const service = yield* SsoOidc.make({ region: "us-east-1" })
      const other = yield* service.inRegion("eu-west-1")
      assert.strictEqual(yield* service.inRegion("eu-west-1"), other)
      assert.strictEqual(yield* other.inRegion("eu-west-1"), other)
      assert.strictEqual(yield* other.inRegion("us-east-1"), service)
      assert.notStrictEqual(other, service)
    }).pipe(Effect.provide(http))
  )

  // 10 retries in all, which cost 5 each
  const config = { region: "us-east-1", retryPolicy: RetryPolicy.standard({ quota: 50 }) }

  it.effect("shares one retry quota between all regions: 100 failing calls send 110 requests", () =>
    Effect.gen(function* () {
      const { inRegion } = yield* SsoOidc.SsoOidc
      const calls = Effect.forEach(Array.from({ length: 100 }), (_, n) =>
        Effect.flatMap(inRegion(`eu-west-${1 + (n % 3)}`), ({ registerClient }) => Effect.flip(registerClient(input)))
      )
      const fiber = yield* Effect.forkChild(calls)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.lengthOf(yield* requests, 110)
    }).pipe(Effect.provide(SsoOidc.layer(config).pipe(Layer.provideMerge(ScriptedHttp.layer(() => ({ status: 503 }))))))
  )
})

describe("SsoOidc.layerMock", () => {
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

  it.effect("provides the operations given", () =>
    Effect.gen(function* () {
      const outputs = yield* Effect.all(Calls.oidcCalls.map(({ call }) => call))
      assert.deepStrictEqual(outputs, [client, device, token, signedToken])
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          AwsCredentials.layer(Calls.credentials),
          SsoOidc.layerMock({
            registerClient: () => Effect.succeed(client),
            startDeviceAuthorization: () => Effect.succeed(device),
            createToken: () => Effect.succeed(token),
            createTokenWithIAM: () => Effect.succeed(signedToken)
          })
        )
      )
    )
  )

  it.effect("is the same in every region, and dies where another operation is called", () =>
    Effect.gen(function* () {
      const service = yield* SsoOidc.SsoOidc
      assert.strictEqual(yield* service.inRegion("eu-west-1"), service)
      const exit = yield* Effect.exit(SsoOidc.registerClient(input))
      assert.include(
        Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
        "SsoOidc.registerClient was called, but SsoOidc.layerMock was not given it"
      )
    }).pipe(Effect.provide(SsoOidc.layerMock({ createToken: () => Effect.succeed(token) })))
  )
})
