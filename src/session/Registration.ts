/**
 * A registered client, which the next sign-ins use again.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Secret } from "../operation/Secret.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * A client that was registered with `RegisterClient`.
 *
 * @category models
 * @since 0.1.0
 */
export class Registration extends Schema.Class<Registration>("effect-aws-sso/Registration")({
  /** The id of the client. */
  clientId: Schema.NonEmptyString,
  /** The secret of the client. */
  clientSecret: Secret,
  /** When the client secret expires. Absent if it never expires. */
  expiresAt: Schema.optionalKey(Timestamp)
}) {}
