import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { CredentialCache, SsoSession, SsoStore, TokenCache } from "../../../src/index.ts"
import { Entry } from "../../../src/store/Entry.ts"
import { session } from "../../support/Session.ts"

const role = { accountId: "111122223333", roleName: "ReadOnly" }

const at = (time: Option.Option<DateTime.Utc>): string =>
  Option.getOrElse(Option.map(time, DateTime.formatIso), () => "")

describe("The record of the last attempt", () => {
  it.effect("is none before the first one, and the time of the last one after it", () =>
    Effect.gen(function* () {
      const tokens = yield* TokenCache.TokenCache
      assert.strictEqual(at(yield* tokens.lastAttempt(session)), "")
      yield* tokens.recordAttempt(session)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(at(yield* tokens.lastAttempt(session)), "1970-01-01T00:00:00.000Z")
      yield* tokens.recordAttempt(session)
      assert.strictEqual(at(yield* tokens.lastAttempt(session)), "1970-01-01T00:01:00.000Z")
    }).pipe(Effect.provide(SsoStore.layerMemory()))
  )

  it.effect("belongs to one session, one principal and one role", () =>
    Effect.gen(function* () {
      const tokens = yield* TokenCache.TokenCache
      const credentials = yield* CredentialCache.CredentialCache
      yield* tokens.recordAttempt(session)
      const other = new SsoSession.SsoSession({ ...session, principal: "bob" })
      assert.isTrue(Option.isNone(yield* tokens.lastAttempt(other)))
      assert.isTrue(Option.isNone(yield* credentials.lastAttempt(session, role)))
      yield* credentials.recordAttempt(session, role)
      assert.isTrue(Option.isSome(yield* credentials.lastAttempt(session, role)))
      assert.isTrue(Option.isNone(yield* credentials.lastAttempt(session, { ...role, roleName: "Admin" })))
    }).pipe(Effect.provide(SsoStore.layerMemory()))
  )

  it.effect("counts as none where it cannot be read, and is removed with the token", () =>
    Effect.gen(function* () {
      const store = yield* SsoStore.SsoStore
      const tokens = yield* TokenCache.TokenCache
      for (const text of ["", "{}", '{"attemptedAt":"soon"}', "\u0000"]) {
        yield* store.set(Entry.Attempt({ session }), text)
        assert.isTrue(Option.isNone(yield* tokens.lastAttempt(session)), text)
      }
      yield* tokens.recordAttempt(session)
      yield* tokens.remove(session)
      assert.isTrue(Option.isNone(yield* tokens.lastAttempt(session)))
    }).pipe(Effect.provide(SsoStore.layerMemory()))
  )
})
