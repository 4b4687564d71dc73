/**
 * What can go wrong with a cache.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { systemCode } from "../wire/SystemCode.ts"

/**
 * An entry cannot be read as what it should be.
 *
 * @category errors
 * @since 0.1.0
 */
export class CacheCorrupt extends Schema.TaggedError<CacheCorrupt>()("CacheCorrupt", {
  /** Where the entry is: the path of the file, for instance. */
  location: Schema.String,
  /** What is wrong with it, without any of its content. */
  description: Schema.String
}) {
  override get message(): string {
    return `${this.location} is not a token: ${this.description}. Sign in again to replace it, or repair or remove it`
  }
}

/**
 * The place where entries are kept could not be read or written.
 *
 * @category errors
 * @since 0.1.0
 */
export class CacheUnavailable extends Schema.TaggedError<CacheUnavailable>()("CacheUnavailable", {
  /** Where the entry is, or should have been. */
  location: Schema.String,
  action: Schema.Literals(["read", "write", "remove", "lock"]),
  /** Why not. */
  description: Schema.String
}) {
  override get message(): string {
    return `could not ${this.action} ${this.location}: ${this.description}`
  }
}

/**
 * Any failure of a cache.
 *
 * @category models
 * @since 0.1.0
 */
export type CacheError = CacheCorrupt | CacheUnavailable

/**
 * Turns a failure of the platform into one of the cache.
 *
 * @category converting
 * @since 0.1.0
 */
export const unavailable =
  (action: CacheUnavailable["action"], location: string) =>
  (error: PlatformError.PlatformError): Effect.Effect<never, CacheUnavailable> =>
    Effect.fail(new CacheUnavailable({ location, action, description: systemCode(error) ?? error.reason._tag }))
