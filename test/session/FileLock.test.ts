import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, Option, Path, Ref, type Scope } from "effect"
import { TestClock } from "effect/testing"
import * as FileLock from "../../src/session/FileLock.ts"

// The file system has the time of the machine, and the test goes on from there
const now = Math.floor(Date.now() / 1000) * 1000

const isNow = (time: Date) => time.getTime() === now

const inDirectory = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  const lock = yield* FileLock.make
  const file = path.join(directory, "token.json")
  const at = (name: string) => path.join(directory, name)
  /** A lock file that somebody touched so many milliseconds ago. */
  const left = (name: string, age: number) =>
    Effect.andThen(fs.writeFileString(at(name), ""), fs.utimes(at(name), new Date(now - age), new Date(now - age)))
  const names = Effect.map(fs.readDirectory(directory), (names) => names.toSorted())
  return { at, directory, file, fs, left, lock, names }
})

/** Lets the file system answer: its time is not that of the test's clock. */
const fileSystemTurn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** Moves the clock step by step until something has happened on disk, or fails. */
const until = <E, R>(happened: Effect.Effect<boolean, E, R>, step = 100): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    for (let turn = 0; turn < 2000; turn++) {
      if (yield* happened) return
      yield* TestClock.adjust(step)
      yield* fileSystemTurn
    }
    return yield* Effect.die("it never happened")
  })

const test = <E>(
  name: string,
  body: Effect.Effect<void, E, Layer.Success<typeof NodeServices.layer> | Scope.Scope>
): void =>
  it.effect(name, () =>
    Effect.andThen(TestClock.setTime(now), body).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

describe("FileLock", () => {
  test(
    "is held until the scope closes, and leaves a free generation alone",
    Effect.gen(function* () {
      const { file, lock, names } = yield* inDirectory
      yield* Effect.scoped(
        Effect.gen(function* () {
          const lease = yield* lock(file)
          assert.isTrue(yield* lease.isHeld)
          assert.deepStrictEqual(yield* names, ["token.json.lock.1"])
        })
      )
      assert.deepStrictEqual(yield* names, ["token.json.lock.1.free"])
      yield* Effect.scoped(lock(file))
      assert.deepStrictEqual(yield* names, ["token.json.lock.2.free"])
    })
  )

  test(
    "has one holder at a time, whoever wants it",
    Effect.gen(function* () {
      const { file, lock } = yield* inDirectory
      const holders = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const done = yield* Ref.make(0)
      const work = Effect.gen(function* () {
        yield* lock(file)
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
    "is not taken from a holder that showed itself within five seconds",
    Effect.gen(function* () {
      const { file, left, lock, names } = yield* inDirectory
      yield* left("token.json.lock.7", 4_900)
      const waiting = yield* Effect.forkChild(Effect.scoped(lock(file)))
      for (let turn = 0; turn < 20; turn++) yield* fileSystemTurn
      assert.deepStrictEqual(yield* names, ["token.json.lock.7"])
      assert.isUndefined(waiting.pollUnsafe())
      yield* until(Effect.map(names, (names) => names.includes("token.json.lock.8.free")))
      yield* Fiber.join(waiting)
    })
  )

  test(
    "is taken at once from a holder that has been silent for five seconds, who learns of it",
    Effect.gen(function* () {
      const { at, file, fs, lock } = yield* inDirectory
      const lease = yield* lock(file)
      const shownAlive = Effect.map(fs.stat(at("token.json.lock.1")), ({ mtime }) => Option.exists(mtime, isNow))
      yield* until(shownAlive, 0)
      yield* fs.utimes(at("token.json.lock.1"), new Date(now - 5_000), new Date(now - 5_000))
      yield* Effect.scoped(lock(file))
      assert.isFalse(yield* lease.isHeld)
    })
  )

  test(
    "is shown to be alive every second while it is held",
    Effect.gen(function* () {
      const { at, file, fs, left, lock } = yield* inDirectory
      yield* left("unrelated", 0)
      yield* lock(file)
      const touched = (time: number) =>
        Effect.map(
          fs.stat(at("token.json.lock.1")),
          ({ mtime }) => mtime._tag === "Some" && mtime.value.getTime() >= time
        )
      yield* until(touched(now + 1_000))
      yield* until(touched(now + 3_000))
    })
  )

  test(
    "is not taken twice where two find a dead holder, and one of them is late",
    Effect.gen(function* () {
      const { at, file, fs, left, lock, names } = yield* inDirectory
      // The generation after the dead one was taken, let go and removed; the next is held
      yield* left("token.json.lock.7", 60_000)
      const listed = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      let first = true
      let attempts = 0
      const slow = FileSystem.FileSystem.of({
        ...fs,
        stat: (path) =>
          Effect.tap(fs.stat(path), () => {
            if (!first) return Effect.void
            first = false
            return Effect.andThen(Deferred.succeed(listed, undefined), Deferred.await(goOn))
          }),
        open: (...args) => {
          attempts++
          return fs.open(...args)
        }
      })
      const late = yield* FileLock.make.pipe(Effect.provideService(FileSystem.FileSystem, slow))
      const waiting = yield* Effect.forkChild(Effect.scoped(late(file)))
      yield* Deferred.await(listed)
      yield* Effect.scoped(lock(file))
      const held = yield* Effect.forkChild(Effect.scoped(Effect.andThen(lock(file), Effect.never)))
      yield* until(Effect.map(names, (names) => names.includes("token.json.lock.9")))
      assert.isFalse(yield* fs.exists(at("token.json.lock.8")))
      yield* Deferred.succeed(goOn, undefined)
      yield* until(
        Effect.map(names, (names) => attempts === 1 && names.join() === "token.json.lock.9"),
        0
      )
      assert.isUndefined(waiting.pollUnsafe())
      yield* Fiber.interrupt(held)
      yield* Fiber.interrupt(waiting)
    })
  )

  test(
    "gives up after 45 seconds, and says so",
    Effect.gen(function* () {
      const { file, left, lock } = yield* inDirectory
      // A holder whose clock is an hour ahead: it stays alive without a heartbeat of this test's
      yield* left("token.json.lock.1", -3_600_000)
      const waiting = yield* Effect.forkChild(Effect.exit(Effect.scoped(lock(file))))
      yield* until(
        Effect.sync(() => waiting.pollUnsafe() !== undefined),
        500
      )
      const exit = yield* Fiber.join(waiting)
      assert.isTrue(Exit.isFailure(exit))
      assert.include(JSON.stringify(exit), "another process has held the lock for 45s")
    })
  )

  test(
    "is no longer waited for by who is interrupted, and leaves nothing of the wait",
    Effect.gen(function* () {
      const { file, lock, names } = yield* inDirectory
      yield* lock(file)
      const waiting = yield* Effect.forkChild(Effect.scoped(lock(file)))
      for (let turn = 0; turn < 20; turn++) yield* fileSystemTurn
      yield* Fiber.interrupt(waiting)
      assert.deepStrictEqual(yield* names, ["token.json.lock.1"])
    })
  )

  test(
    "removes what a writer of the same file left behind when it died, and nothing else",
    Effect.gen(function* () {
      const { file, left, lock, names } = yield* inDirectory
      yield* left("token.json.5b.tmp", 61_000)
      yield* left("token.json.6c.tmp", 1_000)
      yield* left("other.json.5b.tmp", 61_000)
      yield* Effect.scoped(lock(file))
      assert.deepStrictEqual(yield* names, ["other.json.5b.tmp", "token.json.6c.tmp", "token.json.lock.1.free"])
    })
  )
})
