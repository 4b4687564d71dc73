/**
 * Compares our model of the services with that of the official clients. A test fails if they add something.
 */
import * as officialPortal from "@aws-sdk/client-sso"
import * as officialOidc from "@aws-sdk/client-sso-oidc"
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
import * as GetRoleCredentials from "../../src/operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../src/operation/ListAccountRoles.ts"
import * as ListAccounts from "../../src/operation/ListAccounts.ts"
import * as Logout from "../../src/operation/Logout.ts"
import type * as Operation from "../../src/operation/Operation.ts"
import * as PortalExceptions from "../../src/operation/PortalExceptions.ts"
import * as RegisterClient from "../../src/operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../../src/operation/StartDeviceAuthorization.ts"

// The client exports its schemas as arrays that start with their kind
const isOfKind =
  <A>(kind: number) =>
  (value: unknown): value is A =>
    Array.isArray(value) && value[0] === kind

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

interface Model {
  readonly inputs: ReadonlyArray<Fields>
  readonly output: Fields
  readonly operation: {
    readonly name: string
    readonly method: string
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly bindings?: Readonly<Record<string, Operation.Binding>>
    readonly errors: ReadonlyArray<{ readonly identifier: string }>
  }
}

const oidc: ReadonlyArray<Model> = [
  {
    operation: RegisterClient.operation,
    inputs: [RegisterClient.RegisterClientInput.fields],
    output: RegisterClient.RegisterClientOutput.fields
  },
  {
    operation: StartDeviceAuthorization.operation,
    inputs: [StartDeviceAuthorization.StartDeviceAuthorizationInput.fields],
    output: StartDeviceAuthorization.StartDeviceAuthorizationOutput.fields
  },
  {
    operation: CreateToken.operation,
    inputs: CreateToken.CreateTokenInput.members.map(({ fields }) => fields),
    output: CreateToken.CreateTokenOutput.fields
  },
  {
    operation: CreateTokenWithIAM.operation,
    inputs: CreateTokenWithIAM.CreateTokenWithIAMInput.members.map(({ fields }) => fields),
    output: CreateTokenWithIAM.CreateTokenWithIAMOutput.fields
  }
]

const portal: ReadonlyArray<Model> = [
  {
    operation: ListAccounts.operation,
    inputs: [ListAccounts.ListAccountsInput.fields],
    output: ListAccounts.ListAccountsOutput.fields
  },
  {
    operation: ListAccountRoles.operation,
    inputs: [ListAccountRoles.ListAccountRolesInput.fields],
    output: ListAccountRoles.ListAccountRolesOutput.fields
  },
  {
    operation: GetRoleCredentials.operation,
    inputs: [GetRoleCredentials.GetRoleCredentialsInput.fields],
    output: GetRoleCredentials.GetRoleCredentialsOutput.fields
  },
  { operation: Logout.operation, inputs: [Logout.LogoutInput.fields], output: {} }
]

const services = [
  {
    service: "SSO OIDC",
    from: "@aws-sdk/client-sso-oidc",
    official: officialOidc,
    exceptions: Exceptions.all,
    models: oidc
  },
  {
    service: "SSO",
    from: "@aws-sdk/client-sso",
    official: officialPortal,
    exceptions: PortalExceptions.all,
    models: portal
  }
]

const keysOf = (...variants: ReadonlyArray<Fields>) => [...new Set(variants.flatMap((fields) => Object.keys(fields)))]

/** Fails with the names that one side has and the other does not. */
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

describe.each(services)("Our model of $service", ({ exceptions, from, models, official }) => {
  const exported = Object.values<unknown>(official)
  const operations = exported.filter(isOfKind<StaticOperationSchema>(9))
  const errors = exported
    .filter(isOfKind<StaticErrorSchema>(-3))
    .filter(([, namespace]) => !namespace.includes("synthetic"))

  it("has the operations of the official client", () => {
    assertSameNames(
      "operations",
      operations.map(([, , name]) => name),
      models.map(({ operation }) => operation.name)
    )
  })

  it("has the exceptions of the official client", () => {
    assertSameNames(
      "exceptions",
      errors.map(([, , name]) => name),
      exceptions.map(({ identifier }) => identifier)
    )
  })

  it.each(errors.map((error) => ({ name: error[2], error })))("has the members and the status of $name", (one) => {
    const Class = exceptions.find(({ identifier }) => identifier === one.name) ?? assert.fail("it is unknown")
    const given = { message: "f", error: "a", error_description: "b", reason: "c", endpoint: "d", region: "e" }
    const exception: object = new Class(given)
    const kept = Object.entries(given).filter(([key, value]) => Reflect.get(exception, key) === value)
    // One class for both services: the `message` of the portal is in `error_description`
    const isShared = models === portal && one.name === "InvalidRequestException"
    assertSameNames(
      one.name,
      isShared ? ["error", "error_description", "reason"] : namesOf(one.error),
      kept.map(([key]) => key)
    )
    assert.deepInclude(one.error[3], { httpError: Class.status })
  })

  it.each(operations.map((operation) => ({ name: operation[2], operation })))(
    "has the address and the members of $name",
    ({ name, operation }) => {
      const [, , , traits, input, output] = operation
      const mine = models.find((one) => one.operation.name === name) ?? assert.fail("it is unknown")
      const { bindings, method, path, query } = mine.operation
      const parameters = new URLSearchParams(query)
      assert.deepInclude(traits, { http: [method, `${path}${parameters.size === 0 ? "" : `?${parameters}`}`, 200] })

      assertSameNames(`the input of ${name}`, namesOf(input), keysOf(...mine.inputs))
      assertSameNames(`the output of ${name}`, namesOf(output), keysOf(mine.output))
      for (const [member, schema] of membersOf(input)) {
        const { httpHeader, httpQuery } = schema.getMergedTraits()
        const binding = bindings?.[member]
        assert.strictEqual(binding?.in === "query" ? binding.name : undefined, httpQuery, `${member} of ${name}`)
        assert.strictEqual(binding?.in === "header" ? binding.name : undefined, httpHeader, `${member} of ${name}`)
      }
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
    }
  )

  // Only the documentation of the commands has the exceptions of each operation
  it.each(models.map(({ operation }) => operation))("has the exceptions of $name", ({ errors, name }) => {
    const types = createRequire(import.meta.url).resolve(`${from}/package.json`)
    const text = readFileSync(new URL(`dist-types/commands/${name}Command.d.ts`, pathToFileURL(types)), "utf8")
    const thrown = Array.from(text.matchAll(/@throws \{@link (\w+Exception)\} \(/g), ([, thrown]) => thrown ?? "")
    assertSameNames(
      `the exceptions of ${name}`,
      thrown,
      errors.map(({ identifier }) => identifier)
    )
  })
})

// The nested structures
const details = [
  {
    name: "AwsAdditionalDetails",
    official: officialOidc.AwsAdditionalDetails$,
    fields: CreateTokenWithIAM.CreateTokenWithIAMOutput.fields.awsAdditionalDetails.schema.fields
  },
  { name: "AccountInfo", official: officialPortal.AccountInfo$, fields: ListAccounts.AccountInfo.fields },
  { name: "RoleInfo", official: officialPortal.RoleInfo$, fields: ListAccountRoles.RoleInfo.fields },
  {
    name: "RoleCredentials",
    official: officialPortal.RoleCredentials$,
    fields: GetRoleCredentials.RoleCredentials.fields
  }
]

describe("Our model", () => {
  it.each(details)("has the members of $name", ({ fields, name, official }) => {
    const members: Fields = fields
    assertSameNames(name, namesOf(official), keysOf(members))
    for (const member of secretsOf(official)) assert.isTrue(isSecret(members[member]), `${member} is secret`)
  })

  it("tells required from optional members, and secrets from texts", () => {
    const { clientId, clientSecret, scopes } = {
      ...RegisterClient.RegisterClientOutput.fields,
      ...RegisterClient.RegisterClientInput.fields
    }
    assert.deepStrictEqual([isSecret(clientId), isSecret(clientSecret)], [false, true])
    assert.deepStrictEqual([isOptional(clientId), isOptional(scopes)], [false, true])
  })
})
