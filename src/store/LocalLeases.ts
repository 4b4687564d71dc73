/**
 * Leases that hold among the fibers of this process only.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as LeaseTimes from "./Lease.ts"
import type { StoreError } from "./StoreError.ts"

interface Entry {
  readonly semaphore: Semaphore.Semaphore
  /** How many fibers hold the semaphore or wait for it. */
  readonly users: number
}

/** The leases of a process. */
export interface LocalLeases {
  /**
   * Acquires the lease of a key, and holds it until the scope closes. Fails with `StoreUnavailable` when the lease is not
   * acquired within 60 seconds.
   */
  readonly acquire: (key: string) => Effect.Effect<void, StoreError, Scope.Scope>
  /** The keys whose leases are held or waited for. No others take any memory. */
  readonly keys: Effect.Effect<ReadonlyArray<string>>
}

/** Makes the leases of a process. */
export const make: Effect.Effect<LocalLeases> = Effect.sync(() => {
  const entries = new Map<string, Entry>()
  const use = (key: string) =>
    Effect.sync(() => {
      const { semaphore, users } = entries.get(key) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
      entries.set(key, { semaphore, users: users + 1 })
      return semaphore
    })
  const release = (key: string) =>
    Effect.sync(() => {
      const entry = entries.get(key)
      if (entry === undefined || entry.users === 1) entries.delete(key)
      else entries.set(key, { ...entry, users: entry.users - 1 })
    })
  return {
    acquire: (key) =>
      Effect.acquireRelease(use(key), () => release(key)).pipe(
        Effect.flatMap((semaphore) => Semaphore.takeScoped(semaphore, 1)),
        LeaseTimes.withAcquireTimeout(key)
      ),
    keys: Effect.sync(() => [...entries.keys()])
  }
})
