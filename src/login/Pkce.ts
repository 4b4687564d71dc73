/**
 * Proof Key for Code Exchange: whoever redeems an authorization code must know the secret behind the hash that it was
 * asked for with.
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
 * A verifier, and the challenge that is made of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pkce {
  /** Goes with the code. */
  readonly verifier: Redacted.Redacted
  /** Goes with the request for the code. */
  readonly challenge: string
  readonly method: "S256"
}

/** RFC 7636 §4.1 wants 43 to 128 characters; 48 bytes make 64 of them, without padding. */
const verifierBytes = 48

/**
 * A secret of 64 unreserved characters, from the secure source of the platform (§4.1).
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeVerifier: Effect.Effect<Redacted.Redacted> = RandomSecret.make(verifierBytes)

/**
 * The challenge of a verifier by the method `S256` (§4.2): its SHA-256, in Base64url without padding.
 *
 * @category constructors
 * @since 0.1.0
 */
export const challengeOf = (verifier: Redacted.Redacted): Effect.Effect<string> =>
  Digest.Digest.use((digest) =>
    Effect.map(digest.digest(Digest.sha256, new TextEncoder().encode(Redacted.value(verifier))), Base64Url.encode)
  ).pipe(Effect.provide(Digest.layerWebCrypto))

/**
 * A new verifier with its challenge.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Pkce> = Effect.gen(function* () {
  const verifier = yield* makeVerifier
  return { verifier, challenge: yield* challengeOf(verifier), method: "S256" }
})
