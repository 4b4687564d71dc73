import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, FileSystem, type Layer, Path, Ref, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as FileLease from "../../../src/store/FileLease.ts"
import { fileSystemTurn, watchedFileSystem } from "../../support/FileSystemTurn.ts"

// The file system uses the time of the machine, so the test starts from it
const now = Math.floor(Date.now() / 1000) * 1000

const inDirectory = Effect.gen(function* () {
  const { fs, settled } = yield* watchedFileSystem
  const path = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  const acquire = yield* Effect.provideService(FileLease.make(), FileSystem.FileSystem, fs)
  const file = path.join(directory, "token.json")
  const at = (name: string) => path.join(directory, name)
  /** Writes a lease file that was touched so many milliseconds ago. */
  const left = (name: string, age: number) =>
    Effect.andThen(fs.writeFileString(at(name), ""), fs.utimes(at(name), new Date(now - age), new Date(now - age)))
  const names = Effect.map(fs.readDirectory(directory), (names) => names.toSorted())

  /** Advances the clock in steps that are not longer than one poll interval. */
  const pass = Effect.fnUntraced(function* (duration: Duration.Input) {
    yield* settled
    for (let time = 0; time < Duration.toMillis(duration); time += step) {
      yield* TestClock.adjust(step)
      yield* settled
    }
  })

  /** Advances the clock until a condition is true. */
  const until = <E, R>(happened: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 2000; turn++) {
        if (yield* happened) return
        yield* pass(step)
      }
      return yield* Effect.die("the condition never became true")
    })

  return { at, directory, file, fs, left, acquire, names, pass, settled, until }
})

const step = 50

const test = <E>(
  name: string,
  body: Effect.Effect<void, E, Layer.Success<typeof NodeServices.layer> | Scope.Scope>
): void =>
  it.effect(name, () =>
    Effect.andThen(TestClock.setTime(now), body).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

describe("FileLease", () => {
  test(
    "holds the lease until the scope closes, and leaves one free file",
    Effect.gen(function* () {
      const { acquire, file, names } = yield* inDirectory
      yield* Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* acquire(file)
          assert.isTrue(yield* lease.isHeld)
          assert.deepStrictEqual(yield* names, ["token.json.lock.1"])
        })
      )
      assert.deepStrictEqual(yield* names, ["token.json.lock.1.free"])
      yield* Effect.scoped(acquire(file))
      assert.deepStrictEqual(yield* names, ["token.json.lock.2.free"])
    })
  )

  test(
    "has one holder at a time among many callers",
    Effect.gen(function* () {
      const { acquire, file, until } = yield* inDirectory
      const holders = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const done = yield* Ref.make(0)
      const work = Effect.gen(function* () {
        yield* acquire(file)
        const n = yield* Ref.updateAndGet(holders, (n) => n + 1)
        yield* Ref.update(most, (m) => Math.max(m, n))
        yield* fileSystemTurn
        yield* Ref.update(holders, (n) => n - 1)
        yield* Ref.update(done, (n) => n + 1)
      }).pipe(Effect.scoped)
      const all = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 20 }, () => work),
          { concurrency: "unbounded" }
        )
      )
      yield* until(Effect.map(Ref.get(done), (n) => n === 20))
      yield* Fiber.join(all)
      assert.strictEqual(yield* Ref.get(most), 1)
    })
  )

  test(
    "expires when the holder has not extended it for ten seconds, not for nine",
    Effect.gen(function* () {
      const { acquire, file, left, names, pass, until } = yield* inDirectory
      yield* left("token.json.lock.7", 0)
      const waiting = yield* Effect.forkChild(Effect.scoped(acquire(file)))
      const shows = (age: number) => left("token.json.lock.7", age)
      for (const beat of [1, 2, 3]) {
        yield* pass("9 seconds")
        assert.deepStrictEqual(yield* names, ["token.json.lock.7"])
        yield* shows(beat)
      }
      assert.isUndefined(waiting.pollUnsafe())
      yield* until(Effect.map(names, (names) => names.includes("token.json.lock.8.free")))
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* names, ["token.json.lock.8.free"])
    })
  )

  test(
    "does not expire because the clock of the machine jumps, not even with a file of yesterday",
    Effect.gen(function* () {
      const { file, left, acquire, names, pass, settled, until } = yield* inDirectory
      yield* left("token.json.lock.7", 24 * 3_600_000)
      const waiting = yield* Effect.forkChild(Effect.scoped(acquire(file)))
      yield* pass("1 second")
      yield* TestClock.adjust("30 seconds")
      yield* settled
      yield* pass("1 second")
      assert.deepStrictEqual(yield* names, ["token.json.lock.7"])
      assert.isUndefined(waiting.pollUnsafe())
      yield* until(Effect.map(names, (names) => names.includes("token.json.lock.8.free")))
      yield* Fiber.join(waiting)
    })
  )

  test(
    "reports to a suspended holder that it has lost the lease, and its release does no harm",
    Effect.gen(function* () {
      const { acquire, file, fs, names, until } = yield* inDirectory
      // It lives, and cannot extend its lease
      const suspended = yield* FileLease.make().pipe(
        Effect.provideService(FileSystem.FileSystem, FileSystem.FileSystem.of({ ...fs, utimes: () => Effect.never }))
      )
      const scope = yield* Scope.make()
      const lease = yield* Scope.provide(suspended(file), scope)
      assert.isTrue(yield* lease.isHeld)
      const second = yield* Effect.forkChild(Effect.scoped(Effect.andThen(acquire(file), Effect.never)))
      yield* until(Effect.map(names, (names) => names.join() === "token.json.lock.2"))
      assert.isFalse(yield* lease.isHeld)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* names, ["token.json.lock.2"])
      yield* Fiber.interrupt(second)
    })
  )

  test(
    "is extended every second while it is held",
    Effect.gen(function* () {
      const { acquire, at, file, fs, until } = yield* inDirectory
      yield* acquire(file)
      const touched = (time: number) =>
        Effect.map(
          fs.stat(at("token.json.lock.1")),
          ({ mtime }) => mtime._tag === "Some" && mtime.value.getTime() >= time
        )
      yield* until(touched(now + 1_000))
      yield* until(touched(now + 3_000))
    })
  )

  for (const [what, next] of [
    ["another process has acquired since", "token.json.lock.9"],
    ["another process has acquired and released since", "token.json.lock.8.free"]
  ] as const) {
    test(
      `is not acquired by a slow caller under a number that ${what}`,
      Effect.gen(function* () {
        const { acquire, file, fs, left, names, settled, until } = yield* inDirectory
        yield* left("token.json.lock.7.free", 0)
        const listed = yield* Deferred.make<void>()
        const goOn = yield* Deferred.make<void>()
        let lists = 0
        const slow = FileSystem.FileSystem.of({
          ...fs,
          readDirectory: (path) =>
            Effect.tap(fs.readDirectory(path), () =>
              lists++ === 0 ? Effect.andThen(Deferred.succeed(listed, undefined), Deferred.await(goOn)) : Effect.void
            )
        })
        const late = yield* FileLease.make().pipe(Effect.provideService(FileSystem.FileSystem, slow))
        const waiting = yield* Effect.forkChild(Effect.scoped(late(file)))
        yield* Deferred.await(listed)
        yield* Effect.scoped(acquire(file))
        const held = yield* Effect.forkChild(
          next === "token.json.lock.9" ? Effect.scoped(Effect.andThen(acquire(file), Effect.never)) : Effect.void
        )
        yield* until(Effect.map(names, (names) => names.join() === next))
        yield* Deferred.succeed(goOn, undefined)
        // It creates its file, finds a later one, and removes its own
        yield* Effect.repeat(fileSystemTurn, { until: () => lists === 2 })
        yield* settled
        assert.deepStrictEqual(yield* names, [next])
        assert.isUndefined(waiting.pollUnsafe())
        yield* Fiber.interrupt(waiting)
        yield* Fiber.interrupt(held)
      })
    )
  }

  test(
    "is waited for no longer than the acquire timeout of 60 seconds",
    Effect.gen(function* () {
      const { acquire, file, pass, until } = yield* inDirectory
      yield* acquire(file)
      const waiting = yield* Effect.forkChild(Effect.flip(Effect.scoped(acquire(file))))
      yield* pass("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* until(Effect.sync(() => waiting.pollUnsafe() !== undefined))
      assert.include((yield* Fiber.join(waiting)).message, "another process has held the lease for 1m")
    })
  )

  test(
    "is not waited for after the directory was removed",
    Effect.gen(function* () {
      const { acquire, directory, file, fs, pass } = yield* inDirectory
      yield* acquire(file)
      const waiting = yield* Effect.forkChild(Effect.flip(Effect.scoped(acquire(file))))
      yield* pass("1 second")
      assert.isUndefined(waiting.pollUnsafe())
      yield* fs.remove(directory, { recursive: true })
      yield* pass("1 second")
      assert.strictEqual((yield* Fiber.join(waiting)).message, `could not acquire the lease of ${file}: ENOENT`)
    })
  )

  test(
    "leaves no file when the wait for it is interrupted",
    Effect.gen(function* () {
      const { acquire, file, names, settled } = yield* inDirectory
      yield* acquire(file)
      const waiting = yield* Effect.forkChild(Effect.scoped(acquire(file)))
      yield* settled
      yield* Fiber.interrupt(waiting)
      assert.deepStrictEqual(yield* names, ["token.json.lock.1"])
    })
  )

  test(
    "removes temporary files that a dead writer of the same file has left, and no others",
    Effect.gen(function* () {
      const { acquire, file, left, names } = yield* inDirectory
      yield* left("token.json.5b.tmp", 61_000)
      yield* left("token.json.6c.tmp", 1_000)
      yield* left("other.json.5b.tmp", 61_000)
      yield* Effect.scoped(acquire(file))
      assert.deepStrictEqual(yield* names, ["other.json.5b.tmp", "token.json.6c.tmp", "token.json.lock.1.free"])
    })
  )
})
