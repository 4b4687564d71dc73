import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Equal, Layer, Option, Redacted } from "effect"
import { Base64, Hex } from "effect/encoding"
import { KeyValueStore } from "effect/persistence"
import { randomBytes } from "node:crypto"
import { CredentialCache, SsoSession, SsoStore, TokenCache } from "../../../src/index.ts"
import type { Credentials } from "../../../src/session/Credentials.ts"
import { Registration } from "../../../src/session/Registration.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { session, tokenFor } from "../../support/Session.ts"
import { assertNoSecret, witness } from "../../support/Witness.ts"

const keyOf = (id: string): SsoStore.EncryptionKey => ({
  id,
  key: Redacted.make(randomBytes(32).toString("base64"))
})

const [first, second] = [keyOf("first"), keyOf("second")]

const bob = new SsoSession.SsoSession({ ...session, principal: "bob" })

const role = { accountId: "111122223333", roleName: "ReadOnly" }

const credentials: Credentials = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: Redacted.make("the-secret-access-key"),
  sessionToken: Redacted.make("the-session-token"),
  expiration: DateTime.makeUnsafe("2026-11-24T11:06:25Z"),
  accountId: role.accountId
}

const registration = new Registration({ clientId: "client", clientSecret: Redacted.make("the-client-secret") })

const use = { endpoint: "https://oidc.us-east-1.amazonaws.com", grantTypes: ["refresh_token"] }

/** The views of a store with these keys, on the values of the test. */
const open = (...keys: [SsoStore.EncryptionKey, ...Array<SsoStore.EncryptionKey>]) =>
  Effect.map(Layer.build(SsoStore.layerKeyValueStore().pipe(SsoStore.layerEncrypted(keys))), (context) => ({
    tokens: Context.get(context, TokenCache.TokenCache),
    roles: Context.get(context, CredentialCache.CredentialCache)
  }))

const test = (
  name: string,
  body: Effect.Effect<void, unknown, KeyValueStore.KeyValueStore | import("effect").Scope.Scope>
) => it.effect(name, () => body.pipe(Effect.provide(Layer.fresh(KeyValueStore.layerMemory))))

/** The stored texts, by their keys. */
const stored = Effect.gen(function* () {
  const values = yield* KeyValueStore.KeyValueStore
  const keys = yield* values.keys
  return yield* Effect.forEach(keys, (key) => Effect.map(values.get(key), (text = "") => [key, text] as const))
})

const token = tokenFor("8 hours", {
  accessToken: Redacted.make("the-access-token"),
  refreshToken: Redacted.make("the-refresh-token"),
  clientSecret: Redacted.make("the-client-secret")
})

const isCorrupt = (effect: Effect.Effect<unknown, unknown>) =>
  Effect.map(soon(Effect.flip(effect)), (error) => {
    assert.deepInclude(JSON.parse(JSON.stringify(error)), { _tag: "StoreError" })
    assert.deepNestedPropertyVal(error, "reason._tag", "EntryCorrupt")
  })

/** Long enough not to be in random base64 by chance. */
const part = 9

/** All ways in which a part of a text can be in another text: as it is, in hex, and in base64 at each alignment. */
const formsOf = (text: string): ReadonlyArray<string> => [
  text,
  Hex.encode(text),
  ...(text.length < part
    ? []
    : [0, 1, 2].map((shift) => Base64.encode("\0".repeat(shift) + text).slice(shift === 0 ? 0 : 4, -4)))
]

describe("SsoStore.layerEncrypted", () => {
  test(
    "reads what it wrote: tokens, registrations and credentials, which one sign-out removes",
    Effect.gen(function* () {
      const { roles, tokens } = yield* open(first)
      const written = yield* token
      yield* tokens.set(session, written)
      yield* tokens.setRegistration(session, use, registration)
      yield* roles.set(session, role, credentials)
      const another = yield* open(first)
      const read = Option.getOrThrow(yield* another.tokens.get(session))
      assert.isTrue(Equal.equals([read.accessToken, read.refreshToken], [written.accessToken, written.refreshToken]))
      assert.deepStrictEqual(yield* another.tokens.getRegistration(session, use), Option.some(registration))
      assert.deepStrictEqual(yield* another.roles.get(session, role), Option.some(credentials))
      assert.strictEqual(yield* another.roles.removeAll(session), 1)
      assert.isTrue(Option.isNone(yield* roles.get(session, role)))
    })
  )

  test(
    "stores no part of a secret, of a name or of an encryption key",
    Effect.gen(function* () {
      const { roles, tokens } = yield* open(first)
      yield* tokens.set(bob, yield* token)
      yield* tokens.setRegistration(bob, use, registration)
      yield* roles.set(bob, role, credentials)
      const all = JSON.stringify(yield* stored)
      const secrets = [
        "the-access-token",
        "the-refresh-token",
        "the-client-secret",
        "the-secret-access-key",
        "the-session-token",
        "ReadOnly",
        "accessToken",
        session.startUrl,
        "my-sso",
        "principal",
        Redacted.value(first.key)
      ]
      for (const secret of secrets) {
        for (let from = 0; from === 0 || from + part <= secret.length; from++) {
          for (const form of formsOf(secret.slice(from, from + part))) assert.notInclude(all, form, secret)
        }
      }
      assert.strictEqual((yield* stored).length, 4)
    })
  )

  test(
    "encrypts one text differently each time",
    Effect.gen(function* () {
      const { tokens } = yield* open(first)
      const written = yield* token
      yield* tokens.set(session, written)
      const before = yield* stored
      yield* tokens.set(session, written)
      assert.notDeepEqual(yield* stored, before)
    })
  )

  test(
    "reports an entry with any flipped bit as EntryCorrupt, until a new sign-in replaces it",
    Effect.gen(function* () {
      const values = yield* KeyValueStore.KeyValueStore
      const { tokens } = yield* open(first)
      yield* tokens.set(session, yield* token)
      const [[key, text] = ["", ""]] = yield* stored
      const envelope = JSON.parse(text)
      for (const member of ["iv", "data"]) {
        const bytes = Buffer.from(envelope[member], "base64")
        for (const index of [0, bytes.length >> 1, bytes.length - 17, bytes.length - 1].filter((index) => index >= 0)) {
          for (const bit of [1, 128]) {
            const changed = Buffer.from(bytes)
            changed.writeUInt8((changed[index] ?? 0) ^ bit, index)
            yield* values.set(key, JSON.stringify({ ...envelope, [member]: changed.toString("base64") }))
            yield* isCorrupt(tokens.get(session))
          }
        }
      }
      yield* isCorrupt(tokens.set(session, yield* token))
      yield* tokens.set(session, yield* token, { overwriteCorrupt: true })
      assert.isTrue(Option.isSome(yield* tokens.get(session)))
    })
  )

  for (const [what, spoil] of [
    ["text that is not encrypted", () => '{"accessToken": "a", "expiresAt": "2026-11-24T10:06:25Z"}'],
    ["half an envelope", (text: string) => text.slice(0, text.length / 2)],
    ["an envelope with a short nonce", (text: string) => JSON.stringify({ ...JSON.parse(text), iv: "AAAA" })],
    ["an envelope without ciphertext", (text: string) => JSON.stringify({ ...JSON.parse(text), data: "" })],
    ["an envelope of another version", (text: string) => JSON.stringify({ ...JSON.parse(text), v: 2 })],
    [
      "an envelope under the id of another key",
      (text: string) => JSON.stringify({ ...JSON.parse(text), kid: "second" })
    ]
  ] as const) {
    test(
      `reports ${what} as EntryCorrupt`,
      Effect.gen(function* () {
        const values = yield* KeyValueStore.KeyValueStore
        const { tokens } = yield* open(first, second)
        yield* tokens.set(session, yield* token)
        const [[key, text] = ["", ""]] = yield* stored
        yield* values.set(key, spoil(text))
        yield* isCorrupt(tokens.get(session))
      })
    )
  }

  test(
    "reports the entry of another principal in its place as EntryCorrupt",
    Effect.gen(function* () {
      const values = yield* KeyValueStore.KeyValueStore
      const { tokens } = yield* open(first)
      yield* tokens.set(session, yield* token)
      const [[, text] = ["", ""]] = yield* stored
      yield* tokens.set(bob, yield* token)
      yield* values.set(yield* tokens.locate(bob), text)
      yield* isCorrupt(tokens.get(bob))
      assert.isTrue(Option.isSome(yield* tokens.get(session)))
    })
  )

  test(
    "treats unreadable registrations and credentials as absent",
    Effect.gen(function* () {
      const before = yield* open(first)
      yield* before.tokens.setRegistration(session, use, registration)
      yield* before.roles.set(session, role, credentials)
      const { roles, tokens } = yield* open(second)
      assert.isTrue(Option.isNone(yield* tokens.getRegistration(session, use)))
      assert.isTrue(Option.isNone(yield* roles.get(session, role)))
      yield* isCorrupt(roles.removeAll(session))
      yield* roles.set(session, role, credentials)
      assert.strictEqual(yield* roles.removeAll(session), 1)
    })
  )

  test(
    "rotates keys: reads with old keys, writes with the newest, and reports an entry of a removed key as EntryCorrupt",
    Effect.gen(function* () {
      const before = yield* open(first)
      yield* before.tokens.set(session, yield* token)
      yield* before.tokens.set(bob, yield* token)
      const rotated = yield* open(second, first)
      for (const owner of [session, bob]) assert.isTrue(Option.isSome(yield* rotated.tokens.get(owner)))
      yield* rotated.tokens.set(session, yield* token)
      const after = yield* open(second)
      assert.isTrue(Option.isSome(yield* after.tokens.get(session)))
      yield* isCorrupt(after.tokens.get(bob))
      yield* isCorrupt(before.tokens.get(session))
    })
  )

  for (const [what, key] of [
    ["is not base64", "secret-key!"],
    ["has 16 bytes", randomBytes(16).toString("base64")],
    ["is empty", ""]
  ] as const) {
    test(
      `fails if a key ${what}, and shows no part of it`,
      Effect.gen(function* () {
        const invalid = { id: "third", key: Redacted.make(key) }
        for (const keys of [[invalid], [first, invalid]] as const) {
          const outcome = yield* witness(Effect.scoped(open(keys[0], ...keys.slice(1))))
          assert.include(JSON.stringify(outcome.exit), "third")
          assert.include(JSON.stringify(outcome.exit), "openssl rand -base64 32")
          assertNoSecret(outcome, key === "" ? [] : [key])
        }
      })
    )
  }

  test(
    "fails if two keys have the same id",
    Effect.gen(function* () {
      const error = yield* Effect.flip(open(first, { ...second, id: "first" }))
      assert.include(error.message, "two keys have the same id")
    })
  )
})
