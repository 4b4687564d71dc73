/**
 * The state of a session, without its secrets.
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { SsoSession } from "../../session/SsoSession.ts"
import * as SsoToken from "../../session/SsoToken.ts"
import { Timestamp } from "../../operation/Timestamp.ts"
import { TokenCache } from "../../store/TokenCache.ts"

/** The state of a session, as `--json` prints it. */
export class SessionReport extends Schema.Class<SessionReport>("effect-aws-sso/cli/SessionReport")({
  /** The name of its `sso-session` section, if it has one. */
  session: Schema.optionalKey(Schema.String),
  startUrl: Schema.String,
  /** The region of the token, or else the configured region. */
  region: Schema.String,
  state: Schema.Literals(["signed-in", "expired", "signed-out", "unreadable"]),
  /** When the access token expires, if there is one. */
  expiresAt: Schema.optionalKey(Timestamp),
  /** Whole seconds until the access token expires; 0 if there is no valid token. */
  secondsLeft: Schema.Int,
  /** Whether the token can be refreshed without a sign-in. */
  refreshable: Schema.Boolean,
  /** Where the token is stored, or would be. */
  file: Schema.String,
  /** Why the file cannot be read. */
  problem: Schema.optionalKey(Schema.String)
}) {
  /** The name that a user knows the session by. */
  get title(): string {
    return this.session ?? this.startUrl
  }

  /** When the token expires, in the local time zone: `2026-11-24 18:05:12+01:00`. */
  get until(): string {
    if (this.expiresAt === undefined) return "-"
    const local = DateTime.setZone(this.expiresAt, DateTime.zoneMakeLocal())
    return DateTime.formatIsoOffset(local).replace("T", " ").replace(/\.\d+/, "")
  }

  /** Whether the session can be used without a sign-in. */
  get isUsable(): boolean {
    return this.state === "signed-in" || this.refreshable
  }

  /** How long the token is valid: `7h 59m`, with seconds in the last hour. */
  get timeLeft(): string {
    const seconds = this.secondsLeft
    return Duration.format(Duration.seconds(seconds < 3600 ? seconds : seconds - (seconds % 60)))
  }
}

/** Reads the state of a session from the store. */
export const inspect: (session: SsoSession) => Effect.Effect<SessionReport, never, TokenCache> = Effect.fnUntraced(
  function* (session) {
    const cache = yield* TokenCache
    const stored = yield* Effect.result(cache.get(session))
    const { name, region, startUrl } = session
    const facts = {
      ...(name === undefined ? {} : { session: name }),
      startUrl,
      region,
      file: yield* cache.locate(session),
      secondsLeft: 0,
      refreshable: false
    }
    if (Result.isFailure(stored)) {
      return new SessionReport({ ...facts, state: "unreadable", problem: stored.failure.message })
    }
    if (Option.isNone(stored.success)) return new SessionReport({ ...facts, state: "signed-out" })
    const token = stored.success.value
    const expired = yield* SsoToken.isExpired(token)
    return new SessionReport({
      ...facts,
      // A start URL under a custom domain can lead to a portal in another region than the configured one
      region: token.region,
      state: expired ? "expired" : "signed-in",
      expiresAt: token.expiresAt,
      secondsLeft: expired ? 0 : yield* secondsUntil(token.expiresAt),
      refreshable: yield* SsoToken.isRefreshable(token)
    })
  }
)

const secondsUntil = (time: DateTime.Utc): Effect.Effect<number> =>
  Effect.map(DateTime.now, (now) => Math.floor(Duration.toSeconds(DateTime.distance(now, time))))

/** The state as JSON. */
export const encode: (report: SessionReport) => typeof SessionReport.Encoded = Schema.encodeSync(SessionReport)
