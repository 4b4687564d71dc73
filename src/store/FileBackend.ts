/**
 * Entries as files, in the directories and under the names that the AWS CLI uses.
 *
 * **Details**
 *
 * A file is written to a temporary file, flushed and renamed, so that neither a crash nor a reader finds half an entry.
 * A symbolic link to a file is read, but replaced by a write, so nothing outside of the directories is written. A
 * directory may be a symbolic link.
 */
import * as Arr from "effect/Array"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as AtomicFile from "../config/AtomicFile.ts"
import * as Home from "../config/Home.ts"
import { systemCode } from "../wire/SystemCode.ts"
import * as FileLease from "./FileLease.ts"
import type { EntryKey, FileStoreOptions, SsoStoreBackend } from "./SsoStore.ts"
import { entryCorrupt, fromPlatformError, type StoreError, storeUnavailable } from "./StoreError.ts"

// Tokens of AWS have a few kilobytes
const maxSize = ByteSize.mebibytes(1)

// As large as the largest token
const probe = " ".repeat(16_384)

/**
 * Makes the backend. A directory is created when the first entry is written.
 *
 * **Details**
 *
 * A file that other users can read, and a default directory that other users can enter, is closed to them, and a warning
 * is logged once. A directory that the caller chose keeps its mode.
 */
export const make = Effect.fnUntraced(function* (
  options?: FileStoreOptions
): Effect.fn.Return<SsoStoreBackend, StoreError, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const atomic = yield* AtomicFile.make
  const root = options?.directory ?? (yield* defaultDirectory)
  const tokens = path.join(root, "sso", "cache")
  const credentials = path.join(root, "cli", "cache")

  const directoryOf = (kind: EntryKey["kind"]): string => {
    switch (kind) {
      case "token":
      case "registration":
      case "attempt":
        return tokens
      case "credentials":
      case "credential-index":
        return credentials
    }
  }

  // The last attempt is kept beside the lease of a token, under a name that no other tool reads
  const fileOf = ({ fileName, kind }: EntryKey): string =>
    path.join(directoryOf(kind), kind === "attempt" ? `${fileName}.attempt` : fileName)

  // Windows has no modes: files seem to be open to all users there, and cannot be closed
  const hasModes = path.sep === "/"
  const reported = new Set<string>()

  const closeToOthers = Effect.fnUntraced(function* (at: string, { mode }: FileSystem.File.Info) {
    const isOpen = hasModes && (mode & 0o077) !== 0
    if (!isOpen || reported.has(at)) return
    const outcome = yield* fs.chmod(at, mode & 0o700).pipe(
      Effect.as("it is closed to them now"),
      Effect.catchTag("PlatformError", (error) =>
        Effect.sync(() => {
          reported.add(at)
          return `it could not be closed to them (${systemCode(error) ?? error.reason._tag})`
        })
      )
    )
    yield* Effect.logWarning(`${at} was open to other users (mode ${(mode & 0o777).toString(8)}): ${outcome}`)
  })

  const read = Effect.fnUntraced(
    function* (file: string) {
      const info = yield* fs.stat(file)
      if (info.type !== "File") return yield* entryCorrupt(file, `it is not a file (${info.type})`)
      if (ByteSize.isGreaterThan(info.size, maxSize)) return yield* entryCorrupt(file, "it is larger than 1 MiB")
      yield* closeToOthers(file, info)
      return yield* fs.readFileString(file)
    },
    (effect, file) =>
      effect.pipe(
        Effect.catchReason("PlatformError", "NotFound", () => Effect.undefined),
        Effect.catchTag("PlatformError", fromPlatformError("read", file))
      )
  )

  const makeDirectory = (file: string): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      const directory = path.dirname(file)
      yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
      if (options?.directory === undefined) yield* closeToOthers(directory, yield* fs.stat(directory))
    }).pipe(Effect.catchTag("PlatformError", fromPlatformError("write", file)))

  const writeBeside = Effect.fnUntraced(function* (
    file: string,
    text: string,
    use: (temporary: string) => Effect.Effect<void, PlatformError>
  ): Effect.fn.Return<void, StoreError> {
    yield* makeDirectory(file)
    yield* atomic.writeBeside(file, text, use).pipe(Effect.catchTag("PlatformError", fromPlatformError("write", file)))
  }, Effect.uninterruptible)

  // Neither flushed nor renamed: a lost or half-written record causes one attempt more, and nothing else
  const writeLoosely = (file: string, text: string): Effect.Effect<void, StoreError> =>
    Effect.andThen(
      makeDirectory(file),
      fs
        .writeFileString(file, text, { mode: 0o600 })
        .pipe(Effect.catchTag("PlatformError", fromPlatformError("write", file)))
    )

  const remove = (file: string): Effect.Effect<void, StoreError> =>
    fs.remove(file, { force: true }).pipe(Effect.catchTag("PlatformError", fromPlatformError("remove", file)))

  const entriesIn = (directory: string): Effect.Effect<ReadonlyArray<string>, StoreError> =>
    fs.readDirectory(directory).pipe(
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([])),
      Effect.catchTag("PlatformError", fromPlatformError("read", directory)),
      Effect.map((names) => names.filter((name) => isEntry.test(name)).map((name) => path.join(directory, name)))
    )

  const acquireLease = yield* FileLease.make({ timeToLive: options?.leaseTimeToLive })

  return {
    locate: fileOf,
    acquireLease: (key) => Effect.andThen(makeDirectory(fileOf(key)), acquireLease(fileOf(key))),
    get: (key) => read(fileOf(key)),
    set: (key, text) =>
      key.kind === "attempt"
        ? writeLoosely(fileOf(key), text)
        : writeBeside(fileOf(key), text, atomic.moveTo(fileOf(key))),
    ensureWritable: (key) => writeBeside(fileOf(key), probe, (temporary) => fs.remove(temporary)),
    remove: (key) => remove(fileOf(key)),
    removeWhere: Effect.fnUntraced(function* (kind, choose) {
      const removed = yield* Effect.forEach(yield* entriesIn(directoryOf(kind)), (file) =>
        read(file).pipe(
          // A file that cannot be read is not removed
          Effect.orElseSucceed(() => undefined),
          Effect.map((text) => Option.flatMap(Option.fromUndefinedOr(text), choose)),
          Effect.tap((chosen) => (Option.isSome(chosen) ? remove(file) : Effect.void))
        )
      )
      return Arr.getSomes(removed)
    })
  }
})

const isEntry = /^[0-9a-f]{40}\.json$/

const defaultDirectory = Effect.flatMap(Home.expand("~/.aws"), Effect.fromOption).pipe(
  Effect.mapError(() =>
    storeUnavailable("~/.aws", "read", "there is no home directory: set HOME, or choose a directory")
  )
)
