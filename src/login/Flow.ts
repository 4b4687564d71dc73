/**
 * What all flows do for their session.
 */
import * as Effect from "effect/Effect"
import { SsoOidc } from "../service/SsoOidc.ts"
import { LoginFailed } from "../session/LoginFailed.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import type { StoreError } from "../store/StoreError.ts"

/**
 * Runs a flow in the region of its session. Its errors become the reason of a `LoginFailed`, and its span and log lines
 * name the session.
 */
export const inSession = <A, R>(
  flow: Effect.Effect<A, LoginFailed["reason"] | LoginFailed | StoreError, R>,
  session: SsoSession
): Effect.Effect<A, LoginFailed | StoreError, Exclude<R, SsoOidc> | SsoOidc> =>
  SsoOidc.use(({ inRegion }) => inRegion(session.region)).pipe(
    Effect.flatMap((oidc) => Effect.provideService(flow, SsoOidc, oidc)),
    Effect.mapError((error) =>
      error._tag === "LoginFailed" || error._tag === "StoreError" ? error : new LoginFailed({ reason: error })
    ),
    described(session)
  )

/** Names the session in the current span and in the log lines. */
export const described =
  ({ name, region, startUrl }: SsoSession) =>
  <A, E, R>(flow: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.annotateCurrentSpan({
      "aws.sso.start_url": startUrl,
      "aws.sso.region": region,
      ...(name === undefined ? {} : { "aws.sso.session": name })
    }).pipe(Effect.andThen(flow), Effect.annotateLogs({ session: name ?? startUrl }))
