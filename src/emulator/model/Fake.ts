/**
 * The ids and secrets that the emulator gives out: shaped like those of the service, and plainly fake.
 *
 * Every secret has `emulated-` and its kind in it, so that one search through what a program printed tells whether a
 * secret got out. They are drawn from Effect's `Random`, so that `Random.withSeed` makes a run reproducible; nothing
 * real is protected by them.
 */
import type * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"

type Source = Random.Random

const draw = (random: Source, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(Math.floor(random.nextDoubleUnsafe() * alphabet.length))).join("")

const hex = "0123456789abcdef"
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Consonants without Y: codes that nobody misreads and that spell no word (RFC 8628 §6.1).
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

const secret =
  (prefix: string) =>
  (random: Source): Redacted.Redacted =>
    Redacted.make(prefix + draw(random, base62, 43))

/** @internal */
export const clientId = (random: Source): string => `emulated-client-${draw(random, base62, 22)}`

/** @internal */
export const clientSecret = secret("emulated-client-secret-")

/** @internal */
export const deviceCode = secret("emulated-device-code-")

/** @internal */
export const authorizationCode = secret("emulated-authorization-code-")

/** @internal */
export const accessToken = secret("aoaAAAAA-emulated-access-")

/** @internal */
export const refreshToken = secret("aorAAAAA-emulated-refresh-")

/**
 * The id of a key that is good for a while (IAM User Guide, "Unique identifiers": `ASIA`).
 *
 * @internal
 */
export const accessKeyId = (random: Source): string => `ASIA${draw(random, base32, 16)}`

/** @internal */
export const secretAccessKey = secret("emulated-secret-access-key-")

/** @internal */
export const sessionToken = secret("emulated-session-token-")

/** @internal */
export const identityContext = (random: Source): string => `emulated-identity-context-${draw(random, base62, 43)}`

/** @internal */
export const userCode = (random: Source): string =>
  `${draw(random, userCodeLetters, 4)}-${draw(random, userCodeLetters, 4)}`

/**
 * A user code as it was given out, from what a person typed: RFC 8628 §6.1 asks to forgive case and punctuation.
 *
 * @internal
 */
export const normalizeUserCode = (typed: string): string => {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, "")
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/**
 * What nobody guesses: the nonce of a page's style, the token of its form, the id of a request.
 *
 * @internal
 */
export const nonce = (random: Source): string => draw(random, base62, 22)

/**
 * A random UUID (RFC 9562 §5.4), as in `x-amzn-RequestId`.
 *
 * @internal
 */
export const requestId = (random: Source): string =>
  [
    draw(random, hex, 8),
    draw(random, hex, 4),
    `4${draw(random, hex, 3)}`,
    `${draw(random, "89ab", 1)}${draw(random, hex, 3)}`,
    draw(random, hex, 12)
  ].join("-")
