/**
 * What can be told of a session: never a secret.
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

/** The facts of a session, as `--json` prints them. */
export class SessionReport extends Schema.Class<SessionReport>("effect-aws-sso/cli/SessionReport")({
  /** The name of its `sso-session` section, where it has one. */
  session: Schema.optionalKey(Schema.String),
  startUrl: Schema.String,
  /** Where it is signed in, else where it is configured to. */
  region: Schema.String,
  state: Schema.Literals(["signed-in", "expired", "signed-out", "unreadable"]),
  /** When the access token stops to work, where there is one. */
  expiresAt: Schema.optionalKey(Timestamp),
  /** How long it works still, in whole seconds. */
  secondsLeft: Schema.Int,
  /** Whether it can be renewed without the person. */
  renewable: Schema.Boolean,
  /** Where the token is kept, or would be. */
  file: Schema.String,
  /** Why the file cannot be read. */
  problem: Schema.optionalKey(Schema.String)
}) {
  /** What a person knows the session by. */
  get title(): string {
    return this.session ?? this.startUrl
  }

  /** When the token stops to work, as a person reads it. */
  get until(): string {
    return this.expiresAt === undefined ? "-" : DateTime.formatIso(this.expiresAt).replace(/\.\d+Z$/, "Z")
  }

  /** How long the token works still, as a person reads it: `7h 59m`, and seconds in the last hour. */
  get timeLeft(): string {
    const seconds = this.secondsLeft
    return Duration.format(Duration.seconds(seconds < 3600 ? seconds : seconds - (seconds % 60)))
  }
}

/** Looks at what is kept of a session. */
export const inspect: (session: SsoSession) => Effect.Effect<SessionReport, never, TokenCache> = Effect.fnUntraced(
  function* (session) {
    const cache = yield* TokenCache
    const kept = yield* Effect.result(cache.get(session))
    const { name, region, startUrl } = session
    const facts = {
      ...(name === undefined ? {} : { session: name }),
      startUrl,
      region,
      file: yield* cache.locate(session),
      secondsLeft: 0,
      renewable: false
    }
    if (Result.isFailure(kept)) {
      return new SessionReport({ ...facts, state: "unreadable", problem: kept.failure.message })
    }
    if (Option.isNone(kept.success)) return new SessionReport({ ...facts, state: "signed-out" })
    const token = kept.success.value
    const expired = yield* SsoToken.isExpired(token)
    return new SessionReport({
      ...facts,
      // A start URL of one's own can lead to a portal in another region than the configured one
      region: token.region,
      state: expired ? "expired" : "signed-in",
      expiresAt: token.expiresAt,
      secondsLeft: expired ? 0 : yield* secondsUntil(token.expiresAt),
      renewable: yield* SsoToken.isRefreshable(token)
    })
  }
)

const secondsUntil = (time: DateTime.Utc): Effect.Effect<number> =>
  Effect.map(DateTime.now, (now) => Math.floor(Duration.toSeconds(DateTime.distance(now, time))))

/** The facts as JSON. */
export const encode: (report: SessionReport) => typeof SessionReport.Encoded = Schema.encodeSync(SessionReport)
