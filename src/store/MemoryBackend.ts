/**
 * Entries in the memory of this process.
 */
import * as Effect from "effect/Effect"
import * as LocalLeases from "./LocalLeases.ts"
import type { SsoStoreBackend } from "./SsoStore.ts"

/** Makes an empty backend. */
export const make: Effect.Effect<SsoStoreBackend> = Effect.map(LocalLeases.make, (leases) => {
  const texts = new Map<string, string>()
  return {
    locate: ({ id }) => id,
    acquireLease: ({ id }) => Effect.as(leases.acquire(id), { isHeld: Effect.succeed(true) }),
    get: ({ id }) => Effect.sync(() => texts.get(id)),
    set: ({ id }, text) => Effect.sync(() => void texts.set(id, text)),
    ensureWritable: () => Effect.void,
    remove: ({ id }) => Effect.sync(() => void texts.delete(id))
  }
})
