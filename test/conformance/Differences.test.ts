/**
 * Compares how our client and the official client read any response. The differences on purpose are listed here and in
 * `docs/decisions.md`.
 */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { Effect, Predicate, Schema } from "effect"
import * as Calls from "../support/Calls.ts"
import type { RawResponse, Reading } from "../support/Readings.ts"
import { absentOr, defaults, fieldOf, known, outputs, read, withoutUnknown } from "../support/Readings.ts"
import { sample } from "../support/Sample.ts"

type Body = Readonly<Record<string, unknown>>

const bodyOf = ({ body }: RawResponse): Body | undefined => {
  try {
    const json: unknown = JSON.parse(body)
    return Predicate.isObject(json) ? { ...json } : undefined
  } catch {
    return undefined
  }
}

const errorType = "x-amzn-errortype"

const namesSomething = (value: unknown) =>
  Predicate.isNumber(value) ||
  (Predicate.isString(value) && /^([^,:]*#)?[^,:#]/.test(value) && !/^[^,:]*#$/.test(value))

/** Changes a response to one that the official client reads as ours reads the original. */
const lenientToResponses: Record<string, (response: RawResponse) => RawResponse | undefined> = {
  "an exception is found by its header even if the body cannot be parsed": (response) =>
    response.status >= 400 && response.body !== "" && bodyOf(response) === undefined
      ? { ...response, body: "{}" }
      : undefined,
  "an empty exception header is ignored": (response) => {
    const { [errorType]: header, ...headers } = response.headers
    return header === undefined || namesSomething(header) ? undefined : { ...response, headers }
  },
  "an empty exception code is ignored": (response) => {
    const body = Object.entries(bodyOf(response) ?? {})
    const kept = body.filter(([key, value]) => (key !== "code" && key !== "__type") || namesSomething(value))
    return response.status < 400 || kept.length === body.length
      ? undefined
      : { ...response, body: JSON.stringify(Object.fromEntries(kept)) }
  }
}

interface Given {
  readonly call: Calls.Call
  readonly response: RawResponse
  readonly theirs: Reading
}

const responseError = ({ status }: RawResponse): Reading => ({
  _tag: "Error",
  name: "ResponseError",
  status,
  requestId: requestId["x-amzn-requestid"],
  content: {}
})

/** The content of an output with the defaults of ours. */
const completed =
  (operation: Calls.Call["operation"]["name"]) =>
  ({ call, theirs }: Given): Reading | undefined => {
    const missing = Object.entries(defaults[operation] ?? {}).filter(([name]) => !(name in theirs.content))
    return call.operation.name === operation && theirs._tag === "Output" && missing.length > 0
      ? { ...theirs, content: { ...theirs.content, ...Object.fromEntries(missing) } }
      : undefined
  }

/** Changes the reading of the official client to ours. */
const otherReadings: Record<string, (given: Given) => Reading | undefined> = {
  "a missing interval is five seconds": completed("StartDeviceAuthorization"),
  "a missing list of accounts is empty": completed("ListAccounts"),
  "a missing list of roles is empty": completed("ListAccountRoles"),
  "a client secret that expires at 0 never expires": ({ theirs }) => {
    const { clientSecretExpiresAt, ...content } = theirs.content
    return theirs._tag === "Output" && clientSecretExpiresAt === 0 ? { ...theirs, content } : undefined
  },
  "a body that is not a JSON object is not an output": ({ response, call, theirs }) =>
    theirs._tag === "Output" && call.response !== undefined && bodyOf(response) === undefined
      ? responseError(response)
      : undefined,
  "an output with a missing or misshapen member is refused": ({ response, call, theirs }) =>
    theirs._tag === "Output" && !Schema.is(outputs[call.operation.name])(theirs.content)
      ? responseError(response)
      : undefined,
  "a member of an exception that is not a text is ignored": ({ theirs }) => {
    const texts = Object.entries(theirs.content).filter(([, value]) => Predicate.isString(value))
    return theirs._tag === "Output" || texts.length === Object.keys(theirs.content).length
      ? undefined
      : { ...theirs, content: Object.fromEntries(texts) }
  },
  "an exception without a name is found by its OAuth code": ({ response, call, theirs }) => {
    const code = fieldOf(bodyOf(response), "error")
    const modelled = call.operation.errors.find(({ error }) => error === code)
    return theirs._tag === "Error" && theirs.name === "Unknown" && Predicate.isString(code) && code !== ""
      ? { ...theirs, name: modelled?.identifier ?? code }
      : undefined
  },
  "a `message` is the description of an exception without another one": ({ response, call, theirs }) => {
    const body = bodyOf(response)
    const message = fieldOf(body, "message")
    const lacksWords = (fieldOf(body, "error_description") ?? undefined) === undefined
    return call.service.name === "SsoOidc" &&
      theirs._tag === "Error" &&
      lacksWords &&
      Predicate.isString(message) &&
      message !== ""
      ? { ...theirs, content: { ...theirs.content, error_description: message } }
      : undefined
  },
  "the description of an InvalidRequestException comes before its `message`": ({ response, call, theirs }) => {
    const description = fieldOf(bodyOf(response), "error_description") ?? undefined
    if (call.service.name !== "SsoPortal" || theirs._tag === "Output") return undefined
    if (theirs.name !== "InvalidRequestException" || description === undefined) return undefined
    return { ...theirs, content: Predicate.isString(description) ? { message: description } : {} }
  }
}

const differences = [...Object.keys(lenientToResponses), ...Object.keys(otherReadings)]

// The names of errors of the official client for a response without a name
const nameless = new Set(["SyntaxError", "TypeError", "Error", "Unknown", "UnknownError", ""])

/** The reading that is expected of ours, from that of the official client. */
const settled = ({ response, call, theirs }: Given): unknown => {
  if (theirs._tag === "Output") return withoutUnknown(theirs)
  if (response.status < 400) return { ...theirs, name: "ResponseError", content: {} }
  const { name = "Unknown" } = theirs
  const modelled = call.operation.errors.find(({ identifier }) => identifier === name)
  return {
    ...theirs,
    name: nameless.has(name) ? undefined : name,
    status: modelled?.status ?? theirs.status,
    content: modelled === undefined ? {} : known(call, name, theirs.content)
  }
}

/** Reads a response with both clients, and lists the differences on purpose. Fails for any other difference. */
const compare = Effect.fnUntraced(function* (call: Calls.Call, response: RawResponse) {
  const found: Array<string> = []
  let other = response
  for (const [difference, change] of Object.entries(lenientToResponses)) {
    const changed = change(other)
    if (changed !== undefined) {
      other = changed
      found.push(difference)
    }
  }
  const { ours } = yield* read(call, response)
  let { theirs } = yield* read(call, other)
  for (const [difference, change] of Object.entries(otherReadings)) {
    const changed = change({ call, response: other, theirs })
    if (changed !== undefined) {
      theirs = changed
      found.push(difference)
    }
  }
  const mine = withoutUnknown(ours)
  const expected = settled({ call, response: other, theirs })
  assert.deepStrictEqual(mine, expected, JSON.stringify({ response, expected, mine }))
  return found
})

const requestId = { "x-amzn-requestid": "11111111-2222-4333-8444-555555555555" }

const [registerClient, startDeviceAuthorization, createToken] = Calls.oidcCalls
const [listAccounts, listAccountRoles, getRoleCredentials] = Calls.portalCalls

const examples: ReadonlyArray<readonly [string, Calls.Call, Partial<Omit<RawResponse, "body">>, unknown]> = [
  [
    "an exception is found by its header even if the body cannot be parsed",
    createToken,
    { headers: { [errorType]: "SlowDownException" } },
    undefined
  ],
  [
    "an empty exception header is ignored",
    createToken,
    { headers: { [errorType]: "" } },
    { code: "SlowDownException" }
  ],
  ["an empty exception code is ignored", createToken, {}, { code: null, __type: "SlowDownException" }],
  [
    "a missing interval is five seconds",
    startDeviceAuthorization,
    { status: 200 },
    { deviceCode: "a", userCode: "b", verificationUri: "c", expiresIn: 600, interval: null }
  ],
  ["a missing list of accounts is empty", listAccounts, { status: 200 }, { nextToken: "a" }],
  ["a missing list of roles is empty", listAccountRoles, { status: 200 }, { roleList: null }],
  [
    "a client secret that expires at 0 never expires",
    registerClient,
    { status: 200 },
    { clientId: "a", clientSecret: "b", clientSecretExpiresAt: 0 }
  ],
  ["a body that is not a JSON object is not an output", listAccounts, { status: 200 }, []],
  ["an output with a missing or misshapen member is refused", registerClient, { status: 200 }, { clientId: "a" }],
  ["a member of an exception that is not a text is ignored", createToken, {}, { code: "SlowDownException", error: 5 }],
  ["an exception without a name is found by its OAuth code", createToken, {}, { error: "slow_down" }],
  [
    "a `message` is the description of an exception without another one",
    createToken,
    {},
    { code: "SlowDownException", message: "slow down" }
  ],
  [
    "the description of an InvalidRequestException comes before its `message`",
    getRoleCredentials,
    {},
    { code: "InvalidRequestException", message: "a", error_description: "b" }
  ]
]

const texts = Schema.Literals(["", "a text", "slow_down", "invalid_request", "server_error", "12"])

const member = Schema.Union([
  texts,
  Schema.Int,
  Schema.Null,
  Schema.Array(texts),
  Schema.Boolean,
  Schema.Struct({ a: texts })
])

const names = Schema.Literals([
  ...Calls.exceptions.map(({ identifier }) => identifier),
  "ForbiddenException",
  "NewException",
  "com.amazonaws.ssooidc#SlowDownException",
  "com.amazonaws.sso#UnauthorizedException",
  "SlowDownException:http://a",
  "",
  ":",
  "#",
  "a#",
  "#a",
  ","
])

const listOf = (fields: Schema.Struct.Fields) =>
  absentOr(Schema.Union([member, Schema.Array(Schema.Union([Schema.Struct(fields), Schema.Null]))]))

const anyBody = Schema.Union([
  Schema.Literals(["", " ", "null", "5", "[]", '"text"', "{", '{"accessToken":"a', "<html></html>", "{}"]),
  Schema.Struct({
    clientId: absentOr(member),
    clientSecret: absentOr(member),
    clientIdIssuedAt: absentOr(member),
    clientSecretExpiresAt: absentOr(Schema.Union([member, Schema.Literal(0)]))
  }),
  Schema.Struct({
    deviceCode: Schema.Literal("a"),
    userCode: Schema.Literal("b"),
    verificationUri: Schema.Literal("c"),
    expiresIn: Schema.Natural,
    interval: absentOr(member)
  }),
  Schema.Struct({ accessToken: absentOr(member), expiresIn: absentOr(member), scope: absentOr(member) }),
  Schema.Struct({ nextToken: absentOr(member), accountList: listOf({ accountId: member, accountName: member }) }),
  Schema.Struct({ nextToken: absentOr(member), roleList: listOf({ roleName: member, accountId: absentOr(member) }) }),
  Schema.Struct({
    roleCredentials: absentOr(
      Schema.Union([
        member,
        Schema.Struct({ accessKeyId: texts, secretAccessKey: texts, sessionToken: texts, expiration: absentOr(member) })
      ])
    )
  }),
  Schema.Struct({
    error: absentOr(member),
    error_description: absentOr(member),
    reason: absentOr(member),
    message: absentOr(member),
    __type: absentOr(Schema.Union([member, names])),
    code: absentOr(Schema.Union([member, names]))
  })
])

const anyStatus = Schema.Literals([200, 201, 301, 307, 400, 401, 403, 404, 429, 500, 503])

beforeAll(() => {
  vi.spyOn(console, "warn").mockReturnValue()
})
afterAll(() => {
  vi.restoreAllMocks()
})

describe("A response is read differently from the official client on purpose:", () => {
  it.effect.each(examples)("%s", ([difference, call, { headers = {}, status = 400 }, body]) =>
    Effect.gen(function* () {
      const response = { status, headers: { ...requestId, ...headers }, body: JSON.stringify(body) ?? "<html>" }
      assert.include(yield* compare(call, response), difference)
    })
  )

  it.effect("a byte order mark is not part of the JSON", () =>
    Effect.gen(function* () {
      const body = `\ufeff${JSON.stringify(registerClient.response)}`
      const { ours, theirs } = yield* read(registerClient, { status: 200, headers: {}, body })
      assert.strictEqual(ours._tag, "Output")
      assert.strictEqual(theirs._tag === "Error" && theirs.name, "SyntaxError")
    })
  )

  it("each difference has an example", () => {
    assert.deepStrictEqual(
      differences,
      examples.map(([difference]) => difference)
    )
  })
})

describe.each(Calls.calls)("For any response to $operation.name,", (call) => {
  it.effect.prop(
    "both clients read the same content, or both fail, or differ as listed",
    [anyStatus, anyBody, Schema.Struct({ type: Schema.optionalKey(names) })],
    ([status, body, { type }]) =>
      compare(call, {
        status,
        headers: { ...requestId, ...(type === undefined ? {} : { [errorType]: type }) },
        body: typeof body === "string" ? body : JSON.stringify(body)
      }),
    { arbitrary: { runs: sample(500, 50) }, timeout: 60_000 }
  )
})
