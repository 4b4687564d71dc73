/**
 * A lock between processes, made of files alone.
 *
 * **Details**
 *
 * Locks have generations. `token.json.lock.7` says that the seventh generation is held, `token.json.lock.7.free` that it
 * was let go. To take the lock is to create the file of the next generation, which the file system grants to one process
 * only; then those before are removed. The last one, which is the highest, and free rather than held, is never removed:
 * so no number is given out twice, and who finds another than its own at the end has not got the lock, or has lost it.
 * (A file of no generation, removed when its holder seems dead, could be removed by two, the second of whom removes the
 * new holder's.)
 *
 * A holder touches its file all the time. One that who waits has seen so and so often without a new touch is dead, or as
 * good as that, and the next generation may be taken. The looks count, not the time of day: when a machine wakes up, or
 * its clock is set, a holder that lives has its chance to show it.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import { fromPlatformError, type StoreError } from "./StoreError.ts"
import * as LockPolicy from "./Lease.ts"
import type { Lease } from "./SsoStore.ts"

/** What a writer leaves behind that dies while it writes is removed after this long. */
const leftover = Duration.minutes(1)

/** A file of a lock. */
interface Generation {
  readonly path: string
  readonly number: number
  readonly free: boolean
}

/**
 * Makes locks: the lock of a file is held until the scope closes.
 *
 * **Details**
 *
 * The directory of the file must exist. A wait of 60 seconds ends in `StoreError`.
 */
export const make = Effect.fnUntraced(function* (
  options?: LockPolicy.Options
): Effect.fn.Return<
  (file: string) => Effect.Effect<Lease, StoreError, Scope.Scope>,
  never,
  FileSystem.FileSystem | Path.Path
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { heartbeat, silence } = LockPolicy.make(options)
  const looks = Math.ceil(Duration.toMillis(silence) / Duration.toMillis(LockPolicy.look))

  const touched = (file: string): Effect.Effect<number, PlatformError> =>
    Effect.map(fs.stat(file), ({ mtime }) => Option.match(mtime, { onNone: () => 0, onSome: (date) => date.getTime() }))

  const touch = (file: string): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => fs.utimes(file, new Date(now), new Date(now)))

  const discard = (file: string): Effect.Effect<void> => Effect.ignore(fs.remove(file, { force: true }))

  return Effect.fnUntraced(function* (file) {
    const directory = path.dirname(file)
    const prefix = `${path.basename(file)}.`
    const held = (generation: number): string => `${file}.lock.${generation}`

    // The files of this lock, the one that counts last
    const generations = Effect.map(fs.readDirectory(directory), (names) =>
      names
        .flatMap((name): ReadonlyArray<Generation> => {
          const [, number, free] = /^lock\.(\d+)(\.free)?$/.exec(withoutPrefix(name, prefix)) ?? []
          return number === undefined
            ? []
            : [{ path: path.join(directory, name), number: Number(number), free: free !== undefined }]
        })
        .toSorted((a, b) => a.number - b.number || Number(a.free) - Number(b.free))
    )

    // How often the same holder was seen without a touch in between
    let seen = { path: "", touched: 0, times: 0 }
    const isSilent = (holder: Generation): Effect.Effect<boolean, PlatformError> =>
      touched(holder.path).pipe(
        Effect.map((touched) => {
          const same = seen.path === holder.path && seen.touched === touched
          seen = { path: holder.path, touched, times: same ? seen.times + 1 : 0 }
          return seen.times >= looks
        }),
        // It was let go between two looks
        Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(false))
      )

    // None where somebody else holds it, or was faster
    const take: Effect.Effect<Option.Option<number>, StoreError> = Effect.gen(function* () {
      const last = (yield* generations).at(-1)
      const vacant = last === undefined || last.free || (yield* isSilent(last))
      if (!vacant) return Option.none()
      const generation = (last?.number ?? 0) + 1
      yield* Effect.scoped(fs.open(held(generation), { flag: "wx", mode: 0o600 }))
      const after = yield* generations
      if (after.at(-1)?.path !== held(generation)) {
        yield* discard(held(generation))
        return Option.none()
      }
      yield* Effect.forEach(after.slice(0, -1), (old) => discard(old.path), { discard: true })
      return Option.some(generation)
    }).pipe(
      Effect.catchReason("PlatformError", "AlreadyExists", () => Effect.succeedNone),
      Effect.catchTag("PlatformError", fromPlatformError("lease", file)),
      Effect.uninterruptible
    )

    const removeLeftovers = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const name of yield* fs.readDirectory(directory)) {
        const temporary = path.join(directory, name)
        if (!withoutPrefix(name, prefix).endsWith(".tmp")) continue
        if (now - (yield* touched(temporary)) > Duration.toMillis(leftover)) yield* discard(temporary)
      }
    }).pipe(Effect.ignore)

    const release = (generation: number): Effect.Effect<void> =>
      Effect.ignore(fs.rename(held(generation), `${held(generation)}.free`))

    const takeOrPause = Effect.tap(take, (taken) => (Option.isNone(taken) ? LockPolicy.pause : Effect.void))

    const { value: generation } = yield* Effect.acquireRelease(
      Effect.repeat(takeOrPause, { until: Option.isSome<number> }),
      ({ value }) => release(value)
    ).pipe(LockPolicy.withPatience(file))
    yield* removeLeftovers
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(touch(held(generation))), heartbeat))
    return {
      isHeld: generations.pipe(
        Effect.map((all) => all.at(-1)?.path === held(generation)),
        Effect.orElseSucceed(() => false)
      )
    }
  })
})

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : ""
