import { assert, describe, it } from "@effect/vitest"
import { CliOutput } from "effect/cli"
import { align } from "../../../src/cli/terminal/Table.ts"

describe("Table", () => {
  it("aligns columns after Chinese, Japanese and Korean names, emoji and combining accents", () => {
    const names = ["production", "本番環境", "プロダクション", "운영", "🚀 launch", "🇩🇪 Berlin", "👩‍💻", "Cafe\u0301", ""]
    const lines = align(names.map((name) => ["111122223333", name, "owner@example.com"]))
    for (const line of lines) {
      const before = line.slice(0, line.indexOf("owner@"))
      assert.strictEqual(CliOutput.displayWidth(before), 14 + 14 + 2, line)
    }
    assert.strictEqual(lines[1], "111122223333  本番環境        owner@example.com")
  })

  it("keeps a row on its line, whatever its cells hold", () => {
    assert.deepStrictEqual(align([["a\nb", "\u001B[31mred"], ["c"]]), ["a b  [31mred", "c"])
    assert.deepStrictEqual(align([]), [])
  })
})
