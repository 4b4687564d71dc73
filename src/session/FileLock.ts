/**
 * A lock between processes, made of files alone.
 *
 * **Details**
 *
 * Locks have generations. `token.json.lock.7` says that the seventh generation is held, `token.json.lock.7.free` that it
 * was let go. To take the lock is to create the file of the next generation, which the file system grants to one process
 * only; then those before are removed. The highest generation is never removed, so its number is never given out twice,
 * and it is that one which holds: who finds a higher one than its own has not got the lock, or has lost it. (A file of
 * no generation, removed when its holder seems dead, could be removed by two, the second of whom removes the new
 * holder's.)
 *
 * A holder touches its file every second. One that has not for five is dead, or as good as that, and the next
 * generation may be taken.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { CacheUnavailable, unavailable } from "./CacheError.ts"
import type { Lease } from "./Store.ts"

/** How often a holder shows that it lives. */
const heartbeat = Duration.seconds(1)

/** How long a holder may be silent: long enough for a machine that is short of breath, short enough for who waits. */
const silence = Duration.seconds(5)

/** How long the lock is waited for: longer than the attempts of a renewal can take. */
const patience = Duration.seconds(45)

/** Who waits looks again after this; not all at the same moment, and not deaf to an interruption meanwhile. */
const pause = Effect.interruptible(Effect.flatMap(Random.nextBetween(25, 75), Effect.sleep))

/** What a writer leaves behind that dies while it writes is removed after this long. */
const leftover = Duration.minutes(1)

/**
 * Makes locks: the lock of a file is held until the scope closes.
 *
 * **Details**
 *
 * The directory of the file must exist. A wait of 45 seconds ends in `CacheUnavailable`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<
  (file: string) => Effect.Effect<Lease, CacheUnavailable, Scope.Scope>,
  never,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const age = (file: string): Effect.Effect<Duration.Duration, PlatformError> =>
    Effect.zipWith(Clock.currentTimeMillis, fs.stat(file), (now, { mtime }) =>
      Duration.millis(Math.max(0, now - Option.match(mtime, { onNone: () => now, onSome: (date) => date.getTime() })))
    )

  const touch = (file: string): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => fs.utimes(file, new Date(now), new Date(now)))

  const discard = (file: string): Effect.Effect<void> => Effect.ignore(fs.remove(file, { force: true }))

  return Effect.fnUntraced(function* (file) {
    const directory = path.dirname(file)
    const prefix = `${path.basename(file)}.`
    const held = (generation: number): string => `${file}.lock.${generation}`

    // The files of this lock, the highest generation last
    const generations = Effect.map(fs.readDirectory(directory), (names) =>
      names
        .flatMap((name) => {
          const [, generation, free] = /^lock\.(\d+)(\.free)?$/.exec(withoutPrefix(name, prefix)) ?? []
          return generation === undefined
            ? []
            : [{ path: path.join(directory, name), generation: Number(generation), free: free !== undefined }]
        })
        .toSorted((a, b) => a.generation - b.generation)
    )

    // None where somebody else holds it, or was faster
    const take: Effect.Effect<Option.Option<number>, CacheUnavailable> = Effect.gen(function* () {
      const last = (yield* generations).at(-1)
      if (last !== undefined && !last.free && Duration.isLessThan(yield* age(last.path), silence)) return Option.none()
      const generation = (last?.generation ?? 0) + 1
      yield* Effect.scoped(fs.open(held(generation), { flag: "wx", mode: 0o600 }))
      yield* touch(held(generation))
      const after = yield* generations
      if (after.at(-1)?.generation !== generation) {
        yield* discard(held(generation))
        return Option.none()
      }
      yield* Effect.forEach(after.slice(0, -1), (old) => discard(old.path), { discard: true })
      return Option.some(generation)
    }).pipe(
      Effect.catchReason("PlatformError", "AlreadyExists", () => Effect.succeedNone),
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeedNone),
      Effect.catchTag("PlatformError", unavailable("lock", file)),
      Effect.uninterruptible
    )

    const removeLeftovers = Effect.gen(function* () {
      for (const name of yield* fs.readDirectory(directory)) {
        const temporary = path.join(directory, name)
        if (withoutPrefix(name, prefix).endsWith(".tmp") && Duration.isGreaterThan(yield* age(temporary), leftover)) {
          yield* discard(temporary)
        }
      }
    }).pipe(Effect.ignore)

    const release = (generation: number): Effect.Effect<void> =>
      Effect.ignore(fs.rename(held(generation), `${held(generation)}.free`))

    const takeOrPause = Effect.tap(take, (taken) => (Option.isNone(taken) ? pause : Effect.void))

    const { value: generation } = yield* Effect.acquireRelease(
      Effect.repeat(takeOrPause, { until: Option.isSome<number> }),
      ({ value }) => release(value)
    ).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () =>
          Effect.fail(
            new CacheUnavailable({
              location: file,
              action: "lock",
              description: `another process has held the lock for ${Duration.format(patience)}`
            })
          )
      })
    )
    yield* removeLeftovers
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(touch(held(generation))), Schedule.spaced(heartbeat)))
    return {
      isHeld: generations.pipe(
        Effect.map((all) => all.at(-1)?.generation === generation),
        Effect.orElseSucceed(() => false)
      )
    }
  })
})

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : ""
