/**
 * Where tokens and registrations are kept between two runs of a program.
 *
 * **When to use**
 *
 * Use `layerFile` to share sign-ins with the AWS CLI and every AWS SDK on this machine, `layerRedis` to share them
 * between machines, `layerMemory` where nothing may outlive the process, and `layerKeyValueStore` for any store of
 * one's own.
 *
 * **Details**
 *
 * An entry is a JSON object, the same in every layer. A token is filed under its session's name, or its start URL where
 * it has none; in files, under the SHA-1 of that: `~/.aws/sso/cache/{sha1}.json` is what all AWS tools look for. Members
 * that other tools wrote into an entry survive when it is written again.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as Redis from "effect/persistence/Redis"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { StartUrl } from "../operation/StartUrl.ts"
import * as JsonObject from "../wire/JsonObject.ts"
import { entryCorrupt, type StoreError, type StoreUnavailable, storeUnavailable } from "./StoreError.ts"
import * as FileStore from "./FileStore.ts"
import * as KeyedSemaphores from "./KeyedSemaphores.ts"
import { Registration } from "../session/Registration.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import { SsoToken } from "../session/SsoToken.ts"
import type { Lease, Store } from "./SsoStore.ts"

export type { Lease, Store } from "./SsoStore.ts"

/**
 * What a client is registered for, besides the session: clients of different uses are kept apart.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientUse {
  readonly grantTypes: ReadonlyArray<string>
  readonly redirectUris?: ReadonlyArray<string> | undefined
}

/**
 * A place for tokens and registrations.
 *
 * @category services
 * @since 0.1.0
 */
export class TokenCache extends Context.Service<
  TokenCache,
  {
    /** The token of a session, fresh or not. */
    readonly get: (session: SsoSession) => Effect.Effect<Option.Option<SsoToken>, StoreError>
    /**
     * Keeps a token. An entry that cannot be read as a token is left as it is, and the call fails with the reason `EntryCorrupt`,
     * unless `overwriteCorrupt` is `true`, as it is after a new sign-in.
     */
    readonly set: (
      session: SsoSession,
      token: SsoToken,
      options?: { readonly overwriteCorrupt?: boolean | undefined }
    ) => Effect.Effect<void, StoreError>
    /** Fails where a token could not be kept now: for want of a right or of room. Changes nothing. */
    readonly ensureWritable: (session: SsoSession) => Effect.Effect<void, StoreError>
    /** Forgets the token of a session, readable or not. */
    readonly remove: (session: SsoSession) => Effect.Effect<void, StoreError>
    /**
     * Holds the lock of a session until the scope closes, against all fibers and all processes that share the cache. To
     * be held from the reading of a token that is to be renewed to the writing of the new one.
     */
    readonly lock: (session: SsoSession) => Effect.Effect<Lease, StoreError, Scope.Scope>
    /**
     * How many sign-ins and sign-outs of a session this process has told this cache of. Who remembers a token looks again
     * when there was another one.
     */
    readonly generation: (session: SsoSession) => Effect.Effect<number>
    /** Tells that somebody has signed in or out, so that what was remembered of a session counts for nothing. */
    readonly beginGeneration: (session: SsoSession) => Effect.Effect<void>
    /** Where the token of a session is kept, for people to read: the path of the file, for instance. */
    readonly locate: (session: SsoSession) => Effect.Effect<string>
    /** The client that was registered for a session and this use. An entry that cannot be read counts as none. */
    readonly getRegistration: (
      session: SsoSession,
      use: ClientUse
    ) => Effect.Effect<Option.Option<Registration>, StoreError>
    /** Keeps the client that was registered for a session and this use. */
    readonly setRegistration: (
      session: SsoSession,
      use: ClientUse,
      registration: Registration
    ) => Effect.Effect<void, StoreError>
    /** Forgets the client that was registered for a session and this use. */
    readonly removeRegistration: (session: SsoSession, use: ClientUse) => Effect.Effect<void, StoreError>
  }
>()("effect-aws-sso/TokenCache") {}

const isStartUrl = Schema.is(StartUrl)

// Texts that no tool writes, though the type of a token allows them
const StoredToken = SsoToken.check(
  Schema.makeFilter(({ clientId, region, startUrl }) => [
    ...(isStartUrl(startUrl) ? [] : [{ path: ["startUrl"], issue: "an absolute http(s) URL is expected" }]),
    ...(region === "" ? [{ path: ["region"], issue: "it must not be empty" }] : []),
    ...(clientId === "" ? [{ path: ["clientId"], issue: "it must not be empty" }] : [])
  ])
)

const decodeToken = Schema.decodeUnknownResult(StoredToken)
const encodeToken = Schema.encodeEffect(SsoToken)
const decodeRegistration = Schema.decodeUnknownResult(Registration)
const encodeRegistration = Schema.encodeEffect(Registration)

// Not all tools write where a token comes from; the session that it is filed under knows.
const readToken = (session: SsoSession, text: string): Result.Result<SsoToken, string> =>
  Result.flatMap(JsonObject.parse(text), (entry) =>
    decodeToken({ startUrl: session.startUrl, region: session.region, ...JsonObject.withoutNulls(entry) }).pipe(
      Result.mapError((error) => error.message)
    )
  )

// What an earlier token had and this one has not must go; what we do not know must stay.
const foreignMembers = (text: string): JsonObject.JsonObject =>
  JsonObject.parse(text).pipe(
    Result.map(Record.filter((_, member) => !Object.hasOwn(SsoToken.fields, member))),
    Result.getOrElse(() => ({}))
  )

/** What is kept of a session, as text and as what it says. */
interface Entry {
  readonly text: string
  readonly token: SsoToken
}

// Some tools empty the file before they write it. Who reads in between looks again before it calls that corrupt.
const settling = { times: 3, schedule: Schedule.spaced("50 millis") }

// What all AWS tools file a token under.
const filedUnder = (session: SsoSession): string => session.name ?? session.startUrl

const registrationKey = (session: SsoSession, use: ClientUse): string =>
  JSON.stringify({
    tool: "effect-aws-sso",
    name: session.name,
    startUrl: session.startUrl,
    region: session.region,
    scopes: session.scopes.toSorted(),
    grantTypes: use.grantTypes.toSorted(),
    redirectUris: use.redirectUris?.toSorted()
  })

/**
 * Keeps or removes the token of a session because somebody has signed in or out, and tells that they have.
 *
 * **Details**
 *
 * Holds the lock of the session meanwhile, so that a renewal that is under way elsewhere does not write over it; goes on
 * without the lock where that cannot be had, since who holds it for too long must not cost the person the sign-in.
 *
 * @category locking
 * @since 0.1.0
 */
export const changeSignIn = (
  cache: TokenCache["Service"],
  session: SsoSession,
  change: Effect.Effect<void, StoreError>
): Effect.Effect<void, StoreError> =>
  cache.lock(session).pipe(
    Effect.catchTag("StoreError", ({ message }) => Effect.logDebug(message)),
    Effect.andThen(change),
    Effect.andThen(cache.beginGeneration(session)),
    Effect.scoped
  )

/**
 * A cache on a store of texts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (store: Store): TokenCache["Service"] => {
  const tokenKey = store.keyOf ?? filedUnder
  const generations = new Map<string, number>()
  const generationOf = (session: SsoSession): number => generations.get(tokenKey(session)) ?? 0
  const readEntry = Effect.fnUntraced(function* (
    session: SsoSession
  ): Effect.fn.Return<Option.Option<Entry>, StoreError> {
    const text = yield* store.get(tokenKey(session))
    if (text === undefined) return Option.none()
    const token = readToken(session, text)
    if (Result.isSuccess(token)) return Option.some({ text, token: token.success })
    return yield* entryCorrupt(yield* store.locate(tokenKey(session)), token.failure)
  })

  const readSettled = (session: SsoSession): Effect.Effect<Option.Option<Entry>, StoreError> =>
    Effect.retry(readEntry(session), { ...settling, while: ({ reason }) => reason._tag === "EntryCorrupt" })

  return TokenCache.of({
    get: (session) =>
      Effect.map(
        readSettled(session),
        Option.map(({ token }) => token)
      ),

    set: Effect.fnUntraced(function* (session, token, options) {
      const before = yield* options?.overwriteCorrupt === true
        ? Effect.catchReason(readEntry(session), "StoreError", "EntryCorrupt", () => Effect.succeedNone)
        : readSettled(session)
      const others = Option.match(before, { onNone: () => ({}), onSome: ({ text }) => foreignMembers(text) })
      const encoded = yield* Effect.orDie(encodeToken(token))
      yield* store.set(tokenKey(session), JSON.stringify({ ...others, ...encoded }))
    }),

    ensureWritable: (session) => store.ensureWritable(tokenKey(session)),

    remove: (session) => store.remove(tokenKey(session)),

    generation: (session) => Effect.sync(() => generationOf(session)),

    beginGeneration: (session) =>
      Effect.sync(() => {
        generations.set(tokenKey(session), generationOf(session) + 1)
      }),

    lock: (session) => store.lock(tokenKey(session)),

    locate: (session) => store.locate(tokenKey(session)),

    getRegistration: Effect.fnUntraced(function* (session, use) {
      const text = yield* Effect.catchReason(
        store.get(registrationKey(session, use)),
        "StoreError",
        "EntryCorrupt",
        () => Effect.undefined
      )
      return Option.fromUndefinedOr(text).pipe(
        Option.flatMap((text) => Result.getSuccess(JsonObject.parse(text))),
        Option.flatMap((entry) => Result.getSuccess(decodeRegistration(JsonObject.withoutNulls(entry))))
      )
    }),

    setRegistration: Effect.fnUntraced(function* (session, use, registration) {
      const encoded = yield* Effect.orDie(encodeRegistration(registration))
      const entry = { ...encoded, scopes: session.scopes, grantTypes: use.grantTypes, redirectUris: use.redirectUris }
      yield* store.set(registrationKey(session, use), JSON.stringify(entry))
    }),

    removeRegistration: (session, use) => store.remove(registrationKey(session, use))
  })
}

const keyValueStore = (values: KeyValueStore.KeyValueStore): Store => {
  const named = (key: string) => `effect-aws-sso/${key}`
  const attempt = <A>(
    key: string,
    action: StoreUnavailable["action"],
    effect: Effect.Effect<A, KeyValueStore.KeyValueStoreError>
  ) => Effect.mapError(effect, ({ message }) => storeUnavailable(key, action, message))
  const lockOf = KeyedSemaphores.makeUnsafe()
  return {
    locate: (key) => Effect.succeed(named(key)),
    lock: (key) => Effect.as(Semaphore.takeScoped(lockOf(key), 1), { isHeld: Effect.succeed(true) }),
    get: (key) => attempt(named(key), "read", values.get(named(key))),
    set: (key, text) => attempt(named(key), "write", values.set(named(key), text)),
    ensureWritable: () => Effect.void,
    remove: (key) => attempt(named(key), "remove", values.remove(named(key)))
  }
}

/**
 * A cache on any `KeyValueStore`, under keys that start with `effect-aws-sso/`.
 *
 * **Gotchas**
 *
 * A key-value store has no locks: that of a session holds against the fibers of this layer alone.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerKeyValueStore: Layer.Layer<TokenCache, never, KeyValueStore.KeyValueStore> = Layer.effect(
  TokenCache,
  Effect.map(KeyValueStore.KeyValueStore, (values) => make(keyValueStore(values)))
)

/**
 * A cache that lasts as long as the layer does.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<TokenCache> = layerKeyValueStore.pipe(Layer.provide(KeyValueStore.layerMemory))

/**
 * The cache that the AWS CLI and every AWS SDK share.
 *
 * **Details**
 *
 * Files are written with mode 0600 in a directory of mode 0700, to a temporary file that is flushed and renamed, so that
 * a reader sees the old entry or the new one, and a crash leaves one of them. A rename replaces a symbolic link, and does
 * not follow it. A file that others can read is closed to them, and so is the default directory; a warning says so once.
 *
 * The lock of a session is a file beside its token, whose name ends in `.lock.` and a number, and `.free` while nobody
 * holds it. It stays.
 *
 * - `directory`: `~/.aws/sso/cache` by default
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (options?: {
  readonly directory?: string | undefined
}): Layer.Layer<TokenCache, StoreError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(TokenCache, Effect.map(FileStore.make(options), make)).pipe(Layer.provide(Digest.layerWebCrypto))

/**
 * A cache in Redis, shared by all machines that reach it, under keys that start with `effect-aws-sso/`: by name, start
 * URL and region of the session, since two machines can give one name to two sessions.
 *
 * **When to use**
 *
 * Use where several machines work with one sign-in: one of them renews the token, once for all.
 *
 * **Details**
 *
 * A lock holds between all who share the Redis. It is prolonged while it is held, and broken 10 seconds after its holder
 * died. A write under a lock that was lost is refused where another process has written since. An answer that takes
 * longer than 5 seconds is a `StoreError`.
 *
 * **Gotchas**
 *
 * - What Redis forgets is gone, and with it the sign-in: let it keep what it confirms (`appendonly yes`, `appendfsync
 *   always`), and evict nothing (`maxmemory-policy noeviction`). A replica that takes over can lack the last writes, and
 *   then a lock can have two holders.
 * - Tokens lie there readable: who can read these keys is signed in. Use TLS, and an ACL for `effect-aws-sso/*` with
 *   `+get +set +del +pexpire +hget +hset +hincrby +evalsha +eval +script|load`.
 * - Let the client keep no commands while it has no connection (`disableOfflineQueue`): a write that was given up must
 *   not be made later, over another's.
 * - `NodeRedis` is for one server. For a cluster, make the `Redis` service of a cluster's client.
 *
 * **Example** (With the client of `@effect/platform-node`)
 *
 * ```ts
 * import { NodeRedis } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { TokenCache } from "effect-aws-sso"
 *
 * const layer = TokenCache.layerRedis.pipe(
 *   Layer.provide(NodeRedis.layer({ url: "rediss://redis.example.com", disableOfflineQueue: true }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRedis: Layer.Layer<TokenCache, never, Redis.Redis> = Layer.effect(
  TokenCache,
  Effect.gen(function* () {
    const RedisStore = yield* Effect.promise(() => import("./RedisStore.ts"))
    return make(yield* RedisStore.make())
  })
)
