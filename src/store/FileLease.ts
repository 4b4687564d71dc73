/**
 * A lease between processes, made of files alone.
 *
 * **Details**
 *
 * Leases are numbered. The file `token.json.lock.7` says that lease 7 is held, and `token.json.lock.7.free` that it was
 * released. A process acquires the next lease by creating its file, which the file system allows only one process to do,
 * and then removes the files of earlier leases. The last file is never removed. So no number is used twice, and a process
 * that finds a later file than its own knows that it does not hold the lease, or has lost it. (A single file, removed when
 * its holder seems dead, could be removed by two processes, and the second one would remove the file of the new holder.)
 *
 * A holder extends its lease by touching its file. A lease has expired when its file was not touched during as many polls
 * as fit into the time to live. Polls are counted rather than the time of day: after the machine was suspended or its
 * clock was set, a living holder has the time to extend its lease.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as LeaseTimes from "./Lease.ts"
import type { Lease } from "./SsoStore.ts"
import { fromPlatformError, type StoreError } from "./StoreError.ts"

/** A temporary file that is older than this was left by a writer that died. */
const temporaryFileLifetime = Duration.minutes(1)

/** A file of a lease. */
interface LeaseFile {
  readonly path: string
  readonly number: number
  readonly isFree: boolean
}

/** How often a holder was polled since it touched its file. */
interface Polls {
  readonly path: string
  readonly touchedAt: number
  readonly count: number
}

/**
 * Makes a function that acquires the lease of a file and holds it until the scope closes.
 *
 * **Details**
 *
 * The directory of the file must exist. Fails with `StoreUnavailable` when the lease is not acquired within 60 seconds.
 */
export const make = Effect.fnUntraced(function* (
  options?: LeaseTimes.LeaseOptions
): Effect.fn.Return<
  (file: string) => Effect.Effect<Lease, StoreError, Scope.Scope>,
  never,
  FileSystem.FileSystem | Path.Path
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { extend, timeToLive } = LeaseTimes.times(options)
  const maxPolls = Math.ceil(Duration.toMillis(timeToLive) / Duration.toMillis(LeaseTimes.pollInterval))

  const touchedAt = (file: string): Effect.Effect<number, PlatformError> =>
    Effect.map(fs.stat(file), ({ mtime }) => Option.match(mtime, { onNone: () => 0, onSome: (date) => date.getTime() }))

  const touch = (file: string): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => fs.utimes(file, new Date(now), new Date(now)))

  const discard = (file: string): Effect.Effect<void> => Effect.ignore(fs.remove(file, { force: true }))

  return Effect.fnUntraced(function* (file) {
    const directory = path.dirname(file)
    const prefix = `${path.basename(file)}.`
    const heldFile = (number: number): string => `${file}.lock.${number}`

    // The files of this lease. The last one counts
    const leaseFiles = Effect.map(fs.readDirectory(directory), (names) =>
      names
        .flatMap((name): ReadonlyArray<LeaseFile> => {
          const [, number, free] = /^lock\.(\d+)(\.free)?$/.exec(withoutPrefix(name, prefix)) ?? []
          return number === undefined
            ? []
            : [{ path: path.join(directory, name), number: Number(number), isFree: free !== undefined }]
        })
        .toSorted((a, b) => a.number - b.number || Number(a.isFree) - Number(b.isFree))
    )

    const polls = yield* Ref.make<Polls>({ path: "", touchedAt: 0, count: 0 })
    const hasExpired = (holder: LeaseFile): Effect.Effect<boolean, PlatformError> =>
      touchedAt(holder.path).pipe(
        Effect.flatMap((touchedAt) =>
          Ref.updateAndGet(polls, (last) => {
            const isSame = last.path === holder.path && last.touchedAt === touchedAt
            return { path: holder.path, touchedAt, count: isSame ? last.count + 1 : 0 }
          })
        ),
        Effect.map(({ count }) => count >= maxPolls),
        // It was released since the directory was read
        Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(false))
      )

    // None if another process holds the lease, or was faster
    const tryAcquire: Effect.Effect<Option.Option<number>, StoreError> = Effect.gen(function* () {
      const last = (yield* leaseFiles).at(-1)
      const isAvailable = last === undefined || last.isFree || (yield* hasExpired(last))
      if (!isAvailable) return Option.none()
      const number = (last?.number ?? 0) + 1
      yield* Effect.scoped(fs.open(heldFile(number), { flag: "wx", mode: 0o600 }))
      const after = yield* leaseFiles
      if (after.at(-1)?.path !== heldFile(number)) {
        yield* discard(heldFile(number))
        return Option.none()
      }
      yield* Effect.forEach(after.slice(0, -1), (earlier) => discard(earlier.path), { discard: true })
      return Option.some(number)
    }).pipe(
      Effect.catchReason("PlatformError", "AlreadyExists", () => Effect.succeedNone),
      Effect.catchTag("PlatformError", fromPlatformError("lease", file)),
      Effect.uninterruptible
    )

    const removeTemporaryFiles = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const name of yield* fs.readDirectory(directory)) {
        const temporary = path.join(directory, name)
        if (!withoutPrefix(name, prefix).endsWith(".tmp")) continue
        const age = now - (yield* touchedAt(temporary))
        if (age > Duration.toMillis(temporaryFileLifetime)) yield* discard(temporary)
      }
    }).pipe(Effect.ignore)

    const release = (number: number): Effect.Effect<void> =>
      Effect.ignore(fs.rename(heldFile(number), `${heldFile(number)}.free`))

    const acquireOrWait = Effect.tap(tryAcquire, (acquired) =>
      Option.isNone(acquired) ? LeaseTimes.awaitNextPoll(file) : Effect.void
    )

    const { value: number } = yield* Effect.acquireRelease(
      Effect.repeat(acquireOrWait, { until: Option.isSome<number> }),
      ({ value }) => release(value)
    ).pipe(LeaseTimes.withAcquireTimeout(file))
    yield* removeTemporaryFiles
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(touch(heldFile(number))), extend))
    return {
      isHeld: leaseFiles.pipe(
        Effect.map((all) => all.at(-1)?.path === heldFile(number)),
        Effect.orElseSucceed(() => false)
      )
    }
  })
})

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : ""
