/** How a request is authorized: not at all, or with a signature of AWS credentials. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { AwsCredentials } from "./AwsCredentials.ts"
import { ConstructionFailure, type UnhandledServiceError } from "./ClientError.ts"
import * as SigV4 from "./SigV4.ts"

/** A request that is ready to be sent. */
export interface Authorized {
  readonly request: HttpClientRequest.HttpClientRequest
  /** The secrets in its headers, which a response could quote. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<unknown>>
  /** What was added to the clock of this machine for the signature. Absent where there is no signature. */
  readonly clockOffset: Duration.Duration | undefined
}

/** How requests are authorized. Each attempt is authorized separately. */
export interface AuthScheme<R> {
  readonly authorize: (
    request: HttpClientRequest.HttpClientRequest,
    region: string | undefined
  ) => Effect.Effect<Authorized, ConstructionFailure, R>
  /** Corrects the time of later signatures, where the service refused a signature because of its time. */
  readonly correctClock: (error: UnhandledServiceError) => Effect.Effect<void>
}

/** No signature. */
export const none: AuthScheme<never> = {
  authorize: (request) => Effect.succeed({ request, secrets: [], clockOffset: undefined }),
  correctClock: () => Effect.void
}

/**
 * A signature of the `AwsCredentials` in the context.
 *
 * **Details**
 *
 * AWS refuses a signature whose time is wrong by more than five minutes. The response has the right time, and later
 * requests are signed with it.
 *
 * - `service`: the name of the service in the scope of the signature, such as `sso-oauth`
 */
export const sigV4 = (service: string): AuthScheme<AwsCredentials> => {
  const clock = Ref.makeUnsafe(Duration.zero)
  return {
    authorize: Effect.fnUntraced(function* (request, region) {
      if (region === undefined) {
        return yield* new ConstructionFailure({
          reason: "InvalidRegion",
          description: "a signature needs a region, also with a custom endpoint: pass `region` or set AWS_REGION"
        })
      }
      const credentials = yield* Effect.flatMap(AwsCredentials, (service) => service.credentials)
      const clockOffset = yield* Ref.get(clock)
      const now = yield* DateTime.now
      const signed = yield* SigV4.sign(request, {
        credentials,
        region,
        service,
        at: DateTime.addDuration(now, clockOffset)
      })
      const { secretAccessKey, sessionToken } = credentials
      return {
        request: signed,
        secrets: sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken],
        clockOffset
      }
    }),
    correctClock: ({ clockSkew }) =>
      clockSkew === undefined
        ? Effect.void
        : Effect.andThen(
            Ref.set(clock, clockSkew),
            Effect.logWarning(
              `The clock of this machine is wrong by ${Duration.format(Duration.abs(clockSkew))}, so AWS refuses its signatures. Correct the clock.`
            )
          )
  }
}
