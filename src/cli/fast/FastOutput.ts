/**
 * Standard output, without the streams of Node: they take as long to load as the rest of the fast path.
 */
import { writeSync } from "node:fs"

const isClosedPipe = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EPIPE"

/** Writes a line. `false` if it could not be written, for which the commands have words. */
export const print = (line: string): boolean => {
  const bytes = Buffer.from(`${line}\n`)
  try {
    const written = writeSync(1, bytes)
    // A pipe that takes no more at once
    if (written < bytes.length) process.stdout.write(bytes.subarray(written))
    return true
  } catch (error) {
    // Its reader has read enough
    return isClosedPipe(error)
  }
}
