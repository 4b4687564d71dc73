/**
 * Proof Key for Code Exchange: a client must prove that it sent the authorization request before it gets the token.
 *
 * Source: RFC 7636.
 *
 * @since 0.1.0
 */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Redacted from "effect/Redacted"
import * as RandomSecret from "./RandomSecret.ts"

/**
 * A verifier and its challenge.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pkce {
  /** The secret that is sent with the code. */
  readonly verifier: Redacted.Redacted
  /** The hash that is sent with the authorization request. */
  readonly challenge: string
  /** How the challenge is made from the verifier. */
  readonly method: "S256"
}

/** RFC 7636 §4.1 requires 43 to 128 characters. 48 bytes become 64 characters, without padding. */
const verifierBytes = 48

/**
 * A new verifier: 64 unreserved characters from the platform's secure random generator (RFC 7636 §4.1).
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeVerifier: Effect.Effect<Redacted.Redacted> = RandomSecret.make(verifierBytes)

/**
 * The challenge of a verifier by the method `S256`: its SHA-256 hash, in Base64url without padding (RFC 7636 §4.2).
 *
 * @category constructors
 * @since 0.1.0
 */
export const challengeOf = (verifier: Redacted.Redacted): Effect.Effect<string> =>
  Digest.Digest.use((digest) =>
    Effect.map(digest.digest(Digest.sha256, new TextEncoder().encode(Redacted.value(verifier))), Base64Url.encode)
  ).pipe(Effect.provide(Digest.layerWebCrypto))

/**
 * A new verifier and its challenge.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Pkce> = Effect.gen(function* () {
  const verifier = yield* makeVerifier
  return { verifier, challenge: yield* challengeOf(verifier), method: "S256" }
})
