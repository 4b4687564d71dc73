/**
 * Entries in any `KeyValueStore`. Their leases hold among the fibers of this process only.
 */
import * as Effect from "effect/Effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as LocalLeases from "./LocalLeases.ts"
import type { EntryKey, KeyValueStoreOptions, SsoStoreBackend } from "./SsoStore.ts"
import { type StoreError, type StoreUnavailable, storeUnavailable } from "./StoreError.ts"

/** Makes the backend. */
export const make = Effect.fnUntraced(function* (
  options?: KeyValueStoreOptions
): Effect.fn.Return<SsoStoreBackend, never, KeyValueStore.KeyValueStore> {
  const values = yield* KeyValueStore.KeyValueStore
  const leases = yield* LocalLeases.make
  const prefix = options?.prefix ?? "effect-aws-sso/"
  const keyOf = ({ id, kind }: EntryKey): string => `${prefix}${kind}/${id}`

  const call = <A>(
    action: StoreUnavailable["action"],
    key: EntryKey,
    effect: (key: string) => Effect.Effect<A, KeyValueStore.KeyValueStoreError>
  ): Effect.Effect<A, StoreError> =>
    Effect.mapError(effect(keyOf(key)), ({ message }) => storeUnavailable(keyOf(key), action, message))

  return {
    locate: keyOf,
    acquireLease: (key) => Effect.as(leases.acquire(keyOf(key)), { isHeld: Effect.succeed(true) }),
    get: (key) => call("read", key, values.get),
    set: (key, text) => call("write", key, (key) => values.set(key, text)),
    ensureWritable: () => Effect.void,
    remove: (key) => call("remove", key, values.remove)
  }
})
