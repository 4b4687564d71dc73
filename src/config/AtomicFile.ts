/**
 * Files written so that no crash and no reader ever meets half of one.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"

/** Writes files. */
export interface AtomicFile {
  /**
   * Writes a text beside a file, for its owner alone, does something with it, and leaves nothing behind where that fails
   * or is interrupted.
   */
  readonly writeBeside: <A, E, R>(
    file: string,
    text: string,
    use: (temporary: string) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | PlatformError, R>
  /** Puts what was written beside a file in its place. */
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

  // Without it, a crash of the machine could bring the old file back. Not all systems can do it
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
