/**
 * Between this library and the AWS SDK for JavaScript (version 3): what its clients take as `token` and `credentials`,
 * and credentials of its providers as `AwsCredentials`.
 *
 * **When to use**
 *
 * Use `credentialProvider` to run the SDK's clients on a sign-in that this library keeps, `tokenProvider` for those that
 * take a bearer token, and `layerCredentials` to sign `createTokenWithIAM` with credentials from the SDK.
 *
 * **Details**
 *
 * The types are structural: no package of the SDK is needed. The SDK calls a provider again five minutes
 * before the `expiration` of what it returned.
 *
 * **Example** (A client of the SDK on the credentials of a profile)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { AwsSdk, RoleCredentials } from "effect-aws-sso"
 * import { NodeSso } from "effect-aws-sso/node"
 *
 * declare class S3Client {
 *   constructor(options: { readonly credentials: AwsSdk.AwsCredentialIdentityProvider })
 *   listBuckets(): Promise<unknown>
 * }
 *
 * const program = Effect.gen(function*() {
 *   const client = new S3Client({ credentials: yield* AwsSdk.credentialProvider })
 *   // All work with the client is done here, while the layers last
 *   return yield* Effect.promise(() => client.listBuckets())
 * }).pipe(Effect.provide(RoleCredentials.layerProfile("my-profile")), Effect.provide(NodeSso.layer))
 * ```
 *
 * **Gotchas**
 *
 * A provider works while the layers last that it was made with: in a program that provides them around all of its work.
 * After that, it gives what it has while that is fresh, and is then rejected with a `ConstructionFailure` that says so.
 *
 * Source: AWS SDK for JavaScript, `@smithy/types`, `AwsCredentialIdentity` and `TokenIdentity`.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Secret } from "../operation/Secret.ts"
import { TokenProvider } from "./TokenProvider.ts"
import { AwsCredentials, type SigningCredentials } from "../wire/AwsCredentials.ts"
import { ConstructionFailure } from "../wire/ClientError.ts"
import { describeSchemaError } from "../wire/Redaction.ts"

/**
 * A bearer token, as the SDK holds it.
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenIdentity {
  readonly token: string
  readonly expiration?: Date
}

/**
 * AWS credentials, as the SDK holds them.
 *
 * @category models
 * @since 0.1.0
 */
export interface AwsCredentialIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
  readonly accountId?: string
}

/**
 * What a client of the SDK takes as `token`.
 *
 * @category models
 * @since 0.1.0
 */
export type TokenIdentityProvider = () => Promise<TokenIdentity>

/**
 * What a client of the SDK takes as `credentials`.
 *
 * @category models
 * @since 0.1.0
 */
export type AwsCredentialIdentityProvider = () => Promise<AwsCredentialIdentity>

/**
 * The token of the `TokenProvider`, for a client of the SDK. A call of the provider is rejected with the tagged error.
 *
 * @category providers
 * @since 0.1.0
 */
export const tokenProvider: Effect.Effect<TokenIdentityProvider, never, TokenProvider> = Effect.map(
  Effect.context<TokenProvider>(),
  (context) => () =>
    Effect.runPromiseWith(context)(
      unlessClosed(TokenProvider.use(({ token }) => token)).pipe(
        Effect.map(({ accessToken, expiresAt }) => ({
          token: Redacted.value(accessToken),
          expiration: DateTime.toDateUtc(expiresAt)
        }))
      )
    )
)

/** The SDK cannot interrupt a call. An interruption means that the layers of the provider were closed. */
const unlessClosed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | ConstructionFailure, R> =>
  Effect.catchCauseIf(effect, Cause.hasInterruptsOnly, () =>
    Effect.fail(
      new ConstructionFailure({
        reason: "MissingCredentials",
        description:
          "the layers that this provider was made with have ended: use the AWS client within the effect that they are provided to"
      })
    )
  )

/**
 * The `AwsCredentials`, such as those of `RoleCredentials`, for a client of the SDK. A call of the provider is rejected
 * with the tagged error.
 *
 * @category providers
 * @since 0.1.0
 */
export const credentialProvider: Effect.Effect<AwsCredentialIdentityProvider, never, AwsCredentials> = Effect.map(
  Effect.context<AwsCredentials>(),
  (context) => () =>
    Effect.runPromiseWith(context)(
      Effect.map(unlessClosed(AwsCredentials.use(({ credentials }) => credentials)), toIdentity)
    )
)

const toIdentity = ({ accountId, accessKeyId, expiration, secretAccessKey, sessionToken }: SigningCredentials) => ({
  accessKeyId,
  secretAccessKey: Redacted.value(secretAccessKey),
  ...(sessionToken === undefined ? {} : { sessionToken: Redacted.value(sessionToken) }),
  ...(expiration === undefined ? {} : { expiration: DateTime.toDateUtc(expiration) }),
  ...(accountId === undefined ? {} : { accountId })
})

const Identity = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  secretAccessKey: Secret,
  sessionToken: Schema.optional(Secret),
  expiration: Schema.optional(Schema.DateTimeUtcFromDate),
  accountId: Schema.optional(Schema.String)
})

const decodeIdentity = Schema.decodeUnknownResult(Identity)

/**
 * `AwsCredentials` from any credential provider of the SDK, such as `fromNodeProviderChain()`. It is called at each use:
 * most of them do not cache their result, so wrap it in the SDK's own `memoize` where a call is costly.
 *
 * **Details**
 *
 * Where the provider rejects, or returns something other than credentials, a call fails with a `ConstructionFailure` of
 * reason `MissingCredentials`. The message of an error is shown only for the errors of the SDK itself. For
 * any other error, only its name is shown, since its message could contain a secret.
 *
 * **Example** (Signing with the SDK's credentials)
 *
 * ```ts
 * import { AwsSdk } from "effect-aws-sso"
 *
 * declare const fromNodeProviderChain: () => AwsSdk.AwsCredentialIdentityProvider
 *
 * const layer = AwsSdk.layerCredentials(fromNodeProviderChain())
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCredentials = (provider: AwsCredentialIdentityProvider): Layer.Layer<AwsCredentials> =>
  Layer.succeed(AwsCredentials, {
    credentials: Effect.tryPromise({ try: async () => provider(), catch: (error) => missing(reasonOf(error)) }).pipe(
      Effect.flatMap((identity) =>
        Effect.fromResult(
          Result.mapError(decodeIdentity(identity, { errors: "all" }), (error) =>
            missing(`it gave no credentials: ${describeSchemaError(error)}`)
          )
        )
      )
    )
  })

const missing = (reason: string): ConstructionFailure =>
  new ConstructionFailure({
    reason: "MissingCredentials",
    description: `the credential provider failed: ${reason}`
  })

// The SDK's own errors name a profile, a file or a command, and no secret
const reasonOf = (error: unknown): string => {
  if (!Predicate.isError(error)) return "it was rejected with something that is no error"
  return error.name.endsWith("ProviderError") ? error.message : error.name
}
