/**
 * The AWS credentials that sign requests. Of all operations, only `createTokenWithIAM` needs them.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { Secret } from "../operation/Secret.ts"
import { ConstructionFailure } from "./ClientError.ts"

/**
 * An access key, with a session token where it is temporary.
 *
 * @category models
 * @since 0.2.0
 */
export interface SigningCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken?: Redacted.Redacted | undefined
  /** When the credentials expire. Absent for a long-term access key. */
  readonly expiration?: DateTime.Utc | undefined
  /** The account that the credentials belong to, where it is known: twelve digits. */
  readonly accountId?: string | undefined
}

/**
 * A source of AWS credentials.
 *
 * **Details**
 *
 * Each attempt runs `credentials`, so that an implementation can obtain new ones before the old ones expire.
 *
 * @category services
 * @since 0.1.0
 */
export class AwsCredentials extends Context.Service<
  AwsCredentials,
  {
    readonly credentials: Effect.Effect<SigningCredentials, ConstructionFailure>
  }
>()("effect-aws-sso/AwsCredentials") {}

/**
 * Provides fixed credentials.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (credentials: SigningCredentials): Layer.Layer<AwsCredentials> =>
  Layer.succeed(AwsCredentials, { credentials: Effect.succeed(credentials) })

const environment = Config.all({
  accessKeyId: Config.NonEmptyString("AWS_ACCESS_KEY_ID"),
  secretAccessKey: Config.schema(Secret, "AWS_SECRET_ACCESS_KEY"),
  sessionToken: Config.option(Config.Redacted("AWS_SESSION_TOKEN"))
})

/**
 * Provides credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where set, `AWS_SESSION_TOKEN`. Each attempt
 * reads the variables.
 *
 * **Details**
 *
 * A call fails with a `ConstructionFailure` of reason `MissingCredentials` where the access key id or the secret is
 * missing.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerEnv: Layer.Layer<AwsCredentials> = Layer.succeed(AwsCredentials, {
  credentials: environment.pipe(
    Effect.map(({ accessKeyId, secretAccessKey, sessionToken }) => ({
      accessKeyId,
      secretAccessKey,
      sessionToken: Option.getOrUndefined(sessionToken)
    })),
    Effect.mapError(
      () =>
        new ConstructionFailure({
          reason: "MissingCredentials",
          description: "there are no AWS credentials to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        })
    )
  )
})
