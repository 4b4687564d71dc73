/**
 * Our model of the service beside that of the official client. What the latter gains, a test here names.
 */
import * as official from "@aws-sdk/client-sso-oidc"
import { NormalizedSchema } from "@smithy/core/schema"
import type { $SchemaRef, StaticErrorSchema, StaticOperationSchema } from "@smithy/types"
import { assert, describe, it } from "@effect/vitest"
import { Predicate, Redacted, Result, Schema } from "effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"
import * as CreateToken from "../../src/operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../src/operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../../src/operation/Exceptions.ts"
import * as RegisterClient from "../../src/operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../../src/operation/StartDeviceAuthorization.ts"

// The client exports its schemas as lists that begin with their kind
const isOfKind =
  <A>(kind: number) =>
  (value: unknown): value is A =>
    Array.isArray(value) && value[0] === kind

const exported = Object.values(official)
const operations = exported.filter(isOfKind<StaticOperationSchema>(9))
const errors = exported
  .filter(isOfKind<StaticErrorSchema>(-3))
  .filter(([, namespace]) => !namespace.includes("synthetic"))

const membersOf = (ref: $SchemaRef) => Array.from(NormalizedSchema.of(ref).structIterator())

const namesOf = (ref: $SchemaRef) => membersOf(ref).map(([name]) => name)

const secretsOf = (ref: $SchemaRef) =>
  membersOf(ref).flatMap(([name, member]) => (member.getMergedTraits().sensitive === 1 ? [name] : []))

// The seventh element of a structure is the number of its required members, which come first
const requiredOf = (ref: $SchemaRef) => {
  const schema: unknown = NormalizedSchema.of(ref).getSchema()
  const required: unknown = Array.isArray(schema) ? schema[6] : undefined
  return namesOf(ref).slice(0, Predicate.isNumber(required) ? required : 0)
}

type Member = Schema.ConstraintDecoder<unknown>

type Fields = Readonly<Record<string, Member>>

const ours: Readonly<Record<string, { readonly inputs: ReadonlyArray<Fields>; readonly output: Fields }>> = {
  RegisterClient: { inputs: [RegisterClient.Input.fields], output: RegisterClient.Output.fields },
  StartDeviceAuthorization: {
    inputs: [StartDeviceAuthorization.Input.fields],
    output: StartDeviceAuthorization.Output.fields
  },
  CreateToken: { inputs: CreateToken.Input.members.map(({ fields }) => fields), output: CreateToken.Output.fields },
  CreateTokenWithIAM: {
    inputs: CreateTokenWithIAM.Input.members.map(({ fields }) => fields),
    output: CreateTokenWithIAM.Output.fields
  }
}

const descriptors = [
  RegisterClient.operation,
  StartDeviceAuthorization.operation,
  CreateToken.operation,
  CreateTokenWithIAM.operation
]

const keysOf = (...variants: ReadonlyArray<Fields>) => [...new Set(variants.flatMap((fields) => Object.keys(fields)))]

/** Says what one side has and the other lacks. */
const assertSameNames = (where: string, theirs: ReadonlyArray<string>, mine: ReadonlyArray<string>) => {
  const lacking = theirs.filter((name) => !mine.includes(name))
  const surplus = mine.filter((name) => !theirs.includes(name))
  assert.deepStrictEqual(lacking, [], `the official client has gained in ${where}: ${lacking.join(", ")}`)
  assert.deepStrictEqual(surplus, [], `the official client does not know in ${where}: ${surplus.join(", ")}`)
}

const isSecret = (schema: Member | undefined) =>
  schema !== undefined &&
  Result.match(Schema.decodeResult(schema)("text"), {
    onFailure: () => false,
    onSuccess: Redacted.isRedacted
  })

const isOptional = (schema: Member | undefined) => schema?.ast.context?.isOptional ?? false

describe("Our model", () => {
  it("has the operations of the official client", () => {
    assertSameNames(
      "operations",
      operations.map(([, , name]) => name),
      descriptors.map(({ name }) => name)
    )
  })

  it("has the exceptions of the official client", () => {
    assertSameNames(
      "exceptions",
      errors.map(([, , name]) => name),
      Exceptions.all.map(({ identifier }) => identifier)
    )
  })

  it.each(errors.map((error) => ({ name: error[2], error })))("knows the members and the status of $name", (one) => {
    const Class = Exceptions.all.find(({ identifier }) => identifier === one.name) ?? assert.fail("it is unknown")
    const given = { error: "a", error_description: "b", reason: "c", endpoint: "d", region: "e" }
    const kept = Object.keys(new Class(given)).filter((key) => key in given)
    assertSameNames(one.name, namesOf(one.error), kept)
    assert.deepInclude(one.error[3], { httpError: Class.status })
  })

  it.each(operations.map((operation) => ({ name: operation[2], operation })))("knows $name", ({ name, operation }) => {
    const [, , , traits, input, output] = operation
    const mine = ours[name] ?? assert.fail("it is unknown")
    const { path, query } = descriptors.find((one) => one.name === name) ?? assert.fail("it is unknown")
    const parameters = new URLSearchParams(query)
    assert.deepInclude(traits, { http: ["POST", `${path}${parameters.size === 0 ? "" : `?${parameters}`}`, 200] })

    assertSameNames(`the input of ${name}`, namesOf(input), keysOf(...mine.inputs))
    assertSameNames(`the output of ${name}`, namesOf(output), keysOf(mine.output))
    for (const fields of mine.inputs) {
      for (const member of requiredOf(input)) {
        assert.isFalse(isOptional(fields[member]), `${member} of ${name} is required`)
      }
      for (const member of secretsOf(input).filter((member) => member in fields)) {
        assert.isTrue(isSecret(fields[member]), `${member} of ${name} is secret`)
      }
    }
    for (const member of secretsOf(output)) {
      assert.isTrue(isSecret(mine.output[member]), `${member} of ${name} is secret`)
    }
  })

  it("tells a required member from an optional one, and a secret from a text", () => {
    const { clientId, clientSecret, scopes } = { ...RegisterClient.Output.fields, ...RegisterClient.Input.fields }
    assert.deepStrictEqual([isSecret(clientId), isSecret(clientSecret)], [false, true])
    assert.deepStrictEqual([isOptional(clientId), isOptional(scopes)], [false, true])
  })

  it("knows what the details of a token hold", () => {
    const details = CreateTokenWithIAM.Output.fields.awsAdditionalDetails.schema
    assertSameNames("AwsAdditionalDetails", namesOf(official.AwsAdditionalDetails$), keysOf(details.fields))
  })

  // The schemas do not say which operation throws what: only the documentation of the commands does.
  it.each(descriptors)("knows what $name throws", ({ errors, name }) => {
    const types = createRequire(import.meta.url).resolve("@aws-sdk/client-sso-oidc/package.json")
    const text = readFileSync(new URL(`dist-types/commands/${name}Command.d.ts`, pathToFileURL(types)), "utf8")
    const thrown = Array.from(text.matchAll(/@throws \{@link (\w+Exception)\} \(/g), ([, thrown]) => thrown ?? "")
    assertSameNames(
      `the exceptions of ${name}`,
      thrown,
      errors.map(({ identifier }) => identifier)
    )
  })
})
