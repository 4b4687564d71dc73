/**
 * The credentials of a role, and the JSON that the AWS tools exchange them in.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type * as GetRoleCredentials from "../operation/GetRoleCredentials.ts"
import { Secret } from "../operation/Secret.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * The credentials of a role in an account.
 *
 * **Details**
 *
 * Its encoded form has the names that files and `credential_process` use: `AccessKeyId`, `SecretAccessKey`,
 * `SessionToken`, `Expiration`, `AccountId`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Credentials = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  secretAccessKey: Secret,
  sessionToken: Secret,
  /** When they stop to work. */
  expiration: Timestamp,
  accountId: Schema.optionalKey(Schema.String)
}).pipe(
  Schema.encodeKeys({
    accessKeyId: "AccessKeyId",
    secretAccessKey: "SecretAccessKey",
    sessionToken: "SessionToken",
    expiration: "Expiration",
    accountId: "AccountId"
  })
)

/**
 * The credentials of a role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export type Credentials = typeof Credentials.Type

/**
 * What the portal gave. In whole seconds, as files have it, so that credentials are the same before and after.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromOutput = (
  { roleCredentials: { expiration, ...keys } }: GetRoleCredentials.GetRoleCredentialsOutput,
  accountId: string
): Credentials => ({ ...keys, expiration: DateTime.startOf(expiration, "second"), accountId })
