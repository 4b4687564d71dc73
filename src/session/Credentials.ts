/**
 * AWS credentials of a role, and the JSON in which AWS tools exchange them.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type * as GetRoleCredentials from "../operation/GetRoleCredentials.ts"
import { Secret } from "../operation/Secret.ts"
import { Timestamp } from "../operation/Timestamp.ts"

/**
 * AWS credentials of a role in an account.
 *
 * **Details**
 *
 * The encoded form has the member names of files and of `credential_process`: `AccessKeyId`, `SecretAccessKey`,
 * `SessionToken`, `Expiration`, `AccountId`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Credentials = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  secretAccessKey: Secret,
  sessionToken: Secret,
  /** When the credentials expire. */
  expiration: Timestamp,
  /** The account of the role, if it is known. */
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
 * AWS credentials of a role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export type Credentials = typeof Credentials.Type

/**
 * Makes credentials from a response of `GetRoleCredentials`. `expiration` is in whole seconds, as in files, so that credentials are
 * equal to themselves after they have been stored and read.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromOutput = (
  { roleCredentials: { expiration, ...keys } }: GetRoleCredentials.GetRoleCredentialsOutput,
  accountId: string
): Credentials => ({ ...keys, expiration: DateTime.startOf(expiration, "second"), accountId })
