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

describe("ConfigEdit.edit: a setting that is there", () => {
  const to = (value: string) => [profile("a", { region: value })]
  it.each<Case>([
    {
      it: "gets its value replaced, and nothing else",
      text: "# top\n[profile a]\nregion = old\noutput = json\n\n[profile b]\nregion = old\n",
      edits: to("new"),
      expected: "# top\n[profile a]\nregion = new\noutput = json\n\n[profile b]\nregion = old\n"
    },
    {
      it: "keeps its place, its spacing, its case and the comment behind it",
      text: "[profile a]\nRegion\t=old  # where\nx=1\n",
      edits: to("new"),
      expected: "[profile a]\nRegion\t=new  # where\nx=1\n"
    },
    {
      it: "keeps a comment in the place of a value",
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
      it: "takes a value that starts like a comment",
      text: "[profile a]\nregion = old # c\n",
      edits: to("#new"),
      expected: "[profile a]\nregion =#new # c\n"
    },
    {
      it: "takes a value with = and with comment signs that nothing precedes",
      text: "[profile a]\nregion = old\n",
      edits: to("https://a/#/?b=c;d"),
      expected: "[profile a]\nregion = https://a/#/?b=c;d\n"
    },
    {
      it: "loses the lines that continued the old value, and not the comments between",
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
      it: "is left alone where it says so already",
      text: "[profile a]\nregion=old\n",
      edits: to("old"),
      expected: "[profile a]\nregion=old\n"
    },
    {
      it: "is the last one where it comes twice, in one section or in two",
      text: "[profile a]\nregion = 1\nregion = 2\n[profile a]\nx = 1\nx = 2\n[profile a]\n",
      edits: [profile("a", { region: "3", x: "4" })],
      expected: "[profile a]\nregion = 1\nregion = 3\n[profile a]\nx = 1\nx = 4\n[profile a]\n"
    },
    {
      it: "is that of [profile default], where [default] has no effect",
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

describe("ConfigEdit.edit: a setting that is missing", () => {
  const add = [profile("a", { x: "1", y: "2" })]
  it.each<Case>([
    {
      it: "is written below the last of its section, before blank lines and comments of the next",
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
      it: "is written below a line that has no end, and has none then itself",
      text: "[profile a]\na = 1",
      edits: add,
      expected: "[profile a]\na = 1\nx = 1\ny = 2"
    },
    {
      it: "is written where the lines go that continued the last value",
      text: "[profile a]\na = 1\n  2\n  3",
      edits: [profile("a", { a: "4", b: "5" })],
      expected: "[profile a]\na = 4\nb = 5"
    },
    {
      it: "is written below what the parser ignores in the section",
      text: "[profile a]\nno name = 1\n  2\n",
      edits: add,
      expected: "[profile a]\nno name = 1\n  2\nx = 1\ny = 2\n"
    },
    {
      it: "ends as the line above it does",
      text: "[profile a]\r\na = 1\r\n\r\n[profile b]\r\n",
      edits: add,
      expected: "[profile a]\r\na = 1\r\nx = 1\r\ny = 2\r\n\r\n[profile b]\r\n"
    }
  ])("$it", ({ edits, expected, text }) => assert.strictEqual(edited(text, ...edits), expected))
})

describe("ConfigEdit.edit: a section that is missing", () => {
  const add = [session("a", { x: "1" }), profile("b", { y: "2" })]
  const lines = "[sso-session a]\nx = 1\n\n[profile b]\ny = 2\n"
  it.each<Case>([
    { it: "begins an empty file", text: "", edits: add, expected: lines },
    {
      it: "is written at the end, below one blank line",
      text: "[profile a]\na = 1\n",
      edits: add,
      expected: `[profile a]\na = 1\n\n${lines}`
    },
    {
      it: "needs no other blank line where there is one",
      text: "[profile a]\na = 1\n \t\n",
      edits: add,
      expected: `[profile a]\na = 1\n \t\n${lines}`
    },
    {
      it: "leaves a file without an end of its last line as it is in that",
      text: "[profile a]\na = 1",
      edits: add,
      expected: `[profile a]\na = 1\n\n${lines.slice(0, -1)}`
    },
    {
      it: "has lines that end as those of the file",
      text: "# mine\r\n",
      edits: add,
      expected: `# mine\r\n\r\n${lines.replaceAll("\n", "\r\n")}`
    },
    { it: "comes behind a byte order mark", text: "\uFEFF", edits: add, expected: `\uFEFF${lines}` },
    {
      it: "is quoted where its name has spaces, and bare where it is the default profile",
      text: "",
      edits: [profile("my team", {}), profile("default", {}), session("default", { x: "#1" })],
      expected: "[profile 'my team']\n\n[default]\n\n[sso-session default]\nx =#1\n"
    },
    {
      it: "is none that the parser ignores, or that has the name and another kind",
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
    [session("żółw", {}), undefined],
    [profile("a", { ok: "1", A: "b" }), "A"],
    [profile("a", { "a b": "c" }), "a b"],
    [profile("a", { "": "c" }), ""],
    [profile("a", { "[a": "c" }), "[a"],
    [profile("a", { "s3.a": "c" }), "s3.a"],
    [profile("a", { a: "hunter2\nb" }), "a"],
    [profile("a", { a: "hunter2\r" }), "a"],
    [profile("a", { a: " hunter2" }), "a"],
    [profile("a", { a: "hunter2\t" }), "a"],
    [profile("a", { a: "hunter2 # b" }), "a"],
    [profile("a", { a: "hunter2\t;b" }), "a"]
  ])("refuses what no line can hold, and does not show the value: %j", (edit, key) => {
    for (const text of ["", "[profile a]\na = 1\n"]) {
      const error = Result.getOrThrow(Result.flip(ConfigEdit.edit(text, [edit])))
      assert.strictEqual(error._tag, "ConfigEditError")
      assert.deepInclude(error, { kind: edit.kind, name: edit.name })
      assert.strictEqual("key" in error ? error.key : undefined, key)
      assert.include(error.message, "cannot be written")
      assert.notInclude(inspect(error), "hunter2")
    }
  })

  it("leaves a file alone that breaks the syntax, and names its line", () => {
    const error = Result.getOrThrow(Result.flip(ConfigEdit.edit("[profile a]\noops\n", [profile("b", {})], "/f")))
    assert.deepInclude(error, { _tag: "ConfigParseError", file: "/f", line: 2, problem: "MissingEquals" })
  })
})

const pick = (strings: ReadonlyArray<string>) => Arbitrary.schema(Schema.Literals(strings))
const flag = Arbitrary.schema(Schema.Boolean)

const keys = ["region", "sso_session", "s3", "output"]
const key = pick(keys)
// In the places where a file can have comments, each `@` becomes a number of its own
const comment = pick(["", "", "", " # @", "\t;@", " #@ = a"])

const property = Arbitrary.all({
  key: Arbitrary.map(Arbitrary.all([key, flag]), ([key, capital]) => (capital ? key.toUpperCase() : key)),
  before: pick(["", " ", "\t"]),
  after: pick(["", " ", "  "]),
  value: pick(["", "a", "b=c", "a#b", "[default]", "ż \u2028"]),
  comment,
  below: Arbitrary.array(pick(["  x = 1", "\ty = 2 # z", "", "  # @"]), { maxLength: 3 })
}).pipe(
  Arbitrary.map(({ after, before, below, comment, key, value }) => [
    `${key}${before}=${after}${value}${comment}`,
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
  mark: pick(["", "\uFEFF"]),
  newline: pick(["\n", "\r\n", "\r"]),
  ends: flag
}).pipe(
  Arbitrary.map(({ ends, mark, newline, preamble, sections }) => {
    let count = 0
    const lines = [...preamble, ...sections].flat().map((line) => line.replaceAll("@", () => `@${count++}`))
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
  return linesOf(text).filter((line) => {
    if (/^[ \t]*(?:[#;]|$)/.test(line)) return true
    if (!/^[ \t]/.test(line)) {
      isTouched = keys.some((key) => new RegExp(`^${key}[ \t]*=`, "i").test(line))
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
    "says what was asked for, and else what it said before",
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
    "leaves every line in its place that it was not asked to change",
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
    "does nothing the second time",
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
    "ends lines, begins and ends the file as it did",
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
