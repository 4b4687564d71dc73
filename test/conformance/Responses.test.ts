/**
 * Compares how our client and the official client read the responses of the service: both read the same content.
 */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Calls from "../support/Calls.ts"
import { absentOr, defaults, known, outputs, present, read, withoutUnknown } from "../support/Readings.ts"
import { sample } from "../support/Sample.ts"

const requestId = { "x-amzn-requestid": "11111111-2222-4333-8444-555555555555" }

const contentType = Schema.Literals(["application/json", "application/x-amz-json-1.1", "text/html", ""])

// Members that a service does not have are in `Differences.test.ts`
const exceptionBodies: Record<Calls.Call["service"]["name"], Schema.Schema<Readonly<Record<string, unknown>>>> = {
  SsoOidc: Schema.Struct({
    error: absentOr(Schema.String),
    error_description: Schema.String,
    reason: absentOr(Schema.String),
    region: absentOr(Schema.String),
    endpoint: absentOr(Schema.String),
    message: absentOr(Schema.String),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  SsoPortal: Schema.Struct({
    message: absentOr(Schema.String),
    unknown: Schema.optionalKey(Schema.Json)
  })
}

/** The ways in which a response names its exception. */
const namings = {
  header: (name: string) => ({ headers: { "x-amzn-errortype": name }, body: {} }),
  "header with its origin": (name: string, namespace: string) => ({
    headers: { "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/${namespace}/` },
    body: {}
  }),
  "header with a namespace": (name: string, namespace: string) => ({
    headers: { "x-amzn-errortype": `${namespace}#${name}` },
    body: {}
  }),
  "several headers": (name: string) => ({ headers: { "x-amzn-errortype": `${name},Another` }, body: {} }),
  __type: (name: string) => ({ headers: {}, body: { __type: name } }),
  "__type with a namespace": (name: string, namespace: string) => ({
    headers: {},
    body: { __type: `${namespace}#${name}` }
  }),
  code: (name: string) => ({ headers: {}, body: { code: name } }),
  Code: (name: string) => ({ headers: {}, body: { Code: name } }),
  "all at once": (name: string) => ({ headers: { "x-amzn-errortype": name }, body: { code: "A", __type: "B" } })
} as const

const naming = Schema.Literals([
  "header",
  "header with its origin",
  "header with a namespace",
  "several headers",
  "__type",
  "__type with a namespace",
  "code",
  "Code",
  "all at once"
])

const names = Schema.Literals([
  ...Calls.exceptions.map(({ identifier }) => identifier),
  "ForbiddenException",
  "NewException",
  "ThrottlingException"
])

const many = { arbitrary: { runs: sample(500, 50) }, timeout: 60_000 }

beforeAll(() => {
  vi.spyOn(console, "warn").mockReturnValue()
})
afterAll(() => {
  vi.restoreAllMocks()
})

describe.each(Calls.calls)("$operation.name", (call) => {
  const { errors, name: operation } = call.operation
  const { name: service, namespace } = call.service

  it.effect.prop(
    "decodes every output as the official client does",
    [outputs[operation], contentType],
    ([output, type]) =>
      Effect.gen(function* () {
        const headers = { "content-type": type, ...requestId }
        // For an output without an interval or a list, or with an expiry of 0, see `Differences.test.ts`
        if ("clientSecretExpiresAt" in output && output["clientSecretExpiresAt"] === 0) return
        const complete = { ...output, ...defaults[operation], ...present(output) }
        const { ours, theirs } = yield* read(call, { status: 200, headers, body: JSON.stringify(complete) })
        assert.strictEqual(ours._tag, "Output")
        assert.deepStrictEqual(withoutUnknown(ours), withoutUnknown(theirs))
      }),
    many
  )

  it.effect.prop(
    "reads every exception as the official client does, however the response names it",
    [names, naming, exceptionBodies[service], contentType],
    ([name, naming, body, type]) =>
      Effect.gen(function* () {
        const named = namings[naming](name, namespace)
        const modelled = errors.find(({ identifier }) => identifier === name)
        const { ours, theirs } = yield* read(call, {
          status: modelled?.status ?? 400,
          headers: { "content-type": type, ...requestId, ...named.headers },
          body: JSON.stringify({ ...body, ...named.body })
        })
        assert.strictEqual(theirs._tag, "Error")
        // An exception that the operation does not model keeps only its name
        if (modelled === undefined) {
          assert.deepInclude(ours, { ...theirs, content: {} })
        } else {
          assert.deepStrictEqual(ours, { ...theirs, content: known(call, name, theirs.content) })
        }
      }),
    many
  )
})
