/**
 * The place where tokens, client registrations and role credentials are stored.
 *
 * **When to use**
 *
 * Use `layerFile` to share sign-ins with the AWS CLI and every AWS SDK on this machine, `layerRedis` to share them
 * between hosts, `layerMemory` if nothing may outlive the process, `layerKeyValueStore` for any `KeyValueStore` (SQL,
 * browser storage, and others), and `layer` for a custom backend. `layerEncrypted` encrypts what any of them stores.
 *
 * **Details**
 *
 * Each layer provides three services: the `SsoStore`, and its typed views `TokenCache` and `CredentialCache`. Code that
 * reads and writes entries uses the views. A sign-out clears both, since both are views of one store.
 *
 * An entry is JSON text, the same in every backend. The keys of all entries except registrations contain the
 * `principal` of their session, so two users of one program never share them. Except in files, a key is a hash of fixed
 * length.
 *
 * Each call of a layer function makes a separate store.
 *
 * **Example** (A store in Redis that is encrypted)
 *
 * ```ts
 * import { NodeRedis } from "@effect/platform-node"
 * import { Layer, type Redacted } from "effect"
 * import { SsoStore } from "effect-aws-sso"
 *
 * const store = (key: Redacted.Redacted) =>
 *   SsoStore.layerRedis().pipe(
 *     SsoStore.layerEncrypted([{ id: "2026-11", key }]),
 *     Layer.provide(NodeRedis.layer({ url: "rediss://redis.example.com", disableOfflineQueue: true }))
 *   )
 * ```
 *
 * @since 0.2.0
 */
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Path from "effect/Path"
import type * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as Redis from "effect/persistence/Redis"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { SsoSession } from "../session/SsoSession.ts"
import * as CredentialCache from "./CredentialCache.ts"
import { Entry, fileTitleOf, identityOf } from "./Entry.ts"
import * as FileBackend from "./FileBackend.ts"
import * as KeyValueBackend from "./KeyValueBackend.ts"
import * as MemoryBackend from "./MemoryBackend.ts"
import * as SignInCount from "./SignInCount.ts"
import type { StoreError } from "./StoreError.ts"
import * as TokenCache from "./TokenCache.ts"

export { Entry } from "./Entry.ts"

/**
 * A lease that was acquired.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lease {
  /**
   * Whether the lease is still held. A process that was suspended for longer than the time to live has lost it. Check
   * this before a step that must not be done twice.
   */
  readonly isHeld: Effect.Effect<boolean>
}

/**
 * The key of an entry in a backend.
 *
 * @category models
 * @since 0.2.0
 */
export interface EntryKey {
  /** What the entry holds. */
  readonly kind: "token" | "registration" | "credentials" | "credential-index" | "attempt"
  /** The SHA-256 of all that identifies the entry: 64 hexadecimal digits. */
  readonly id: string
  /** The name of the entry's file: that of the AWS CLI for a session without a principal. */
  readonly fileName: string
}

/**
 * The operations that a custom backend implements.
 *
 * **Details**
 *
 * An entry is written as a whole: a reader sees the old text or the new text, never a part.
 *
 * @category models
 * @since 0.2.0
 */
export interface SsoStoreBackend {
  /** Where the entry is, for messages: the path of its file, for example. */
  readonly locate: (key: EntryKey) => string
  /** Reads the text of an entry: `undefined` if there is none. */
  readonly get: (key: EntryKey) => Effect.Effect<string | undefined, StoreError>
  /** Writes the text of an entry. */
  readonly set: (key: EntryKey, text: string) => Effect.Effect<void, StoreError>
  /** Fails if the entry cannot be written now: for lack of permission or space. Changes no entry. */
  readonly ensureWritable: (key: EntryKey) => Effect.Effect<void, StoreError>
  /** Removes an entry. Succeeds if there is none. */
  readonly remove: (key: EntryKey) => Effect.Effect<void, StoreError>
  /**
   * Acquires the lease of an entry, and holds it until the scope closes, against all fibers, processes and hosts that
   * share the store. Fails with `StoreUnavailable` if the lease is not acquired in time.
   */
  readonly acquireLease: (key: EntryKey) => Effect.Effect<Lease, StoreError, Scope.Scope>
  /**
   * Removes each entry of a kind for whose text `choose` returns a value, and returns these values. Only for a backend
   * that can list its entries. Without it, the store keeps an index of the role credentials of each session.
   */
  readonly removeWhere?: <A>(
    kind: EntryKey["kind"],
    choose: (text: string) => Option.Option<A>
  ) => Effect.Effect<ReadonlyArray<A>, StoreError>
}

type OnEntry<F> = F extends (key: EntryKey, ...args: infer Args) => infer Result
  ? (entry: Entry, ...args: Args) => Result
  : never

/**
 * The store of entries. `TokenCache` and `CredentialCache` are its typed views.
 *
 * @category services
 * @since 0.2.0
 */
export class SsoStore extends Context.Service<
  SsoStore,
  {
    /** Where an entry is, for messages: the path of its file, for example. */
    readonly locate: (entry: Entry) => Effect.Effect<string>
    /** Reads the text of an entry: `undefined` if there is none. */
    readonly get: OnEntry<SsoStoreBackend["get"]>
    /** Writes the text of an entry. */
    readonly set: OnEntry<SsoStoreBackend["set"]>
    /** Fails if the entry cannot be written now: for lack of permission or space. Changes no entry. */
    readonly ensureWritable: OnEntry<SsoStoreBackend["ensureWritable"]>
    /** Removes an entry. Succeeds if there is none. */
    readonly remove: OnEntry<SsoStoreBackend["remove"]>
    /** Acquires the lease of an entry, and holds it until the scope closes. */
    readonly acquireLease: OnEntry<SsoStoreBackend["acquireLease"]>
    /** As in the backend: only if it can list its entries. */
    readonly removeWhere: SsoStoreBackend["removeWhere"] | undefined
    /**
     * A number that changes with each sign-in and sign-out of the session in this process. A caller that remembers a
     * token reads the store again when the number has changed. It can change without a sign-in, too.
     */
    readonly generation: (session: SsoSession) => Effect.Effect<number>
    /** Reports a sign-in or sign-out of the session: `generation` changes. */
    readonly beginGeneration: (session: SsoSession) => Effect.Effect<void>
  }
>()("effect-aws-sso/SsoStore") {}

const kinds = {
  Token: "token",
  Registration: "registration",
  Credentials: "credentials",
  CredentialIndex: "credential-index",
  Attempt: "attempt"
} as const

const encoder = new TextEncoder()

type KeyOf = (entry: Entry) => Effect.Effect<EntryKey>

const hashedKeys: Effect.Effect<KeyOf> = Effect.gen(function* () {
  const { digestHex } = yield* Digest.Digest
  return (entry: Entry) =>
    Effect.zipWith(
      digestHex(Digest.sha256, encoder.encode(identityOf(entry))),
      digestHex(Digest.sha1, encoder.encode(fileTitleOf(entry))),
      (id, fileId): EntryKey => ({ kind: kinds[entry._tag], id, fileName: `${fileId}.json` })
    )
}).pipe(Effect.provide(Digest.layerWebCrypto))

// Memory takes keys of any length, and a hash would make each read asynchronous
const plainKeys: KeyOf = (entry) =>
  Effect.succeed({ kind: kinds[entry._tag], id: identityOf(entry), fileName: fileTitleOf(entry) })

const makeWith = Effect.fnUntraced(function* (
  backend: SsoStoreBackend,
  keyOf: KeyOf
): Effect.fn.Return<SsoStore["Service"]> {
  const signIns = yield* SignInCount.make()
  return SsoStore.of({
    locate: (entry) => Effect.map(keyOf(entry), (key) => backend.locate(key)),
    get: (entry) => Effect.flatMap(keyOf(entry), (key) => backend.get(key)),
    set: (entry, text) => Effect.flatMap(keyOf(entry), (key) => backend.set(key, text)),
    ensureWritable: (entry) => Effect.flatMap(keyOf(entry), (key) => backend.ensureWritable(key)),
    remove: (entry) => Effect.flatMap(keyOf(entry), (key) => backend.remove(key)),
    acquireLease: (entry) => Effect.flatMap(keyOf(entry), (key) => backend.acquireLease(key)),
    removeWhere: backend.removeWhere?.bind(backend),
    generation: (session) => signIns.get(identityOf(Entry.Token({ session }))),
    beginGeneration: (session) => signIns.increment(identityOf(Entry.Token({ session })))
  })
})

/**
 * Makes a store from a backend.
 *
 * @category constructors
 * @since 0.2.0
 */
export const make = (backend: SsoStoreBackend): Effect.Effect<SsoStore["Service"]> =>
  Effect.flatMap(hashedKeys, (keyOf) => makeWith(backend, keyOf))

/**
 * The services of a store.
 *
 * @category models
 * @since 0.2.0
 */
export type Services = SsoStore | TokenCache.TokenCache | CredentialCache.CredentialCache

const withViews = <E, R>(
  store: Effect.Effect<SsoStore["Service"], E, R>
): Layer.Layer<Services, E, Exclude<R, Scope.Scope>> =>
  Layer.effectContext(
    Effect.map(store, (store) =>
      Context.make(SsoStore, store).pipe(
        Context.add(TokenCache.TokenCache, TokenCache.make(store)),
        Context.add(CredentialCache.CredentialCache, CredentialCache.make(store))
      )
    )
  )

/**
 * Provides a store on a custom backend.
 *
 * **Example** (Entries in a `Map`)
 *
 * ```ts
 * import { Effect, Semaphore } from "effect"
 * import { SsoStore } from "effect-aws-sso"
 *
 * const backend = Effect.gen(function*() {
 *   const texts = new Map<string, string>()
 *   const oneAtATime = yield* Semaphore.make(1)
 *   return {
 *     locate: ({ id }: SsoStore.EntryKey) => id,
 *     get: ({ id }: SsoStore.EntryKey) => Effect.sync(() => texts.get(id)),
 *     set: ({ id }: SsoStore.EntryKey, text: string) => Effect.sync(() => void texts.set(id, text)),
 *     ensureWritable: () => Effect.void,
 *     remove: ({ id }: SsoStore.EntryKey) => Effect.sync(() => void texts.delete(id)),
 *     acquireLease: () => Effect.as(Semaphore.takeScoped(oneAtATime, 1), { isHeld: Effect.succeed(true) })
 *   }
 * })
 *
 * const store = SsoStore.layer(backend)
 * ```
 *
 * @category layers
 * @since 0.2.0
 */
export const layer = <E, R>(
  backend: Effect.Effect<SsoStoreBackend, E, R>
): Layer.Layer<Services, E, Exclude<R, Scope.Scope>> => withViews(Effect.flatMap(backend, make))

/**
 * The options of `layerFile`.
 *
 * @category models
 * @since 0.2.0
 */
export interface FileStoreOptions {
  /**
   * The directory that has the directories `sso/cache`, for tokens and registrations, and `cli/cache`, for role
   * credentials. `~/.aws` by default.
   */
  readonly directory?: string | undefined
  /**
   * How long a lease remains valid after its holder last extended it. The same for all processes that share the files.
   * 10 seconds by default.
   */
  readonly leaseTimeToLive?: Duration.Input | undefined
}

/**
 * Provides the store that the AWS CLI and every AWS SDK share.
 *
 * **Details**
 *
 * - Tokens are in `~/.aws/sso/cache`, role credentials in `~/.aws/cli/cache`, under the file names and in the form of
 *   the AWS CLI. The files of a session with a `principal` have names that no AWS tool looks for.
 * - Files have mode 0600 and directories mode 0700. A file is written to a temporary file, flushed and renamed, so a
 *   reader or a crash sees the old or the new entry. A rename replaces a symbolic link and does not follow it.
 * - A file that other users can read is closed to them, and so is a default directory. A warning is logged once.
 * - The lease of an entry is a file beside it whose name ends in `.lock.` and a number, and in `.free` while the lease
 *   is free. This file remains.
 *
 * Fails with `StoreUnavailable` if no `directory` is given and there is no home directory.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerFile = (
  options?: FileStoreOptions
): Layer.Layer<Services, StoreError, FileSystem.FileSystem | Path.Path> => layer(FileBackend.make(options))

/**
 * The options of `layerRedis`.
 *
 * @category models
 * @since 0.2.0
 */
export interface RedisStoreOptions {
  /** What all keys start with. `effect-aws-sso/` by default. */
  readonly prefix?: string | undefined
  /**
   * How long a lease remains valid after its holder last extended it. The same for all processes that share the keys.
   * 10 seconds by default.
   */
  readonly leaseTimeToLive?: Duration.Input | undefined
}

/**
 * Provides a store in Redis, for all hosts that share it.
 *
 * **When to use**
 *
 * Use if several hosts share sign-ins: one of them refreshes a token for all.
 *
 * **Details**
 *
 * A lease holds between all processes that share the Redis. Its holder extends it, and it expires 10 seconds after the
 * holder died. A write under a lost lease is refused if another process has written since. A command fails with
 * `StoreUnavailable` if Redis does not respond within 5 seconds.
 *
 * **Gotchas**
 *
 * - A sign-in is lost if Redis loses its entry. Let Redis persist each write (`appendonly yes`, `appendfsync always`)
 *   and evict nothing (`maxmemory-policy noeviction`). A replica that takes over can lack the last writes, and then a
 *   lease can have two holders.
 * - Any client that can read the keys has the tokens, unless the entries are encrypted (`layerEncrypted`). Use TLS, and
 *   an ACL for `effect-aws-sso/*` with `+get +set +del +pexpire +hget +hset +hincrby +evalsha +eval +script|load`.
 * - The client must not queue commands while it has no connection (`disableOfflineQueue`): a write that has timed out
 *   must not be made later.
 * - `NodeRedis` is for one server. For a cluster, make the `Redis` service from the client of the cluster.
 *
 * **Example** (With the client of `@effect/platform-node`)
 *
 * ```ts
 * import { NodeRedis } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { SsoStore } from "effect-aws-sso"
 *
 * const store = SsoStore.layerRedis().pipe(
 *   Layer.provide(NodeRedis.layer({ url: "rediss://redis.example.com", disableOfflineQueue: true }))
 * )
 * ```
 *
 * @category layers
 * @since 0.2.0
 */
export const layerRedis = (options?: RedisStoreOptions): Layer.Layer<Services, never, Redis.Redis> =>
  layer(
    Effect.flatMap(
      Effect.promise(() => import("./RedisBackend.ts")),
      (RedisBackend) => RedisBackend.make(options)
    )
  )

/**
 * The options of `layerKeyValueStore`.
 *
 * @category models
 * @since 0.2.0
 */
export interface KeyValueStoreOptions {
  /** What all keys start with. `effect-aws-sso/` by default. */
  readonly prefix?: string | undefined
}

/**
 * Provides a store in any `KeyValueStore`.
 *
 * **Gotchas**
 *
 * A `KeyValueStore` has no locks, so a lease holds among the fibers of this layer only.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerKeyValueStore = (
  options?: KeyValueStoreOptions
): Layer.Layer<Services, never, KeyValueStore.KeyValueStore> => layer(KeyValueBackend.make(options))

/**
 * Provides a store in memory, which lasts as long as the layer.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerMemory = (): Layer.Layer<Services> =>
  withViews(Effect.flatMap(MemoryBackend.make, (backend) => makeWith(backend, plainKeys)))

/**
 * A key of `layerEncrypted`.
 *
 * @category models
 * @since 0.2.0
 */
export interface EncryptionKey {
  /** The name of the key, which is stored with each entry, such as `2026-11`. Not secret. */
  readonly id: string
  /** The key: 32 bytes in base64, as `openssl rand -base64 32` prints them. */
  readonly key: Redacted.Redacted
}

/**
 * The keys of `layerEncrypted`: the newest one first.
 *
 * @category models
 * @since 0.2.0
 */
export type EncryptionKeys = readonly [newest: EncryptionKey, ...older: ReadonlyArray<EncryptionKey>]

/**
 * Encrypts all entries of another store with AES-256-GCM.
 *
 * **When to use**
 *
 * Use if others can read what the store writes, such as the administrators or the backups of a Redis or a database.
 *
 * **Details**
 *
 * - The newest key encrypts, and all keys decrypt. To rotate, add a new key in front, and remove an old key when all
 *   entries have been written again: a refresh or a sign-in does so. Removing a key earlier signs users out.
 * - An entry that was changed, that was moved to another key of the store, that is not encrypted, or whose encryption
 *   key is not among the keys, is a `StoreError` with the reason `EntryCorrupt`. The next sign-in replaces it.
 * - The keys of the store are not encrypted. They are hashes, except in memory.
 * - Fails with `StoreUnavailable` if an encryption key is invalid.
 *
 * **Gotchas**
 *
 * Other AWS tools cannot read encrypted files: give `layerFile` its own `directory`.
 *
 * **Example** (Rotating the key)
 *
 * ```ts
 * import { Config, Effect, Layer } from "effect"
 * import { SsoStore } from "effect-aws-sso"
 *
 * const store = Layer.unwrap(
 *   Effect.gen(function*() {
 *     const newest = yield* Config.Redacted("STORE_KEY_2026_11")
 *     const older = yield* Config.Redacted("STORE_KEY_2025_11")
 *     return SsoStore.layerRedis().pipe(
 *       SsoStore.layerEncrypted([
 *         { id: "2026-11", key: newest },
 *         { id: "2025-11", key: older }
 *       ])
 *     )
 *   })
 * )
 * ```
 *
 * Source: NIST SP 800-38D.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerEncrypted =
  (keys: EncryptionKeys) =>
  <E, R>(store: Layer.Layer<SsoStore, E, R>): Layer.Layer<Services, E | StoreError, R> =>
    withViews(
      Effect.flatMap(Effect.all([SsoStore, Effect.promise(() => import("./Encryption.ts"))]), ([store, Encryption]) =>
        Encryption.make(store, keys)
      )
    ).pipe(Layer.provide(store))
