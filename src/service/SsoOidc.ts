/**
 * The SSO OIDC service of AWS IAM Identity Center: its four operations, as Effects.
 *
 * **Example** (Asking for a device code)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { SsoOidc } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const client = yield* SsoOidc.registerClient({ clientName: "my-tool", clientType: "public" })
 *   return yield* SsoOidc.startDeviceAuthorization({
 *     clientId: client.clientId,
 *     clientSecret: client.clientSecret,
 *     startUrl: "https://example.awsapps.com/start"
 *   })
 * }).pipe(
 *   Effect.catchTag("InvalidClientException", (e) => Effect.logWarning(e.error_description)),
 *   Effect.provide(SsoOidc.layer({ region: "us-east-1" })),
 *   Effect.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * Source: AWS IAM Identity Center OIDC API Reference, version 2019-06-10.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as CreateToken from "../operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../operation/CreateTokenWithIAM.ts"
import * as RegisterClient from "../operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../operation/StartDeviceAuthorization.ts"
import type { AwsCredentials } from "../wire/AwsCredentials.ts"
import * as Client from "../wire/Client.ts"
import * as ClientConfig from "../wire/ClientConfig.ts"
import type { ClientError, ConstructionFailure } from "../wire/ClientError.ts"

/**
 * What the service can do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** Where requests go: scheme, host and, for an endpoint of one's own, path, without a trailing slash. */
  readonly endpoint: string
  readonly registerClient: (
    input: RegisterClient.RegisterClientInput
  ) => Effect.Effect<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError | ClientError>
  readonly startDeviceAuthorization: (
    input: StartDeviceAuthorization.StartDeviceAuthorizationInput
  ) => Effect.Effect<
    StartDeviceAuthorization.StartDeviceAuthorizationOutput,
    StartDeviceAuthorization.StartDeviceAuthorizationError | ClientError
  >
  readonly createToken: (
    input: CreateToken.CreateTokenInput
  ) => Effect.Effect<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError | ClientError>
  readonly createTokenWithIAM: (
    input: CreateTokenWithIAM.CreateTokenWithIAMInput
  ) => Effect.Effect<
    CreateTokenWithIAM.CreateTokenWithIAMOutput,
    CreateTokenWithIAM.CreateTokenWithIAMError | ClientError,
    AwsCredentials
  >
  /**
   * The same service in another region, with the same settings; an endpoint of one's own stays. Asked for where a portal,
   * or a token, belongs to another region than the session. Fails where the settings have no endpoint there.
   */
  readonly inRegion: (region: string) => Effect.Effect<Service, ConstructionFailure>
}

/**
 * The SSO OIDC service.
 *
 * **When to use**
 *
 * Use as the requirement of a program that signs people in; `layer` provides it, and a test provides another.
 *
 * **Details**
 *
 * Each operation fails with the exceptions that the service models for it, or with a `ClientError`; none of them dies
 * of what a server answered.
 *
 * @category services
 * @since 0.1.0
 */
export class SsoOidc extends Context.Service<SsoOidc, Service>()("effect-aws-sso/SsoOidc") {}

/**
 * Builds the service for one region or endpoint.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` where the settings do not give an endpoint, before anything is sent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  config: ClientConfig.ClientConfig
) => Effect.Effect<Service, ConstructionFailure, HttpClient.HttpClient> = Effect.fnUntraced(function* (config) {
  const http = yield* HttpClient.HttpClient
  const client = yield* Client.make(
    { name: "SsoOidc", id: "SSO OIDC", endpoint: "sso-oidc", signingName: "sso-oauth" },
    config
  )
  return SsoOidc.of({
    endpoint: client.endpoint,
    registerClient: client.call(RegisterClient.operation),
    startDeviceAuthorization: client.call(StartDeviceAuthorization.operation),
    createToken: client.call(CreateToken.operation),
    createTokenWithIAM: client.callSigned(CreateTokenWithIAM.operation),
    inRegion: (region) => Effect.provideService(make({ ...config, region }), HttpClient.HttpClient, http)
  })
})

/**
 * Provides the service for one region or endpoint, on the `HttpClient` of the environment.
 *
 * **Example** (The region of a session)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { SsoOidc } from "effect-aws-sso"
 *
 * const SsoOidcLive = SsoOidc.layer({ region: "eu-west-1" }).pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  config: ClientConfig.ClientConfig
): Layer.Layer<SsoOidc, ConstructionFailure, HttpClient.HttpClient> => Layer.effect(SsoOidc, make(config))

/**
 * Provides the service with the settings of the program, completed by those of the environment and of the profile.
 *
 * **Details**
 *
 * `ClientConfig.load` has the table of settings. Fails where one of them is invalid, naming its origin, or where the
 * shared files cannot be read.
 *
 * - `profile`: `AWS_PROFILE` by default, else `default`
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options?: ClientConfig.ClientConfig & { readonly profile?: string | undefined }
): Layer.Layer<SsoOidc, ClientConfig.LoadFailure, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Layer.effect(SsoOidc, Effect.flatMap(ClientConfig.load("sso_oidc", options), make))

/**
 * Makes a client known to IAM Identity Center, and gives it an id and a secret.
 *
 * @category operations
 * @since 0.1.0
 */
export const registerClient = (
  input: RegisterClient.RegisterClientInput
): Effect.Effect<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError | ClientError, SsoOidc> =>
  SsoOidc.use((service) => service.registerClient(input))

/**
 * Asks for a code that a person can type, and a code that the device polls with.
 *
 * @category operations
 * @since 0.1.0
 */
export const startDeviceAuthorization = (
  input: StartDeviceAuthorization.StartDeviceAuthorizationInput
): Effect.Effect<
  StartDeviceAuthorization.StartDeviceAuthorizationOutput,
  StartDeviceAuthorization.StartDeviceAuthorizationError | ClientError,
  SsoOidc
> => SsoOidc.use((service) => service.startDeviceAuthorization(input))

/**
 * Turns a device code, an authorization code or a refresh token into an access token.
 *
 * @category operations
 * @since 0.1.0
 */
export const createToken = (
  input: CreateToken.CreateTokenInput
): Effect.Effect<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError | ClientError, SsoOidc> =>
  SsoOidc.use((service) => service.createToken(input))

/**
 * Turns an authorization code, a refresh token or another issuer's token into an access token, for an application that
 * AWS credentials identify.
 *
 * @category operations
 * @since 0.1.0
 */
export const createTokenWithIAM = (
  input: CreateTokenWithIAM.CreateTokenWithIAMInput
): Effect.Effect<
  CreateTokenWithIAM.CreateTokenWithIAMOutput,
  CreateTokenWithIAM.CreateTokenWithIAMError | ClientError,
  SsoOidc | AwsCredentials
> => SsoOidc.use((service) => service.createTokenWithIAM(input))
