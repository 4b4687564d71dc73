/**
 * The files that the fast path reads.
 */
import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { sep } from "node:path"

/** A file that can be left out, and is. */
export const absent = Symbol("absent")

/** The SHA-1 of a text, in hexadecimal digits. */
export const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex")

/**
 * The text of a file. `undefined` if anything is unusual about it: a file that others can read, if it has secrets; a
 * file that is no text, no file, or large.
 */
export const read = (path: string, hasSecrets: boolean): string | typeof absent | undefined => {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return absent
    // Windows has no modes
    const isOpen = hasSecrets && sep === "/" && (stats.mode & 0o077) !== 0
    if (!stats.isFile() || stats.size > 1024 * 1024 || isOpen) return undefined
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path))
  } catch {
    return undefined
  }
}
