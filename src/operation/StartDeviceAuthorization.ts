/**
 * `StartDeviceAuthorization`: asks for a code that a person can type, and a code that the device polls with.
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
 * Who asks, and for which portal.
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
 * Who asks, and for which portal.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartDeviceAuthorizationInput extends Schema.Schema.Type<typeof StartDeviceAuthorizationInput> {}

/**
 * What the person is shown, and what the device polls with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StartDeviceAuthorizationOutput = Schema.Struct({
  /** What `CreateToken` is asked with. A bearer secret: whoever holds it gets the token. */
  deviceCode: Secret,
  /** What the person types, or compares. */
  userCode: Schema.NonEmptyString,
  /** Where the person goes. */
  verificationUri: Schema.NonEmptyString,
  /** The same with the user code filled in. */
  verificationUriComplete: Schema.optionalKey(Schema.NonEmptyString),
  /** How long both codes are valid. */
  expiresIn: DurationFromSeconds,
  /** The minimum time between two polls. 5 seconds where the service sends none (RFC 8628 §3.2). */
  interval: DurationFromSeconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5)))
})

/**
 * What the person is shown, and what the device polls with.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartDeviceAuthorizationOutput extends Schema.Schema.Type<typeof StartDeviceAuthorizationOutput> {}

/**
 * The descriptor that client and test server share.
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
export type StartDeviceAuthorizationError = Operation.Failure<typeof operation>
