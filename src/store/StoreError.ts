/**
 * The error of a store.
 *
 * **When to use**
 *
 * Use `Effect.catchTag` with `StoreError` for any failure of a store, and `Effect.catchReason` for one of its reasons.
 *
 * **Example** (Continuing without an entry that cannot be read)
 *
 * ```ts
 * import { Effect, Option } from "effect"
 * import { type SsoSession, TokenCache } from "effect-aws-sso"
 *
 * const token = (session: SsoSession.SsoSession) =>
 *   Effect.gen(function*() {
 *     const cache = yield* TokenCache.TokenCache
 *     return yield* cache.get(session).pipe(
 *       Effect.catchReason("StoreError", "EntryCorrupt", () => Effect.succeed(Option.none()))
 *     )
 *   })
 * ```
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { systemCode } from "../wire/SystemCode.ts"

/**
 * An entry exists but cannot be read. A new sign-in replaces it.
 *
 * @category errors
 * @since 0.2.0
 */
export class EntryCorrupt extends Schema.TaggedError<EntryCorrupt>()("EntryCorrupt", {
  /** Where the entry is, such as the path of its file. */
  location: Schema.String,
  /** What is wrong with the entry. Contains none of its content. */
  description: Schema.String
}) {
  override get message(): string {
    return `${this.location} cannot be read: ${this.description}. Sign in again to replace it, or repair or remove it`
  }
}

/**
 * The store cannot be read or written.
 *
 * @category errors
 * @since 0.2.0
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  /** Where the entry is or would be, such as the path of its file. */
  location: Schema.String,
  /** What failed. `lease`: to acquire the lease of the entry. */
  action: Schema.Literals(["read", "write", "remove", "lease"]),
  /** Why it failed, such as a system error code. */
  description: Schema.String
}) {
  override get message(): string {
    const { action, description, location } = this
    return `could not ${action === "lease" ? "acquire the lease of" : action} ${location}: ${description}`
  }
}

/**
 * A store failed. `reason` says how.
 *
 * @category errors
 * @since 0.2.0
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  reason: Schema.Union([EntryCorrupt, StoreUnavailable])
}) {
  override get message(): string {
    return this.reason.message
  }
}

/**
 * Makes a `StoreError` with the reason `EntryCorrupt`.
 *
 * @category constructors
 * @since 0.2.0
 */
export const entryCorrupt = (location: string, description: string): StoreError =>
  new StoreError({ reason: new EntryCorrupt({ location, description }) })

/**
 * Makes a `StoreError` with the reason `StoreUnavailable`.
 *
 * @category constructors
 * @since 0.2.0
 */
export const storeUnavailable = (
  location: string,
  action: StoreUnavailable["action"],
  description: string
): StoreError => new StoreError({ reason: new StoreUnavailable({ location, action, description }) })

/**
 * Converts a `PlatformError` to a `StoreError` with the reason `StoreUnavailable`.
 *
 * @category converting
 * @since 0.2.0
 */
export const fromPlatformError =
  (action: StoreUnavailable["action"], location: string) =>
  (error: PlatformError.PlatformError): Effect.Effect<never, StoreError> =>
    Effect.fail(storeUnavailable(location, action, systemCode(error) ?? error.reason._tag))
