/**
 * Secrets that nobody guesses.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Redacted from "effect/Redacted"

/** So many bytes from the secure source of the platform, in Base64url without padding. */
export const make = (bytes: number): Effect.Effect<Redacted.Redacted> =>
  Effect.sync(() => Redacted.make(Base64Url.encode(SecureRandom.randomBytesUnsafe(bytes))))
