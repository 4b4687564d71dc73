import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SharedConfig from "../../../src/config/SharedConfig.ts"
import { sample } from "../../support/Sample.ts"

type Sections = Record<string, Record<string, string>>

interface Texts {
  readonly config?: string
  readonly credentials?: string
}

const parsed = (texts: Texts) => Result.getOrThrow(SharedConfig.parse(texts))

/** The sections, without what is ignored. */
const sectionsOf = ({ profiles, ssoSessions, services }: SharedConfig.SharedConfig) => ({
  profiles,
  ssoSessions,
  services
})

interface Case extends Texts {
  readonly it: string
  readonly profiles?: Sections
  readonly ssoSessions?: Sections
  readonly services?: Sections
}

const expectSections = ({ profiles = {}, ssoSessions = {}, services = {}, ...texts }: Case) =>
  assert.deepStrictEqual(sectionsOf(parsed(texts)), { profiles, ssoSessions, services })

const foo = (settings: Record<string, string>) => ({ profiles: { foo: settings } })

const pick = (strings: ReadonlyArray<string>) => Arbitrary.schema(Schema.Literals(strings))
const textOf = (pieces: ReadonlyArray<string>, maxLength: number) =>
  Arbitrary.map(Arbitrary.array(pick(pieces), { maxLength }), (pieces) => pieces.join(""))

// Either a config or an error with a line of the text; keys are valid, and values are strings
const isTotal = (text: string) => {
  for (const texts of [{ config: text }, { credentials: text }]) {
    const result = SharedConfig.parse(texts)
    const lines = text.split(/\r\n|\n|\r/).length
    if (Result.isFailure(result)) {
      assert.isAtLeast(result.failure.line, 1)
      assert.isAtMost(result.failure.line, lines)
      continue
    }
    for (const settings of Object.values(sectionsOf(result.success)).flatMap((sections) => Object.values(sections))) {
      for (const [key, value] of Object.entries(settings)) {
        assert.match(key, /^[a-z0-9_\-/.%@:+]+$/)
        assert.isString(value)
      }
    }
    for (const { line } of result.success.ignored) assert.isTrue(line >= 1 && line <= lines)
  }
}

describe("SharedConfig.parse: section headers", () => {
  it.each<Case>([
    { it: "finds nothing in empty files", config: "", credentials: "" },
    { it: "finds nothing where there are no files" },
    { it: "keeps a profile without settings", config: "[profile foo]", ...foo({}) },
    { it: "trims a name", config: "[profile \tfoo \t]", ...foo({}) },
    { it: "accepts a tab between profile and name", config: "[profile\tfoo]", ...foo({}) },
    { it: "accepts whitespace before profile", config: "[  profile foo]", ...foo({}) },
    { it: "accepts whitespace after the header", config: "[profile foo] \t", ...foo({}) },
    { it: "accepts whitespace around a credentials name", credentials: "[ \tfoo\t ]", ...foo({}) },
    {
      it: "accepts a comment after a header",
      config: "[profile foo] # a ] b\n[profile bar] ; c",
      profiles: { foo: {}, bar: {} }
    },
    {
      it: "accepts a comment right after a header",
      config: "[profile foo]# a\n[profile bar];b",
      profiles: { foo: {}, bar: {} }
    },
    { it: "reads [default]", config: "[default]\nregion = eu-west-1", profiles: { default: { region: "eu-west-1" } } },
    { it: "reads [ default ]", config: "[ default ]", profiles: { default: {} } },
    {
      it: "reads [profile default] as the default profile",
      config: "[profile default]\na = 1",
      profiles: { default: { a: "1" } }
    },
    {
      it: "uses [profile default] instead of a later [default]",
      config: "[profile default]\na = 1\n[default]\nb = 2",
      profiles: { default: { a: "1" } }
    },
    {
      it: "uses [profile default] instead of an earlier [default]",
      config: "[default]\nb = 2\n[profile default]\na = 1",
      profiles: { default: { a: "1" } }
    },
    {
      it: "merges both [profile default] around a [default]",
      config: "[profile default]\na = 1\n[default]\nb = 2\n[profile default]\nc = 3",
      profiles: { default: { a: "1", c: "3" } }
    },
    {
      it: "merges [profile default] with the credentials' [default]",
      config: "[profile default]\na = 1\n[default]\nb = 2",
      credentials: "[default]\nc = 3",
      profiles: { default: { a: "1", c: "3" } }
    },
    {
      it: "ignores text after a header",
      config: "[profile foo] a = 1\nb = 2\n[profile bar]] # c",
      profiles: { foo: { b: "2" }, bar: {} }
    },
    {
      it: "allows letters of any language, and ( ) & , ~, in a name",
      config: "[profile żółw]\na = 1\n[sso-session 'Équipe (R&D), 東京~']\nb = 2",
      credentials: "[żółw]\nc = 3",
      profiles: { żółw: { a: "1", c: "3" } },
      ssoSessions: { "Équipe (R&D), 東京~": { b: "2" } }
    },
    { it: "allows _ - / . % @ : + in a name", config: "[profile aZ09_-/.%@:+]", profiles: { "aZ09_-/.%@:+": {} } },
    {
      it: "distinguishes names by case",
      config: "[profile a]\nx = 1\n[profile A]\nx = 2",
      profiles: { a: { x: "1" }, A: { x: "2" } }
    },
    {
      it: "removes the quotes of a name",
      config: "[profile \"foo\"]\n[profile 'bar']",
      profiles: { foo: {}, bar: {} }
    },
    {
      it: "allows spaces in a quoted name",
      config: "[sso-session 'my team']\na = 1",
      ssoSessions: { "my team": { a: "1" } }
    },
    { it: "reads an sso-session", config: "[sso-session foo]\na = 1", ssoSessions: { foo: { a: "1" } } },
    { it: "reads an sso-session with more whitespace", config: "[  sso-session \tfoo  ]", ssoSessions: { foo: {} } },
    {
      it: "distinguishes an sso-session, a profile and a services section of one name",
      config: "[sso-session foo]\na = 1\n[profile foo]\nb = 2\n[services foo]\nc = 3",
      profiles: { foo: { b: "2" } },
      ssoSessions: { foo: { a: "1" } },
      services: { foo: { c: "3" } }
    },
    {
      it: "distinguishes an sso-session named default from the default profile",
      config: "[default]\na = 1\n[sso-session default]\nb = 2",
      profiles: { default: { a: "1" } },
      ssoSessions: { default: { b: "2" } }
    },
    {
      it: "reads names that JavaScript objects have",
      config: "[profile __proto__]\nconstructor = 1",
      profiles: JSON.parse('{"__proto__":{"constructor":"1"}}')
    }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: settings", () => {
  it.each<Case>([
    { it: "reads a setting", config: "[profile foo]\nname = value", ...foo({ name: "value" }) },
    { it: "reads several", config: "[profile foo]\na = 1\nb = 2", ...foo({ a: "1", b: "2" }) },
    { it: "needs no whitespace around =", config: "[profile foo]\nname=value", ...foo({ name: "value" }) },
    { it: "trims keys and values", config: "[profile foo]\nname \t=  \tvalue \t", ...foo({ name: "value" }) },
    { it: "lower-cases keys and not values", config: "[profile foo]\nSSO_Region = EU", ...foo({ sso_region: "EU" }) },
    { it: "keeps whitespace within a value", config: "[profile foo]\na = b \t c", ...foo({ a: "b \t c" }) },
    { it: "splits at the first =", config: "[profile foo]\na = b=c==", ...foo({ a: "b=c==" }) },
    { it: "reads a blank value", config: "[profile foo]\na =\nb = \t\nc = 1", ...foo({ a: "", b: "", c: "1" }) },
    { it: "keeps quotes", config: '[profile foo]\na = "b"', ...foo({ a: '"b"' }) },
    { it: "keeps backslashes", config: "[profile foo]\na = \\n", ...foo({ a: "\\n" }) },
    { it: "uses the last value of a key that comes twice", config: "[profile foo]\na = 1\nA = 2", ...foo({ a: "2" }) },
    {
      it: "merges a section that comes twice",
      config: "[profile foo]\na = 1\n[profile bar]\n[profile foo]\nb = 2",
      profiles: { foo: { a: "1", b: "2" }, bar: {} }
    },
    {
      it: "uses the last value of a key in a section that comes twice",
      config: "[profile foo]\na = 1\n[profile foo]\na = 2",
      ...foo({ a: "2" })
    },
    {
      it: "merges sso-sessions that come twice",
      config: "[sso-session foo]\na = 1\n[sso-session foo]\nb = 2",
      ssoSessions: { foo: { a: "1", b: "2" } }
    },
    { it: "merges the files", config: "[profile foo]\na = 1", credentials: "[foo]\nb = 2", ...foo({ a: "1", b: "2" }) },
    {
      it: "uses the value of the credentials file",
      config: "[profile foo]\na = 1",
      credentials: "[foo]\na = 2",
      ...foo({ a: "2" })
    },
    { it: "accepts Windows line ends", config: "[profile foo]\r\na = 1\r\n\r\nb = 2\r\n", ...foo({ a: "1", b: "2" }) },
    { it: "accepts old Macintosh line ends", config: "[profile foo]\ra = 1\rb = 2", ...foo({ a: "1", b: "2" }) },
    { it: "skips a byte order mark", config: "\uFEFF[profile foo]\na = 1", ...foo({ a: "1" }) },
    { it: "keeps Unicode in a value", config: "[profile foo]\na = żółw 🐢", ...foo({ a: "żółw 🐢" }) },
    {
      it: "does not trim a no-break space",
      config: "[profile foo]\na = \u00A0b\u00A0",
      ...foo({ a: "\u00A0b\u00A0" })
    },
    {
      it: "allows _ - / . % @ + in a key",
      config: "[profile foo]\naz09_-/.%@+ = 1",
      ...foo({ "az09_-/.%@+": "1" })
    },
    {
      it: "reads key: value, as the AWS CLI does",
      config: "[profile foo]\na: 1\nb:2\nc = d: e\nf: g = h\nsso_start_url: https://x.awsapps.com/start?a=b",
      ...foo({ a: "1", b: "2", c: "d: e", f: "g = h", sso_start_url: "https://x.awsapps.com/start?a=b" })
    },
    { it: "ends key: value at a comment", config: "[profile foo]\na: 1 # b\nc: # d", ...foo({ a: "1", c: "" }) },
    { it: "skips blank lines", config: "\t \n[profile foo]\n\t\n \na = 1\n\t \nb = 2\n", ...foo({ a: "1", b: "2" }) }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: comments", () => {
  it.each<Case>([
    {
      it: "skips lines that start with # or ;",
      config: "# a\n; b\n[profile foo]\n#c = d\n;e = f\na = 1",
      ...foo({ a: "1" })
    },
    {
      it: "skips indented comments",
      config: "  # a\n[profile foo]\n  # b\na = 1\n  # c\n\t; d\n e",
      ...foo({ a: "1\ne" })
    },
    { it: "ends a value at a # after whitespace", config: "[profile foo]\na = b # c # d", ...foo({ a: "b" }) },
    { it: "ends a value at a ; after whitespace", config: "[profile foo]\na = b\t; c", ...foo({ a: "b" }) },
    { it: "accepts an empty comment", config: ";\n[profile foo];\na = b ;", ...foo({ a: "b" }) },
    {
      it: "keeps a # or ; that no whitespace precedes",
      config: "[profile foo]\na = b# c\nd = e; f",
      ...foo({ a: "b# c", d: "e; f" })
    },
    {
      it: "keeps the fragment of a start URL",
      config: "[sso-session foo]\nsso_start_url = https://x.awsapps.com/start/#/",
      ssoSessions: { foo: { sso_start_url: "https://x.awsapps.com/start/#/" } }
    },
    { it: "keeps a value that starts with # right at the =", config: "[profile foo]\na =#b", ...foo({ a: "#b" }) },
    {
      it: "reads a comment instead of a value as a blank value",
      config: "[profile foo]\na = # b",
      ...foo({ a: "" })
    }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: continuations and sub-properties", () => {
  it.each<Case>([
    { it: "continues a value", config: "[profile foo]\na = b\n -c", ...foo({ a: "b\n-c" }) },
    { it: "continues a value over several lines", config: "[profile foo]\na = b\n c\n\td", ...foo({ a: "b\nc\nd" }) },
    { it: "trims a continuation", config: "[profile foo]\na = b\n \t c \t ", ...foo({ a: "b\nc" }) },
    {
      it: "keeps a comment in a continuation",
      config: "[profile foo]\na = b\n c # d\n e ; f",
      ...foo({ a: "b\nc # d\ne ; f" })
    },
    { it: "drops the comment before a continuation", config: "[profile foo]\na = b # c\n d", ...foo({ a: "b\nd" }) },
    {
      it: "reads x = y as a continuation below a value",
      config: "[profile foo]\na = b\n c = d",
      ...foo({ a: "b\nc = d" })
    },
    {
      it: "reads an indented header as a continuation",
      config: "[profile foo]\na = b\n [profile bar]",
      ...foo({ a: "b\n[profile bar]" })
    },
    { it: "continues over blank lines, without them", config: "[profile foo]\na = b\n\n c", ...foo({ a: "b\nc" }) },
    {
      it: "replaces a former value with its continuations",
      config: "[profile foo]\na = b\n c\na = d",
      ...foo({ a: "d" })
    },
    {
      it: "reads the services section of a service's endpoint",
      config:
        "[profile foo]\nservices = local\n[services local]\nsso_oidc =\n  endpoint_url = http://localhost:8080\nsso =\n  endpoint_url = http://localhost:8081\n",
      profiles: { foo: { services: "local" } },
      services: {
        local: { "sso_oidc.endpoint_url": "http://localhost:8080", "sso.endpoint_url": "http://localhost:8081" }
      }
    },
    {
      it: "reads several sub-properties, over blank lines",
      config: "[profile foo]\ns3 =\n a = 1\n\t \n\tb = 2\nc = 3",
      ...foo({ "s3.a": "1", "s3.b": "2", c: "3" })
    },
    {
      it: "lower-cases, trims and splits sub-properties as it does properties",
      config: "[profile foo]\nS3=\n  Max_Size \t= a=b \t",
      ...foo({ "s3.max_size": "a=b" })
    },
    { it: "reads a blank sub-property", config: "[profile foo]\ns3 =\n a =", ...foo({ "s3.a": "" }) },
    {
      it: "keeps a comment in a sub-property",
      config: "[services foo]\nsso =\n endpoint_url = http://a # b",
      services: { foo: { "sso.endpoint_url": "http://a # b" } }
    },
    {
      it: "reads sub-properties below a comment instead of a value",
      config: "[profile foo]\ns3 = # b\n a = 1",
      ...foo({ "s3.a": "1" })
    },
    {
      it: "reads one level of sub-properties",
      config: "[profile foo]\ns3 =\n a =\n   b = 1",
      ...foo({ "s3.a": "", "s3.b": "1" })
    },
    {
      it: "uses the last value of a sub-property that comes twice",
      config: "[profile foo]\ns3 =\n a = 1\n a = 2",
      ...foo({ "s3.a": "2" })
    },
    {
      it: "replaces all sub-properties if their property comes again",
      config: "[profile foo]\ns3 =\n a = 1\ns3 =\n b = 2",
      ...foo({ "s3.b": "2" })
    },
    { it: "replaces sub-properties with a value", config: "[profile foo]\ns3 =\n a = 1\ns3 = 2", ...foo({ s3: "2" }) },
    {
      it: "replaces sub-properties across files",
      config: "[profile foo]\ns3 =\n a = 1\nb = 2",
      credentials: "[foo]\ns3 =\n c = 3",
      ...foo({ b: "2", "s3.c": "3" })
    },
    {
      it: "uses the last of a sub-property, a dotted key and the sub-property again",
      config: "[profile foo]\na =\n b = 1\na.b = 2\na =\n b = 3",
      ...foo({ "a.b": "3" })
    },
    {
      it: "uses the later of a dotted key and a sub-property",
      config: "[profile foo]\na.b = 1\na =\n b = 2\n[profile bar]\na =\n b = 2\na.b = 1",
      profiles: { foo: { "a.b": "2" }, bar: { "a.b": "1" } }
    }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: indented sections", () => {
  it.each<Case>([
    { it: "reads an indented first property", config: "[profile foo]\n a = b", ...foo({ a: "b" }) },
    {
      it: "reads a section whose properties are all indented",
      config: "[profile foo]\n  a = 1\n  b = 2\n\n  # c\n  d: 3",
      ...foo({ a: "1", b: "2", d: "3" })
    },
    {
      it: "reads less indented properties below indented ones",
      config: "[profile foo]\n    a = 1\n  b = 2\nc = 3",
      ...foo({ a: "1", b: "2", c: "3" })
    },
    {
      it: "continues an indented property by a deeper indented line only",
      config: "[profile foo]\n  a = 1\n   b = 2\n\tc = 3\n\t d",
      ...foo({ a: "1\nb = 2", c: "3\nd" })
    },
    {
      it: "reads the sub-properties of an indented property",
      config: "[services foo]\n  sso =\n    endpoint_url = http://a\n  sso_oidc =\n    endpoint_url = http://b",
      services: { foo: { "sso.endpoint_url": "http://a", "sso_oidc.endpoint_url": "http://b" } }
    },
    {
      it: "reads an indented header above any property",
      config: "  [profile foo]\n\n  [profile bar]\n  a = 1\n  [profile baz]\n  b = 2",
      profiles: { foo: {}, bar: { a: "1" }, baz: { b: "2" } }
    }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: what is ignored", () => {
  const noKind = "a section that is none of [default], [profile name], [sso-session name] and [services name]"
  const nameRule = "a name has only letters, digits and _ - / . % @ : + ( ) & , ~"
  const badName = `a section with an invalid name: ${nameRule}, and spaces within quotes`
  const notBare = `a section that is not the name of a profile: ${nameRule}`
  const badProperty = "a property with an invalid name: it has only ASCII letters, digits and _ - / . % @ : +"

  it.each<Case & { readonly ignored: ReadonlyArray<readonly [file: string, line: number, what: string]> }>([
    { it: "a config profile without the word profile", config: "[foo]\na = 1", ignored: [["config", 1, noKind]] },
    {
      it: "a header whose first word only starts with profile",
      config: "[profilefoo]\na = 1\n[profile bar]",
      profiles: { bar: {} },
      ignored: [["config", 1, noKind]]
    },
    {
      it: "a header in capitals",
      config: "[Profile foo]\n[DEFAULT]",
      ignored: [
        ["config", 1, noKind],
        ["config", 2, noKind]
      ]
    },
    {
      it: "a header without a name",
      config: "[profile]\n[profile ]\n[sso-session]\n[]",
      ignored: [1, 2, 3, 4].map((line) => ["config", line, noKind] as const)
    },
    {
      it: "an unknown kind of section, with any content",
      config: "[plugins]\nanything goes\n here = too\n[default]\na = 1",
      profiles: { default: { a: "1" } },
      ignored: [["config", 1, noKind]]
    },
    {
      it: "a name with a space",
      config: "[profile in valid]\na = 1\n[profile foo]\nb = 2",
      ...foo({ b: "2" }),
      ignored: [["config", 1, badName]]
    },
    {
      it: "a name with another character",
      config: "[profile foo!]\na = 1\n[sso-session 'a # b']\na = 1\n[services 🐢]",
      ignored: [1, 3, 5].map((line) => ["config", line, badName] as const)
    },
    {
      it: "a header whose ] is in a comment",
      config: "[profile foo # ]\na = 1",
      ignored: [["config", 1, badName]]
    },
    {
      it: "text after a header that is no comment",
      config: "[profile foo] a = 1\n[profile bar]x # y",
      profiles: { foo: {}, bar: {} },
      ignored: [1, 2].map((line) => ["config", line, "the text after the ] of a section header"] as const)
    },
    {
      it: "a name with quotes that do not match",
      config: "[profile \"foo']\na = 1",
      ignored: [["config", 1, badName]]
    },
    {
      it: "a credentials profile with the word profile",
      credentials: "[profile foo]\na = 1",
      ignored: [["credentials", 1, notBare]]
    },
    {
      it: "an sso-session in the credentials file",
      credentials: "[sso-session foo]\na = 1",
      ignored: [["credentials", 1, notBare]]
    },
    {
      it: "a quoted name in the credentials file",
      credentials: '["foo"]\na = 1',
      ignored: [["credentials", 1, notBare]]
    },
    {
      it: "a key with a space",
      config: "[profile foo]\nin valid = 1\nb = 2",
      ...foo({ b: "2" }),
      ignored: [["config", 2, badProperty]]
    },
    {
      it: "a key with Unicode, also one that lower-cases to ASCII",
      config: "[profile foo]\nż = 1\n\u212Aey = 2",
      ...foo({}),
      ignored: [
        ["config", 2, badProperty],
        ["config", 3, badProperty]
      ]
    },
    {
      it: "the continuations of a key with a space",
      config: "[profile foo]\nin valid = 1\n more\nb = 2\n c",
      ...foo({ b: "2\nc" }),
      ignored: [["config", 2, badProperty]]
    },
    {
      it: "a sub-property with a space",
      config: "[profile foo]\ns3 =\n in valid = 1\n b = 2",
      ...foo({ "s3.b": "2" }),
      ignored: [["config", 3, badProperty.replace("property", "sub-property")]]
    },
    {
      it: "[default] next to [profile default]",
      config: "[default]\na = 1\n\n[profile default]\n[default]",
      profiles: { default: {} },
      ignored: [1, 5].map((line) => ["config", line, "[default], because the file also has [profile default]"] as const)
    }
  ])("is $it", ({ ignored, ...expected }) => {
    expectSections(expected)
    assert.deepStrictEqual(
      parsed(expected).ignored.map(({ file, isMistake, line, what }) => ({ file, line, what, isMistake })),
      ignored.map(([file, line, what]) => ({ file, line, what, isMistake: !/none of|because/.test(what) }))
    )
  })
})

describe("SharedConfig.parse: errors", () => {
  it.each<
    Texts & {
      readonly it: string
      readonly file?: string
      readonly line: number
      readonly problem: SharedConfig.ConfigParseError["problem"]
    }
  >([
    { it: "a header without ]", config: "[profile foo", line: 1, problem: "UnterminatedSection" },
    { it: "a header whose end is a comment", config: "\n[profile foo # a", line: 2, problem: "UnterminatedSection" },
    { it: "a broken header below an ignored section", config: "[foo]\n[bar", line: 2, problem: "UnterminatedSection" },
    { it: "a property before any section", config: "# a\nname = value", line: 2, problem: "PropertyOutsideSection" },
    { it: "any text before any section", config: "hello", line: 1, problem: "PropertyOutsideSection" },
    { it: "a continuation before any section", config: " a", line: 1, problem: "ContinuationOutsideProperty" },
    {
      it: "a continuation right below a header",
      config: "[profile foo]\n a b",
      line: 2,
      problem: "ContinuationOutsideProperty"
    },
    { it: "an indented property before any section", config: " a = b", line: 1, problem: "PropertyOutsideSection" },
    {
      it: "a continuation across a header",
      config: "[profile foo]\na = b\n[profile foo]\n c",
      line: 4,
      problem: "ContinuationOutsideProperty"
    },
    {
      it: "a property without =, and with a space before its colon",
      config: "[profile foo]\r\nkey : value",
      line: 2,
      problem: "MissingEquals"
    },
    {
      it: "a property without a name before its colon",
      config: "[profile foo]\n: value",
      line: 2,
      problem: "EmptyName"
    },
    {
      it: "a property whose = is in a comment",
      config: "[profile foo]\nkey # = value",
      line: 2,
      problem: "MissingEquals"
    },
    { it: "a property without a name", config: "[profile foo]\n= value", line: 2, problem: "EmptyName" },
    { it: "a sub-property without =", config: "[profile foo]\ns3 =\n value", line: 3, problem: "MissingEquals" },
    { it: "a sub-property without a name", config: "[profile foo]\ns3 =\n = value", line: 3, problem: "EmptyName" },
    {
      it: "an error in the credentials file",
      config: "[default]",
      credentials: "[default]\n=",
      file: "credentials",
      line: 2,
      problem: "EmptyName"
    },
    { it: "the first of two errors", config: "[default]\n=\nb", credentials: "c", line: 2, problem: "EmptyName" }
  ])("names file and line of $it", ({ file = "config", line, problem, ...texts }) => {
    const error = Result.getOrThrow(Result.flip(SharedConfig.parse(texts)))
    assert.deepInclude(error, { _tag: "ConfigParseError", file, line, problem })
    assert.match(error.message, new RegExp(`^${file}, line ${line}: .{20}`))
  })

  it("says what to do", () => {
    const error = Result.getOrThrow(Result.flip(SharedConfig.parse({ config: "[default]\n  eu-west-1" })))
    assert.strictEqual(
      error.message,
      "config, line 2: an indented line without = continues the property above it, and there is none: write it as name = value, or remove it"
    )
  })

  it.each([
    "aws_secret_access_key hunter2",
    "[default]\naws_secret_access_key hunter2",
    "[default]\n= hunter2",
    "[default]\n hunter2",
    "[default]\na =\n hunter2",
    "[hunter2"
  ])("never quotes the file: %j", (credentials) => {
    const error = Result.getOrThrow(Result.flip(SharedConfig.parse({ credentials })))
    for (const shown of [
      error.message,
      String(error),
      JSON.stringify(error),
      inspect(error),
      Formatter.format(error)
    ]) {
      assert.notInclude(shown, "hunter2")
    }
  })

  it("does not quote the file in what it ignores: an unreadable line can have a secret anywhere", () => {
    const { ignored } = parsed({
      credentials: "[default]\naws session_token: hunter2==\na =\n hunter2 hunter2 == b\n[hunter2 hunter2]"
    })
    assert.strictEqual(ignored.length, 3)
    assert.notInclude(JSON.stringify(ignored), "hunter2")
  })
})

describe("SharedConfig: properties", () => {
  // Pieces with a meaning in the syntax: most texts are read beyond their first line
  const fileText = textOf(
    [
      "[default]\n",
      "[profile a]\n",
      "[profile default]\n",
      "[sso-session a]\n",
      "[services a]\n",
      "[a]\n",
      "[",
      "]",
      "a",
      "B",
      "a = 1\n",
      "b =\n",
      "a.b = 2\n",
      "a.b.c =\n"
    ].concat([
      " a = 3\n",
      "\tb.c = 4 # c\n",
      " c\n",
      " ",
      "\t",
      "\n",
      "\r\n",
      "\r",
      "=",
      "#",
      ";",
      " #",
      ".",
      "'",
      '"',
      "ż",
      "\uFEFF",
      "\u2028",
      "profile "
    ]),
    40
  )
  const real = [
    "# my teams",
    "[default]",
    "region = eu-west-1",
    "output = json ; as always",
    "",
    "[profile dev]",
    "sso_session = my-team",
    "sso_account_id = 123456789012",
    "services = local",
    "s3 =",
    "  max_concurrent_requests = 20",
    "",
    "[sso-session my-team]",
    "sso_start_url = https://example.awsapps.com/start/#/",
    "sso_region = us-east-1",
    "sso_registration_scopes = sso:account:access",
    "",
    "[services local]",
    "sso_oidc =",
    "  endpoint_url = http://localhost:8080"
  ].join("\r\n")

  const mutated = Arbitrary.map(
    Arbitrary.array(
      Arbitrary.all([Arbitrary.schema(Schema.Int), pick(["", "[", "]", "=", "\n", " ", "#", "\n ", "\0", "\uD800"])]),
      {
        maxLength: 8
      }
    ),
    (edits) =>
      edits.reduce((text, [at, piece]) => {
        const index = Math.abs(at) % text.length
        return text.slice(0, index) + piece + text.slice(index + 1)
      }, real)
  )

  it.prop("any text is either read or refused", [Schema.String], ([text]) => isTotal(text), {
    arbitrary: { runs: 1000 }
  })
  it.prop("any text of meaningful pieces is either read or refused", [fileText], ([text]) => isTotal(text), {
    arbitrary: { runs: sample(3000, 300) }
  })
  it.prop("any change of a real file is either read or refused", [mutated], ([text]) => isTotal(text), {
    arbitrary: { runs: sample(2000, 200) }
  })

  it("reads the real file itself", () => {
    assert.deepStrictEqual(sectionsOf(parsed({ config: real })), {
      profiles: {
        default: { region: "eu-west-1", output: "json" },
        dev: {
          sso_session: "my-team",
          sso_account_id: "123456789012",
          services: "local",
          "s3.max_concurrent_requests": "20"
        }
      },
      ssoSessions: {
        "my-team": {
          sso_start_url: "https://example.awsapps.com/start/#/",
          sso_region: "us-east-1",
          sso_registration_scopes: "sso:account:access"
        }
      },
      services: { local: { "sso_oidc.endpoint_url": "http://localhost:8080" } }
    })
  })
})
