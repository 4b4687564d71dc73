/**
 * Credentials as they are printed: their secrets are not redacted.
 */
import type { Credentials } from "../../session/Credentials.ts"

/** The members of the AWS CLI's files. */
export type Plain = typeof Credentials.Encoded

/** The output of a `credential_process`. */
export const process = (credentials: Plain): Readonly<Record<string, unknown>> => ({ Version: 1, ...credentials })

/** The names of the portal's API, with the expiration as text. */
export const json = ({ AccessKeyId, AccountId, Expiration, SecretAccessKey, SessionToken }: Plain) => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  sessionToken: SessionToken,
  expiration: Expiration,
  accountId: AccountId
})
