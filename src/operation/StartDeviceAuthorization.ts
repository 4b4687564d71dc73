/**
 * `StartDeviceAuthorization`: requests a user code, which the user enters, and a device code, which the device polls with.
 *
 * Source: AWS IAM Identity Center OIDC API Reference, "StartDeviceAuthorization"; RFC 8628 §3.1 and §3.2.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Exceptions from "./Exceptions.ts"
import * as Operation from "./Operation.ts"
import { Secret } from "./Secret.ts"
import { StartUrl } from "./StartUrl.ts"
import { DurationFromSeconds } from "./WireTime.ts"

/**
 * The client, and the access portal that the user signs in to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StartDeviceAuthorizationInput = Schema.Struct({
  clientId: Schema.NonEmptyString,
  clientSecret: Secret,
  /** The URL of the AWS access portal, such as `https://example.awsapps.com/start`. */
  startUrl: StartUrl
})

/**
 * The client, and the access portal that the user signs in to.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartDeviceAuthorizationInput extends Schema.Schema.Type<typeof StartDeviceAuthorizationInput> {}

/**
 * What to show to the user, and what to poll with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StartDeviceAuthorizationOutput = Schema.Struct({
  /** What to poll `CreateToken` with. It is a secret: any client that has it can get the token. */
  deviceCode: Secret,
  /** What the user enters or compares. */
  userCode: Schema.NonEmptyString,
  /** The page where the user enters the code. */
  verificationUri: Schema.NonEmptyString,
  /** The same page with the user code filled in. */
  verificationUriComplete: Schema.optionalKey(Schema.NonEmptyString),
  /** How long both codes are valid. */
  expiresIn: DurationFromSeconds,
  /** The minimum time between two polls. 5 seconds where the service sends none (RFC 8628 §3.2). */
  interval: DurationFromSeconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5)))
})

/**
 * What to show to the user, and what to poll with.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartDeviceAuthorizationOutput extends Schema.Schema.Type<typeof StartDeviceAuthorizationOutput> {}

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "StartDeviceAuthorization",
  path: "/device_authorization",
  auth: "none",
  input: StartDeviceAuthorizationInput,
  output: StartDeviceAuthorizationOutput,
  errors: [
    Exceptions.InternalServerException,
    Exceptions.InvalidClientException,
    Exceptions.InvalidRequestException,
    Exceptions.SlowDownException,
    Exceptions.UnauthorizedClientException
  ]
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type StartDeviceAuthorizationError =
  | Exceptions.InternalServerException
  | Exceptions.InvalidClientException
  | Exceptions.InvalidRequestException
  | Exceptions.SlowDownException
  | Exceptions.UnauthorizedClientException
