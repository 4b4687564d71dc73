import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  ConfigProvider,
  DateTime,
  Effect,
  Exit,
  Fiber,
  FileSystem,
  Layer,
  Option,
  Path,
  PlatformError,
  Redacted,
  Schema
} from "effect"
import { TestClock } from "effect/testing"
import { SsoSession, SsoStore, SsoToken, TokenCache } from "../../../src/index.ts"
import { StartUrl } from "../../../src/operation/StartUrl.ts"
import { Registration } from "../../../src/session/Registration.ts"
import { soon } from "../../support/FileSystemTurn.ts"
import { session, tokenFor } from "../../support/Session.ts"
import { tokenFile } from "../../support/TokenFile.ts"
import { witness } from "../../support/Witness.ts"

const endpoint = "https://oidc.us-east-1.amazonaws.com"

const legacySession = new SsoSession.SsoSession({
  startUrl: "https://legacy.awsapps.com/start",
  region: "eu-west-1",
  scopes: []
})

/** A store in a new directory, with the operations of a test on the file of the session. */
const inDirectory = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* fs.makeTempDirectoryScoped()
  const root = path.join(home, ".aws")
  const directory = path.join(root, "sso", "cache")
  const file = path.join(directory, tokenFile("my-sso"))
  const cache = yield* Layer.build(SsoStore.layerFile({ directory: root })).pipe(
    Effect.flatMap((context) => Effect.provideContext(TokenCache.TokenCache, context))
  )
  const put = (text: string) =>
    Effect.andThen(fs.makeDirectory(directory, { recursive: true }), fs.writeFileString(file, text))
  const mode = (at: string) => Effect.map(fs.stat(at), (info) => info.mode & 0o777)
  const entry = Effect.map(fs.readFileString(file), (text): unknown => JSON.parse(text))
  return { cache, directory, entry, file, fs, mode, path, put, root }
})

const test = <E>(
  name: string,
  body: Effect.Effect<void, E, Layer.Success<typeof NodeServices.layer> | import("effect").Scope.Scope>
): void => it.effect(name, () => Effect.provide(Effect.scoped(body), NodeServices.layer))

const expectSame = (actual: Option.Option<SsoToken.SsoToken>, expected: SsoToken.SsoToken) =>
  Effect.gen(function* () {
    const encode = Schema.encodeEffect(SsoToken.SsoToken)
    assert.deepStrictEqual(yield* encode(yield* Effect.fromOption(actual)), yield* encode(expected))
  })

describe("TokenCache on SsoStore.layerFile", () => {
  test(
    "writes the file that AWS tools read, readable by its owner only",
    Effect.gen(function* () {
      const { cache, directory, entry, file, fs, mode } = yield* inDirectory
      yield* cache.set(session, yield* tokenFor("8 hours"))
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [tokenFile("my-sso")])
      assert.strictEqual(yield* mode(file), 0o600)
      assert.strictEqual(yield* mode(directory), 0o700)
      assert.deepStrictEqual(yield* entry, {
        startUrl: "https://example.awsapps.com/start",
        region: "us-east-1",
        accessToken: "access-0",
        expiresAt: "1970-01-01T08:00:00Z",
        clientId: "client",
        clientSecret: "client-secret",
        registrationExpiresAt: "1970-04-01T00:00:00Z",
        refreshToken: "refresh-0"
      })
      assert.strictEqual(yield* cache.locate(session), file)
    })
  )

  test(
    "names the file of a session without a name by its start URL",
    Effect.gen(function* () {
      const { cache, directory, path } = yield* inDirectory
      assert.strictEqual(
        yield* cache.locate(legacySession),
        path.join(directory, tokenFile("https://legacy.awsapps.com/start"))
      )
    })
  )

  test(
    "reads a token that was written, and none before and after",
    Effect.gen(function* () {
      const { cache } = yield* inDirectory
      assert.deepStrictEqual(yield* cache.get(session), Option.none())
      const token = yield* tokenFor("8 hours")
      yield* cache.set(session, token)
      yield* expectSame(yield* cache.get(session), token)
      yield* cache.remove(session)
      assert.deepStrictEqual(yield* cache.get(session), Option.none())
      yield* cache.remove(session)
    })
  )

  test(
    "keeps the members of other tools, and removes members that the new token lacks",
    Effect.gen(function* () {
      const { cache, entry, put } = yield* inDirectory
      yield* put(
        JSON.stringify({
          accessToken: "old",
          expiresAt: "2026-11-24T10:06:25Z",
          refreshToken: "old",
          theirs: { deep: [1, null] },
          nothing: null
        })
      )
      const { accessToken, expiresAt, region, startUrl } = yield* tokenFor("8 hours")
      yield* cache.set(session, new SsoToken.SsoToken({ accessToken, expiresAt, region, startUrl }))
      assert.deepStrictEqual(yield* entry, {
        theirs: { deep: [1, null] },
        nothing: null,
        startUrl,
        region,
        accessToken: "access-0",
        expiresAt: "1970-01-01T08:00:00Z"
      })
    })
  )

  for (const [form, instant] of [
    ["2026-11-24T10:06:25Z", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24T10:06:25UTC", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24T10:06:25.123456789Z", "2026-11-24T10:06:25.123Z"],
    ["2026-11-24T12:06:25+02:00", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24T04:36:25.5-05:30", "2026-11-24T10:06:25.500Z"],
    ["2026-11-24T10:06:25+0000", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24T08:36:25.5-0130", "2026-11-24T10:06:25.500Z"],
    ["2026-11-24T10:06:25", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24t10:06:25z", "2026-11-24T10:06:25.000Z"],
    ["2026-11-24 10:06:25Z", "2026-11-24T10:06:25.000Z"]
  ] as const) {
    test(
      `reads the timestamp ${form}`,
      Effect.gen(function* () {
        const { cache, put } = yield* inDirectory
        yield* put(JSON.stringify({ accessToken: "a", expiresAt: form }))
        const token = yield* Effect.flatMap(cache.get(session), Effect.fromOption)
        assert.strictEqual(DateTime.formatIso(token.expiresAt), instant)
        assert.strictEqual(token.startUrl, session.startUrl)
      })
    )
  }

  for (const [what, text] of [
    ["an empty file", ""],
    ["half a file", '{"accessToken": "sekret", "expi'],
    ["an HTML page", "<html>sekret</html>"],
    ["an array", '["sekret"]'],
    ["an object that is not a token", '{"clientId": "sekret"}'],
    ["a token with a member of another type", '{"accessToken": {"sekret": 1}, "expiresAt": "2026-11-24T10:06:25Z"}'],
    ["an invalid date", '{"accessToken": "sekret", "expiresAt": "2026-02-30T10:06:25Z"}'],
    ["an invalid start URL", '{"accessToken": "sekret", "expiresAt": "2026-11-24T10:06:25Z", "startUrl": "sekret"}'],
    ["an empty region", '{"accessToken": "sekret", "expiresAt": "2026-11-24T10:06:25Z", "region": ""}'],
    ["ten mebibytes", " ".repeat(10 * 1024 * 1024)]
  ] as const) {
    test(
      `reports ${what} as EntryCorrupt with its path and without its content, and replaces it after a new sign-in only`,
      Effect.gen(function* () {
        const { cache, file, fs, put } = yield* inDirectory
        yield* put(text)
        const token = yield* tokenFor("8 hours")
        for (const attempt of [cache.get(session), cache.set(session, token)]) {
          const error = yield* soon(Effect.flip(attempt))
          assert.strictEqual(error.reason._tag, "EntryCorrupt")
          assert.include(error.message, file)
          assert.notInclude(JSON.stringify(error) + error.message, "sekret")
        }
        assert.strictEqual(yield* fs.readFileString(file), text)
        yield* cache.set(session, token, { overwriteCorrupt: true })
        yield* expectSame(yield* cache.get(session), token)
      })
    )
  }

  test(
    "reads a file again that another tool is writing in place",
    Effect.gen(function* () {
      const { cache, file, fs, put } = yield* inDirectory
      const token = yield* tokenFor("8 hours")
      yield* cache.set(session, token)
      const text = yield* fs.readFileString(file)
      yield* put(text.slice(0, 20))
      const reading = yield* Effect.forkChild(cache.get(session))
      yield* TestClock.adjust("50 millis")
      yield* put(text)
      yield* expectSame(yield* soon(Fiber.join(reading)), token)
    })
  )

  test(
    "closes a file that other users can read, and logs one warning",
    Effect.gen(function* () {
      const { cache, file, fs, mode } = yield* inDirectory
      yield* cache.set(session, yield* tokenFor("8 hours"))
      yield* fs.chmod(file, 0o644)
      const { logs } = yield* witness(Effect.andThen(cache.get(session), cache.get(session)))
      assert.strictEqual(yield* mode(file), 0o600)
      assert.strictEqual(logs.length, 1)
      assert.include(logs.join(), `${file} was open to other users (mode 644)`)
    })
  )

  test(
    "logs one warning for a file that it cannot close to other users, and reads it",
    Effect.gen(function* () {
      const { cache, file, fs, root } = yield* inDirectory
      yield* cache.set(session, yield* tokenFor("8 hours"))
      yield* fs.chmod(file, 0o644)
      const foreign = FileSystem.FileSystem.of({
        ...fs,
        chmod: (path) =>
          Effect.fail(
            PlatformError.systemError({
              _tag: "PermissionDenied",
              module: "FileSystem",
              method: "chmod",
              pathOrDescriptor: path
            })
          )
      })
      const theirs = yield* Layer.build(SsoStore.layerFile({ directory: root })).pipe(
        Effect.flatMap((context) => Effect.provideContext(TokenCache.TokenCache, context)),
        Effect.provideService(FileSystem.FileSystem, foreign)
      )
      const { exit, logs } = yield* witness(Effect.andThen(theirs.get(session), theirs.get(session)))
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(logs.length, 1)
      assert.include(logs.join(), "it could not be closed to them (PermissionDenied)")
    })
  )

  test(
    "closes a default directory to other users, but not a directory that the caller chose",
    Effect.gen(function* () {
      const { directory, fs, mode, path, root } = yield* inDirectory
      yield* fs.makeDirectory(directory, { recursive: true })
      yield* fs.chmod(directory, 0o755)
      const home = path.join(root, "..")
      const write = Effect.fnUntraced(function* (options?: { readonly directory: string }) {
        const context = yield* Layer.build(SsoStore.layerFile(options))
        const cache = yield* Effect.provideContext(TokenCache.TokenCache, context)
        yield* cache.set(session, yield* tokenFor("8 hours"))
      })
      const environment = ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOME: home } }))
      yield* Effect.provide(write({ directory: root }), environment)
      assert.strictEqual(yield* mode(directory), 0o755)
      const { logs } = yield* witness(Effect.provide(Effect.andThen(write(), write()), environment))
      assert.strictEqual(yield* mode(directory), 0o700)
      assert.strictEqual(logs.length, 1)
      assert.include(logs.join(), `was open to other users (mode 755): it is closed to them now`)
    })
  )

  test(
    "reads through a symbolic link, and replaces the link by a write",
    Effect.gen(function* () {
      const { cache, directory, file, fs, path } = yield* inDirectory
      const token = yield* tokenFor("8 hours")
      yield* cache.set(session, token)
      const outside = path.join(directory, "..", "outside.json")
      yield* fs.rename(file, outside)
      yield* fs.symlink(outside, file)
      const text = yield* fs.readFileString(outside)
      yield* expectSame(yield* cache.get(session), token)
      const next = yield* tokenFor("9 hours")
      yield* cache.set(session, next)
      yield* expectSame(yield* cache.get(session), next)
      assert.strictEqual(yield* fs.readFileString(outside), text)
      yield* Effect.flip(fs.readLink(file))
    })
  )

  test(
    "follows a directory that is a symbolic link",
    Effect.gen(function* () {
      const { directory, fs, path, root } = yield* inDirectory
      const elsewhere = path.join(directory, "..", "elsewhere")
      yield* fs.makeDirectory(elsewhere, { recursive: true })
      yield* fs.makeDirectory(path.dirname(directory), { recursive: true })
      yield* fs.symlink(elsewhere, directory)
      const context = yield* Layer.build(SsoStore.layerFile({ directory: root }))
      const cache = yield* Effect.provideContext(TokenCache.TokenCache, context)
      yield* cache.set(session, yield* tokenFor("8 hours"))
      assert.deepStrictEqual(yield* fs.readDirectory(elsewhere), [tokenFile("my-sso")])
    })
  )

  test(
    "reports a directory in place of the file, and leaves it",
    Effect.gen(function* () {
      const { cache, directory, file, fs } = yield* inDirectory
      yield* fs.makeDirectory(file, { recursive: true })
      assert.strictEqual((yield* soon(Effect.flip(cache.get(session)))).reason._tag, "EntryCorrupt")
      const error = yield* Effect.flip(cache.set(session, yield* tokenFor("8 hours"), { overwriteCorrupt: true }))
      assert.strictEqual(error.reason._tag, "StoreUnavailable")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [tokenFile("my-sso")])
    })
  )

  test(
    "reports a directory that cannot be created",
    Effect.gen(function* () {
      const { directory, fs, path, root } = yield* inDirectory
      yield* fs.makeDirectory(path.dirname(directory), { recursive: true })
      yield* fs.writeFileString(directory, "a file")
      const context = yield* Layer.build(SsoStore.layerFile({ directory: root }))
      const cache = yield* Effect.provideContext(TokenCache.TokenCache, context)
      const error = yield* Effect.flip(cache.set(session, yield* tokenFor("8 hours")))
      assert.strictEqual(error.reason._tag, "StoreUnavailable")
      assert.strictEqual((yield* Effect.flip(cache.ensureWritable(session))).reason._tag, "StoreUnavailable")
    })
  )

  test(
    "ensureWritable changes nothing",
    Effect.gen(function* () {
      const { cache, directory, fs, put } = yield* inDirectory
      yield* put("as it was")
      yield* cache.ensureWritable(session)
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [tokenFile("my-sso")])
    })
  )

  test(
    "separates registrations by endpoint, session, grants and redirect URIs, and treats an unreadable one as absent",
    Effect.gen(function* () {
      const { cache, directory, fs, mode, path } = yield* inDirectory
      const registration = new Registration({
        clientId: "client",
        clientSecret: Redacted.make("sekret"),
        expiresAt: DateTime.makeUnsafe("2027-02-22T02:06:23Z")
      })
      yield* cache.setRegistration(session, { endpoint, grantTypes: ["a", "b"] }, registration)
      assert.deepStrictEqual(
        yield* cache.getRegistration(session, { endpoint, grantTypes: ["b", "a"] }),
        Option.some(registration)
      )
      assert.deepStrictEqual(yield* cache.getRegistration(session, { endpoint, grantTypes: ["a"] }), Option.none())
      const redirects = { endpoint, grantTypes: ["a", "b"], redirectUris: ["http://127.0.0.1/oauth/callback"] }
      assert.deepStrictEqual(yield* cache.getRegistration(session, redirects), Option.none())
      const emulator = { endpoint: "http://localhost:4000", grantTypes: ["a", "b"] }
      assert.deepStrictEqual(yield* cache.getRegistration(session, emulator), Option.none())
      assert.deepStrictEqual(
        yield* cache.getRegistration(legacySession, { endpoint, grantTypes: ["a", "b"] }),
        Option.none()
      )
      const [name = ""] = yield* fs.readDirectory(directory)
      const file = path.join(directory, name)
      assert.strictEqual(yield* mode(file), 0o600)
      yield* fs.writeFileString(file, "{")
      assert.deepStrictEqual(yield* cache.getRegistration(session, { endpoint, grantTypes: ["a", "b"] }), Option.none())
      yield* cache.removeRegistration(session, { endpoint, grantTypes: ["a", "b"] })
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
    })
  )
})

describe("TokenCache", () => {
  const stored = Schema.Struct({
    ...SsoToken.SsoToken.fields,
    startUrl: StartUrl,
    region: Schema.NonEmptyString,
    clientId: Schema.optionalKey(Schema.NonEmptyString)
  })

  it.effect.prop("reads the same token that was written, for any token in whole seconds", [stored], ([values]) =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      // RFC 3339 has years of four digits
      const seconds = (time: DateTime.Utc) =>
        DateTime.fromEpochSeconds(Math.floor(Math.abs(DateTime.toEpochMillis(time)) / 1000) % 253_402_300_800)
      const whole = new SsoToken.SsoToken({
        ...values,
        expiresAt: seconds(values.expiresAt),
        ...(values.registrationExpiresAt === undefined
          ? {}
          : { registrationExpiresAt: seconds(values.registrationExpiresAt) })
      })
      yield* cache.set(session, whole)
      yield* expectSame(yield* cache.get(session), whole)
    }).pipe(Effect.provide(SsoStore.layerMemory()))
  )
})
