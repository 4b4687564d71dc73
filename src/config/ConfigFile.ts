/**
 * Changes the user's config file on disk.
 *
 * **Details**
 *
 * The file is the one that `SharedConfig.load` reads. A temporary file in its directory replaces it, so that no crash
 * leaves a half-written file, and no reader finds one. If its path is a symbolic link, the file that the link leads to is
 * replaced, and the link stays. Only its owner can read a new file (mode 0600) or a new directory (0700). An existing file
 * keeps its mode and, if the system allows it, its owner.
 */
import * as Cause from "effect/Cause"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as AtomicFile from "./AtomicFile.ts"
import * as ConfigEdit from "./ConfigEdit.ts"
import * as SharedFile from "./SharedFile.ts"

/** The config file cannot be written. It is unchanged. */
export class ConfigWriteError extends Schema.TaggedError<ConfigWriteError>()("ConfigWriteError", {
  path: Schema.String,
  /** The error of the system, or what is wrong with the file. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be written, and is unchanged: make it a file that you can write, or name another in AWS_CONFIG_FILE (${this.reason})`
  }
}

/** Why a change failed. The file is unchanged. */
export type Failure = ConfigWriteError | SharedFile.ConfigReadError | ConfigEdit.Failure | Config.ConfigError

/** The result of a change. */
export interface Outcome {
  /** The path of the file. Links in it are not resolved. */
  readonly path: string
  /** Whether the file was written. It is not if it has the settings already. */
  readonly isChanged: boolean
}

// Users and other tools change the file rarely. More changes in a row than this come from a program in a loop
const maxRetries = 4

/**
 * Changes sections of the config file, and leaves everything else in it as it is.
 *
 * **Details**
 *
 * The file is read when the effect runs, and again just before it is replaced: a change by another program in the meantime
 * is not lost. `ConfigEdit` describes how the text is changed.
 *
 * **Errors**
 *
 * - `ConfigWriteError`: the file or its directory cannot be written, is read-only, or changes again and again
 * - `ConfigReadError`: the file exists and cannot be read
 * - `ConfigParseError`: the syntax of the file is broken already
 * - `ConfigEditError`: no line can hold a name, key or value
 * - `ConfigError`: the environment cannot be read
 */
export const edit: (
  edits: ReadonlyArray<ConfigEdit.Edit>
) => Effect.Effect<Outcome, Failure, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(function* (edits) {
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  const atomic = yield* AtomicFile.make
  const location = yield* SharedFile.locate("AWS_CONFIG_FILE")
  const { exists, path } = location
  const unwritable = (reason: string) => new ConfigWriteError({ path, reason })
  if (!exists) return yield* unwritable("there is no home directory: set HOME")

  const attempt = Effect.gen(function* () {
    const before = yield* SharedFile.read(location)
    const text = Option.getOrElse(before, () => "")
    const edited = yield* Effect.fromResult(ConfigEdit.edit(text, edits, path))
    if (edited === text) return Option.some({ path, isChanged: false })

    const target = yield* follow(path)
    yield* fs.makeDirectory(dirname(target), { recursive: true, mode: 0o700 })
    const info = Option.isSome(before) ? yield* fs.stat(target) : undefined
    if (info !== undefined) {
      // The owner of the directory could replace even a file that is protected from changes
      if ((info.mode & 0o222) === 0) return yield* unwritable("it is read-only")
      yield* fs.access(target, { writable: true })
    }
    const isSame = Effect.gen(function* () {
      return Equal.equals(yield* SharedFile.read(location), before) && (yield* follow(path)) === target
    })
    return yield* atomic.writeBeside(target, edited, (temporary) =>
      Effect.gen(function* () {
        if (info !== undefined) yield* copyOwnership(temporary, info)
        if (yield* isSame) {
          yield* atomic.moveTo(target)(temporary)
          return Option.some({ path, isChanged: true })
        }
        yield* fs.remove(temporary)
        return Option.none()
      })
    )
  }).pipe(Effect.catchTag("PlatformError", ({ message }) => unwritable(message)))

  return yield* Effect.uninterruptible(attempt).pipe(
    Effect.flatMap(Effect.fromOption),
    Effect.retry({ times: maxRetries, while: Cause.isNoSuchElementError }),
    Effect.catchTag("NoSuchElementError", () => unwritable("another program changes it again and again"))
  )
})

/** Resolves the symbolic links of a path, also of one that does not exist. */
const follow: (path: string) => Effect.Effect<string, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =
  Effect.fnUntraced(function* (path) {
    const fs = yield* FileSystem.FileSystem
    const { dirname, resolve } = yield* Path.Path
    return yield* Effect.catchReason(fs.realPath(path), "PlatformError", "NotFound", () =>
      fs.readLink(path).pipe(
        Effect.matchEffect({
          // It is not a link: it does not exist
          onFailure: () => Effect.succeed(path),
          // A relative link is relative to the real path of its directory
          onSuccess: (link) =>
            Effect.flatMap(fs.realPath(dirname(path)), (directory) => follow(resolve(directory, link)))
        })
      )
    )
  })

/** Gives a file the mode and, if the system allows it, the owner of another. */
const copyOwnership = Effect.fnUntraced(function* (file: string, { gid, mode, uid }: FileSystem.File.Info) {
  const fs = yield* FileSystem.FileSystem
  const owners = Option.all([uid, gid])
  if (Option.isSome(owners)) yield* Effect.ignore(fs.chown(file, ...owners.value))
  yield* fs.chmod(file, mode & 0o777)
})
