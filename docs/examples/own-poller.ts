/**
 * A custom poller with `DeviceFlow.schedule`. It prints each wait before it comes.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect, Layer, Schedule } from "effect"
import { type ClientError, type CreateToken, DeviceFlow, RetryPolicy, SsoOidc } from "effect-aws-sso"
import { IdentityCenter } from "effect-aws-sso/testing"

const program = Effect.gen(function* () {
  const client = yield* SsoOidc.registerClient({ clientName: "own-poller", clientType: "public" })
  const device = yield* SsoOidc.startDeviceAuthorization({
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    startUrl: "https://example.awsapps.com/start"
  })

  const schedule = DeviceFlow.schedule(device).pipe(
    Schedule.setInputType<CreateToken.CreateTokenError | ClientError.ClientError>(),
    Schedule.tap(({ input, output }) => Console.log(`${input._tag}: again in ${Duration.format(output)}`))
  )

  const token = yield* SsoOidc.createToken({
    grantType: "urn:ietf:params:oauth:grant-type:device_code",
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    deviceCode: device.deviceCode
  }).pipe(
    Effect.retry(schedule),
    // Only the schedule decides when to poll again
    Effect.provideService(RetryPolicy.Override, RetryPolicy.none)
  )
  yield* Console.log(`a ${token.tokenType} token for ${Duration.format(token.expiresIn)}: ${token.accessToken}`)
})

const layer = SsoOidc.layer({ region: "us-east-1" }).pipe(
  Layer.provide(IdentityCenter.layer({ interval: "1 second", autoApprove: "1500 millis" }))
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
