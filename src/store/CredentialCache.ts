/**
 * Where the credentials of roles are kept between two runs of a program.
 *
 * **When to use**
 *
 * Use `layerFile` with `RoleCredentials.layerCached` for programs that start often: one of them asks the portal, and
 * all others find what it got. The AWS CLI uses the same files.
 *
 * **Details**
 *
 * An entry is a file of `~/.aws/cli/cache`, with mode 0600, named as the AWS CLI names it: by the SHA-1 of account,
 * role and session. One that cannot be read counts as none, since the portal gives other credentials at any time.
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
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { StoreError } from "./StoreError.ts"
import * as FileStore from "./FileStore.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import { Credentials } from "../session/Credentials.ts"

/**
 * A role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Role {
  /** Twelve digits. */
  readonly accountId: string
  /** The name of the permission set that is assigned to the person. */
  readonly roleName: string
}

/**
 * A place for the credentials of roles.
 *
 * @category services
 * @since 0.1.0
 */
export class CredentialCache extends Context.Service<
  CredentialCache,
  {
    /** The credentials of a role, fresh or not. */
    readonly get: (session: SsoSession, role: Role) => Effect.Effect<Option.Option<Credentials>, StoreError>
    readonly set: (session: SsoSession, role: Role, credentials: Credentials) => Effect.Effect<void, StoreError>
    /** Holds the lock of a role until the scope closes, against all fibers and processes that share the cache. */
    readonly lock: (session: SsoSession, role: Role) => Effect.Effect<void, StoreError, Scope.Scope>
    /**
     * Forgets what is kept of a session, whichever role, and tells how many entries that were. The credentials of roles
     * that other tools have kept go too, and are not counted, since these do not say of which session they are.
     */
    readonly removeAll: (session: SsoSession) => Effect.Effect<number, StoreError>
  }
>()("effect-aws-sso/CredentialCache") {}

// The AWS CLI's form, and who wrote it for which session: a file name does not tell
const Entry = Schema.fromJsonString(
  Schema.Struct({
    ProviderType: Schema.Literal("sso"),
    Credentials,
    SsoSession: Schema.optionalKey(Schema.String)
  })
)

const decode = Schema.decodeUnknownResult(Entry)
const encode = Schema.encodeEffect(Entry)

const titleOf = (session: SsoSession): string => session.name ?? session.startUrl

// To the letter what botocore makes a file name of: sorted members, no blanks, ASCII
const keyOf = (session: SsoSession, { accountId, roleName }: Role): string =>
  JSON.stringify({
    accountId,
    roleName,
    ...(session.name === undefined ? { startUrl: session.startUrl } : { sessionName: session.name })
  }).replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const make = (store: FileStore.FileStore): CredentialCache["Service"] =>
  CredentialCache.of({
    get: (session, role) =>
      store.get(keyOf(session, role)).pipe(
        Effect.catchReason("StoreError", "EntryCorrupt", () => Effect.undefined),
        Effect.map((text) => Option.map(Result.getSuccess(decode(text)), (entry) => entry.Credentials))
      ),

    set: Effect.fnUntraced(function* (session, role, credentials) {
      const text = yield* Effect.orDie(
        encode({ ProviderType: "sso", Credentials: credentials, SsoSession: titleOf(session) })
      )
      yield* store.set(keyOf(session, role), text)
    }),

    lock: (session, role) => store.lock(keyOf(session, role)),

    removeAll: (session) => {
      const title = titleOf(session)
      const shallGo = ({ SsoSession = title }: typeof Entry.Type): boolean => SsoSession === title
      return Effect.map(
        store.removeWhere((text) => Option.filter(Result.getSuccess(decode(text)), shallGo)),
        (removed) => removed.filter(({ SsoSession }) => SsoSession === title).length
      )
    }
  })

/**
 * Keeps credentials in memory. Two calls are two caches.
 *
 * @category layers
 * @since 0.2.0
 */
export const layerMemory = (): Layer.Layer<CredentialCache> =>
  Layer.sync(CredentialCache, () => {
    const entries = new Map<string, Credentials>()
    return CredentialCache.of({
      get: (session, role) => Effect.sync(() => Option.fromUndefinedOr(entries.get(keyOf(session, role)))),
      set: (session, role, credentials) => Effect.sync(() => void entries.set(keyOf(session, role), credentials)),
      lock: () => Effect.void,
      removeAll: () =>
        Effect.sync(() => {
          const { size } = entries
          entries.clear()
          return size
        })
    })
  })

/**
 * The cache that the AWS CLI uses too.
 *
 * - `directory`: `~/.aws/cli/cache` by default
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (options?: {
  readonly directory?: string | undefined
}): Layer.Layer<CredentialCache, StoreError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    CredentialCache,
    Effect.map(FileStore.make({ standard: "~/.aws/cli/cache", directory: options?.directory }), make)
  ).pipe(Layer.provide(Digest.layerWebCrypto))
