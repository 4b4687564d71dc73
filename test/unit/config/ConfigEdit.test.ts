import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ConfigEdit from "../../../src/config/ConfigEdit.ts"
import * as SharedConfig from "../../../src/config/SharedConfig.ts"
import { sample } from "../../support/Sample.ts"

const profile = (name: string, settings: Record<string, string>): ConfigEdit.Edit => ({
  kind: "profile",
  name,
  settings
})

const session = (name: string, settings: Record<string, string>): ConfigEdit.Edit => ({
  kind: "sso-session",
  name,
  settings
})

const edited = (text: string, ...edits: ReadonlyArray<ConfigEdit.Edit>) =>
  Result.getOrThrow(ConfigEdit.edit(text, edits))

interface Case {
  readonly it: string
  readonly text: string
  readonly edits: ReadonlyArray<ConfigEdit.Edit>
  readonly expected: string
}

describe("ConfigEdit.edit: an existing setting", () => {
  const to = (value: string) => [profile("a", { region: value })]
  it.each<Case>([
    {
      it: "gets a new value, and nothing else changes",
      text: "# top\n[profile a]\nregion = old\noutput = json\n\n[profile b]\nregion = old\n",
      edits: to("new"),
      expected: "# top\n[profile a]\nregion = new\noutput = json\n\n[profile b]\nregion = old\n"
    },
    {
      it: "keeps its position, its spacing, its case and the comment after it",
      text: "[profile a]\nRegion\t=old  # where\nx=1\n",
      edits: to("new"),
      expected: "[profile a]\nRegion\t=new  # where\nx=1\n"
    },
    {
      it: "keeps its indentation and its colon",
      text: "[profile a]\n  region:old\n  x: 1 # c\n",
      edits: [profile("a", { region: "new", x: "#2" })],
      expected: "[profile a]\n  region:new\n  x:#2 # c\n"
    },
    {
      it: "keeps a comment that stands instead of a value",
      text: "[profile a]\nregion = ; none\nregion2 =\n",
      edits: [profile("a", { region: "new", region2: "new" })],
      expected: "[profile a]\nregion = new ; none\nregion2 = new\n"
    },
    {
      it: "keeps whitespace at the end of its line",
      text: "[profile a]\nregion = old \t\n",
      edits: to("new"),
      expected: "[profile a]\nregion = new \t\n"
    },
    {
      it: "can become empty",
      text: "[profile a]\nregion = old # c\n",
      edits: to(""),
      expected: "[profile a]\nregion =  # c\n"
    },
    {
      it: "can get a value that starts like a comment",
      text: "[profile a]\nregion = old # c\n",
      edits: to("#new"),
      expected: "[profile a]\nregion =#new # c\n"
    },
    {
      it: "can get a value with = and with comment signs that no whitespace precedes",
      text: "[profile a]\nregion = old\n",
      edits: to("https://a/#/?b=c;d"),
      expected: "[profile a]\nregion = https://a/#/?b=c;d\n"
    },
    {
      it: "loses the lines that continued the old value, but not the comments between them",
      text: "[profile a]\nregion = old\n  more\n  # why\n\n  and more\nx = 1\n",
      edits: to("new"),
      expected: "[profile a]\nregion = new\n  # why\n\nx = 1\n"
    },
    {
      it: "loses its sub-properties",
      text: "[profile a]\nregion =\n  a = 1\nx = 1",
      edits: to("new"),
      expected: "[profile a]\nregion = new\nx = 1"
    },
    {
      it: "does not change if it has the value already",
      text: "[profile a]\nregion=old\n",
      edits: to("old"),
      expected: "[profile a]\nregion=old\n"
    },
    {
      it: "is the last one if the key comes twice, in one section or in two",
      text: "[profile a]\nregion = 1\nregion = 2\n[profile a]\nx = 1\nx = 2\n[profile a]\n",
      edits: [profile("a", { region: "3", x: "4" })],
      expected: "[profile a]\nregion = 1\nregion = 3\n[profile a]\nx = 1\nx = 4\n[profile a]\n"
    },
    {
      it: "is in [profile default], if [default] has no effect",
      text: "[default]\nregion = 1\n[profile default]\nregion = 2\n",
      edits: [profile("default", { region: "3" })],
      expected: "[default]\nregion = 1\n[profile default]\nregion = 3\n"
    },
    {
      it: "is found below a header in any form",
      text: "[ profile\t'a b' ] # mine\nregion = 1\n[sso-session \"a b\"];\nregion = 2\n",
      edits: [profile("a b", { region: "3" }), session("a b", { region: "4" })],
      expected: "[ profile\t'a b' ] # mine\nregion = 3\n[sso-session \"a b\"];\nregion = 4\n"
    }
  ])("$it", ({ edits, expected, text }) => assert.strictEqual(edited(text, ...edits), expected))
})

describe("ConfigEdit.edit: a missing setting", () => {
  const add = [profile("a", { x: "1", y: "2" })]
  it.each<Case>([
    {
      it: "is written below the last line of its section, before the blank lines and comments of the next section",
      text: "[profile a]\nregion = 1\n\n# about b\n[profile b]\n",
      edits: add,
      expected: "[profile a]\nregion = 1\nx = 1\ny = 2\n\n# about b\n[profile b]\n"
    },
    {
      it: "is written below sub-properties and continuations",
      text: "[profile a]\ns3 =\n  a = 1\n\n  b = 2\n\n[profile b]",
      edits: add,
      expected: "[profile a]\ns3 =\n  a = 1\n\n  b = 2\nx = 1\ny = 2\n\n[profile b]"
    },
    {
      it: "is written below the header of an empty section",
      text: "[profile a] # mine\n\n[profile b]\n",
      edits: add,
      expected: "[profile a] # mine\nx = 1\ny = 2\n\n[profile b]\n"
    },
    {
      it: "is written into the last of several sections",
      text: "[profile a]\na = 1\n[profile b]\n[profile a]\nb = 1\n",
      edits: add,
      expected: "[profile a]\na = 1\n[profile b]\n[profile a]\nb = 1\nx = 1\ny = 2\n"
    },
    {
      it: "is written below a last line without an end, and has no end itself",
      text: "[profile a]\na = 1",
      edits: add,
      expected: "[profile a]\na = 1\nx = 1\ny = 2"
    },
    {
      it: "is written in place of the lines that continued the last value",
      text: "[profile a]\na = 1\n  2\n  3",
      edits: [profile("a", { a: "4", b: "5" })],
      expected: "[profile a]\na = 4\nb = 5"
    },
    {
      it: "is written below ignored lines of the section",
      text: "[profile a]\nno name = 1\n  2\n",
      edits: add,
      expected: "[profile a]\nno name = 1\n  2\nx = 1\ny = 2\n"
    },
    {
      it: "is indented as the property above it",
      text: "[profile a]\n  b =\n    c = 1\n  [profile b]\n\tc: 1",
      edits: [...add, profile("b", { c: "2", d: "3" })],
      expected: "[profile a]\n  b =\n    c = 1\n  x = 1\n  y = 2\n  [profile b]\n\tc: 2\n\td = 3"
    },
    {
      it: "is indented as the next header, in an empty section",
      text: "[profile a]\n\n  [profile b]\n  c = 1\n",
      edits: add,
      expected: "[profile a]\n  x = 1\n  y = 2\n\n  [profile b]\n  c = 1\n"
    },
    {
      it: "has the same line end as the line above it",
      text: "[profile a]\r\na = 1\r\n\r\n[profile b]\r\n",
      edits: add,
      expected: "[profile a]\r\na = 1\r\nx = 1\r\ny = 2\r\n\r\n[profile b]\r\n"
    }
  ])("$it", ({ edits, expected, text }) => assert.strictEqual(edited(text, ...edits), expected))
})

describe("ConfigEdit.edit: a missing section", () => {
  const add = [session("a", { x: "1" }), profile("b", { y: "2" })]
  const lines = "[sso-session a]\nx = 1\n\n[profile b]\ny = 2\n"
  it.each<Case>([
    { it: "begins an empty file", text: "", edits: add, expected: lines },
    {
      it: "is written at the end, after one blank line",
      text: "[profile a]\na = 1\n",
      edits: add,
      expected: `[profile a]\na = 1\n\n${lines}`
    },
    {
      it: "is written without another blank line if there is one",
      text: "[profile a]\na = 1\n \t\n",
      edits: add,
      expected: `[profile a]\na = 1\n \t\n${lines}`
    },
    {
      it: "leaves a last line without an end",
      text: "[profile a]\na = 1",
      edits: add,
      expected: `[profile a]\na = 1\n\n${lines.slice(0, -1)}`
    },
    {
      it: "has the same line ends as the file",
      text: "# mine\r\n",
      edits: add,
      expected: `# mine\r\n\r\n${lines.replaceAll("\n", "\r\n")}`
    },
    { it: "comes after a byte order mark", text: "\uFEFF", edits: add, expected: `\uFEFF${lines}` },
    {
      it: "has quotes if its name has spaces, and no prefix if it is the default profile",
      text: "",
      edits: [profile("my team", {}), profile("default", {}), session("default", { x: "#1" })],
      expected: "[profile 'my team']\n\n[default]\n\n[sso-session default]\nx =#1\n"
    },
    {
      it: "has a name in any language",
      text: "",
      edits: [profile("żółw", { x: "1" }), session("R & D (東京)", { x: "1" })],
      expected: "[profile żółw]\nx = 1\n\n[sso-session 'R & D (東京)']\nx = 1\n"
    },
    {
      it: "is added although the file has an ignored section, or one of another kind, with that name",
      text: "[profile my team]\na = 1\n[sso-session b]\n",
      edits: [profile("my team", { y: "2" }), profile("b", {})],
      expected: "[profile my team]\na = 1\n[sso-session b]\n\n[profile 'my team']\ny = 2\n\n[profile b]\n"
    }
  ])("$it", ({ edits, expected, text }) => assert.strictEqual(edited(text, ...edits), expected))
})

describe("ConfigEdit.edit: what it refuses", () => {
  it.each<[ConfigEdit.Edit, string | undefined]>([
    [profile("a]", {}), undefined],
    [profile("", {}), undefined],
    [profile("a\nb", {}), undefined],
    [profile("a'b", {}), undefined],
    [session("a # b", {}), undefined],
    [session("a!b", {}), undefined],
    [profile("a", { ok: "1", A: "b" }), "A"],
    [profile("a", { "a b": "c" }), "a b"],
    [profile("a", { "": "c" }), ""],
    [profile("a", { "[a": "c" }), "[a"],
    [profile("a", { "s3.a": "c" }), "s3.a"],
    [profile("a", { "a:b": "c" }), "a:b"],
    [profile("a", { a: "hunter2\nb" }), "a"],
    [profile("a", { a: "hunter2\r" }), "a"],
    [profile("a", { a: " hunter2" }), "a"],
    [profile("a", { a: "hunter2\t" }), "a"],
    [profile("a", { a: "hunter2 # b" }), "a"],
    [profile("a", { a: "hunter2\t;b" }), "a"]
  ])("refuses what no line can hold, without showing the value: %j", (edit, key) => {
    for (const text of ["", "[profile a]\na = 1\n"]) {
      const error = Result.getOrThrow(Result.flip(ConfigEdit.edit(text, [edit])))
      assert.strictEqual(error._tag, "ConfigEditError")
      assert.deepInclude(error, { kind: edit.kind, name: edit.name })
      assert.strictEqual("key" in error ? error.key : undefined, key)
      assert.include(error.message, "cannot be written")
      assert.notInclude(inspect(error), "hunter2")
    }
  })

  it("does not change a file whose syntax is broken, and names the line", () => {
    const error = Result.getOrThrow(Result.flip(ConfigEdit.edit("[profile a]\noops\n", [profile("b", {})], "/f")))
    assert.deepInclude(error, { _tag: "ConfigParseError", file: "/f", line: 2, problem: "MissingEquals" })
  })
})

const pick = (strings: ReadonlyArray<string>) => Arbitrary.schema(Schema.Literals(strings))
const flag = Arbitrary.schema(Schema.Boolean)

const keys = ["region", "sso_session", "s3", "output"]
const key = pick(keys)
// In the places where a file can have comments, each `@` becomes a number
const comment = pick(["", "", "", " # @", "\t;@", " #@ = a"])

const property = Arbitrary.all({
  key: Arbitrary.map(Arbitrary.all([key, flag]), ([key, capital]) => (capital ? key.toUpperCase() : key)),
  delimiter: pick(["=", " =", "\t=", ":"]),
  after: pick(["", " ", "  "]),
  value: pick(["", "a", "b=c", "a#b", "[default]", "ż \u2028"]),
  comment,
  below: Arbitrary.array(pick(["  x = 1", "\ty = 2 # z", "", "  # @"]), { maxLength: 3 })
}).pipe(
  Arbitrary.map(({ after, below, comment, delimiter, key, value }) => [
    `${key}${delimiter}${after}${value}${comment}`,
    ...below
  ])
)
const loose = Arbitrary.map(pick(["", " \t", "# @", ";@", "  # @ = 1"]), (line) => [line])
const section = Arbitrary.all({
  header: pick([
    "[default]",
    "[profile default]",
    "[profile a]",
    "[ profile \t'a b']",
    "[sso-session a]",
    "[services a]",
    "[nothing]"
  ]),
  comment,
  body: Arbitrary.array(
    Arbitrary.flatMap(pick(["property", "property", "loose"]), (kind) => (kind === "property" ? property : loose)),
    { maxLength: 5 }
  )
}).pipe(Arbitrary.map(({ body, comment, header }) => [`${header}${comment}`, ...body.flat()]))

const file = Arbitrary.all({
  preamble: Arbitrary.array(loose, { maxLength: 2 }),
  sections: Arbitrary.array(section, { maxLength: 5 }),
  indentation: pick(["", "", "", "  ", "\t"]),
  indentedHeaders: flag,
  mark: pick(["", "\uFEFF"]),
  newline: pick(["\n", "\r\n", "\r"]),
  ends: flag
}).pipe(
  Arbitrary.map(({ ends, indentation, indentedHeaders, mark, newline, preamble, sections }) => {
    let count = 0
    const indented = sections.map(([header = "", ...body]) => [
      `${indentedHeaders ? indentation : ""}${header}`,
      ...body.map((line) => indentation + line)
    ])
    const lines = [...preamble, ...indented].flat().map((line) => line.replaceAll("@", () => `@${count++}`))
    return `${mark}${lines.join(newline)}${ends && lines.length > 0 ? newline : ""}`
  })
)

const edits = Arbitrary.array(
  Arbitrary.all({
    section: Arbitrary.schema(
      Schema.Literals(["profile default", "profile a", "profile a b", "sso-session a", "profile new"])
    ),
    settings: Arbitrary.array(Arbitrary.all([key, pick(["a", "", "new value", "#c", "d;e", "k=v"])]), { maxLength: 3 })
  }),
  { maxLength: 3 }
).pipe(
  Arbitrary.map((edits) =>
    edits.map(({ section, settings }): ConfigEdit.Edit => {
      const [, kind, name = ""] = /^(profile|sso-session) (.+)$/.exec(section) ?? []
      return { kind: kind === "profile" ? "profile" : "sso-session", name, settings: Object.fromEntries(settings) }
    })
  )
)

const parsed = (config: string) => Result.getOrThrow(SharedConfig.parse({ config }))

const linesOf = (text: string) => text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)

/** The lines that no edit may touch: all but properties of these keys, and what is indented below one. */
const untouched = (text: string, keys: ReadonlyArray<string>) => {
  let isTouched = false
  let indent = Infinity
  return linesOf(text).filter((line) => {
    if (/^[ \t]*(?:[#;]|$)/.test(line)) return true
    const own = line.search(/[^ \t]/)
    if (own <= indent) {
      const isHeader = line.slice(own).startsWith("[")
      indent = isHeader ? Infinity : own
      isTouched = !isHeader && keys.some((key) => new RegExp(`^[ \t]*${key}[ \t]*[=:]`, "i").test(line))
    }
    return !isTouched
  })
}

const isSubsequence = (part: ReadonlyArray<string>, whole: ReadonlyArray<string>) => {
  let found = 0
  for (const line of whole) if (found < part.length && line === part[found]) found++
  return found === part.length
}

const settled = (settings: SharedConfig.Settings, wanted: Record<string, string>) => ({
  ...Object.fromEntries(
    Object.entries(settings).filter(
      ([key]) => !Object.keys(wanted).some((set) => key === set || key.startsWith(`${set}.`))
    )
  ),
  ...wanted
})

describe("ConfigEdit: properties", () => {
  it.prop(
    "has the requested settings, and all others as before",
    [file, edits],
    ([text, edits]) => {
      const before = parsed(text)
      const expected = {
        profiles: Object.fromEntries(Object.entries(before.profiles).map(([name, of]) => [name, { ...of }])),
        ssoSessions: Object.fromEntries(Object.entries(before.ssoSessions).map(([name, of]) => [name, { ...of }])),
        services: { ...before.services }
      }
      for (const { kind, name, settings } of edits) {
        const sections = kind === "profile" ? expected.profiles : expected.ssoSessions
        sections[name] = settled(sections[name] ?? {}, { ...settings })
      }
      const { profiles, services, ssoSessions } = parsed(edited(text, ...edits))
      assert.deepEqual(
        JSON.parse(JSON.stringify({ profiles, ssoSessions, services })),
        JSON.parse(JSON.stringify(expected))
      )
    },
    { arbitrary: { runs: sample(2000, 200) } }
  )

  it.prop(
    "leaves every other line in its place",
    [file, edits],
    ([text, edits]) => {
      const after = edited(text, ...edits)
      const keys = edits.flatMap(({ settings }) => Object.keys(settings))
      assert.isTrue(isSubsequence(untouched(text, keys), linesOf(after)))
      const comments = (text: string) => text.match(/@\d+/g) ?? []
      assert.deepStrictEqual(comments(after), comments(text))
    },
    { arbitrary: { runs: sample(2000, 200) } }
  )

  it.prop(
    "changes nothing the second time",
    [file, edits],
    ([text, edits]) => {
      const after = edited(text, ...edits)
      // The last edit of a section is the one that stays
      const again = edited(after, ...edits.slice(-1))
      assert.strictEqual(again, after)
    },
    { arbitrary: { runs: sample(2000, 200) } }
  )

  it.prop(
    "keeps line ends, the byte order mark and the end of the file",
    [file, edits],
    ([text, edits]) => {
      const after = edited(text, ...edits)
      const ends = (text: string) => new Set(text.match(/\r\n|\n|\r/g))
      // A last line that continued a value can be gone
      const last = linesOf(text).at(-1) ?? ""
      const mayEndOtherwise = text.replace("\uFEFF", "") === "" || /^[ \t]+[^ \t#;]/.test(last)
      if (ends(text).size > 0) assert.deepStrictEqual(ends(after), ends(text))
      assert.strictEqual(after.startsWith("\uFEFF"), text.startsWith("\uFEFF"))
      if (!mayEndOtherwise) assert.strictEqual(/[\r\n]$/.test(after), /[\r\n]$/.test(text))
    },
    { arbitrary: { runs: sample(2000, 200) } }
  )
})
