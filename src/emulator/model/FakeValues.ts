/**
 * The ids and secrets that the emulator issues: shaped like those of the service, and visibly fake.
 *
 * Every secret contains `emulated-` and its kind, so that a search through the output of a program shows whether a secret
 * was printed. The values are drawn from Effect's `Random`: `Random.withSeed` makes a run reproducible. They protect
 * nothing real.
 */
import type * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"

type Source = Random.Random

const draw = (random: Source, alphabet: string, length: number, prefix = ""): string => {
  const parts = [prefix]
  while (parts.length <= length) {
    parts.push(alphabet.charAt(Math.floor(random.nextDoubleUnsafe() * alphabet.length)))
  }
  return parts.join("")
}

const hex = "0123456789abcdef"
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Consonants without Y: letters that are hard to misread and that spell no words (RFC 8628 §6.1).
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

const secret =
  (prefix: string) =>
  (random: Source): Redacted.Redacted =>
    Redacted.make(draw(random, base62, 43, prefix))

export const clientId = (random: Source): string => draw(random, base62, 22, "emulated-client-")

export const clientSecret = secret("emulated-client-secret-")

export const deviceCode = secret("emulated-device-code-")

export const authorizationCode = secret("emulated-authorization-code-")

export const accessToken = secret("aoaAAAAA-emulated-access-")

export const refreshToken = secret("aorAAAAA-emulated-refresh-")

/** The id of a temporary access key (IAM User Guide, "Unique identifiers": `ASIA`). */
export const accessKeyId = (random: Source): string => draw(random, base32, 16, "ASIA")

export const secretAccessKey = secret("emulated-secret-access-key-")

export const sessionToken = secret("emulated-session-token-")

export const identityContext = (random: Source): string => draw(random, base62, 43, "emulated-identity-context-")

export const userCode = (random: Source): string =>
  `${draw(random, userCodeLetters, 4)}-${draw(random, userCodeLetters, 4)}`

/** The user code that a user typed, in any case and punctuation (RFC 8628 §6.1). */
export const normalizeUserCode = (typed: string): string => {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, "")
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** A value that cannot be guessed: the nonce of a page's style, the token of its form, the id of a request. */
export const nonce = (random: Source): string => draw(random, base62, 22)

/** A random UUID (RFC 9562 §5.4), as in `x-amzn-RequestId`. */
export const requestId = (random: Source): string => {
  const digits = draw(random, hex, 30)
  const variant = draw(random, "89ab", 1)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-${variant}${digits.slice(15, 18)}-${digits.slice(18)}`
}
