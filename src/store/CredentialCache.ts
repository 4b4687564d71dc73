/**
 * The role credentials of a store.
 *
 * **When to use**
 *
 * The layers of `SsoStore` provide this service, and `RoleCredentials` uses it: of many processes that need the
 * credentials of a role, one obtains them from the portal. With `SsoStore.layerFile`, the AWS CLI uses the same files.
 * Replace the service to store role credentials elsewhere than tokens.
 *
 * **Details**
 *
 * An entry that cannot be read counts as absent, since the portal gives other credentials at any time.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Credentials } from "../session/Credentials.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import * as AttemptRecord from "./AttemptRecord.ts"
import { Entry } from "./Entry.ts"
import type { Lease, SsoStore } from "./SsoStore.ts"
import { entryCorrupt, type StoreError } from "./StoreError.ts"

/**
 * A role in an account.
 *
 * @category models
 * @since 0.1.0
 */
export interface Role {
  /** The account: twelve digits. */
  readonly accountId: string
  /** The name of the permission set that is assigned to the user. */
  readonly roleName: string
}

/**
 * The role credentials of a store.
 *
 * @category services
 * @since 0.1.0
 */
export class CredentialCache extends Context.Service<
  CredentialCache,
  {
    /** Reads the credentials of a role, even if they have expired. */
    readonly get: (session: SsoSession, role: Role) => Effect.Effect<Option.Option<Credentials>, StoreError>
    /** Stores the credentials of a role. */
    readonly set: (session: SsoSession, role: Role, credentials: Credentials) => Effect.Effect<void, StoreError>
    /**
     * Acquires the lease of a role, and holds it until the scope closes, against all fibers, processes and hosts that
     * share the store. Hold it while credentials are obtained.
     */
    readonly acquireLease: (session: SsoSession, role: Role) => Effect.Effect<Lease, StoreError, Scope.Scope>
    /**
     * Removes the credentials of all roles of the session and its principal, and returns how many there were. In files,
     * it also removes credentials of the AWS CLI, which do not name their session; these are not counted.
     */
    readonly removeAll: (session: SsoSession) => Effect.Effect<number, StoreError>
    /** A number that changes with each sign-in and sign-out of the session in this process. */
    readonly generation: (session: SsoSession) => Effect.Effect<number>
    /** When any process last called the portal for the credentials of a role, if it is known. */
    readonly lastAttempt: (session: SsoSession, role: Role) => Effect.Effect<Option.Option<DateTime.Utc>>
    /** Records that this process calls the portal for the credentials of a role now. */
    readonly recordAttempt: (session: SsoSession, role: Role) => Effect.Effect<void>
  }
>()("effect-aws-sso/CredentialCache") {}

// The form of the AWS CLI, and the session, which the file name does not show
const StoredCredentials = Schema.fromJsonString(
  Schema.Struct({
    ProviderType: Schema.Literal("sso"),
    Credentials,
    SsoSession: Schema.optionalKey(Schema.String),
    SsoPrincipal: Schema.optionalKey(Schema.String)
  })
)

type StoredCredentials = typeof StoredCredentials.Type

const decode = Schema.decodeUnknownResult(StoredCredentials)
const encode = Schema.encodeEffect(StoredCredentials)

const ownerOf = ({ name, principal, startUrl }: SsoSession) => ({
  SsoSession: name ?? startUrl,
  ...(principal === undefined ? {} : { SsoPrincipal: principal })
})

const isOwnedBy = (session: SsoSession) => {
  const owner = ownerOf(session)
  return ({ SsoPrincipal, SsoSession }: StoredCredentials): boolean =>
    SsoSession === owner.SsoSession && SsoPrincipal === owner.SsoPrincipal
}

const RoleIndex = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ accountId: Schema.String, roleName: Schema.String }))
)

const decodeIndex = Schema.decodeUnknownOption(RoleIndex)

const isSame = (one: Role, other: Role): boolean => one.accountId === other.accountId && one.roleName === other.roleName

/**
 * Makes the view of a store.
 *
 * @category constructors
 * @since 0.2.0
 */
export const make = (store: SsoStore["Service"]): CredentialCache["Service"] => {
  const { removeWhere } = store
  const roles = removeWhere === undefined ? indexedRoles(store) : listedRoles(store, removeWhere)
  return CredentialCache.of({
    get: (session, role) =>
      store.get(Entry.Credentials({ session, role })).pipe(
        Effect.catchReason("StoreError", "EntryCorrupt", () => Effect.undefined),
        Effect.map((text) => Option.map(Result.getSuccess(decode(text)), ({ Credentials }) => Credentials))
      ),

    set: Effect.fnUntraced(function* (session, role, credentials) {
      const text = yield* Effect.orDie(encode({ ProviderType: "sso", Credentials: credentials, ...ownerOf(session) }))
      yield* roles.set(session, role, text)
    }),

    acquireLease: (session, role) => store.acquireLease(Entry.Credentials({ session, role })),
    removeAll: roles.removeAll,
    generation: store.generation,
    lastAttempt: (session, role) => AttemptRecord.last(store, session, role),
    recordAttempt: (session, role) => AttemptRecord.record(store, session, role)
  })
}

interface Roles {
  readonly set: (session: SsoSession, role: Role, text: string) => Effect.Effect<void, StoreError>
  readonly removeAll: CredentialCache["Service"]["removeAll"]
}

/** The roles of a store that can list its entries. */
const listedRoles = (
  store: SsoStore["Service"],
  removeWhere: Exclude<SsoStore["Service"]["removeWhere"], undefined>
): Roles => ({
  set: (session, role, text) => store.set(Entry.Credentials({ session, role }), text),
  removeAll: (session) => {
    const isOwned = isOwnedBy(session)
    // Those of the AWS CLI belong to a session without a principal: to any, since they do not name it
    const isUnnamed = ({ SsoSession }: StoredCredentials) => SsoSession === undefined && session.principal === undefined
    return Effect.map(
      removeWhere("credentials", (text) =>
        Option.filter(Result.getSuccess(decode(text)), (stored) => isOwned(stored) || isUnnamed(stored))
      ),
      (removed) => removed.filter(isOwned).length
    )
  }
})

/**
 * The roles of a store that cannot list its entries: in an index, which changes under its lease. A role is in the index
 * before its credentials are in the store, so that a crash leaves no credentials that a sign-out does not find.
 */
const indexedRoles = (store: SsoStore["Service"]): Roles => {
  const read = Effect.fnUntraced(function* (session: SsoSession): Effect.fn.Return<ReadonlyArray<Role>, StoreError> {
    const index = Entry.CredentialIndex({ session })
    const text = yield* store.get(index)
    if (text === undefined) return []
    const roles = decodeIndex(text)
    if (Option.isSome(roles)) return roles.value
    return yield* entryCorrupt(yield* store.locate(index), "it is not a list of roles")
  })
  return {
    set: Effect.fnUntraced(function* (session, role, text) {
      const index = Entry.CredentialIndex({ session })
      yield* store.acquireLease(index)
      const roles = yield* Effect.catchReason(read(session), "StoreError", "EntryCorrupt", () => Effect.succeed([]))
      if (!Arr.containsWith(isSame)(roles, role)) yield* store.set(index, JSON.stringify([...roles, role]))
      yield* store.set(Entry.Credentials({ session, role }), text)
    }, Effect.scoped),

    removeAll: Effect.fnUntraced(function* (session) {
      const index = Entry.CredentialIndex({ session })
      yield* store.acquireLease(index)
      const roles = yield* Effect.result(read(session))
      for (const role of Result.getOrElse(roles, () => [])) yield* store.remove(Entry.Credentials({ session, role }))
      yield* store.remove(index)
      // Credentials may remain that an unreadable index does not show
      return (yield* Effect.fromResult(roles)).length
    }, Effect.scoped)
  }
}
