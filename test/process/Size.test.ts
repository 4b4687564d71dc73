import { assert, describe, it } from "@effect/vitest"
import { bundle } from "../support/Bundle.ts"

/** What a program without these uses must not load at the start: signing, Redis, the user's files, the environment. */
const unused = /aws4fetch|[Rr]edis|\/config\/|FileBackend|FileLease|Encryption/

describe("a bundled program", () => {
  it.each([
    // In thousands of bytes, minified and compressed, with Effect: 40 of them are its `HttpClient` and `Schema`
    ["call", 63],
    ["flow", 71],
    ["provider", 77],
    // With `Schema`, by which it tells errors apart
    ["schedule", 28]
  ])("with %s has at most %i kB, and nothing that it does not use", async (name, limit) => {
    const { code, modules, size } = await bundle(name)
    assert.isAtMost(size, limit * 1000)
    assert.deepStrictEqual(
      modules.filter((module) => unused.test(module)),
      []
    )
    assert.notInclude(code, "AWS_ACCESS_KEY_ID")
  })

  it("with the schedule alone has no client and no store", async () => {
    const { modules } = await bundle("schedule")
    assert.deepStrictEqual(
      modules.filter((module) => /dist\/(service|store|provider)\//.test(module)),
      []
    )
  })
})
