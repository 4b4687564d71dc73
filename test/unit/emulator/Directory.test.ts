import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schema } from "effect"
import { IdentityCenter } from "../../../src/emulator/index.ts"

const account = { accountId: "111122223333", roles: ["ReadOnlyAccess"] }
const entitled = (accountId: string, roleNames: ReadonlyArray<string>) => ({
  name: "carol",
  entitlements: [{ accountId, roleNames }]
})

const decode = Schema.decodeUnknownEffect(IdentityCenter.Directory)

describe("a directory", () => {
  it.effect.each<readonly [what: string, data: unknown]>([
    ["nothing", {}],
    ["users only", { users: [{ name: "carol", displayName: "Carol" }] }],
    ["users with entitlements to the default accounts", { users: [entitled("444455556666", ["ReadOnlyAccess"])] }],
    ["accounts only", { accounts: [account] }],
    ["no accounts", { accounts: [] }],
    ["an account without roles", { accounts: [{ accountId: "111122223333", accountName: "a", roles: [] }] }],
    ["users and accounts", { accounts: [account], users: [entitled("111122223333", ["ReadOnlyAccess"])] }]
  ])("can contain %s", ([, data]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* decode(data), data)
    })
  )

  it.effect.each<readonly [what: string, message: string, data: unknown]>([
    ["an empty list of users", 'Missing key\n  at ["users"][0]', { users: [] }],
    [
      "a user without a name",
      'Expected a value with a length of at least 1\n  at ["users"][0]["name"]',
      { users: [{ name: "" }] }
    ],
    [
      "an invalid account id",
      'Expected twelve digits\n  at ["accounts"][0]["accountId"]',
      { accounts: [{ ...account, accountId: "12" }] }
    ],
    [
      "an account without a list of roles",
      'Missing key\n  at ["accounts"][0]["roles"]',
      { accounts: [{ accountId: "111122223333" }] }
    ],
    [
      "a duplicate user",
      'duplicate user carol\n  at ["users"]',
      { users: [{ name: "carol" }, { name: "dave" }, { name: "carol" }] }
    ],
    ["a duplicate account", 'duplicate account 111122223333\n  at ["accounts"]', { accounts: [account, account] }],
    [
      "an entitlement to an unknown account",
      'unknown account 123456789012\n  at ["users"][0]["entitlements"][0]["accountId"]',
      { users: [entitled("123456789012", ["ReadOnlyAccess"])] }
    ],
    [
      "an entitlement to an unknown role",
      'unknown role Admin in account 111122223333\n  at ["users"][0]["entitlements"][0]["roleNames"]',
      { users: [entitled("111122223333", ["ReadOnlyAccess", "Admin"])] }
    ]
  ])("cannot contain %s", ([, message, data]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(decode(data))).message, message)
    })
  )

  it.effect.each([
    [{ users: [entitled("123456789012", ["ReadOnlyAccess"])] }, "unknown account 123456789012"],
    [{ pageSize: 0 }, "greater than 0"],
    [{ pageSize: 2.5 }, "integer"],
    [{ requestLogSize: 0 }, "greater than 0"]
  ] as const)("option that is not valid is a defect: %j", ([options, said]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(Effect.void, IdentityCenter.layer(options)))
      const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(defect, Error)
      assert.include(defect.message, said)
    })
  )
})
