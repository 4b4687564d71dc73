/**
 * `Logout`: ends the session of an access token at the service, for every program that shares the token.
 *
 * **Gotchas**
 *
 * AWS credentials that were issued before remain valid until they expire.
 *
 * Source: AWS IAM Identity Center Portal API Reference, "Logout".
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"
import * as PortalExceptions from "./PortalExceptions.ts"
import { Secret } from "./Secret.ts"

/**
 * The access token of the session.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LogoutInput = Schema.Struct({ accessToken: Secret })

/**
 * The access token of the session.
 *
 * @category models
 * @since 0.1.0
 */
export interface LogoutInput extends Schema.Schema.Type<typeof LogoutInput> {}

/**
 * The response is empty.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LogoutOutput: typeof Schema.Void = Schema.Void

/**
 * The response is empty.
 *
 * @category models
 * @since 0.1.0
 */
export type LogoutOutput = typeof LogoutOutput.Type

/**
 * The descriptor of the operation, which the client and the emulator share.
 *
 * @category operations
 * @since 0.1.0
 */
export const operation = Operation.make({
  name: "Logout",
  path: "/logout",
  auth: "none",
  bindings: { accessToken: Operation.bearer },
  input: LogoutInput,
  output: LogoutOutput,
  errors: [
    PortalExceptions.InvalidRequestException,
    PortalExceptions.TooManyRequestsException,
    PortalExceptions.UnauthorizedException
  ]
})

/**
 * The exceptions that the operation models.
 *
 * @category errors
 * @since 0.1.0
 */
export type LogoutError =
  | PortalExceptions.InvalidRequestException
  | PortalExceptions.TooManyRequestsException
  | PortalExceptions.UnauthorizedException
