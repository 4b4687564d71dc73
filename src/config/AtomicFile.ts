/**
 * Writes files so that no crash leaves a half-written file, and no reader finds one.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"

/** Writes files. */
export interface AtomicFile {
  /**
   * Writes a text to a temporary file in the directory of a file, readable for its owner only, and uses it. If the use
   * fails or is interrupted, the temporary file is removed.
   */
  readonly writeBeside: <A, E, R>(
    file: string,
    text: string,
    use: (temporary: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | PlatformError, R>
  /** Replaces a file by a temporary file. */
  readonly moveTo: (file: string) => (temporary: string) => Effect.Effect<void, PlatformError>
}

const encoder = new TextEncoder()

/** Makes the writer of files. */
export const make: Effect.Effect<AtomicFile, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path

  const writeFlushed = Effect.fnUntraced(function* (file: string, text: string) {
    const handle = yield* fs.open(file, { flag: "wx", mode: 0o600 })
    yield* handle.writeAll(encoder.encode(text))
    // Without it, a crash of the machine could leave the new name with no content
    yield* handle.sync
  }, Effect.scoped)

  // Without it, a crash of the machine could restore the old file. Not all systems support it
  const flushDirectory = (directory: string) =>
    Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(directory, { flag: "r" }), ({ sync }) => sync)))

  return {
    writeBeside: (file, text, use) =>
      Effect.suspend(() => {
        const temporary = `${file}.${SecureRandom.uuidV4Unsafe()}.tmp`
        return writeFlushed(temporary, text).pipe(
          Effect.andThen(use(temporary)),
          Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
        )
      }),
    moveTo: (file) => (temporary) => Effect.andThen(fs.rename(temporary, file), flushDirectory(dirname(file)))
  }
})
