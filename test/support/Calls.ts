/**
 * One call of each operation, with secrets that a test can look for.
 */
import { DateTime, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import * as AwsCredentials from "../../src/wire/AwsCredentials.ts"
import type * as ClientConfig from "../../src/wire/ClientConfig.ts"
import * as CreateToken from "../../src/operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../src/operation/CreateTokenWithIAM.ts"
import * as RegisterClient from "../../src/operation/RegisterClient.ts"
import * as SsoOidc from "../../src/SsoOidc.ts"
import * as StartDeviceAuthorization from "../../src/operation/StartDeviceAuthorization.ts"

const secret = {
  client: "keep-client/secret+1",
  device: "keep-device-code",
  subject: "keep-subject-token",
  session: "keep-session-token",
  access: "keep-access-key"
}

export const credentials: AwsCredentials.Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: Redacted.make(secret.access),
  sessionToken: Redacted.make(secret.session),
  expiration: DateTime.makeUnsafe("2030-01-01T00:00:00Z")
}

const inputs = {
  RegisterClient: { clientName: "my-tool", clientType: "public", scopes: ["sso:account:access"] },
  StartDeviceAuthorization: {
    clientId: "client-1",
    clientSecret: Redacted.make(secret.client),
    startUrl: "https://example.awsapps.com/start"
  },
  CreateToken: {
    clientId: "client-1",
    clientSecret: Redacted.make(secret.client),
    grantType: "urn:ietf:params:oauth:grant-type:device_code",
    deviceCode: Redacted.make(secret.device)
  },
  CreateTokenWithIAM: {
    clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
    grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
    subjectToken: Redacted.make(secret.subject),
    subjectTokenType: "urn:ietf:params:oauth:token-type:access_token"
  }
} as const

/** Each operation with a call of it, the secrets that it sends or signs with, and an answer that it takes. */
export const calls = [
  {
    operation: RegisterClient.operation,
    call: SsoOidc.registerClient(inputs.RegisterClient),
    secrets: [],
    answer: { clientId: "client-1", clientSecret: "secret-2", clientSecretExpiresAt: 7_776_000 }
  },
  {
    operation: StartDeviceAuthorization.operation,
    call: SsoOidc.startDeviceAuthorization(inputs.StartDeviceAuthorization),
    secrets: [secret.client],
    answer: { deviceCode: "secret-3", userCode: "ABCD-EFGH", verificationUri: "https://device.example", expiresIn: 600 }
  },
  {
    operation: CreateToken.operation,
    call: SsoOidc.createToken(inputs.CreateToken),
    secrets: [secret.client, secret.device],
    answer: { accessToken: "secret-4", tokenType: "Bearer", expiresIn: 28_800, refreshToken: "secret-5" }
  },
  {
    operation: CreateTokenWithIAM.operation,
    call: SsoOidc.createTokenWithIAM(inputs.CreateTokenWithIAM),
    secrets: [secret.subject, secret.session, secret.access],
    answer: { accessToken: "secret-4", expiresIn: 3600, scope: ["a"], awsAdditionalDetails: { identityContext: "b" } }
  }
] as const

export type Call = (typeof calls)[number]

/** The service on a `fetch` of one's own. */
export const overFetch = (
  respond: (request: Request) => Response | Promise<Response>,
  config?: ClientConfig.ClientConfig
): Layer.Layer<SsoOidc.SsoOidc | AwsCredentials.AwsCredentials> =>
  Layer.mergeAll(
    Layer.orDie(SsoOidc.layer({ region: "us-east-1", ...config })),
    AwsCredentials.layer(credentials)
  ).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(
      Layer.succeed(FetchHttpClient.Fetch, (input, init) =>
        Promise.resolve(new Request(input, init)).then((request) => respond(request))
      )
    )
  )

/** Any call, as an effect of one type. */
export const run = ({ call }: Call): Effect.Effect<unknown, Failure, SsoOidc.SsoOidc | AwsCredentials.AwsCredentials> =>
  call

export type Failure = Effect.Error<Call["call"]>
