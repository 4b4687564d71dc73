import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, FileSystem, Layer, Option, Redacted, type Scope } from "effect"
import { KeyValueStore } from "effect/persistence"
import { CredentialCache, SsoSession, SsoStore, type StoreError, TokenCache } from "../../../src/index.ts"
import type { Credentials } from "../../../src/session/Credentials.ts"
import { Registration } from "../../../src/session/Registration.ts"
import * as RedisServer from "../../support/RedisServer.ts"
import { session, tokenFor } from "../../support/Session.ts"
import { tokenFile } from "../../support/TokenFile.ts"

const principal = (principal: string) => new SsoSession.SsoSession({ ...session, principal })

const [alice, bob] = [principal("alice"), principal("bob")]

const admin = { accountId: "111122223333", roleName: "Admin" }
const reader = { accountId: "111122223333", roleName: "ReadOnly" }

const credentials: Credentials = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: Redacted.make("secret"),
  sessionToken: Redacted.make("token"),
  expiration: DateTime.makeUnsafe("2026-11-24T11:06:25Z"),
  accountId: admin.accountId
}

const registration = new Registration({ clientId: "client", clientSecret: Redacted.make("client-secret") })

const use = { endpoint: "https://oidc.us-east-1.amazonaws.com", grantTypes: ["refresh_token"] }

const inDirectory = <A, E, R>(layer: (directory: string) => Layer.Layer<A, E, R>) =>
  Layer.unwrap(
    Effect.map(
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()),
      layer
    )
  )

const backends: Record<string, Layer.Layer<SsoStore.Services, unknown, NodeServices.NodeServices>> = {
  layerMemory: SsoStore.layerMemory(),
  "layerKeyValueStore on the file system": inDirectory((directory) =>
    SsoStore.layerKeyValueStore().pipe(Layer.provide(KeyValueStore.layerFileSystem(directory)))
  ),
  layerFile: inDirectory((directory) => SsoStore.layerFile({ directory })),
  ...(RedisServer.hasRedis
    ? {
        layerRedis: SsoStore.layerRedis().pipe(Layer.provide(RedisServer.connection), Layer.provide(RedisServer.layer))
      }
    : {})
}

for (const [name, store] of Object.entries(backends)) {
  const test = (
    name: string,
    body: Effect.Effect<void, unknown, SsoStore.Services | NodeServices.NodeServices | Scope.Scope>
  ) =>
    it.live(name, () =>
      body.pipe(Effect.provide(Layer.fresh(store)), Effect.scoped, Effect.provide(NodeServices.layer))
    )

  describe(`SsoStore.${name}`, () => {
    test(
      "separates the tokens and credentials of two principals, and of a session without one",
      Effect.gen(function* () {
        const tokens = yield* TokenCache.TokenCache
        const roles = yield* CredentialCache.CredentialCache
        yield* tokens.set(alice, yield* tokenFor("8 hours"))
        yield* roles.set(alice, admin, credentials)
        for (const other of [bob, session]) {
          assert.isTrue(Option.isNone(yield* tokens.get(other)))
          assert.isTrue(Option.isNone(yield* roles.get(other, admin)))
          assert.notStrictEqual(yield* tokens.locate(other), yield* tokens.locate(alice))
        }
        assert.isTrue(Option.isSome(yield* tokens.get(alice)))
        assert.deepStrictEqual(yield* roles.get(alice, admin), Option.some(credentials))
      })
    )

    test(
      "removeAll removes the credentials of all roles of one session and principal, and counts them",
      Effect.gen(function* () {
        const roles = yield* CredentialCache.CredentialCache
        const owners = [alice, bob, session, new SsoSession.SsoSession({ ...session, name: "other" })]
        for (const owner of owners) {
          yield* Effect.forEach([admin, reader, admin], (role) => roles.set(owner, role, credentials), {
            concurrency: "unbounded"
          })
        }
        assert.strictEqual(yield* roles.removeAll(alice), 2)
        assert.strictEqual(yield* roles.removeAll(alice), 0)
        assert.strictEqual(yield* roles.removeAll(session), 2)
        for (const [n, owner] of owners.entries()) {
          for (const role of [admin, reader]) {
            assert.strictEqual(Option.isSome(yield* roles.get(owner, role)), n === 1 || n === 3)
          }
        }
      })
    )

    test(
      "stores credentials again after they were removed",
      Effect.gen(function* () {
        const roles = yield* CredentialCache.CredentialCache
        yield* roles.set(alice, admin, credentials)
        yield* roles.removeAll(alice)
        yield* roles.set(alice, reader, credentials)
        assert.isTrue(Option.isNone(yield* roles.get(alice, admin)))
        assert.isTrue(Option.isSome(yield* roles.get(alice, reader)))
        assert.strictEqual(yield* roles.removeAll(alice), 1)
      })
    )

    test(
      "shares a registration between all principals, but not between endpoints or uses",
      Effect.gen(function* () {
        const tokens = yield* TokenCache.TokenCache
        yield* tokens.setRegistration(alice, use, registration)
        for (const other of [bob, session]) {
          assert.deepStrictEqual(yield* tokens.getRegistration(other, use), Option.some(registration))
        }
        const atEmulator = { ...use, endpoint: "http://localhost:4000" }
        assert.isTrue(Option.isNone(yield* tokens.getRegistration(alice, atEmulator)))
        assert.isTrue(Option.isNone(yield* tokens.getRegistration(alice, { ...use, grantTypes: [] })))
        yield* tokens.removeRegistration(bob, use)
        assert.isTrue(Option.isNone(yield* tokens.getRegistration(alice, use)))
      })
    )

    test(
      "accepts keys of any length and any characters",
      Effect.gen(function* () {
        const tokens = yield* TokenCache.TokenCache
        const name = `${"long ".repeat(100)}/../\u0000✍`
        const long = new SsoSession.SsoSession({ ...session, name, principal: name })
        const redirectUris = ["http://127.0.0.1/oauth/callback", `https://example.com/${"x".repeat(500)}`]
        yield* tokens.set(long, yield* tokenFor("8 hours"))
        yield* tokens.setRegistration(long, { ...use, redirectUris }, registration)
        assert.isTrue(Option.isSome(yield* tokens.get(long)))
        assert.isTrue(Option.isSome(yield* tokens.getRegistration(long, { ...use, redirectUris })))
      })
    )

    test(
      "has one generation for both views, which a sign-in of another principal does not change",
      Effect.gen(function* () {
        const tokens = yield* TokenCache.TokenCache
        const roles = yield* CredentialCache.CredentialCache
        const numbers = Effect.all([
          tokens.generation(alice),
          roles.generation(alice),
          tokens.generation(bob),
          tokens.generation(session)
        ])
        const before = yield* numbers
        assert.strictEqual(before[0], before[1])
        yield* tokens.beginGeneration(alice)
        const after = yield* numbers
        assert.notStrictEqual(after[0], before[0])
        assert.deepStrictEqual(after, [after[0], after[0], before[2], before[3]])
      })
    )
  })
}

describe("SsoStore.layerMemory", () => {
  it.effect("makes a separate store at each call", () =>
    Effect.gen(function* () {
      const [one, another] = yield* Effect.provide(
        Effect.all([
          Effect.service(TokenCache.TokenCache),
          Layer.build(SsoStore.layerMemory()).pipe(Effect.map(Context.get(TokenCache.TokenCache)))
        ]),
        SsoStore.layerMemory()
      )
      yield* one.set(session, yield* tokenFor("8 hours"))
      assert.isTrue(Option.isNone(yield* another.get(session)))
    })
  )
})

describe("SsoStore.layerKeyValueStore", () => {
  it.effect("has keys of fixed length under its prefix, without any part of the session", () =>
    Effect.gen(function* () {
      const values = yield* KeyValueStore.KeyValueStore
      for (const prefix of ["effect-aws-sso/", "tenant-1/"]) {
        const store = yield* Layer.build(SsoStore.layerKeyValueStore(prefix === "tenant-1/" ? { prefix } : undefined))
        const tokens = Context.get(store, TokenCache.TokenCache)
        const roles = Context.get(store, CredentialCache.CredentialCache)
        assert.isTrue(Option.isNone(yield* tokens.get(alice)))
        yield* tokens.set(alice, yield* tokenFor("8 hours"))
        yield* tokens.setRegistration(alice, use, registration)
        yield* roles.set(alice, admin, credentials)
        const keys = (yield* values.keys).filter((key) => key.startsWith(prefix))
        assert.deepStrictEqual(keys.map((key) => key.slice(prefix.length).replace(/[0-9a-f]{64}/, "id")).toSorted(), [
          "credential-index/id",
          "credentials/id",
          "registration/id",
          "token/id"
        ])
        assert.include(keys, yield* tokens.locate(alice))
      }
      assert.strictEqual((yield* values.keys).length, 8)
    }).pipe(Effect.provide(Layer.fresh(KeyValueStore.layerMemory)))
  )

  it.effect("removeAll fails once if the index of credentials cannot be read, and the next sign-in repairs it", () =>
    Effect.gen(function* () {
      const values = yield* KeyValueStore.KeyValueStore
      const roles = yield* Effect.map(
        Layer.build(SsoStore.layerKeyValueStore()),
        Context.get(CredentialCache.CredentialCache)
      )
      yield* roles.set(session, admin, credentials)
      const index = (yield* values.keys).find((key) => key.includes("credential-index")) ?? ""
      yield* values.set(index, "{")
      const error: StoreError.StoreError = yield* Effect.flip(roles.removeAll(session))
      assert.strictEqual(error.reason._tag, "EntryCorrupt")
      assert.strictEqual(yield* roles.removeAll(session), 0)
      yield* roles.set(session, reader, credentials)
      yield* values.set(index, "[1]")
      yield* roles.set(session, admin, credentials)
      assert.strictEqual(yield* roles.removeAll(session), 1)
    }).pipe(Effect.provide(Layer.fresh(KeyValueStore.layerMemory)))
  )
})

describe("SsoStore.layerFile", () => {
  const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
    it.effect(name, () => Effect.provide(Effect.scoped(body), NodeServices.layer))

  test(
    "gives the files of a principal names that no AWS tool looks for, and the others the names of the AWS CLI",
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const tokens = yield* Effect.map(
        Layer.build(SsoStore.layerFile({ directory })),
        Context.get(TokenCache.TokenCache)
      )
      for (const owner of [session, alice, bob]) yield* tokens.set(owner, yield* tokenFor("8 hours"))
      const names = yield* fs.readDirectory(`${directory}/sso/cache`)
      assert.strictEqual(names.length, 3)
      assert.include(names, tokenFile("my-sso"))
    })
  )

  test(
    "a sign-out of a principal keeps the credentials of the AWS CLI, which belong to sessions without one",
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const roles = yield* Effect.map(
        Layer.build(SsoStore.layerFile({ directory })),
        Context.get(CredentialCache.CredentialCache)
      )
      yield* roles.set(alice, admin, credentials)
      yield* roles.set(session, admin, credentials)
      const ofCli = `${directory}/cli/cache/${"1".repeat(40)}.json`
      yield* fs.writeFileString(
        ofCli,
        `{"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "a", "SessionToken": "b", "Expiration": "2026-11-24T11:06:25Z"}}`,
        { mode: 0o600 }
      )
      assert.strictEqual(yield* roles.removeAll(alice), 1)
      assert.isTrue(yield* fs.exists(ofCli))
      assert.isTrue(Option.isSome(yield* roles.get(session, admin)))
      assert.strictEqual(yield* roles.removeAll(session), 1)
      assert.isFalse(yield* fs.exists(ofCli))
    })
  )
})
