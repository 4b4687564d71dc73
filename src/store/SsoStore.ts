/**
 * The little that a cache asks of the place where it keeps its entries.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StoreError } from "./StoreError.ts"
import type { SsoSession } from "../session/SsoSession.ts"

/**
 * A place for texts, under keys of any characters. An entry is written as a whole: a reader sees the old text or the
 * new one, never a part.
 *
 * @category models
 * @since 0.1.0
 */
export interface Store {
  /**
   * What the token of a session is filed under. By default what all AWS tools take: the session's name, or its start URL
   * where it has none.
   */
  readonly keyOf?: (session: SsoSession) => string
  /** Where an entry is, for people to read. */
  readonly locate: (key: string) => Effect.Effect<string>
  readonly get: (key: string) => Effect.Effect<string | undefined, StoreError>
  readonly set: (key: string, text: string) => Effect.Effect<void, StoreError>
  /** Fails where an entry could not be written now: for want of a right or of room. Changes no entry. */
  readonly ensureWritable: (key: string) => Effect.Effect<void, StoreError>
  /** Removing what is not there is no failure. */
  readonly remove: (key: string) => Effect.Effect<void, StoreError>
  /**
   * Holds the lock of an entry until the scope closes, against everybody who shares the store. A wait ends in
   * `StoreError` when it takes too long.
   */
  readonly lock: (key: string) => Effect.Effect<Lease, StoreError, Scope.Scope>
}

/**
 * A lock that is held.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lease {
  /**
   * Whether it is held still: a process that was suspended for long finds, when it goes on, that others took it for dead.
   * To be asked before what must not be done twice.
   */
  readonly isHeld: Effect.Effect<boolean>
}
