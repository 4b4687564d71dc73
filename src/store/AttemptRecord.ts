/**
 * When a value was last refreshed, by any process that shares the store.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Timestamp } from "../operation/Timestamp.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import type { Role } from "./CredentialCache.ts"
import { Entry } from "./Entry.ts"
import type { SsoStore } from "./SsoStore.ts"

const Attempt = Schema.fromJsonString(Schema.Struct({ attemptedAt: Timestamp }))
const decode = Schema.decodeUnknownResult(Attempt)
const encode = Schema.encodeEffect(Attempt)

/** The time of the last attempt. A record that cannot be read counts as absent. */
export const last = (
  store: SsoStore["Service"],
  session: SsoSession,
  role?: Role
): Effect.Effect<Option.Option<DateTime.Utc>> =>
  store.get(entryOf(session, role)).pipe(
    Effect.map((text) => Option.map(Result.getSuccess(decode(text)), ({ attemptedAt }) => attemptedAt)),
    Effect.orElseSucceed(Option.none<DateTime.Utc>)
  )

/** Records an attempt that begins now. If it cannot be written, other processes may make one attempt more. */
export const record = (store: SsoStore["Service"], session: SsoSession, role?: Role): Effect.Effect<void> =>
  Clock.currentTimeMillis.pipe(
    Effect.flatMap((now) => encode({ attemptedAt: DateTime.makeUnsafe(now) })),
    Effect.flatMap((text) => store.set(entryOf(session, role), text)),
    Effect.ignore
  )

/** Removes the record of a session. */
export const forget = (store: SsoStore["Service"], session: SsoSession): Effect.Effect<void> =>
  Effect.ignore(store.remove(entryOf(session, undefined)))

const entryOf = (session: SsoSession, role: Role | undefined): Entry =>
  Entry.Attempt(role === undefined ? { session } : { session, role })
