/**
 * Entries as files of one directory, written so that no crash and no reader ever meets half of one.
 *
 * **Details**
 *
 * What is read by way of a symbolic link is written in its place: a rename replaces the link, and nothing outside of the
 * directory is written. A directory that is a link itself is followed.
 */
import * as Arr from "effect/Array"
import * as ByteSize from "effect/ByteSize"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as AtomicFile from "../config/AtomicFile.ts"
import * as Home from "../config/Home.ts"
import { systemCode } from "../wire/SystemCode.ts"
import { entryCorrupt, fromPlatformError, type StoreError, storeUnavailable } from "./StoreError.ts"
import * as FileLock from "./FileLock.ts"
import type * as LockPolicy from "./Lease.ts"
import type { Store } from "./SsoStore.ts"

// A token of AWS has some kilobytes; what is larger than this is none.
const maxSize = ByteSize.mebibytes(1)

// As much as the largest token needs.
const roomForOne = " ".repeat(16_384)

/** Where the entries are, and how patient their locks. */
export interface Options extends LockPolicy.Options {
  /** The `standard` one by default. */
  readonly directory?: string | undefined
  /** The directory of all AWS tools for such entries. `~/.aws/sso/cache` by default. */
  readonly standard?: string | undefined
}

/** A store whose entries can be gone through. */
export interface FileStore extends Store {
  /** Removes each entry of whose text something is chosen, and returns what was. What cannot be read stays. */
  readonly removeWhere: <A>(choose: (text: string) => Option.Option<A>) => Effect.Effect<ReadonlyArray<A>, StoreError>
}

/**
 * Opens the store. The directory is made when the first entry is written; an entry is filed under the SHA-1 of its key.
 *
 * **Details**
 *
 * A file that others can read, and a default directory that others can enter, is closed to them, and a warning says so
 * once. The modes of a directory that was named are the business of who named it.
 */
export const make = Effect.fnUntraced(function* (
  options?: Options
): Effect.fn.Return<FileStore, StoreError, FileSystem.FileSystem | Path.Path | Digest.Digest> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const digest = yield* Digest.Digest
  const atomic = yield* AtomicFile.make
  const directory = options?.directory ?? (yield* expand(options?.standard ?? "~/.aws/sso/cache"))

  const locate = (key: string): Effect.Effect<string> =>
    Effect.map(digest.digestHex(Digest.sha1, encoder.encode(key)), (name) => path.join(directory, `${name}.json`))

  // Windows has no modes: what it shows in their place is open to all, and cannot be changed
  const hasModes = path.sep === "/"
  const reported = new Set<string>()

  const closeToOthers = Effect.fnUntraced(function* (at: string, { mode }: FileSystem.File.Info) {
    const open = hasModes && (mode & 0o077) !== 0
    if (!open || reported.has(at)) return
    reported.add(at)
    const outcome = yield* fs.chmod(at, mode & 0o700).pipe(
      Effect.as("it is closed to them now"),
      Effect.catchTag("PlatformError", (error) =>
        Effect.succeed(`it could not be closed to them (${systemCode(error) ?? error.reason._tag})`)
      )
    )
    yield* Effect.logWarning(`${at} was open to others (mode ${(mode & 0o777).toString(8)}): ${outcome}`)
  })

  const read = Effect.fnUntraced(
    function* (file: string) {
      const info = yield* fs.stat(file)
      if (info.type !== "File") {
        return yield* entryCorrupt(file, `it is not a file (${info.type})`)
      }
      if (ByteSize.isGreaterThan(info.size, maxSize)) {
        return yield* entryCorrupt(file, "it is larger than 1 MiB")
      }
      yield* closeToOthers(file, info)
      return yield* fs.readFileString(file)
    },
    (effect, file) =>
      effect.pipe(
        Effect.catchReason("PlatformError", "NotFound", () => Effect.undefined),
        Effect.catchTag("PlatformError", fromPlatformError("read", file))
      )
  )

  const prepare = (file: string): Effect.Effect<void, StoreError> =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
      if (options?.directory === undefined) yield* closeToOthers(directory, yield* fs.stat(directory))
    }).pipe(Effect.catchTag("PlatformError", fromPlatformError("write", file)))

  // Writes a text beside a file, does something with it, and leaves nothing behind
  const writeBeside = Effect.fnUntraced(function* (
    file: string,
    text: string,
    use: (temporary: string) => Effect.Effect<void, PlatformError>
  ): Effect.fn.Return<void, StoreError> {
    yield* prepare(file)
    yield* atomic.writeBeside(file, text, use).pipe(Effect.catchTag("PlatformError", fromPlatformError("write", file)))
  }, Effect.uninterruptible)

  const removeAt = (file: string): Effect.Effect<void, StoreError> =>
    fs.remove(file, { force: true }).pipe(Effect.catchTag("PlatformError", fromPlatformError("remove", file)))

  const entries = fs.readDirectory(directory).pipe(
    Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([])),
    Effect.catchTag("PlatformError", fromPlatformError("read", directory)),
    Effect.map((names) => names.filter((name) => isEntry.test(name)).map((name) => path.join(directory, name)))
  )

  const lock = yield* FileLock.make(options)

  return {
    locate,
    lock: Effect.fnUntraced(function* (key) {
      const file = yield* locate(key)
      yield* prepare(file)
      return yield* lock(file)
    }),
    get: (key) => Effect.flatMap(locate(key), read),
    set: (key, text) => Effect.flatMap(locate(key), (file) => writeBeside(file, text, atomic.moveTo(file))),
    ensureWritable: (key) =>
      Effect.flatMap(locate(key), (file) => writeBeside(file, roomForOne, (temporary) => fs.remove(temporary))),
    remove: (key) => Effect.flatMap(locate(key), removeAt),
    removeWhere: Effect.fnUntraced(function* (choose) {
      const removed = yield* Effect.forEach(yield* entries, (file) =>
        read(file).pipe(
          Effect.orElseSucceed(() => undefined),
          Effect.map((text) => Option.flatMap(Option.fromUndefinedOr(text), choose)),
          Effect.tap((found) => (Option.isSome(found) ? removeAt(file) : Effect.void))
        )
      )
      return Arr.getSomes(removed)
    })
  }
})

const encoder = new TextEncoder()

const isEntry = /^[0-9a-f]{40}\.json$/

const expand = (directory: string) =>
  Effect.flatMap(Home.expand(directory), Effect.fromOption).pipe(
    Effect.mapError(() =>
      storeUnavailable(directory, "read", "there is no home directory: set HOME, or name a directory")
    )
  )
