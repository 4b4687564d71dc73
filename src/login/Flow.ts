/**
 * What all flows do for their session.
 */
import * as Effect from "effect/Effect"
import { SsoOidc } from "../service/SsoOidc.ts"
import { LoginFailed } from "../session/LoginFailed.ts"
import { describeSession } from "../session/SessionTelemetry.ts"
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
    describeSession(session)
  )
