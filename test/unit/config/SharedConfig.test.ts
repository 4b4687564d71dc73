import { spawnSync } from "node:child_process"
import { inspect } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Formatter from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as PlatformError from "effect/PlatformError"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as ConfigWarning from "../../../src/config/ConfigWarning.ts"
import * as SharedConfig from "../../../src/config/SharedConfig.ts"

const parsed = (texts: Parameters<typeof SharedConfig.parse>[0]) => Result.getOrThrow(SharedConfig.parse(texts))

const failure = (_tag: PlatformError.SystemErrorTag, path: string) =>
  PlatformError.systemError({ _tag, module: "FileSystem", method: "readFile", pathOrDescriptor: path })

describe("SharedConfig: secrets", () => {
  const config = parsed({
    credentials:
      "[foo]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hunter2\naws_session_token = hunter2\n",
    config: "[profile foo]\nweb_identity_token_file = /token\n[services foo]\nx =\n  password = hunter2\n"
  })
  const settings = Option.getOrThrow(SharedConfig.profile(config, "foo"))

  it("are plain strings when they are read", () => {
    assert.strictEqual(settings["aws_secret_access_key"], "hunter2")
    assert.deepStrictEqual(Object.entries(settings).length, 4)
    assert.strictEqual({ ...settings }["aws_session_token"], "hunter2")
  })

  it.each<[string, (value: object) => string]>([
    ["JSON.stringify", (value) => JSON.stringify(value)],
    ["util.inspect", (value) => inspect(value, { depth: 9 })],
    ["Effect's format", (value) => Formatter.format(value)],
    ["Effect's formatJson", (value) => Formatter.formatJson(value)]
  ])("are not printed by %s, and other settings are", (_, print) => {
    for (const value of [config, config.profiles, settings]) {
      const printed = print(value)
      assert.notInclude(printed, "hunter2")
      assert.include(printed, "<redacted>")
      assert.include(printed, "AKIAEXAMPLE")
      assert.include(printed, "/token")
    }
    assert.notInclude(print(config.services), "hunter2")
  })

  it("are not part of settings as a string", () => {
    assert.notInclude(`${settings}`, "hunter2")
    assert.include(`${settings}`, "AKIAEXAMPLE")
  })

  it.effect("are not logged", () => {
    const logged: Array<unknown> = []
    const logger = Logger.map(Logger.formatStructured, (line) => logged.push(line, JSON.stringify(line)))
    return Effect.gen(function* () {
      yield* Effect.log("read", config, settings)
      assert.notInclude(inspect(logged, { depth: 9 }), "hunter2")
      assert.include(inspect(logged, { depth: 9 }), "AKIAEXAMPLE")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("SharedConfig: accessors", () => {
  const config = parsed({ config: "[profile a]\nx = 1\n[sso-session b]\nx = 2\n[services c]\nx = 3" })

  it("find a section by its name, data-first and data-last", () => {
    assert.deepStrictEqual(SharedConfig.profile(config, "a"), Option.some({ x: "1" }))
    assert.deepStrictEqual(SharedConfig.ssoSession(config, "b"), Option.some({ x: "2" }))
    assert.deepStrictEqual(SharedConfig.servicesSection(config, "c"), Option.some({ x: "3" }))
    assert.deepStrictEqual(SharedConfig.profile("a")(config), Option.some({ x: "1" }))
  })

  it.each(["A", "b", "constructor", "__proto__", "toString"])("do not find %s", (name) => {
    assert.isTrue(Option.isNone(SharedConfig.profile(config, name)))
  })
})

describe("SharedConfig.ignoredSection", () => {
  const config = parsed({
    config: "[dev]\n[profile my team]\n[Profile prod]\n[profile 'a # b']",
    credentials: "[profile test]\n[sso-session old]"
  })

  it.each([
    ["dev", "config", 1],
    ["my team", "config", 2],
    ["prod", "config", 3],
    ["a # b", "config", 4],
    ["test", "credentials", 1],
    ["old", "credentials", 2]
  ] as const)("finds the section that was meant to be %s", (name, file, line) => {
    assert.deepInclude(SharedConfig.ignoredSection(config, name), { file, line })
  })

  it.each(["team dev", "v", "profile"])("finds nothing for %s", (name) => {
    assert.isUndefined(SharedConfig.ignoredSection(config, name))
  })
})

describe("SharedConfig.load", () => {
  type Content = string | Uint8Array | PlatformError.PlatformError

  const load = (options: {
    readonly env?: Record<string, string>
    readonly files: Record<string, Content>
    /** The warnings that were logged before. */
    readonly known?: Set<string>
  }) => {
    const logged: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      logged.push(`${logLevel} ${String(message)}`)
    })
    const files = FileSystem.layerNoop({
      readFile: (path) => {
        const content = options.files[path] ?? failure("NotFound", path)
        if (typeof content === "string") return Effect.succeed(new TextEncoder().encode(content))
        return content instanceof Uint8Array ? Effect.succeed(content) : Effect.fail(content)
      }
    })
    return SharedConfig.load.pipe(
      Effect.result,
      Effect.map((result) => ({ result, logged })),
      Effect.provide(Layer.mergeAll(files, Path.layer, Logger.layer([logger]))),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.provideService(ConfigWarning.Logged, options.known ?? new Set()),
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({ env: options.env ?? { HOME: "/home/ada" } })
      )
    )
  }

  it.effect.each<{
    readonly it: string
    readonly env: Record<string, string>
    readonly config: string
    readonly credentials: string
  }>([
    {
      it: "the home directory",
      env: { HOME: "/home/ada" },
      config: "/home/ada/.aws/config",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "USERPROFILE",
      env: { USERPROFILE: "/users/ada" },
      config: "/users/ada/.aws/config",
      credentials: "/users/ada/.aws/credentials"
    },
    {
      it: "AWS_CONFIG_FILE",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "/etc/aws" },
      config: "/etc/aws",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "AWS_SHARED_CREDENTIALS_FILE",
      env: { HOME: "/home/ada", AWS_SHARED_CREDENTIALS_FILE: "/etc/aws" },
      config: "/home/ada/.aws/config",
      credentials: "/etc/aws"
    },
    {
      it: "AWS_CONFIG_FILE below ~",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "~/my config" },
      config: "/home/ada/my config",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "a relative AWS_CONFIG_FILE",
      env: { AWS_CONFIG_FILE: "config", AWS_SHARED_CREDENTIALS_FILE: "./credentials" },
      config: "config",
      credentials: "./credentials"
    },
    {
      it: "an empty AWS_CONFIG_FILE as if it were not set",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "" },
      config: "/home/ada/.aws/config",
      credentials: "/home/ada/.aws/credentials"
    }
  ])("reads the file of $it", ({ env, config, credentials }) =>
    Effect.gen(function* () {
      const { result } = yield* load({
        env,
        files: { [config]: "[profile foo]\na = 1\nb = 1", [credentials]: "[foo]\na = 2" }
      })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({ config: "[profile foo]\na = 2\nb = 1" }))
    })
  )

  it.effect("reads missing files as empty, without a warning", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ files: {} })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({}))
      assert.deepStrictEqual(logged, [])
    })
  )

  it.effect("reads a missing file that the environment names as empty, with a warning", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ env: { HOME: "/home/ada", AWS_CONFIG_FILE: "~/none" }, files: {} })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({}))
      assert.deepStrictEqual(logged, ["Warn AWS_CONFIG_FILE names a file that does not exist: /home/ada/none"])
    })
  )

  it.effect("does not read the default file if the environment names a missing one", () =>
    Effect.gen(function* () {
      const env = { HOME: "/home/ada", AWS_CONFIG_FILE: "/none" }
      const { result } = yield* load({ env, files: { "/home/ada/.aws/config": "[default]\na = 1" } })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({}))
    })
  )

  it.effect("reads nothing below ~ without a home directory, not even a directory with that name", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({
        env: { AWS_SHARED_CREDENTIALS_FILE: "~/x" },
        files: { "~/.aws/config": "[default]\na = 1", "~/x": "[default]\na = 1" }
      })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({}))
      assert.deepStrictEqual(logged, ["Warn AWS_SHARED_CREDENTIALS_FILE names a file that does not exist: ~/x"])
    })
  )

  it.effect.each<{
    readonly it: string
    readonly path: string
    readonly content: Content
    readonly variable: SharedConfig.ConfigReadError["variable"]
  }>([
    {
      it: "that cannot be read",
      path: "/home/ada/.aws/config",
      content: failure("PermissionDenied", "/home/ada/.aws/config"),
      variable: "AWS_CONFIG_FILE"
    },
    {
      it: "that is a directory",
      path: "/home/ada/.aws/credentials",
      content: failure("BadResource", "/home/ada/.aws/credentials"),
      variable: "AWS_SHARED_CREDENTIALS_FILE"
    },
    {
      it: "that is not text in UTF-8",
      path: "/home/ada/.aws/config",
      content: new Uint8Array([0xff, 0xfe, 0x5b, 0x00]),
      variable: "AWS_CONFIG_FILE"
    }
  ])("fails with the path of a file $it", ({ path, content, variable }) =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { [path]: content } })
      const error = Result.getOrThrow(Result.flip(result))
      assert.deepInclude(error, { _tag: "ConfigReadError", path, variable })
      assert.match(error.message, new RegExp(`^${path} cannot be read: .* name another in ${variable} \\(.+\\)$`))
    })
  )

  it.effect("fails with path and line of a syntax error", () =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { "/home/ada/.aws/credentials": "[default]\noops" } })
      const error = Result.getOrThrow(Result.flip(result))
      assert.deepInclude(error, {
        _tag: "ConfigParseError",
        file: "/home/ada/.aws/credentials",
        line: 2,
        problem: "MissingEquals"
      })
    })
  )

  it.effect("skips the byte order mark of a file", () =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { "/home/ada/.aws/config": "\uFEFF[default]\na = ż" } })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({ config: "[default]\na = ż" }))
    })
  )

  const config = "[foo]\n[profile bar]\nc d = e\n[profile baz] f = g"

  it.effect("logs a mistake as a warning, and the rest of what it ignores at debug level, with file and line", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ files: { "/home/ada/.aws/config": config } })
      const { ignored } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        ignored.map(({ file, line }) => [file, line]),
        [1, 3, 4].map((line) => ["/home/ada/.aws/config", line])
      )
      const levels = ["Debug", "Warn", "Warn"]
      assert.deepStrictEqual(
        logged,
        ignored.map(({ file, line, what }, index) => `${levels[index]} ${file}, line ${line}: ignored ${what}`)
      )
    })
  )

  it.effect("logs a warning once in the life of the process", () =>
    Effect.gen(function* () {
      const env = { HOME: "/home/ada", AWS_SHARED_CREDENTIALS_FILE: "/none" }
      const warnings = ({ logged }: { readonly logged: ReadonlyArray<string> }) =>
        logged.filter((line) => line.startsWith("Warn")).length
      const one = { env, files: { "/home/ada/.aws/config": config }, known: new Set<string>() }
      assert.strictEqual(warnings(yield* load(one)), 3)
      assert.strictEqual(warnings(yield* load(one)), 0)
      assert.strictEqual(warnings(yield* load({ ...one, files: { "/home/ada/.aws/config": `\n${config}` } })), 2)
    })
  )

  it.effect("fails at once with the path of a named pipe and of a device", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const pipe = `${yield* fs.makeTempDirectoryScoped()}/pipe`
      assert.strictEqual(spawnSync("mkfifo", [pipe]).status, 0)
      for (const [path, reason] of [
        [pipe, "it is a named pipe"],
        ["/dev/zero", "it is a device"]
      ] as const) {
        const provider = ConfigProvider.fromEnv({ env: { AWS_CONFIG_FILE: path } })
        const error = yield* Effect.flip(SharedConfig.load).pipe(
          Effect.provideService(ConfigProvider.ConfigProvider, provider)
        )
        assert.deepInclude(error, { _tag: "ConfigReadError", path, reason })
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("reads /dev/null as an empty file, without a warning", () =>
    Effect.gen(function* () {
      const env = { HOME: "/home/ada", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" }
      const { logged, result } = yield* load({ env, files: {} })
      assert.deepStrictEqual(Result.getOrThrow(result), parsed({}))
      assert.deepStrictEqual(logged, [])
    })
  )
})

describe("SharedConfig.chosenProfile", () => {
  it.effect.each([
    { env: {}, name: "default" },
    { env: { AWS_PROFILE: "a" }, name: "a" },
    { env: { AWS_DEFAULT_PROFILE: "b" }, name: "b" },
    { env: { AWS_PROFILE: "a", AWS_DEFAULT_PROFILE: "b" }, name: "a" },
    { env: { AWS_PROFILE: " ", AWS_DEFAULT_PROFILE: "b" }, name: "b" },
    { env: { AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "" }, name: "default" }
  ])("is $name, of $env", ({ env, name }) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* SharedConfig.chosenProfile, name)
    }).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))
  )
})
