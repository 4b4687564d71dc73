import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Formatter from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as PlatformError from "effect/PlatformError"
import * as References from "effect/References"
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

/** The sections alone: what is ignored has cases of its own. */
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

const readsBack = (config: SharedConfig.SharedConfig) =>
  Result.match(SharedConfig.print(config), {
    onFailure: () => "refused" as const,
    onSuccess: (text) => {
      assert.deepStrictEqual(parsed({ config: text }), { ...config, ignored: [] })
      return "written" as const
    }
  })

// Either a config or an error whose line exists: never a throw, and nothing but strings below lower-case keys.
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

const failure = (_tag: PlatformError.SystemErrorTag, path: string) =>
  PlatformError.systemError({ _tag, module: "FileSystem", method: "readFile", pathOrDescriptor: path })

describe("SharedConfig.parse: section headers", () => {
  it.each<Case>([
    { it: "finds nothing in empty files", config: "", credentials: "" },
    { it: "finds nothing where there are no files" },
    { it: "keeps a profile without settings", config: "[profile foo]", ...foo({}) },
    { it: "trims a name", config: "[profile \tfoo \t]", ...foo({}) },
    { it: "takes a tab between profile and name", config: "[profile\tfoo]", ...foo({}) },
    { it: "takes whitespace before profile", config: "[  profile foo]", ...foo({}) },
    { it: "takes whitespace behind the header", config: "[profile foo] \t", ...foo({}) },
    { it: "takes whitespace around a credentials name", credentials: "[ \tfoo\t ]", ...foo({}) },
    {
      it: "takes a comment behind a header",
      config: "[profile foo] # a ] b\n[profile bar] ; c",
      profiles: { foo: {}, bar: {} }
    },
    {
      it: "takes a comment right at a header",
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
      it: "lets [profile default] win over a later [default]",
      config: "[profile default]\na = 1\n[default]\nb = 2",
      profiles: { default: { a: "1" } }
    },
    {
      it: "lets [profile default] win over an earlier [default]",
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
    { it: "allows _ - / . % @ : + in a name", config: "[profile aZ09_-/.%@:+]", profiles: { "aZ09_-/.%@:+": {} } },
    {
      it: "tells names apart by case",
      config: "[profile a]\nx = 1\n[profile A]\nx = 2",
      profiles: { a: { x: "1" }, A: { x: "2" } }
    },
    { it: "takes the quotes off a name", config: "[profile \"foo\"]\n[profile 'bar']", profiles: { foo: {}, bar: {} } },
    {
      it: "allows spaces in a quoted name",
      config: "[sso-session 'my team']\na = 1",
      ssoSessions: { "my team": { a: "1" } }
    },
    { it: "reads an sso-session", config: "[sso-session foo]\na = 1", ssoSessions: { foo: { a: "1" } } },
    { it: "reads an sso-session with more whitespace", config: "[  sso-session \tfoo  ]", ssoSessions: { foo: {} } },
    {
      it: "keeps an sso-session and a profile of one name apart",
      config: "[sso-session foo]\na = 1\n[profile foo]\nb = 2\n[services foo]\nc = 3",
      profiles: { foo: { b: "2" } },
      ssoSessions: { foo: { a: "1" } },
      services: { foo: { c: "3" } }
    },
    {
      it: "keeps an sso-session named default apart from the default profile",
      config: "[default]\na = 1\n[sso-session default]\nb = 2",
      profiles: { default: { a: "1" } },
      ssoSessions: { default: { b: "2" } }
    },
    {
      it: "reads names that JavaScript objects know",
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
    { it: "takes the last of a key that comes twice", config: "[profile foo]\na = 1\nA = 2", ...foo({ a: "2" }) },
    {
      it: "merges a section that comes twice",
      config: "[profile foo]\na = 1\n[profile bar]\n[profile foo]\nb = 2",
      profiles: { foo: { a: "1", b: "2" }, bar: {} }
    },
    {
      it: "takes the last of a key in a section that comes twice",
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
      it: "lets the credentials file win",
      config: "[profile foo]\na = 1",
      credentials: "[foo]\na = 2",
      ...foo({ a: "2" })
    },
    { it: "takes Windows line ends", config: "[profile foo]\r\na = 1\r\n\r\nb = 2\r\n", ...foo({ a: "1", b: "2" }) },
    { it: "takes old Macintosh line ends", config: "[profile foo]\ra = 1\rb = 2", ...foo({ a: "1", b: "2" }) },
    { it: "skips a byte order mark", config: "\uFEFF[profile foo]\na = 1", ...foo({ a: "1" }) },
    { it: "keeps Unicode in a value", config: "[profile foo]\na = żółw 🐢", ...foo({ a: "żółw 🐢" }) },
    {
      it: "does not trim a no-break space",
      config: "[profile foo]\na = \u00A0b\u00A0",
      ...foo({ a: "\u00A0b\u00A0" })
    },
    {
      it: "allows _ - / . % @ : + in a key",
      config: "[profile foo]\naz09_-/.%@:+ = 1",
      ...foo({ "az09_-/.%@:+": "1" })
    },
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
    { it: "takes an empty comment", config: ";\n[profile foo];\na = b ;", ...foo({ a: "b" }) },
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
      it: "reads a comment in the place of a value as a blank value",
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
      it: "drops a former value with its continuations",
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
      it: "reads sub-properties below a comment in the place of a value",
      config: "[profile foo]\ns3 = # b\n a = 1",
      ...foo({ "s3.a": "1" })
    },
    {
      it: "knows one level of sub-properties",
      config: "[profile foo]\ns3 =\n a =\n   b = 1",
      ...foo({ "s3.a": "", "s3.b": "1" })
    },
    {
      it: "takes the last of a sub-property that comes twice",
      config: "[profile foo]\ns3 =\n a = 1\n a = 2",
      ...foo({ "s3.a": "2" })
    },
    {
      it: "replaces all sub-properties where their property comes again",
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
      it: "takes the latest, in their turn, of a sub-property, a dotted key and the sub-property again",
      config: "[profile foo]\na =\n b = 1\na.b = 2\na =\n b = 3",
      ...foo({ "a.b": "3" })
    },
    {
      it: "takes the later of a dotted key and a sub-property",
      config: "[profile foo]\na.b = 1\na =\n b = 2\n[profile bar]\na =\n b = 2\na.b = 1",
      profiles: { foo: { "a.b": "2" }, bar: { "a.b": "1" } }
    }
  ])("$it", expectSections)
})

describe("SharedConfig.parse: what is ignored", () => {
  const characters = "only letters, digits and _ - / . % @ : + are allowed in it"
  const noKind = "a section that is none of [default], [profile name], [sso-session name] and [services name]"
  const badName = `a section with an invalid name: ${characters} (and, within quotes, spaces)`
  const notBare = `a section that is not the bare name of a profile: ${characters}`
  const badProperty = `a property with an invalid name: ${characters}`

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
      it: "an unknown kind of section, whatever is in it",
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
    { it: "a name with Unicode", config: "[profile żółw]\na = 1", ignored: [["config", 1, badName]] },
    { it: "a quoted name with Unicode", config: "[sso-session 'żółw']\na = 1", ignored: [["config", 1, badName]] },
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
      ignored: [1, 5].map((line) => ["config", line, "[default], since the file also has [profile default]"] as const)
    }
  ])("is $it", ({ ignored, ...expected }) => {
    expectSections(expected)
    assert.deepStrictEqual(
      parsed(expected).ignored,
      ignored.map(([file, line, what]) => ({ file, line, what }))
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
    { it: "a header whose ] is in a comment", config: "[profile foo # ]", line: 1, problem: "UnterminatedSection" },
    { it: "something behind a header", config: "\n[profile foo] a = 1", line: 2, problem: "UnterminatedSection" },
    { it: "a broken header below an ignored section", config: "[foo]\n[bar", line: 2, problem: "UnterminatedSection" },
    { it: "a property before any section", config: "# a\nname = value", line: 2, problem: "PropertyOutsideSection" },
    { it: "any text before any section", config: "hello", line: 1, problem: "PropertyOutsideSection" },
    { it: "a continuation before any section", config: " a", line: 1, problem: "ContinuationOutsideProperty" },
    {
      it: "a continuation right below a header",
      config: "[profile foo]\n a = b",
      line: 2,
      problem: "ContinuationOutsideProperty"
    },
    {
      it: "an indented header before any property",
      config: "[profile foo]\n\n  [profile bar]",
      line: 3,
      problem: "ContinuationOutsideProperty"
    },
    {
      it: "a continuation across a header",
      config: "[profile foo]\na = b\n[profile foo]\n c",
      line: 4,
      problem: "ContinuationOutsideProperty"
    },
    { it: "a property without =", config: "[profile foo]\r\nkey : value", line: 2, problem: "MissingEquals" },
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
    const error = Result.getOrThrow(Result.flip(SharedConfig.parse({ config: "[default]\n  region = eu-west-1" })))
    assert.strictEqual(
      error.message,
      "config, line 2: an indented line continues the property above it, and there is none: remove the whitespace at its start"
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

  it("does not quote the file in what it ignores either, since a garbled line can hold a secret", () => {
    const { ignored } = parsed({
      credentials: "[default]\naws_session_token: hunter2==\na =\n hunter2 hunter2 == b\n[hunter2 hunter2]"
    })
    assert.strictEqual(ignored.length, 3)
    assert.notInclude(JSON.stringify(ignored), "hunter2")
  })
})

describe("SharedConfig: secrets", () => {
  const config = parsed({
    credentials:
      "[foo]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hunter2\naws_session_token = hunter2\n",
    config: "[profile foo]\nweb_identity_token_file = /token\n[services foo]\nx =\n  password = hunter2\n"
  })
  const settings = Option.getOrThrow(SharedConfig.profile(config, "foo"))

  it("are plain strings to who asks for one", () => {
    assert.strictEqual(settings["aws_secret_access_key"], "hunter2")
    assert.deepStrictEqual(Object.entries(settings).length, 4)
    assert.strictEqual({ ...settings }["aws_session_token"], "hunter2")
  })

  it.each<[string, (value: object) => string]>([
    ["JSON.stringify", (value) => JSON.stringify(value)],
    ["util.inspect", (value) => inspect(value, { depth: 9 })],
    ["Effect's format", (value) => Formatter.format(value)],
    ["Effect's formatJson", (value) => Formatter.formatJson(value)]
  ])("are not printed by %s, where the rest is", (_, print) => {
    for (const value of [config, config.profiles, settings]) {
      const printed = print(value)
      assert.notInclude(printed, "hunter2")
      assert.include(printed, "<redacted>")
      assert.include(printed, "AKIAEXAMPLE")
      assert.include(printed, "/token")
    }
    assert.notInclude(print(config.services), "hunter2")
  })

  it("are not part of settings as a string", () => {
    assert.notInclude(`${settings}`, "hunter2")
    assert.include(`${settings}`, "AKIAEXAMPLE")
  })

  it.effect("are not logged", () => {
    const logged: Array<unknown> = []
    const logger = Logger.map(Logger.formatStructured, (line) => logged.push(line, JSON.stringify(line)))
    return Effect.gen(function* () {
      yield* Effect.log("read", config, settings)
      assert.notInclude(inspect(logged, { depth: 9 }), "hunter2")
      assert.include(inspect(logged, { depth: 9 }), "AKIAEXAMPLE")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("SharedConfig: accessors", () => {
  const config = SharedConfig.make({
    profiles: { a: { x: "1" } },
    ssoSessions: { b: { x: "2" } },
    services: { c: { x: "3" } }
  })

  it("find a section by its name, in both styles", () => {
    assert.deepStrictEqual(SharedConfig.profile(config, "a"), Option.some({ x: "1" }))
    assert.deepStrictEqual(SharedConfig.ssoSession(config, "b"), Option.some({ x: "2" }))
    assert.deepStrictEqual(SharedConfig.servicesSection(config, "c"), Option.some({ x: "3" }))
    assert.deepStrictEqual(SharedConfig.profile("a")(config), Option.some({ x: "1" }))
  })

  it.each(["A", "b", "constructor", "__proto__", "toString"])("do not find %s", (name) => {
    assert.isTrue(Option.isNone(SharedConfig.profile(config, name)))
  })
})

describe("SharedConfig.print", () => {
  it("writes sub-properties where other tools look for them", () => {
    const config = SharedConfig.make({
      profiles: { default: { region: "eu-west-1" }, dev: { "s3.a": "1", services: "local", "s3.b": "" } },
      ssoSessions: { "my team": { sso_region: "eu-west-1" } },
      services: { local: { "sso_oidc.endpoint_url": "http://localhost" } }
    })
    assert.deepStrictEqual(
      Result.getOrThrow(SharedConfig.print(config)),
      [
        "[default]\nregion = eu-west-1\n",
        "[profile dev]\ns3 =\n  a = 1\n  b =\nservices = local\n",
        "[sso-session 'my team']\nsso_region = eu-west-1\n",
        "[services local]\nsso_oidc =\n  endpoint_url = http://localhost\n"
      ].join("\n")
    )
  })

  it.each<[string, Record<string, string>]>([
    ["a key that has both a value and sub-properties", { a: "1", "a.b": "2" }],
    ["a comment sign at the start of a value", { a: "#b", c: ";d\n[e]" }],
    ["a comment sign in a sub-property", { "a.b": "c # d" }],
    ["a sub-property whose name has a dot, below a key with a value", { a: "1", "a.b.c": "d # e" }],
    ["several lines below a dotted key", { "a.b": "c\nd" }],
    ["dots at the ends of keys", { ".a": "1", "b.": "2", ".": "3", "..": "4", "...": "5" }],
    ["blank values", { a: "", "b.c": "" }],
    ["what looks like a header", { a: "[default]\n[profile b]" }]
  ])("reads back %s", (_, settings) => {
    const config = SharedConfig.make({ profiles: { default: settings }, services: { a: settings } })
    assert.deepStrictEqual(parsed({ config: Result.getOrThrow(SharedConfig.print(config)) }), config)
  })

  it.each<[Sections, string | undefined]>([
    [{ foo: { a: " b" } }, "a"],
    [{ foo: { a: "b\t" } }, "a"],
    [{ foo: { a: "b # c" } }, "a"],
    [{ foo: { a: "b\n\nc" } }, "a"],
    [{ foo: { a: "\nb" } }, "a"],
    [{ foo: { a: "b\n# c" } }, "a"],
    [{ foo: { a: "b\rc" } }, "a"],
    [{ foo: { "a.b": "c\n d" } }, "a.b"],
    [{ foo: { ok: "1", A: "b" } }, "A"],
    [{ foo: { "a b": "c" } }, "a b"],
    [{ foo: { "": "c" } }, ""],
    [{ "foo]": {} }, undefined],
    [{ "": {} }, undefined],
    [{ żółw: {} }, undefined]
  ])("refuses what would not read back: %j", (profiles, key) => {
    const error = Result.getOrThrow(Result.flip(SharedConfig.print(SharedConfig.make({ profiles }))))
    assert.strictEqual(error._tag, "ConfigPrintError")
    assert.deepStrictEqual([error.kind, error.name, error.key], ["profile", Object.keys(profiles)[0], key])
  })

  it("does not show the value that it refuses", () => {
    const config = SharedConfig.make({ profiles: { foo: { aws_secret_access_key: " hunter2" } } })
    const error = Result.getOrThrow(Result.flip(SharedConfig.print(config)))
    assert.include(error.message, '"aws_secret_access_key" of [profile foo] cannot be written')
    assert.notInclude(inspect(error), "hunter2")
  })
})

describe("SharedConfig: properties", () => {
  // Pieces that mean something to the syntax, so that most of the texts get past their first line.
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
  // Mostly what can be written, with some of what cannot.
  const name = textOf(["a", "B", "9", "-", "_", ".", "/", "@", " "], 4).pipe(Arbitrary.map((name) => `x${name}`))
  const key = textOf(["a", "b", "9", "-", "_", ".", "."], 5).pipe(Arbitrary.map((key) => `${key}z`))
  const value = textOf(["a", "B", "=", "#", ";", "a b", "\nc", "\n[x]", ".", "ż", "d", "e", " f", "\t"], 5)
  const sections = Arbitrary.array(
    Arbitrary.all([name, Arbitrary.array(Arbitrary.all([key, value]), { maxLength: 4 })]),
    { maxLength: 2 }
  ).pipe(
    Arbitrary.map((entries): Sections =>
      Object.fromEntries(entries.map(([name, settings]) => [name, Object.fromEntries(settings)]))
    )
  )
  const anyConfig = Arbitrary.map(
    Arbitrary.all({ profiles: sections, ssoSessions: sections, services: sections }),
    SharedConfig.make
  )

  it.prop("what print writes, parse reads back equal", [anyConfig], ([config]) => void readsBack(config), {
    arbitrary: { runs: sample(3000, 300) }
  })

  it.prop(
    "print can write whatever parse can read",
    [fileText, fileText],
    ([config, credentials]) => {
      const result = SharedConfig.parse({ config: `[profile b]\n${config}`, credentials: `[c]\n${credentials}` })
      if (Result.isSuccess(result)) assert.strictEqual(readsBack(result.success), "written")
    },
    { arbitrary: { runs: sample(3000, 300) } }
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

describe("SharedConfig.load", () => {
  type Content = string | Uint8Array | PlatformError.PlatformError

  const load = (options: { readonly env?: Record<string, string>; readonly files: Record<string, Content> }) => {
    const logged: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      logged.push(`${logLevel} ${String(message)}`)
    })
    const files = FileSystem.layerNoop({
      readFile: (path) => {
        const content = options.files[path] ?? failure("NotFound", path)
        if (typeof content === "string") return Effect.succeed(new TextEncoder().encode(content))
        return content instanceof Uint8Array ? Effect.succeed(content) : Effect.fail(content)
      }
    })
    return SharedConfig.load.pipe(
      Effect.result,
      Effect.map((result) => ({ result, logged })),
      Effect.provide(Layer.mergeAll(files, Path.layer, Logger.layer([logger]))),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({ env: options.env ?? { HOME: "/home/ada" } })
      )
    )
  }

  it.effect.each<{
    readonly it: string
    readonly env: Record<string, string>
    readonly config: string
    readonly credentials: string
  }>([
    {
      it: "the home directory",
      env: { HOME: "/home/ada" },
      config: "/home/ada/.aws/config",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "USERPROFILE",
      env: { USERPROFILE: "/users/ada" },
      config: "/users/ada/.aws/config",
      credentials: "/users/ada/.aws/credentials"
    },
    {
      it: "AWS_CONFIG_FILE",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "/etc/aws" },
      config: "/etc/aws",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "AWS_SHARED_CREDENTIALS_FILE",
      env: { HOME: "/home/ada", AWS_SHARED_CREDENTIALS_FILE: "/etc/aws" },
      config: "/home/ada/.aws/config",
      credentials: "/etc/aws"
    },
    {
      it: "AWS_CONFIG_FILE below ~",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "~/my config" },
      config: "/home/ada/my config",
      credentials: "/home/ada/.aws/credentials"
    },
    {
      it: "a relative AWS_CONFIG_FILE",
      env: { AWS_CONFIG_FILE: "config", AWS_SHARED_CREDENTIALS_FILE: "./credentials" },
      config: "config",
      credentials: "./credentials"
    },
    {
      it: "an empty AWS_CONFIG_FILE as if it were not set",
      env: { HOME: "/home/ada", AWS_CONFIG_FILE: "" },
      config: "/home/ada/.aws/config",
      credentials: "/home/ada/.aws/credentials"
    }
  ])("goes by $it", ({ env, config, credentials }) =>
    Effect.gen(function* () {
      const { result } = yield* load({
        env,
        files: { [config]: "[profile foo]\na = 1\nb = 1", [credentials]: "[foo]\na = 2" }
      })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({ profiles: { foo: { a: "2", b: "1" } } }))
    })
  )

  it.effect("takes missing files for empty ones, without a word", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ files: {} })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({}))
      assert.deepStrictEqual(logged, [])
    })
  )

  it.effect("takes a missing file that the environment names for an empty one, with a warning", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ env: { HOME: "/home/ada", AWS_CONFIG_FILE: "~/none" }, files: {} })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({}))
      assert.deepStrictEqual(logged, ["Warn AWS_CONFIG_FILE names a file that does not exist: /home/ada/none"])
    })
  )

  it.effect("does not fall back to the default file when the one that the environment names is missing", () =>
    Effect.gen(function* () {
      const env = { HOME: "/home/ada", AWS_CONFIG_FILE: "/none" }
      const { result } = yield* load({ env, files: { "/home/ada/.aws/config": "[default]\na = 1" } })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({}))
    })
  )

  it.effect("reads nothing below ~ where there is no home, not even a directory of that name", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({
        env: { AWS_SHARED_CREDENTIALS_FILE: "~/x" },
        files: { "~/.aws/config": "[default]\na = 1", "~/x": "[default]\na = 1" }
      })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({}))
      assert.deepStrictEqual(logged, ["Warn AWS_SHARED_CREDENTIALS_FILE names a file that does not exist: ~/x"])
    })
  )

  it.effect.each<{
    readonly it: string
    readonly path: string
    readonly content: Content
    readonly variable: SharedConfig.ConfigReadError["variable"]
  }>([
    {
      it: "that it may not read",
      path: "/home/ada/.aws/config",
      content: failure("PermissionDenied", "/home/ada/.aws/config"),
      variable: "AWS_CONFIG_FILE"
    },
    {
      it: "that is a directory",
      path: "/home/ada/.aws/credentials",
      content: failure("BadResource", "/home/ada/.aws/credentials"),
      variable: "AWS_SHARED_CREDENTIALS_FILE"
    },
    {
      it: "that is not text in UTF-8",
      path: "/home/ada/.aws/config",
      content: new Uint8Array([0xff, 0xfe, 0x5b, 0x00]),
      variable: "AWS_CONFIG_FILE"
    }
  ])("fails with the path of a file $it", ({ path, content, variable }) =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { [path]: content } })
      const error = Result.getOrThrow(Result.flip(result))
      assert.deepInclude(error, { _tag: "ConfigReadError", path, variable })
      assert.match(error.message, new RegExp(`^${path} cannot be read: .* name another in ${variable} \\(.+\\)$`))
    })
  )

  it.effect("names path and line of an error", () =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { "/home/ada/.aws/credentials": "[default]\noops" } })
      const error = Result.getOrThrow(Result.flip(result))
      assert.deepInclude(error, {
        _tag: "ConfigParseError",
        file: "/home/ada/.aws/credentials",
        line: 2,
        problem: "MissingEquals"
      })
    })
  )

  it.effect("skips the byte order mark of a file", () =>
    Effect.gen(function* () {
      const { result } = yield* load({ files: { "/home/ada/.aws/config": "\uFEFF[default]\na = ż" } })
      assert.deepStrictEqual(Result.getOrThrow(result), SharedConfig.make({ profiles: { default: { a: "ż" } } }))
    })
  )

  it.effect("tells what it ignores at debug level, with its path", () =>
    Effect.gen(function* () {
      const { result, logged } = yield* load({ files: { "/home/ada/.aws/config": "[foo]\n[profile bar]\nc d = e" } })
      const { ignored } = Result.getOrThrow(result)
      assert.deepStrictEqual(
        ignored.map(({ file, line }) => [file, line]),
        [
          ["/home/ada/.aws/config", 1],
          ["/home/ada/.aws/config", 3]
        ]
      )
      assert.deepStrictEqual(
        logged,
        ignored.map(({ file, line, what }) => `Debug ${file}, line ${line}: ignored ${what}`)
      )
    })
  )
})
