/**
 * The config file of the person, changed on disk.
 *
 * **Details**
 *
 * The file is the one that `SharedConfig.load` reads. It is written beside itself and then moved into its place, so that
 * no crash leaves half of it, and no reader meets one. Where its path is a symbolic link, what the link leads to is
 * replaced, and the link stays. A new file is its owner's alone (mode 0600), and so is a new directory (0700); one that
 * is there keeps its mode and, where the system allows it, its owner.
 */
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

/** The config file cannot be written. It is as it was. */
export class ConfigWriteError extends Schema.TaggedError<ConfigWriteError>()("ConfigWriteError", {
  path: Schema.String,
  /** What the system said, or what was found. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be written, and is as it was: make it a file that you may write, or name another in AWS_CONFIG_FILE (${this.reason})`
  }
}

/** How a change can fail. The file is as it was then. */
export type Failure = ConfigWriteError | SharedFile.ConfigReadError | ConfigEdit.Failure | Config.ConfigError

/** What a change has come to. */
export interface Outcome {
  /** The path of the file, as it was named: a link is not followed in it. */
  readonly path: string
  /** Whether the file was written: not where it said so already. */
  readonly isChanged: boolean
}

// Others write by hand, or once in a while: who meets a change this often meets a loop
const maxAttempts = 5

/**
 * Changes sections of the config file, and leaves the rest of it to the letter.
 *
 * **Details**
 *
 * The file is read when the effect runs, and again just before it is replaced: what another program has written meanwhile
 * is not lost. `ConfigEdit` says how a file is changed.
 *
 * **Errors**
 *
 * - `ConfigWriteError`: the file or its directory cannot be written, is read-only, or changes all the time
 * - `ConfigReadError`: the file is there and cannot be read
 * - `ConfigParseError`: it breaks the syntax already
 * - `ConfigEditError`: a name, key or value that no line can hold
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
      // The owner of a directory could replace what they said shall stay as it is
      if ((info.mode & 0o222) === 0) return yield* unwritable("it is read-only")
      yield* fs.access(target, { writable: true })
    }
    const isSame = Effect.gen(function* () {
      return Equal.equals(yield* SharedFile.read(location), before) && (yield* follow(path)) === target
    })
    return yield* atomic.writeBeside(target, edited, (temporary) =>
      Effect.gen(function* () {
        if (info !== undefined) yield* imitate(temporary, info)
        if (yield* isSame) {
          yield* atomic.moveTo(target)(temporary)
          return Option.some({ path, isChanged: true })
        }
        yield* fs.remove(temporary)
        return Option.none()
      })
    )
  }).pipe(Effect.catchTag("PlatformError", ({ message }) => unwritable(message)))

  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const outcome = yield* Effect.uninterruptible(attempt)
    if (Option.isSome(outcome)) return outcome.value
  }
  return yield* unwritable("another program changes it all the time")
})

/** Where a path leads to, also where there is nothing yet. */
const follow: (path: string) => Effect.Effect<string, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =
  Effect.fnUntraced(function* (path) {
    const fs = yield* FileSystem.FileSystem
    const { dirname, resolve } = yield* Path.Path
    return yield* Effect.catchReason(fs.realPath(path), "PlatformError", "NotFound", () =>
      fs.readLink(path).pipe(
        Effect.matchEffect({
          // It is no link: it is not there
          onFailure: () => Effect.succeed(path),
          // A relative link starts where its directory really is
          onSuccess: (link) =>
            Effect.flatMap(fs.realPath(dirname(path)), (directory) => follow(resolve(directory, link)))
        })
      )
    )
  })

/** Gives a file the mode and, where that is allowed, the owner of another. */
const imitate = Effect.fnUntraced(function* (file: string, { gid, mode, uid }: FileSystem.File.Info) {
  const fs = yield* FileSystem.FileSystem
  const owners = Option.all([uid, gid])
  if (Option.isSome(owners)) yield* Effect.ignore(fs.chown(file, ...owners.value))
  yield* fs.chmod(file, mode & 0o777)
})
