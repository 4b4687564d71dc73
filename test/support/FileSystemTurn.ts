/** Lets tests under a `TestClock` wait for real files, whose operations end when they end. */
import { access } from "node:fs/promises"
import { Effect, Fiber, FileSystem, Predicate } from "effect"
import { TestClock } from "effect/testing"

/**
 * Waits until the file operations that were started have ended, also on a busy machine: Node runs four at a time, in
 * their order.
 */
export const fileSystemTurn: Effect.Effect<void> = Effect.promise(async () => {
  await Promise.all(Array.from({ length: 4 }, () => access(".")))
  await new Promise((resolve) => setImmediate(resolve))
})

/** Runs an effect that waits for files and for the clock. */
export const soon = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  while (fiber.pollUnsafe() === undefined) {
    yield* TestClock.adjust("50 millis")
    yield* fileSystemTurn
  }
  return yield* Fiber.join(fiber)
})

/** The file system, and an effect that waits until no operation is in progress. */
export const watchedFileSystem = Effect.map(FileSystem.FileSystem, (fs) => {
  let busy = 0
  const watch = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      busy++
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          busy--
        })
      )
    })
  const watched = new Proxy(fs, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (!Predicate.isFunction(member)) return member
      return (...args: ReadonlyArray<unknown>) => {
        const result: unknown = Reflect.apply(member, target, args)
        return Effect.isEffect(result) ? watch(result) : result
      }
    }
  })
  const settled = Effect.gen(function* () {
    // The next operation can start a turn later, and the close of a file is not watched
    for (let quiet = 0; quiet < 3; quiet = busy === 0 ? quiet + 1 : 0) {
      yield* Effect.ignore(fs.access("."))
      yield* fileSystemTurn
    }
  })
  return { fs: watched, settled }
})
