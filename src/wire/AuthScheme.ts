/**
 * How a request shows who sends it: not at all beyond what its body says, or by a signature of AWS credentials.
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { AwsCredentials } from "./AwsCredentials.ts"
import { ConstructionFailure, type UnhandledServiceError } from "./ClientError.ts"

/** A request that is ready to be sent, and what must be known of it to read its answer. */
export interface Authorized {
  readonly request: HttpClientRequest.HttpClientRequest
  /** What its headers hold that an answer could quote and nobody must see. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<unknown>>
  /** What was added to this machine's clock for the signature; nothing where there is none. */
  readonly clockOffset: Duration.Duration | undefined
}

/** How requests are authorized. Each attempt is authorized anew. */
export interface AuthScheme<R> {
  readonly authorize: (
    request: HttpClientRequest.HttpClientRequest,
    region: string | undefined
  ) => Effect.Effect<Authorized, ConstructionFailure, R>
  /** Corrects the clock for later signatures, where the service refused one for its time. */
  readonly correctClock: (refusal: UnhandledServiceError) => Effect.Effect<void>
}

/** No signature. */
export const none: AuthScheme<never> = {
  authorize: (request) => Effect.succeed({ request, secrets: [], clockOffset: undefined }),
  correctClock: () => Effect.void
}

/**
 * A signature of the `AwsCredentials` at hand, with a clock that the service can set right.
 *
 * **Details**
 *
 * AWS refuses a signature that is more than five minutes off. What its refusals say of the time is kept for all requests
 * to come, as this machine's clock will not mend itself.
 */
export const sigV4 = (service: string): AuthScheme<AwsCredentials> => {
  const clock = Ref.makeUnsafe(Duration.zero)
  return {
    authorize: Effect.fnUntraced(function* (request, region) {
      if (region === undefined) {
        return yield* new ConstructionFailure({
          reason: "InvalidRegion",
          description: "A signature needs a region, even with a custom endpoint. Pass `region`, or set AWS_REGION."
        })
      }
      const credentials = yield* Effect.flatMap(AwsCredentials, (service) => service.credentials)
      const { sign } = yield* Effect.promise(() => import("./SigV4.ts"))
      const clockOffset = yield* Ref.get(clock)
      const now = yield* DateTime.now
      const signed = yield* sign(request, {
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
              `The clock of this machine is wrong by ${Duration.format(Duration.abs(clockSkew))}: AWS refuses what it signs. Set it right.`
            )
          )
  }
}
