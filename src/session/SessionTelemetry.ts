/**
 * How spans and log lines name a session.
 */
import * as Effect from "effect/Effect"
import type { SsoSession } from "./SsoSession.ts"

/** Names the session in the current span and in the log lines. */
export const describeSession =
  ({ name, region, startUrl }: SsoSession) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.annotateCurrentSpan({
      "aws.sso.start_url": startUrl,
      "aws.sso.region": region,
      ...(name === undefined ? {} : { "aws.sso.session": name })
    }).pipe(Effect.andThen(effect), Effect.annotateLogs({ session: name ?? startUrl }))
