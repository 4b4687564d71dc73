/**
 * Secrets that cannot be guessed.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Redacted from "effect/Redacted"

/** This many bytes from the platform's secure random generator, in Base64url without padding. */
export const make = (bytes: number): Effect.Effect<Redacted.Redacted> =>
  Effect.sync(() => Redacted.make(Base64Url.encode(SecureRandom.randomBytesUnsafe(bytes))))
