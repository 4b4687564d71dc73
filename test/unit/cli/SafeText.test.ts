import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { ofCommand, oneLine, safe, safeJson, safeLines } from "../../../src/cli/terminal/SafeText.ts"
import { sample } from "../../support/Sample.ts"

const lastCodePoint = 0x10ffff

/** Every string of one code point, the halves of surrogate pairs included. */
const everyCharacter = Array.from({ length: lastCodePoint + 1 }, (_, codePoint) => String.fromCodePoint(codePoint))

/** What no terminal may be sent: controls, line breaks, half pairs, and characters that reorder or hide others. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

const codePointOf = (character: string) => `U+${character.codePointAt(0)?.toString(16).toUpperCase()}`

const text = Schema.Array(
  Schema.Union([
    Schema.String,
    Schema.Literals(["\u001B[2J", "\u001B]0;title\u0007", "\u009B31m", "\r\n", "\u202E", "\u200D", "\uD834", "\uDD73"])
  ])
)

describe("SafeText", () => {
  it("lets no control, invisible or reordering character of all Unicode through", () => {
    const passed = everyCharacter.filter((character) => unsafe.test(safe(`a${character}b`)))
    assert.deepStrictEqual(passed.map(codePointOf), [])
  })

  it("keeps every other character of Unicode as it is", () => {
    const changed = everyCharacter.filter((character) => !unsafe.test(character) && safe(character) !== character)
    assert.deepStrictEqual(changed.map(codePointOf), [])
  })

  it("names the characters that terminals obey and that readers do not see", () => {
    for (const codePoint of [
      0x00, 0x07, 0x08, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x90, 0x9b, 0x9c, 0x9d, 0xad, 0x61c, 0x180e, 0x200b, 0x200d,
      0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0x3164, 0xfe0f, 0xfeff, 0xfff9, 0xe0041,
      0xe0100
    ]) {
      const character = String.fromCodePoint(codePoint)
      assert.include(["a b", "ab"], safe(`a${character}b`), codePointOf(character))
    }
  })

  it("shows what is left of an escape sequence as text", () => {
    assert.strictEqual(oneLine("evil\r\n\u001B[31mred\u001B]0;title\u0007"), "evil [31mred ]0;title")
    assert.strictEqual(oneLine("\u202Eproduction\u202C \u200Bdev"), "production dev")
    assert.strictEqual(safe("\uD83D\u200B\uDE00"), "\uFFFD\uFFFD")
    assert.strictEqual(ofCommand("two\nlines"), "effect-sso: two lines")
    assert.strictEqual(safeLines("  indented\n\tand \u001Bmore"), "  indented\n and  more")
  })

  it.prop(
    "makes any text safe, and does not change it the second time",
    [text],
    ([parts]) => {
      const given = parts.join("")
      for (const make of [safe, oneLine]) {
        assert.notMatch(make(given), unsafe)
        assert.strictEqual(make(make(given)), make(given))
      }
      assert.notMatch(oneLine(given), /\s\s|^\s|\s$/u)
    },
    { arbitrary: { runs: sample(1000, 100) } }
  )

  it("writes JSON that is safe to show, and that reads as the same value", () => {
    const written = safeJson(everyCharacter)
    assert.notMatch(written.replaceAll("\n", ""), unsafe)
    assert.deepStrictEqual(JSON.parse(written), everyCharacter)
    assert.strictEqual(safeJson({ name: "プロダクション 🚀" }), '{\n  "name": "プロダクション 🚀"\n}')
  })
})
