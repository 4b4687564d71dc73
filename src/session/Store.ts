/**
 * The little that a cache asks of the place where it keeps its entries.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CacheError, CacheUnavailable } from "./CacheError.ts"

/**
 * A place for texts, under keys of any characters. An entry is written as a whole: a reader sees the old text or the new one, never a part.
 *
 * @category models
 * @since 0.1.0
 */
export interface Store {
  /** Where an entry is, for people to read. */
  readonly locate: (key: string) => Effect.Effect<string>
  readonly get: (key: string) => Effect.Effect<string | undefined, CacheError>
  readonly set: (key: string, text: string) => Effect.Effect<void, CacheUnavailable>
  /** Removing what is not there is no failure. */
  readonly remove: (key: string) => Effect.Effect<void, CacheUnavailable>
}
