/**
 * The SSO OIDC service of AWS IAM Identity Center: registers clients and issues tokens.
 *
 * **When to use**
 *
 * Use for the four operations themselves. `Login` signs a user in, and `TokenProvider` keeps the user signed in.
 *
 * **Example** (Requesting a device code)
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
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
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
import { unmocked } from "./Mock.ts"

/**
 * The operations of the SSO OIDC service.
 *
 * **Details**
 *
 * Each operation fails with the exceptions that the service models for it, or with a `ClientError`. No response makes it
 * die.
 *
 * @category models
 * @since 0.2.0
 */
export interface SsoOidcService {
  /**
   * Where requests go: scheme, host and, for a custom endpoint, path, without a trailing slash. Fails where the settings
   * have neither a region nor an endpoint.
   */
  readonly endpoint: Effect.Effect<string, ConstructionFailure>
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
   * The service in a region, with the same settings and the same retry quota; a custom endpoint stays. The same region
   * gives the same service each time. Fails where the region is invalid, or has no endpoint for the settings.
   */
  readonly inRegion: (region: string) => Effect.Effect<SsoOidcService, ConstructionFailure>
}

/**
 * The SSO OIDC service.
 *
 * **When to use**
 *
 * Use as the requirement of a program that signs users in. `layer` and `layerAws` provide it, and `layerMock` in a test.
 *
 * @category services
 * @since 0.1.0
 */
export class SsoOidc extends Context.Service<SsoOidc, SsoOidcService>()("effect-aws-sso/SsoOidc") {}

/**
 * Makes the service from settings.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` where a setting is invalid. The region can be missing: calls then fail until a
 * region is chosen with `inRegion`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: (
  config?: ClientConfig.ClientConfig
) => Effect.Effect<SsoOidcService, ConstructionFailure, HttpClient.HttpClient> = Effect.fnUntraced(function* (
  config = {}
) {
  const client = yield* Client.make(
    { name: "SsoOidc", id: "SSO OIDC", endpoint: "sso-oidc", signingName: "sso-oauth" },
    config
  )
  const registerClient = client.compile(RegisterClient.operation)
  const startDeviceAuthorization = client.compile(StartDeviceAuthorization.operation)
  const createToken = client.compile(CreateToken.operation)
  const createTokenWithIAM = client.compileSigned(CreateTokenWithIAM.operation)
  return yield* client.service<SsoOidcService>(({ call, endpoint }, inRegion) => ({
    endpoint,
    registerClient: call(registerClient),
    startDeviceAuthorization: call(startDeviceAuthorization),
    createToken: call(createToken),
    createTokenWithIAM: call(createTokenWithIAM),
    inRegion
  }))
})

/**
 * Provides the service with the settings given, on the `HttpClient` of the environment. Nothing else is read.
 *
 * **Details**
 *
 * The region can be missing, for a program that chooses it with `inRegion`, as `Login` and `TokenProvider` do. A raw
 * operation then fails with a `ConstructionFailure` of reason `InvalidRegion`.
 *
 * **Example** (A region of the program's own choice)
 *
 * ```ts
 * import { Layer } from "effect"
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
  config?: ClientConfig.ClientConfig
): Layer.Layer<SsoOidc, ConstructionFailure, HttpClient.HttpClient> => Layer.effect(SsoOidc, make(config))

/**
 * Provides the service with the settings given, completed from the environment and from the profile, as AWS tools read
 * them.
 *
 * **Details**
 *
 * `ClientConfig.load` lists the settings. Fails where one of them is invalid, and names where it comes from, or where
 * the AWS config files cannot be read.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerAws = (
  options?: ClientConfig.LayerAwsOptions
): Layer.Layer<SsoOidc, ClientConfig.ClientConfigError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Layer.effect(SsoOidc, Effect.flatMap(ClientConfig.load("sso_oidc", options), make))

/**
 * Provides the service with settings that are read from Effect's `ConfigProvider`.
 *
 * **Example** (A region from a variable)
 *
 * ```ts
 * import { Config } from "effect"
 * import { SsoOidc } from "effect-aws-sso"
 *
 * const layer = SsoOidc.layerConfig({ region: Config.String("IDENTITY_CENTER_REGION") })
 * ```
 *
 * @category layers
 * @since 0.2.0
 */
export const layerConfig = (
  config: Config.Wrap<ClientConfig.ClientConfig>
): Layer.Layer<SsoOidc, ConstructionFailure | Config.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(SsoOidc, Effect.flatMap(Config.unwrap(config), make))

/**
 * Provides a service for tests, from the operations given. `inRegion` gives the same service for every region. Any other
 * operation dies with a message that names it.
 *
 * **Example** (A client that is always registered)
 *
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { SsoOidc } from "effect-aws-sso"
 *
 * const layer = SsoOidc.layerMock({
 *   registerClient: () => Effect.succeed({ clientId: "client", clientSecret: Redacted.make("secret") })
 * })
 * ```
 *
 * @category testing
 * @since 0.2.0
 */
export const layerMock = (operations: Partial<SsoOidcService>): Layer.Layer<SsoOidc> =>
  Layer.sync(SsoOidc, () => {
    const unmockedOperation = unmocked("SsoOidc")
    const service: SsoOidcService = {
      endpoint: Effect.succeed("https://oidc.us-east-1.amazonaws.com"),
      registerClient: unmockedOperation("registerClient"),
      startDeviceAuthorization: unmockedOperation("startDeviceAuthorization"),
      createToken: unmockedOperation("createToken"),
      createTokenWithIAM: unmockedOperation("createTokenWithIAM"),
      inRegion: () => Effect.succeed(service),
      ...operations
    }
    return service
  })

/**
 * Registers a client, and gives it an id and a secret.
 *
 * @category operations
 * @since 0.1.0
 */
export const registerClient = (
  input: RegisterClient.RegisterClientInput
): Effect.Effect<RegisterClient.RegisterClientOutput, RegisterClient.RegisterClientError | ClientError, SsoOidc> =>
  SsoOidc.use((service) => service.registerClient(input))

/**
 * Starts a device authorization (RFC 8628 §3.1): gives a code for the user and a code for the device.
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
 * Exchanges a device code, an authorization code or a refresh token for an access token.
 *
 * @category operations
 * @since 0.1.0
 */
export const createToken = (
  input: CreateToken.CreateTokenInput
): Effect.Effect<CreateToken.CreateTokenOutput, CreateToken.CreateTokenError | ClientError, SsoOidc> =>
  SsoOidc.use((service) => service.createToken(input))

/**
 * Exchanges an authorization code, a refresh token or the token of another issuer for an access token. The application
 * signs the request with its AWS credentials.
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
