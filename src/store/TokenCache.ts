/**
 * The tokens and client registrations of a store.
 *
 * **When to use**
 *
 * The layers of `SsoStore` provide this service. Use it to read the token of a session without refreshing it, for example
 * to show whether the user is signed in. Replace the service to store tokens in another way.
 *
 * **Details**
 *
 * An entry is a JSON object. The token of a session is the object that all AWS tools store in `~/.aws/sso/cache`. Members
 * that other tools wrote into it remain when it is written again.
 *
 * **Example** (When the user has to sign in again)
 *
 * ```ts
 * import { Effect, Option } from "effect"
 * import { type SsoSession, TokenCache } from "effect-aws-sso"
 *
 * const expiresAt = (session: SsoSession.SsoSession) =>
 *   Effect.gen(function*() {
 *     const cache = yield* TokenCache.TokenCache
 *     return Option.map(yield* cache.get(session), (token) => token.expiresAt)
 *   })
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { isStartUrl } from "../operation/StartUrl.ts"
import { Registration } from "../session/Registration.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import { SsoToken } from "../session/SsoToken.ts"
import * as JsonObject from "../wire/JsonObject.ts"
import * as AttemptRecord from "./AttemptRecord.ts"
import { Entry } from "./Entry.ts"
import type { Lease, SsoStore } from "./SsoStore.ts"
import { entryCorrupt, type StoreError } from "./StoreError.ts"

/**
 * What a client is registered for. Clients of different uses have separate registrations.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientUse {
  /** The endpoint that the client is registered at, such as `https://oidc.us-east-1.amazonaws.com`. */
  readonly endpoint: string
  /** The grants that the client uses. */
  readonly grantTypes: ReadonlyArray<string>
  /** The redirect URIs of the client, if it has any. */
  readonly redirectUris?: ReadonlyArray<string> | undefined
}

/**
 * The options of `TokenCache.set`.
 *
 * @category models
 * @since 0.2.0
 */
export interface SetTokenOptions {
  /** Whether an entry that cannot be read is replaced: after a new sign-in only. `false` by default. */
  readonly overwriteCorrupt?: boolean | undefined
}

/**
 * The tokens and client registrations of a store.
 *
 * @category services
 * @since 0.1.0
 */
export class TokenCache extends Context.Service<
  TokenCache,
  {
    /** Reads the token of a session, even if it has expired. Fails with `EntryCorrupt` if the entry is not a token. */
    readonly get: (session: SsoSession) => Effect.Effect<Option.Option<SsoToken>, StoreError>
    /**
     * Stores the token of a session. Fails with `EntryCorrupt` and leaves the entry as it is if the entry cannot be read,
     * unless `overwriteCorrupt` is `true`.
     */
    readonly set: (session: SsoSession, token: SsoToken, options?: SetTokenOptions) => Effect.Effect<void, StoreError>
    /** Fails if a token cannot be stored now: for lack of permission or space. Changes nothing. */
    readonly ensureWritable: (session: SsoSession) => Effect.Effect<void, StoreError>
    /** Removes the token of a session, even if it cannot be read. */
    readonly remove: (session: SsoSession) => Effect.Effect<void, StoreError>
    /**
     * Acquires the lease of a session, and holds it until the scope closes, against all fibers, processes and hosts that
     * share the store. Hold it from reading a token that must be refreshed to writing the new one.
     */
    readonly acquireLease: (session: SsoSession) => Effect.Effect<Lease, StoreError, Scope.Scope>
    /**
     * A number that changes with each sign-in and sign-out of the session in this process. A caller that remembers a
     * token reads it again when the number has changed. It can change without a sign-in, too.
     */
    readonly generation: (session: SsoSession) => Effect.Effect<number>
    /** Reports a sign-in or sign-out of the session: `generation` changes. */
    readonly beginGeneration: (session: SsoSession) => Effect.Effect<void>
    /** When any process last tried to refresh the token of a session, if it is known. */
    readonly lastAttempt: (session: SsoSession) => Effect.Effect<Option.Option<DateTime.Utc>>
    /** Records that this process tries to refresh the token of a session now. */
    readonly recordAttempt: (session: SsoSession) => Effect.Effect<void>
    /** Where the token of a session is stored, for messages: the path of its file, for example. */
    readonly locate: (session: SsoSession) => Effect.Effect<string>
    /** Reads the client that was registered for a session and a use. An entry that cannot be read counts as absent. */
    readonly getRegistration: (
      session: SsoSession,
      use: ClientUse
    ) => Effect.Effect<Option.Option<Registration>, StoreError>
    /** Stores the client that was registered for a session and a use. All principals of the session share it. */
    readonly setRegistration: (
      session: SsoSession,
      use: ClientUse,
      registration: Registration
    ) => Effect.Effect<void, StoreError>
    /** Removes the client that was registered for a session and a use. */
    readonly removeRegistration: (session: SsoSession, use: ClientUse) => Effect.Effect<void, StoreError>
  }
>()("effect-aws-sso/TokenCache") {}

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

// Some tools write neither start URL nor region: the token is that of the session
const readToken = (session: SsoSession, text: string): Result.Result<SsoToken, string> =>
  Result.flatMap(JsonObject.parse(text), (entry) =>
    decodeToken({ startUrl: session.startUrl, region: session.region, ...JsonObject.withoutNulls(entry) }).pipe(
      Result.mapError((error) => error.message)
    )
  )

// The members of the old token are replaced, the members of other tools remain
const foreignMembers = (text: string): JsonObject.JsonObject =>
  JsonObject.parse(text).pipe(
    Result.map(Record.filter((_, member) => !Object.hasOwn(SsoToken.fields, member))),
    Result.getOrElse(() => ({}))
  )

/** The text of an entry, and the token that it contains. */
interface TokenEntry {
  readonly text: string
  readonly token: SsoToken
}

// Some tools empty a file before they write it, so an entry that cannot be read is read again
const rereads = { times: 3, schedule: Schedule.spaced("50 millis") }

/**
 * Stores or removes the token of a session after a sign-in or sign-out, and reports the change.
 *
 * **Details**
 *
 * Holds the lease of the session meanwhile, so that a refresh of another process does not replace the change. Continues
 * without the lease if it cannot be acquired, so that the user does not lose the sign-in.
 *
 * @category combinators
 * @since 0.1.0
 */
export const changeSignIn = (
  cache: TokenCache["Service"],
  session: SsoSession,
  change: Effect.Effect<void, StoreError>
): Effect.Effect<void, StoreError> =>
  cache.acquireLease(session).pipe(
    Effect.catchTag("StoreError", ({ message }) => Effect.logDebug(message)),
    Effect.andThen(change),
    Effect.andThen(cache.beginGeneration(session)),
    Effect.scoped
  )

/**
 * Makes the view of a store.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (store: SsoStore["Service"]): TokenCache["Service"] => {
  const readEntry = Effect.fnUntraced(function* (
    session: SsoSession
  ): Effect.fn.Return<Option.Option<TokenEntry>, StoreError> {
    const entry = Entry.Token({ session })
    const text = yield* store.get(entry)
    if (text === undefined) return Option.none()
    const token = readToken(session, text)
    if (Result.isSuccess(token)) return Option.some({ text, token: token.success })
    return yield* entryCorrupt(yield* store.locate(entry), token.failure)
  })

  const readSettledEntry = (session: SsoSession): Effect.Effect<Option.Option<TokenEntry>, StoreError> =>
    Effect.retry(readEntry(session), { ...rereads, while: ({ reason }) => reason._tag === "EntryCorrupt" })

  return TokenCache.of({
    get: (session) =>
      Effect.map(
        readSettledEntry(session),
        Option.map(({ token }) => token)
      ),

    set: Effect.fnUntraced(function* (session, token, options) {
      const before = yield* options?.overwriteCorrupt === true
        ? Effect.catchReason(readEntry(session), "StoreError", "EntryCorrupt", () => Effect.succeedNone)
        : readSettledEntry(session)
      const others = Option.match(before, { onNone: () => ({}), onSome: ({ text }) => foreignMembers(text) })
      const encoded = yield* Effect.orDie(encodeToken(token))
      yield* store.set(Entry.Token({ session }), JSON.stringify({ ...others, ...encoded }))
    }),

    ensureWritable: (session) => store.ensureWritable(Entry.Token({ session })),
    remove: (session) => Effect.andThen(store.remove(Entry.Token({ session })), AttemptRecord.forget(store, session)),
    acquireLease: (session) => store.acquireLease(Entry.Token({ session })),
    locate: (session) => store.locate(Entry.Token({ session })),
    generation: store.generation,
    beginGeneration: store.beginGeneration,
    lastAttempt: (session) => AttemptRecord.last(store, session),
    recordAttempt: (session) => AttemptRecord.record(store, session),

    getRegistration: (session, use) =>
      store.get(Entry.Registration({ session, use })).pipe(
        Effect.catchReason("StoreError", "EntryCorrupt", () => Effect.undefined),
        Effect.map((text) =>
          Option.fromUndefinedOr(text).pipe(
            Option.flatMap((text) => Result.getSuccess(JsonObject.parse(text))),
            Option.flatMap((entry) => Result.getSuccess(decodeRegistration(JsonObject.withoutNulls(entry))))
          )
        )
      ),

    setRegistration: Effect.fnUntraced(function* (session, use, registration) {
      const encoded = yield* Effect.orDie(encodeRegistration(registration))
      const entry = { ...encoded, scopes: session.scopes, grantTypes: use.grantTypes, redirectUris: use.redirectUris }
      yield* store.set(Entry.Registration({ session, use }), JSON.stringify(entry))
    }),

    removeRegistration: (session, use) => store.remove(Entry.Registration({ session, use }))
  })
}
