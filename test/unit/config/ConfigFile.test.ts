import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, type Layer, Path, PlatformError, type Scope } from "effect"
import * as ConfigFile from "../../../src/config/ConfigFile.ts"

const region = (name: string, value: string) => ({ kind: "profile", name, settings: { region: value } }) as const

/** A temporary home directory, with helpers to read and write its config file. */
const inHome = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const home = yield* fs.makeTempDirectoryScoped({ prefix: "effect-sso-test-" })
  const directory = join(home, ".aws")
  const file = join(directory, "config")
  const put = (text: string, at = file) =>
    Effect.andThen(fs.makeDirectory(directory, { recursive: true }), fs.writeFileString(at, text))
  const edit = (edits: Parameters<typeof ConfigFile.edit>[0], env: Record<string, string> = { HOME: home }) =>
    Effect.provideService(ConfigFile.edit(edits), ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
  const mode = (at: string) => Effect.map(fs.stat(at), (info) => info.mode & 0o777)
  /** Everything in the directory: no temporary file may stay. */
  const names = fs.readDirectory(directory)
  const text = Effect.map(fs.readFile(file), (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))
  return { directory, edit, file, fs, home, join, mode, names, put, text }
})

const test = <E>(
  name: string,
  body: Effect.Effect<void, E, Layer.Success<typeof NodeServices.layer> | Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), NodeServices.layer))

/** A file system that runs an effect each time a temporary file is opened. */
const withEachWrite = (happens: Effect.Effect<void, PlatformError.PlatformError>) =>
  Effect.map(FileSystem.FileSystem, (fs) =>
    FileSystem.FileSystem.of({
      ...fs,
      open: (path, options) =>
        Effect.tap(fs.open(path, options), () => Effect.when(happens, Effect.succeed(path.endsWith(".tmp"))))
    })
  )

describe("ConfigFile.edit", () => {
  test(
    "creates the file and its directory, readable for their owner only",
    Effect.gen(function* () {
      const { directory, edit, file, mode, names, text } = yield* inHome
      assert.deepStrictEqual(yield* edit([region("a", "eu-west-1")]), { path: file, isChanged: true })
      assert.strictEqual(yield* text, "[profile a]\nregion = eu-west-1\n")
      assert.strictEqual(yield* mode(file), 0o600)
      assert.strictEqual(yield* mode(directory), 0o700)
      assert.deepStrictEqual(yield* names, ["config"])
    })
  )

  test(
    "changes the file that AWS_CONFIG_FILE names, with ~ for the home directory",
    Effect.gen(function* () {
      const { edit, fs, home, join } = yield* inHome
      const env = { HOME: home, AWS_CONFIG_FILE: "~/elsewhere/aws.ini" }
      const { path } = yield* edit([region("a", "eu-west-1")], env)
      assert.strictEqual(path, join(home, "elsewhere/aws.ini"))
      assert.strictEqual(yield* fs.readFileString(path), "[profile a]\nregion = eu-west-1\n")
      assert.isFalse(yield* fs.exists(join(home, ".aws")))
    })
  )

  test(
    "keeps the mode, the owner and the byte order mark of a file",
    Effect.gen(function* () {
      const { edit, file, fs, mode, put, text } = yield* inHome
      yield* put("\uFEFF[profile a]\r\n")
      yield* fs.chmod(file, 0o664)
      // Only root can change the owner of a file
      const [uid, gid] = process.getuid?.() === 0 ? [1234, 5678] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
      yield* fs.chown(file, uid, gid)
      yield* edit([region("a", "eu-west-1")])
      assert.strictEqual(yield* text, "\uFEFF[profile a]\r\nregion = eu-west-1\r\n")
      assert.strictEqual(yield* mode(file), 0o664)
      const info = yield* fs.stat(file)
      assert.deepStrictEqual(
        [info.uid, info.gid].map((id) => id.valueOrUndefined),
        [uid, gid]
      )
    })
  )

  test(
    "does not write a file that has the settings already",
    Effect.gen(function* () {
      const { edit, file, fs, put } = yield* inHome
      yield* put("[profile a]\nregion=eu-west-1")
      const before = yield* fs.stat(file)
      assert.deepStrictEqual(yield* edit([region("a", "eu-west-1")]), { path: file, isChanged: false })
      assert.deepStrictEqual((yield* fs.stat(file)).ino, before.ino)
    })
  )

  test(
    "follows a relative link below a directory that is a link itself",
    Effect.gen(function* () {
      const { edit, fs, home, join } = yield* inHome
      yield* fs.makeDirectory(join(home, "data/aws"), { recursive: true })
      yield* fs.makeDirectory(join(home, "data/shared"))
      yield* fs.symlink("data/aws", join(home, ".aws"))
      yield* fs.symlink("../shared/config", join(home, "data/aws/config"))
      yield* edit([region("a", "eu-west-1")])
      assert.strictEqual(
        yield* fs.readFileString(join(home, "data/shared/config")),
        "[profile a]\nregion = eu-west-1\n"
      )
      assert.isFalse(yield* fs.exists(join(home, "shared")))
    })
  )

  test(
    "replaces the target of a link, not the link, also if the target does not exist yet",
    Effect.gen(function* () {
      const { directory, edit, file, fs, home, join, names, text } = yield* inHome
      const dotfiles = join(home, "dotfiles/aws/config")
      yield* fs.makeDirectory(directory)
      yield* fs.symlink("../hop", file)
      yield* fs.symlink(dotfiles, join(home, "hop"))
      for (const name of ["a", "b"]) yield* edit([region(name, "eu-west-1")])
      assert.strictEqual(yield* fs.readLink(file), "../hop")
      assert.strictEqual(yield* fs.readLink(join(home, "hop")), dotfiles)
      assert.strictEqual(yield* fs.readFileString(dotfiles), yield* text)
      assert.match(yield* text, /^\[profile a\][^]*\[profile b\]/)
      assert.deepStrictEqual(yield* names, ["config"])
      assert.deepStrictEqual(yield* fs.readDirectory(join(home, "dotfiles/aws")), ["config"])
    })
  )

  test(
    "keeps what another program writes in the meantime",
    Effect.gen(function* () {
      const { edit, file, fs, names, put, text } = yield* inHome
      yield* put("[profile a]\nregion = eu-west-1\n")
      let writes = 0
      const other = Effect.suspend(() =>
        writes++ === 0
          ? fs.writeFileString(file, "# theirs\n[profile a]\nregion = eu-west-2\n[profile b]\n")
          : Effect.void
      )
      yield* Effect.provideServiceEffect(edit([region("a", "us-east-1")]), FileSystem.FileSystem, withEachWrite(other))
      assert.strictEqual(yield* text, "# theirs\n[profile a]\nregion = us-east-1\n[profile b]\n")
      assert.strictEqual(writes, 2)
      assert.deepStrictEqual(yield* names, ["config"])
    })
  )

  test(
    "fails if another program changes the file at each attempt",
    Effect.gen(function* () {
      const { edit, file, fs, names, put, text } = yield* inHome
      yield* put("")
      let writes = 0
      const other = Effect.suspend(() => fs.writeFileString(file, `# ${++writes}\n`))
      const error = yield* Effect.flip(
        Effect.provideServiceEffect(edit([region("a", "us-east-1")]), FileSystem.FileSystem, withEachWrite(other))
      )
      assert.deepInclude(error, {
        _tag: "ConfigWriteError",
        path: file,
        reason: "another program changes it again and again"
      })
      assert.strictEqual(yield* text, `# ${writes}\n`)
      assert.deepStrictEqual(yield* names, ["config"])
    })
  )

  test(
    "leaves a read-only file unchanged",
    Effect.gen(function* () {
      const { edit, file, fs, names, put, text } = yield* inHome
      yield* put("[profile a]\n")
      yield* fs.chmod(file, 0o444)
      const error = yield* Effect.flip(edit([region("a", "us-east-1")]))
      assert.deepInclude(error, { _tag: "ConfigWriteError", path: file, reason: "it is read-only" })
      assert.include(error.message, `${file} cannot be written, and is unchanged`)
      assert.strictEqual(yield* text, "[profile a]\n")
      assert.deepStrictEqual(yield* names, ["config"])
    })
  )

  test(
    "leaves the file unchanged if the temporary file cannot replace it",
    Effect.gen(function* () {
      const { edit, file, fs, names, put, text } = yield* inHome
      yield* put("[profile a]\n")
      const refuses = FileSystem.FileSystem.of({
        ...fs,
        rename: (_, pathOrDescriptor) =>
          Effect.fail(
            PlatformError.systemError({
              _tag: "PermissionDenied",
              module: "FileSystem",
              method: "rename",
              pathOrDescriptor
            })
          )
      })
      const error = yield* Effect.flip(
        Effect.provideService(edit([region("a", "us-east-1")]), FileSystem.FileSystem, refuses)
      )
      assert.deepInclude(error, { _tag: "ConfigWriteError", path: file })
      assert.include(error.message, "PermissionDenied")
      assert.strictEqual(yield* text, "[profile a]\n")
      assert.deepStrictEqual(yield* names, ["config"])
    })
  )

  test(
    "fails with the path if it is a directory, below a file, a link cycle or below ~ without a home directory",
    Effect.gen(function* () {
      const { directory, edit, file, fs, home, join, put } = yield* inHome
      yield* put("")
      yield* fs.symlink("circle", join(directory, "circle"))
      for (const [path, tag] of [
        [directory, "ConfigReadError"],
        [join(file, "config"), "ConfigReadError"],
        [join(directory, "circle"), "ConfigReadError"],
        ["~/config", "ConfigWriteError"]
      ] as const) {
        const HOME = path === "~/config" ? "" : home
        const error = yield* Effect.flip(edit([region("a", "us-east-1")], { HOME, AWS_CONFIG_FILE: path }))
        assert.deepInclude(error, { _tag: tag, path })
        assert.match(error.message, /cannot be (read|written).*AWS_CONFIG_FILE/)
      }
    })
  )

  test(
    "does not change a file that is not text or whose syntax is broken",
    Effect.gen(function* () {
      const { edit, file, fs, put, text } = yield* inHome
      yield* put("oops\n")
      assert.deepInclude(yield* Effect.flip(edit([region("a", "us-east-1")])), {
        _tag: "ConfigParseError",
        file,
        line: 1
      })
      assert.strictEqual(yield* text, "oops\n")
      const bytes = new Uint8Array([0xff, 0xfe, 0x5b, 0x00])
      yield* fs.writeFile(file, bytes)
      assert.deepInclude(yield* Effect.flip(edit([region("a", "us-east-1")])), { _tag: "ConfigReadError", path: file })
      assert.deepStrictEqual(Uint8Array.from(yield* fs.readFile(file)), bytes)
    })
  )
})
