import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { DateTime, Effect, FileSystem, Layer, Option, Path, Redacted, Scope } from "effect"
import { createHash } from "node:crypto"
import { CredentialCache, type RoleCredentials, SsoSession, SsoStore, StoreError } from "../../../src/index.ts"
import { session } from "../../support/Session.ts"
import * as Machine from "../../support/Machine.ts"

const { CredentialCache: Cache } = CredentialCache

const role = { accountId: "111122223333", roleName: "ReadOnly" }

const legacy = new SsoSession.SsoSession({ startUrl: session.startUrl, region: session.region, scopes: [] })

const credentials: RoleCredentials.Credentials = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: Redacted.make("keep-secret"),
  sessionToken: Redacted.make("keep-token"),
  expiration: DateTime.makeUnsafe("2026-11-24T11:06:25Z"),
  accountId: role.accountId
}

/** The key as botocore writes it, by hand. */
const fileOf = (key: string) => `${createHash("sha1").update(key).digest("hex")}.json`

const modern = fileOf(`{"accountId":"111122223333","roleName":"ReadOnly","sessionName":"my-sso"}`)

/** A store in a new directory, and its files of credentials. */
const inDirectory = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const root = yield* fs.makeTempDirectoryScoped()
  const directory = join(root, "cli", "cache")
  yield* fs.makeDirectory(directory, { recursive: true })
  const cache = yield* Effect.map(Layer.build(SsoStore.layerFile({ directory: root })), (context) =>
    Cache.pipe(Effect.provide(context))
  )
  return {
    cache: yield* cache,
    read: (name: string) => Effect.map(fs.readFileString(join(directory, name)), (text): unknown => JSON.parse(text)),
    write: (name: string, text: string) => fs.writeFileString(join(directory, name), text, { mode: 0o600 }),
    names: Effect.map(fs.readDirectory(directory), (names) => names.filter((name) => name.endsWith(".json")).toSorted())
  }
})

layer(NodeServices.layer)("CredentialCache on SsoStore.layerFile", (it) => {
  const test = (name: string, body: Effect.Effect<void, unknown, FileSystem.FileSystem | Path.Path | Scope.Scope>) =>
    it.effect(name, () => Effect.scoped(body))

  test(
    "writes the files of the AWS CLI",
    Effect.gen(function* () {
      const { cache, names, read } = yield* inDirectory
      yield* cache.set(session, role, credentials)
      assert.deepStrictEqual(yield* names, [modern])
      assert.deepStrictEqual(yield* read(modern), {
        ProviderType: "sso",
        Credentials: {
          AccessKeyId: "ASIAEXAMPLE",
          SecretAccessKey: "keep-secret",
          SessionToken: "keep-token",
          Expiration: "2026-11-24T11:06:25Z",
          AccountId: "111122223333"
        },
        SsoSession: "my-sso"
      })
      assert.deepStrictEqual(yield* cache.get(session, role), Option.some(credentials))
    })
  )

  test(
    "names files by the start URL if a session has no name, and escapes characters as botocore does",
    Effect.gen(function* () {
      const { cache, names } = yield* inDirectory
      yield* cache.set(legacy, role, credentials)
      yield* cache.set(legacy, { ...role, roleName: "Schreib✍Zugriff" }, credentials)
      assert.deepStrictEqual(
        yield* names,
        [
          fileOf(`{"accountId":"111122223333","roleName":"ReadOnly","startUrl":"${session.startUrl}"}`),
          fileOf(`{"accountId":"111122223333","roleName":"Schreib\\u270dZugriff","startUrl":"${session.startUrl}"}`)
        ].toSorted()
      )
    })
  )

  test(
    "separates roles, accounts and sessions",
    Effect.gen(function* () {
      const { cache } = yield* inDirectory
      yield* cache.set(session, role, credentials)
      const others = [
        cache.get(session, { ...role, roleName: "Admin" }),
        cache.get(session, { ...role, accountId: "444455556666" }),
        cache.get(legacy, role)
      ]
      for (const other of others) assert.deepStrictEqual(yield* other, Option.none())
    })
  )

  test(
    "reads what the AWS CLI wrote, and treats anything else as absent",
    Effect.gen(function* () {
      const { cache, write } = yield* inDirectory
      const { accountId: _, ...rest } = credentials
      const theirs = {
        AccessKeyId: "ASIAEXAMPLE",
        SecretAccessKey: "keep-secret",
        SessionToken: "keep-token",
        Expiration: "2026-11-24T11:06:25UTC"
      }
      yield* write(modern, JSON.stringify({ ProviderType: "sso", Credentials: theirs }))
      assert.deepStrictEqual(yield* cache.get(session, role), Option.some(rest))
      const useless = [
        "",
        "{half",
        "[]",
        JSON.stringify({ Credentials: theirs }),
        JSON.stringify({ ProviderType: "sso", Credentials: { ...theirs, Expiration: "soon" } }),
        JSON.stringify({ ProviderType: "sso", Credentials: { ...theirs, SessionToken: undefined } })
      ]
      for (const text of useless) {
        yield* write(modern, text)
        assert.deepStrictEqual(yield* cache.get(session, role), Option.none())
      }
      yield* cache.set(session, role, credentials)
      assert.deepStrictEqual(yield* cache.get(session, role), Option.some(credentials))
    })
  )

  test(
    "removeAll removes the credentials of one session, and those that name no session",
    Effect.gen(function* () {
      const { cache, names, write } = yield* inDirectory
      yield* cache.set(session, role, credentials)
      yield* cache.set(session, { ...role, roleName: "Admin" }, credentials)
      yield* cache.set(legacy, role, credentials)
      const [assumed, ofTheirs] = [`${"1".repeat(40)}.json`, `${"2".repeat(40)}.json`]
      const other = "notes.json"
      const ofRole = {
        AccessKeyId: "ASIA",
        SecretAccessKey: "a",
        SessionToken: "b",
        Expiration: "2026-11-24T11:06:25Z"
      }
      yield* write(assumed, JSON.stringify({ Credentials: ofRole, AssumedRoleUser: {} }))
      yield* write(ofTheirs, JSON.stringify({ ProviderType: "sso", Credentials: ofRole }))
      yield* write(other, JSON.stringify({ SsoSession: "my-sso" }))
      assert.strictEqual(yield* cache.removeAll(session), 2)
      assert.strictEqual(yield* cache.removeAll(session), 0)
      assert.strictEqual((yield* names).length, 3)
      assert.includeMembers(yield* names, [assumed, other])
      assert.deepStrictEqual(yield* cache.get(legacy, role), Option.some(credentials))
    })
  )

  test(
    "removeAll creates no directory",
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* fs.makeTempDirectoryScoped()}/none`
      const removed = yield* Effect.provide(
        Cache.use((cache) => cache.removeAll(session)),
        SsoStore.layerFile({ directory })
      )
      assert.strictEqual(removed, 0)
      assert.isFalse(yield* fs.exists(directory))
    })
  )
})

describe("SsoStore.layerFile", () => {
  it.effect("fails without a home directory, and its message says what to do", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(SsoStore.layerFile())))
      assert.instanceOf(error, StoreError.StoreError)
      assert.include(error.message, "~/.aws")
      assert.include(error.message, "set HOME")
    }).pipe(Effect.provide(Machine.layer({ env: { HOME: "" } })))
  )
})
