/**
 * The settings of one sign-in session: which portal, in which region, for which scopes.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { StartUrl } from "../operation/StartUrl.ts"
import { ConstructionFailure } from "../wire/ClientError.ts"
import * as Endpoint from "../wire/Endpoint.ts"

/**
 * The scope that a session has where none is named: to list one's accounts and roles, and to get their credentials.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultScopes: ReadonlyArray<string> = ["sso:account:access"]

/**
 * The settings of one sign-in session.
 *
 * @category models
 * @since 0.1.0
 */
export class SsoSession extends Schema.Class<SsoSession>("effect-aws-sso/SsoSession")({
  /** The name of its `sso-session` section. A session without one is known by its start URL. */
  name: Schema.optionalKey(Schema.NonEmptyString),
  /** The URL of the AWS access portal, such as `https://example.awsapps.com/start`. */
  startUrl: StartUrl,
  /** The region of the Identity Center instance (`sso_region`), never that of the resources to be reached. */
  region: Schema.NonEmptyString,
  /** What its tokens shall be able to do. */
  scopes: Schema.Array(Schema.NonEmptyString)
}) {}

const decode = Schema.decodeUnknownResult(SsoSession)

/**
 * A session from settings.
 *
 * **Details**
 *
 * `scopes` is `["sso:account:access"]` by default. Fails with a `ConstructionFailure` that says which setting is wrong.
 *
 * **Example** (A session that no configuration file knows)
 *
 * ```ts
 * import { SsoSession } from "effect-aws-sso"
 *
 * const session = SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly startUrl: string
  readonly region: string
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly name?: string | undefined
}): Effect.Effect<SsoSession, ConstructionFailure> => {
  const { name, region, scopes = defaultScopes, startUrl } = options
  const session = decode({ startUrl, region, scopes, ...(name === undefined ? {} : { name }) }, { errors: "all" })
  return Effect.fromResult(
    Result.isFailure(session)
      ? Result.fail(
          new ConstructionFailure({
            reason: "InvalidInput",
            description: `the settings of the session are invalid: ${session.failure.message}`
          })
        )
      : // The rules know which regions can be part of a host name
        Result.map(Endpoint.resolve({ service: "sso-oidc", region }), () => session.success)
  )
}
