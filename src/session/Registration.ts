/**
 * A registered client, as it is kept for the next sign-in.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Secret } from "../operation/Secret.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * The id and secret that `RegisterClient` gave, and how long they last.
 *
 * @category models
 * @since 0.1.0
 */
export class Registration extends Schema.Class<Registration>("effect-aws-sso/Registration")({
  clientId: Schema.NonEmptyString,
  clientSecret: Secret,
  /** When the secret stops to work; absent for one that never does. */
  expiresAt: Schema.optionalKey(Timestamp)
}) {}
