import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import { accounts, type Reply, roles, signIn } from "./support.ts"

const accountId = (index: number) => String(100_000_000_000 + index)

const many = (count: number): ReadonlyArray<IdentityCenter.DirectoryAccount> =>
  Array.from({ length: count }, (_, index) => ({ accountId: accountId(index), roles: ["a", "b", "c"] }))

const tokenOf = ({ members: { nextToken } }: Reply) => (nextToken === null ? undefined : String(nextToken))

const listed = ({ members: { accountList } }: Reply): ReadonlyArray<{ readonly accountId: unknown }> =>
  Array.isArray(accountList) ? accountList : assert.fail("no list")

const asked = (nextToken: string | undefined, maxResults: number | undefined) =>
  new URLSearchParams({
    ...(nextToken === undefined ? {} : { next_token: nextToken }),
    ...(maxResults === undefined ? {} : { max_result: String(maxResults) })
  })

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

describe("the pages of a list", () => {
  it.effect.prop(
    "contain the whole list in its order, for all page sizes",
    [between(0, 60), between(1, 30), Schema.Array(Schema.UndefinedOr(between(1, 100)))],
    ([count, pageSize, sizes]) =>
      Effect.gen(function* () {
        const { accessToken } = yield* signIn()
        const seen: Array<unknown> = []
        let nextToken: string | undefined
        let page = 0
        do {
          const size = sizes[page++]
          const reply = yield* accounts(accessToken, `?${asked(nextToken, size)}`)
          const items = listed(reply).map(({ accountId }) => accountId)
          nextToken = tokenOf(reply)
          assert.isAtMost(items.length, size ?? pageSize)
          // Only the last page can be short, and only the page of an empty list is empty
          if (nextToken !== undefined) assert.strictEqual(items.length, size ?? pageSize)
          if (count > 0) assert.isAbove(items.length, 0)
          seen.push(...items)
        } while (nextToken !== undefined)
        assert.deepStrictEqual(
          seen,
          many(count).map(({ accountId }) => accountId)
        )
      }).pipe(Effect.provide(IdentityCenter.layer({ accounts: many(count), pageSize })))
  )

  it.effect("have 20 items by default and 100 at most", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      assert.lengthOf(listed(yield* accounts(accessToken)), 20)
      assert.lengthOf(listed(yield* accounts(accessToken, "?max_result=100")), 100)
    }).pipe(Effect.provide(IdentityCenter.layer({ accounts: many(150) })))
  )

  it.effect("work for roles", () =>
    Effect.gen(function* () {
      const { accessToken } = yield* signIn()
      const first = yield* roles(accessToken, accountId(0), "&max_result=2")
      const last = yield* roles(accessToken, accountId(0), `&${asked(tokenOf(first), 2)}`)
      const role = (roleName: string) => ({ roleName, accountId: accountId(0) })
      assert.deepStrictEqual(first.members["roleList"], [role("a"), role("b")])
      assert.deepStrictEqual(last.members, { nextToken: null, roleList: [role("c")] })
    }).pipe(Effect.provide(IdentityCenter.layer({ accounts: many(1) })))
  )

  it.effect("refuse a next token of another list or user", () =>
    Effect.gen(function* () {
      const alice = yield* signIn()
      const bob = yield* signIn({}, "bob")
      const nextToken = tokenOf(yield* accounts(alice.accessToken, "?max_result=1"))
      const ofRoles = tokenOf(yield* roles(alice.accessToken, accountId(0), "&max_result=1"))
      const query = `?${asked(nextToken, 1)}`
      assert.strictEqual((yield* accounts(alice.accessToken, query)).status, 200)
      for (const refused of [
        yield* accounts(bob.accessToken, query),
        yield* accounts(alice.accessToken, `?${asked(ofRoles, 1)}`),
        yield* accounts(alice.accessToken, `?${asked(`${nextToken}=`, 1)}`),
        yield* accounts(alice.accessToken, `?${asked(String(nextToken).slice(1), 1)}`),
        yield* roles(alice.accessToken, accountId(0), `&${asked(nextToken, 1)}`),
        yield* roles(alice.accessToken, accountId(1), `&${asked(ofRoles, 1)}`)
      ]) {
        assert.deepStrictEqual([refused.status, refused.exception], [400, "InvalidRequestException"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer({ accounts: many(3), users: [{ name: "alice" }, { name: "bob" }] })))
  )
})
