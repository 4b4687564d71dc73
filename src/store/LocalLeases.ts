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
   * acquired within `AcquireTimeout`.
   */
  readonly acquire: (key: string) => Effect.Effect<void, StoreError, Scope.Scope>
  /** The keys whose leases are held or waited for. Other keys take no memory. */
  readonly keys: Effect.Effect<ReadonlyArray<string>>
}

const take = Effect.fnUntraced(function* (semaphore: Semaphore.Semaphore, key: string) {
  const isTaken = yield* Effect.acquireRelease(Semaphore.takeIfAvailable(semaphore, 1), (isTaken) =>
    isTaken ? Semaphore.release(semaphore, 1) : Effect.void
  )
  if (isTaken) return
  yield* LeaseTimes.mustNotWait(key)
  yield* Semaphore.takeScoped(semaphore, 1)
})

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
        Effect.flatMap((semaphore) => take(semaphore, key)),
        LeaseTimes.withAcquireTimeout(key)
      ),
    keys: Effect.sync(() => [...entries.keys()])
  }
})
