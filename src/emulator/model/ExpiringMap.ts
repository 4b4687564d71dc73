/**
 * A map that releases its expired entries, so that an emulator can run for days.
 */
import * as MutableRef from "effect/MutableRef"

export interface ExpiringMap<A> {
  readonly get: (key: string) => A | undefined
  /** Adds an entry. At most once a minute, this first releases all entries that have expired at `now`. */
  readonly set: (key: string, value: A, now: number) => void
  readonly remove: (key: string) => void
  /** All values, the oldest first. */
  readonly values: () => ReadonlyArray<A>
  readonly clear: () => void
}

const sweepPeriod = 60_000

/** How long the state still shows what has expired, and refuses it with the reason. In milliseconds. */
export const keptAfterExpiry = 3_600_000

/** An empty map. `expiresAt` is read when expired entries are released, so it may change. */
export const make = <A>(expiresAt: (value: A) => number): ExpiringMap<A> => {
  const entries = new Map<string, A>()
  const nextSweep = MutableRef.make(0)
  return {
    get: (key) => entries.get(key),
    set: (key, value, now) => {
      if (now >= nextSweep.current) {
        nextSweep.current = now + sweepPeriod
        for (const [key, value] of entries) {
          if (now >= expiresAt(value)) entries.delete(key)
        }
      }
      entries.set(key, value)
    },
    remove: (key) => void entries.delete(key),
    values: () => [...entries.values()],
    clear: () => entries.clear()
  }
}
