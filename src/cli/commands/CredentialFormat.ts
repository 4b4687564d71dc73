/**
 * The forms in which other programs take AWS credentials.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider", "Environment variables", "Shared config and
 * credentials files".
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Credentials } from "../../session/Credentials.ts"

/** Credentials as they are written out: nothing in them is redacted any more. */
export type Plain = typeof Credentials.Encoded

/** Unwraps credentials, to be written where another program reads them. */
export const encode: (credentials: Credentials) => Effect.Effect<Plain> = (credentials) =>
  Effect.orDie(Schema.encodeEffect(Credentials)(credentials))

/** What the output of a `credential_process` is. */
export const process = (credentials: Plain): Readonly<Record<string, unknown>> => ({ Version: 1, ...credentials })

/** The names of the portal's own answer, with the expiration as text. */
export const json = ({ AccessKeyId, AccountId, Expiration, SecretAccessKey, SessionToken }: Plain) => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  sessionToken: SessionToken,
  expiration: Expiration,
  accountId: AccountId
})

/** The variables that every AWS tool reads. */
export const variables = ({ AccessKeyId, Expiration, SecretAccessKey, SessionToken }: Plain) => ({
  AWS_ACCESS_KEY_ID: AccessKeyId,
  AWS_SECRET_ACCESS_KEY: SecretAccessKey,
  AWS_SESSION_TOKEN: SessionToken,
  AWS_CREDENTIAL_EXPIRATION: Expiration
})

/** Lines for a POSIX shell to evaluate. */
export const shell = (credentials: Plain): string =>
  Object.entries(variables(credentials))
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join("\n")

/** The credentials file cannot have a section of this name. */
export class SectionImpossible extends Schema.TaggedError<SectionImpossible>()("SectionImpossible", {
  name: Schema.String
}) {
  override get message(): string {
    return `the credentials file cannot have a profile ${JSON.stringify(this.name)}: use --format env or process`
  }
}

/** A section for the shared credentials file. */
export const ini = ({ AccessKeyId, SecretAccessKey, SessionToken }: Plain, profile: string): string =>
  [
    `[${profile}]`,
    `aws_access_key_id = ${AccessKeyId}`,
    `aws_secret_access_key = ${SecretAccessKey}`,
    `aws_session_token = ${SessionToken}`
  ].join("\n")
