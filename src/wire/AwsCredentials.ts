/**
 * The AWS credentials that sign a request: what `createTokenWithIAM` needs, and no other operation.
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
 * An access key, and the session token that goes with a temporary one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken?: Redacted.Redacted | undefined
  /** When they stop to work; absent for a long-term key. */
  readonly expiration?: DateTime.Utc | undefined
  /** The account they belong to, where it is known: twelve digits. */
  readonly accountId?: string | undefined
}

/**
 * A source of AWS credentials.
 *
 * **Details**
 *
 * `credentials` is read anew at each attempt, so that an implementation can renew what is about to expire.
 *
 * @category services
 * @since 0.1.0
 */
export class AwsCredentials extends Context.Service<
  AwsCredentials,
  {
    readonly credentials: Effect.Effect<Credentials, ConstructionFailure>
  }
>()("effect-aws-sso/AwsCredentials") {}

/**
 * Credentials that are known already.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (credentials: Credentials): Layer.Layer<AwsCredentials> =>
  Layer.succeed(AwsCredentials, { credentials: Effect.succeed(credentials) })

const environment = Config.all({
  accessKeyId: Config.NonEmptyString("AWS_ACCESS_KEY_ID"),
  secretAccessKey: Config.schema(Secret, "AWS_SECRET_ACCESS_KEY"),
  sessionToken: Config.option(Config.Redacted("AWS_SESSION_TOKEN"))
})

/**
 * Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where set, `AWS_SESSION_TOKEN`, read at each use.
 *
 * **Details**
 *
 * Where the key id or the secret is missing, a call fails with a `ConstructionFailure` of reason `MissingCredentials`.
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
