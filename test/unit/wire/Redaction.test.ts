import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result, Schema } from "effect"
import { redactor, describeSchemaError, secretsIn } from "../../../src/wire/Redaction.ts"

describe("redactor", () => {
  const redact = (text: string, ...secrets: ReadonlyArray<string>) =>
    redactor(secrets.map((secret) => Redacted.make(secret)))(text)

  it("removes a secret everywhere in a text", () => {
    assert.strictEqual(redact("a=secret&b=secret.", "secret"), "a=<redacted>&b=<redacted>.")
  })

  it("removes a URL-encoded secret", () => {
    assert.strictEqual(redact("a=s%2Fe%2Bc&b=s/e+c", "s/e+c"), "a=<redacted>&b=<redacted>")
  })

  it("removes all of a secret that contains another secret", () => {
    assert.strictEqual(redact("secretive", "secret", "secretive"), "<redacted>")
  })

  it("does not change a text without secrets, or for an empty secret", () => {
    assert.strictEqual(redact("a text"), "a text")
    assert.strictEqual(redact("a text", ""), "a text")
    assert.strictEqual(redactor([Redacted.make(5)])("5"), "5")
  })

  it.prop(
    "removes the secrets of any text",
    [Schema.NonEmptyString, Schema.NonEmptyString, Schema.String],
    ([a, b, rest]) => {
      const secrets = [`§${a}`, `§${b}`]
      const text = redact(secrets.join(rest) + rest + secrets.toReversed().join(rest), ...secrets)
      for (const secret of secrets) assert.notInclude(text, secret)
    }
  )
})

describe("secretsIn", () => {
  it("finds the secrets among the members of an input", () => {
    const secrets = secretsIn({ a: Redacted.make("1"), b: "2", c: undefined, d: Redacted.make("3") })
    assert.deepStrictEqual(secrets.map(Redacted.value), ["1", "3"])
  })

  it.each([[undefined], [null], ["text"]])("finds none in %s", (input) => {
    assert.deepStrictEqual(secretsIn(input), [])
  })
})

describe("describeSchemaError", () => {
  const schema = Schema.Struct({ a: Schema.NonEmptyString, b: Schema.Array(Schema.Struct({ c: Schema.Finite })) })
  const decode = Schema.decodeUnknownResult(schema)
  const explained = (input: unknown) =>
    Result.match(decode(input, { errors: "all" }), {
      onFailure: describeSchemaError,
      onSuccess: () => assert.fail("it was taken")
    })

  it("describes in one line what was expected and where, but not the value", () => {
    assert.strictEqual(
      explained({ a: "", b: [{ c: 1 }, { c: "secret" }] }),
      "a: Expected a value with a length of at least 1; b.1.c: Expected number"
    )
    assert.strictEqual(explained({ b: [] }), "a: Missing key")
    assert.strictEqual(explained("secret"), "Expected object")
  })
})
