/**
 * Encrypts the entries of any store with AES-256-GCM.
 *
 * **Details**
 *
 * The text of an entry is replaced by an envelope: JSON with the id of the key, a random nonce, and the ciphertext. What
 * identifies the entry is authenticated with it, so an envelope that was moved to another entry cannot be read.
 *
 * Source: NIST SP 800-38D; RFC 5116 §5.2.
 */
import * as Aead from "effect/crypto/Aead"
import type * as CryptoError from "effect/crypto/CryptoError"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Entry, identityOf } from "./Entry.ts"
import type { EncryptionKey, EncryptionKeys, SsoStore } from "./SsoStore.ts"
import { entryCorrupt, type StoreError, type StoreUnavailable, storeUnavailable } from "./StoreError.ts"

const Envelope = Schema.fromJsonString(
  Schema.Struct({
    /** The version of this form. */
    v: Schema.Literal(1),
    /** The id of the key. */
    kid: Schema.String,
    /** The nonce. */
    iv: Schema.Uint8ArrayFromBase64,
    /** The ciphertext, followed by the tag. */
    data: Schema.Uint8ArrayFromBase64
  })
)

const decodeEnvelope = Schema.decodeUnknownOption(Envelope)
const encodeEnvelope = Schema.encodeEffect(Envelope)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const readKey = Effect.fnUntraced(function* ({ id, key }: EncryptionKey) {
  const invalid = storeUnavailable(
    `the encryption key "${id}"`,
    "read",
    "32 bytes in base64 are expected, as `openssl rand -base64 32` prints them"
  )
  const bytes = yield* Effect.mapError(Effect.fromResult(Base64.decode(Redacted.value(key).trim())), () => invalid)
  return [id, yield* Effect.mapError(Aead.key(Aead.aes256Gcm, bytes), () => invalid)] as const
})

const additionalData = (keyId: string, entry: Entry): Uint8Array =>
  encoder.encode(JSON.stringify(["effect-aws-sso", 1, keyId, identityOf(entry)]))

/** Makes a store whose entries are encrypted in another store. Fails if a key is invalid. */
export const make = Effect.fnUntraced(
  function* (
    store: SsoStore["Service"],
    keys: EncryptionKeys
  ): Effect.fn.Return<SsoStore["Service"], StoreError, Aead.Aead> {
    const aead = yield* Aead.Aead
    const [newestId, newest] = yield* readKey(keys[0])
    const byId = new Map([[newestId, newest], ...(yield* Effect.forEach(keys.slice(1), readKey))])
    if (byId.size < keys.length) {
      return yield* storeUnavailable("the encryption keys", "read", "two keys have the same id")
    }

    // Only a runtime without AES-GCM fails otherwise
    const unsupported =
      (entry: Entry, action: StoreUnavailable["action"]) =>
      ({ reason }: CryptoError.CryptoError): Effect.Effect<never, StoreError> =>
        Effect.flatMap(store.locate(entry), (location) => Effect.fail(storeUnavailable(location, action, reason._tag)))

    const encrypt = Effect.fnUntraced(function* (entry: Entry, text: string) {
      const nonce = SecureRandom.randomBytesUnsafe(Aead.aes256Gcm.nonceLength)
      const data = yield* aead
        .encrypt(newest, encoder.encode(text), { nonce, aad: additionalData(newestId, entry) })
        .pipe(Effect.catchTag("CryptoError", unsupported(entry, "write")))
      return yield* Effect.orDie(encodeEnvelope({ v: 1, kid: newestId, iv: nonce, data }))
    })

    const decrypt = Effect.fnUntraced(function* (entry: Entry, text: string) {
      const corrupt = (description: string) =>
        Effect.flatMap(store.locate(entry), (location) => Effect.fail(entryCorrupt(location, description)))
      const envelope = Option.getOrUndefined(decodeEnvelope(text))
      if (envelope === undefined) return yield* corrupt("it is not encrypted")
      const { data, iv, kid } = envelope
      const key = byId.get(kid)
      if (key === undefined) return yield* corrupt("it is encrypted with another key")
      if (iv.length !== Aead.aes256Gcm.nonceLength) return yield* corrupt("its nonce has another length")
      const decrypted = yield* aead.decrypt(key, data, { nonce: iv, aad: additionalData(kid, entry) }).pipe(
        Effect.catchReason("CryptoError", "DecryptionFailed", () =>
          corrupt("it was changed, or is that of another entry")
        ),
        Effect.catchTag("CryptoError", unsupported(entry, "read"))
      )
      return decoder.decode(decrypted)
    })

    return {
      ...store,
      get: (entry) =>
        Effect.flatMap(store.get(entry), (text) => (text === undefined ? Effect.undefined : decrypt(entry, text))),
      set: (entry, text) => Effect.flatMap(encrypt(entry, text), (envelope) => store.set(entry, envelope)),
      // The text of an entry that was found by listing cannot be decrypted: its name does not tell what identifies it
      removeWhere: undefined
    }
  },
  Effect.provide(Layer.provide(Aead.layerWebCrypto, SecureRandom.layerWebCrypto))
)
