import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import * as EmulatorData from "../../../src/cli/commands/EmulatorData.ts"

const fileWith = Effect.fnUntraced(function* (text: string | undefined) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const file = join(yield* fs.makeTempDirectoryScoped({ prefix: "effect-sso-test-" }), "data.json")
  if (text !== undefined) yield* fs.writeFileString(file, text)
  return file
})

layer(NodeServices.layer)("a file with users and accounts", (it) => {
  it.effect("is read", () =>
    Effect.gen(function* () {
      const data = {
        users: [
          {
            name: "carol",
            displayName: "Carol",
            entitlements: [{ accountId: "123456789012", roleNames: ["Reader"] }]
          }
        ],
        accounts: [{ accountId: "123456789012", accountName: "one", emailAddress: "a@b", roles: ["Reader"] }]
      } as const
      assert.deepStrictEqual(yield* EmulatorData.read(yield* fileWith(JSON.stringify(data))), data)
    })
  )

  it.effect.each([
    ["missing", undefined, /^NotFound/],
    ["not JSON", "{", /JSON/],
    ["not an object", "[]", /^Expected .*object/i],
    ["misspelt", '{"acounts":[]}', /^acounts: Expected no excess property$/],
    [
      "misspelt further down",
      '{"accounts":[{"accountId":"123456789012","role":[]}]}',
      /^accounts\.0\.role: Expected no excess property; accounts\.0\.roles: Missing key$/
    ],
    ["contradictory", '{"users":[{"name":"a"},{"name":"a"}]}', /^users: duplicate user a$/],
    [
      "wrong in many places",
      JSON.stringify({ accounts: Array.from({ length: 10_000 }, () => ({ accountId: "1", roles: [] })) }),
      /^accounts\.0\.accountId: [^;]+; accounts\.1\.accountId: [^;]+; accounts\.2\.accountId: [^;]+; and 9997 more$/
    ],
    [
      "about an unknown account",
      '{"users":[{"name":"a","entitlements":[{"accountId":"123456789012","roleNames":[]}]}]}',
      /^users\.0\.entitlements\.0\.accountId: unknown account 123456789012$/
    ]
  ] as const)("is refused with its path and what is wrong, when it is %s", ([, text, reason]) =>
    Effect.gen(function* () {
      const file = yield* fileWith(text)
      const failure = yield* Effect.flip(EmulatorData.read(file))
      assert.strictEqual(failure._tag, "EmulatorDataFailure")
      assert.strictEqual(failure.path, file)
      assert.match(failure.reason, reason)
      assert.include(failure.message, `cannot use ${file} for the users and accounts`)
    })
  )
})
