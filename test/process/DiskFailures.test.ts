/** Refreshes on a disk that is read-only or full, and from files that hold no token. */
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import * as Worker from "../support/Worker.ts"

/** Runs a command in its own mount namespace. Its mounts end with it. */
const mounted = (mount: string, directory: string, command: ReadonlyArray<string>) =>
  ["unshare", "--map-root-user", "--mount", "sh", "-c", `${mount} && exec "$@"`, directory, ...command] as const

const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
const tiny = 'mount -t tmpfs -o size=64k tmpfs "$0"'

const [unshare, ...args] = mounted(`${tiny} && ${readOnly}`, "/mnt", ["true"])
const cannotMount = spawnSync(unshare, args).status !== 0

/** Asks a process of the library for the token of a session. */
const askFor = Effect.fnUntraced(function* (worker: Worker.Worker, directory: string, session: object) {
  const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
  return Option.getOrThrow(yield* worker.ask({ directory, endpoint, session }))
})

describe("A token refresh", () => {
  it.live.skipIf(cannotMount)("sends no refresh token if the directory is read-only (unshare)", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const old = yield* ExpiredSession.make(directory, "team")
      const before = yield* fs.readFileString(old.file)

      const bound = yield* Worker.start(mounted(readOnly, directory, Worker.ours))
      const { message, reason } = yield* askFor(bound, directory, old.session)
      assert.strictEqual(reason, "StoreUnavailable")
      assert.include(message, "EROFS")
      assert.deepStrictEqual(yield* old.calls, [])
      assert.strictEqual(yield* fs.readFileString(old.file), before)

      const free = yield* Worker.start(Worker.ours)
      const { accessToken } = yield* askFor(free, directory, old.session)
      assert.strictEqual(accessToken, (yield* old.kept).accessToken)
    }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )

  it.live.skipIf(cannotMount)(
    "sends no refresh token while the disk is full, and works again when there is space (unshare)",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = yield* fs.makeTempDirectoryScoped()
        const worker = yield* Worker.start(mounted(tiny, directory, Worker.ours))
        const disk = `/proc/${worker.pid}/root${directory}`
        const old = yield* ExpiredSession.make(disk, "team")
        const before = yield* fs.readFileString(old.file)
        const filler = `${disk}/filler`
        yield* Effect.flip(fs.writeFile(filler, new Uint8Array(128 * 1024)))

        const { action, message, reason } = yield* askFor(worker, directory, old.session)
        assert.deepStrictEqual([reason, action], ["StoreUnavailable", "write"])
        assert.include(message, "ENOSPC")
        assert.deepStrictEqual(yield* old.calls, [])
        assert.strictEqual(yield* fs.readFileString(old.file), before)

        yield* fs.remove(filler)
        const { accessToken } = yield* askFor(worker, directory, old.session)
        assert.strictEqual(accessToken, (yield* old.kept).accessToken)
        assert.deepStrictEqual(yield* old.calls, ["200"])
        // Both attempts leave nothing behind but the time of the last one, and the lease, which is free
        assert.deepStrictEqual(
          (yield* fs.readDirectory(`${disk}/sso/cache`)).map((name) => name.replace(/^[0-9a-f]{40}/, "")).toSorted(),
          [".json", ".json.attempt", ".json.lock.2.free"]
        )
      }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )

  it.live("fails for a file that holds no token, sends nothing and leaves the file unchanged", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const worker = yield* Worker.start(Worker.ours)
      for (const [name, spoil] of [
        ["array", (text: string) => `[${text}]`],
        ["a truncated file", (text: string) => text.slice(0, -1)],
        ["other types", (text: string) => text.replace(/"refreshToken":"[^"]*"/, '"refreshToken":{}')],
        ["ten mebibytes", (text: string) => text + " ".repeat(10 * 1024 * 1024)]
      ] as const) {
        const old = yield* ExpiredSession.make(directory, name)
        const text = spoil(yield* fs.readFileString(old.file))
        yield* fs.writeFileString(old.file, text)
        const { message, reason } = yield* askFor(worker, directory, old.session)
        assert.strictEqual(reason, "EntryCorrupt", name)
        assert.include(message, old.file)
        assert.strictEqual(yield* fs.readFileString(old.file), text)
      }
      const old = yield* ExpiredSession.make(directory, "directory")
      yield* fs.remove(old.file)
      yield* fs.makeDirectory(old.file)
      assert.strictEqual((yield* askFor(worker, directory, old.session)).reason, "EntryCorrupt")
      const { requests } = yield* IdentityCenter.IdentityCenter
      assert.deepStrictEqual(
        (yield* requests).filter(({ grantType }) => grantType === "refresh_token"),
        []
      )
    }).pipe(Effect.scoped, Effect.provide(Emulator.layer))
  )
})
