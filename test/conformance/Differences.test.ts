/**
 * Our reading of any answer at all beside that of the official client. Where they differ on purpose, the difference is
 * listed here, and in `docs/decisions.md`.
 */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { Effect, Predicate, Schema } from "effect"
import * as Calls from "../support/Calls.ts"
import type { Answer, Reading } from "../support/Readings.ts"
import { absentOr, defaults, fieldOf, known, outputs, read, withoutUnknown } from "../support/Readings.ts"
import { sample } from "../support/Sample.ts"

type Body = Readonly<Record<string, unknown>>

const bodyOf = ({ body }: Answer): Body | undefined => {
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

/** What another answer would have been that the official client reads as ours reads this one. */
const kinderToAnswers: Record<string, (answer: Answer) => Answer | undefined> = {
  "an exception is known by its header, though its body cannot be read": (answer) =>
    answer.status >= 400 && answer.body !== "" && bodyOf(answer) === undefined ? { ...answer, body: "{}" } : undefined,
  "a header that names nothing is none": (answer) => {
    const { [errorType]: header, ...headers } = answer.headers
    return header === undefined || namesSomething(header) ? undefined : { ...answer, headers }
  },
  "a code that names nothing is none": (answer) => {
    const body = Object.entries(bodyOf(answer) ?? {})
    const kept = body.filter(([key, value]) => (key !== "code" && key !== "__type") || namesSomething(value))
    return answer.status < 400 || kept.length === body.length
      ? undefined
      : { ...answer, body: JSON.stringify(Object.fromEntries(kept)) }
  }
}

interface Given {
  readonly call: Calls.Call
  readonly answer: Answer
  readonly theirs: Reading
}

const responseError = ({ status }: Answer): Reading => ({
  _tag: "Error",
  name: "ResponseError",
  status,
  requestId: requestId["x-amzn-requestid"],
  content: {}
})

/** The content of an output with what ours takes a missing member for. */
const completed =
  (operation: Calls.Call["operation"]["name"]) =>
  ({ call, theirs }: Given): Reading | undefined => {
    const missing = Object.entries(defaults[operation] ?? {}).filter(([name]) => !(name in theirs.content))
    return call.operation.name === operation && theirs._tag === "Output" && missing.length > 0
      ? { ...theirs, content: { ...theirs.content, ...Object.fromEntries(missing) } }
      : undefined
  }

/** What the official client would have read if it were as ours. */
const otherReadings: Record<string, (given: Given) => Reading | undefined> = {
  "an interval that is missing is five seconds": completed("StartDeviceAuthorization"),
  "a list of accounts that is missing is empty": completed("ListAccounts"),
  "a list of roles that is missing is empty": completed("ListAccountRoles"),
  "a client secret that expires at 0 never expires": ({ theirs }) => {
    const { clientSecretExpiresAt, ...content } = theirs.content
    return theirs._tag === "Output" && clientSecretExpiresAt === 0 ? { ...theirs, content } : undefined
  },
  "what is no JSON object is no output": ({ answer, call, theirs }) =>
    theirs._tag === "Output" && call.answer !== undefined && bodyOf(answer) === undefined
      ? responseError(answer)
      : undefined,
  "an output without what is guaranteed, or of wrong types, is none": ({ answer, call, theirs }) =>
    theirs._tag === "Output" && !Schema.is(outputs[call.operation.name])(theirs.content)
      ? responseError(answer)
      : undefined,
  "what is no text is no member of an exception": ({ theirs }) => {
    const texts = Object.entries(theirs.content).filter(([, value]) => Predicate.isString(value))
    return theirs._tag === "Output" || texts.length === Object.keys(theirs.content).length
      ? undefined
      : { ...theirs, content: Object.fromEntries(texts) }
  },
  "an exception is known by its OAuth code, where it has no name": ({ answer, call, theirs }) => {
    const code = fieldOf(bodyOf(answer), "error")
    const modelled = call.operation.errors.find(({ error }) => error === code)
    return theirs._tag === "Error" && theirs.name === "Unknown" && Predicate.isString(code) && code !== ""
      ? { ...theirs, name: modelled?.identifier ?? code }
      : undefined
  },
  "a `message` is the description of an exception that has no other": ({ answer, call, theirs }) => {
    const body = bodyOf(answer)
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
  "the description of an InvalidRequestException comes before its `message`": ({ answer, call, theirs }) => {
    const description = fieldOf(bodyOf(answer), "error_description") ?? undefined
    if (call.service.name !== "SsoPortal" || theirs._tag === "Output") return undefined
    if (theirs.name !== "InvalidRequestException" || description === undefined) return undefined
    return { ...theirs, content: Predicate.isString(description) ? { message: description } : {} }
  }
}

const differences = [...Object.keys(kinderToAnswers), ...Object.keys(otherReadings)]

// Where the official client found no name, it fails with one of these
const nameless = new Set(["SyntaxError", "TypeError", "Error", "Unknown", "UnknownError", ""])

/** The reading that ours must be, given that of the official client. */
const settled = ({ answer, call, theirs }: Given): unknown => {
  if (theirs._tag === "Output") return withoutUnknown(theirs)
  if (answer.status < 400) return { ...theirs, name: "ResponseError", content: {} }
  const { name = "Unknown" } = theirs
  const modelled = call.operation.errors.find(({ identifier }) => identifier === name)
  return {
    ...theirs,
    name: nameless.has(name) ? undefined : name,
    status: modelled?.status ?? theirs.status,
    content: modelled === undefined ? {} : known(call, name, theirs.content)
  }
}

/** Reads an answer with both clients, and says in what they differ on purpose. Fails where they differ otherwise. */
const compare = Effect.fnUntraced(function* (call: Calls.Call, answer: Answer) {
  const found: Array<string> = []
  let other = answer
  for (const [difference, change] of Object.entries(kinderToAnswers)) {
    const changed = change(other)
    if (changed !== undefined) {
      other = changed
      found.push(difference)
    }
  }
  const { ours } = yield* read(call, answer)
  let { theirs } = yield* read(call, other)
  for (const [difference, change] of Object.entries(otherReadings)) {
    const changed = change({ call, answer: other, theirs })
    if (changed !== undefined) {
      theirs = changed
      found.push(difference)
    }
  }
  const mine = withoutUnknown(ours)
  const expected = settled({ call, answer: other, theirs })
  assert.deepStrictEqual(mine, expected, JSON.stringify({ answer, expected, mine }))
  return found
})

const requestId = { "x-amzn-requestid": "11111111-2222-4333-8444-555555555555" }

const [registerClient, startDeviceAuthorization, createToken] = Calls.oidcCalls
const [listAccounts, listAccountRoles, getRoleCredentials] = Calls.portalCalls

const examples: ReadonlyArray<readonly [string, Calls.Call, Partial<Omit<Answer, "body">>, unknown]> = [
  [
    "an exception is known by its header, though its body cannot be read",
    createToken,
    { headers: { [errorType]: "SlowDownException" } },
    undefined
  ],
  ["a header that names nothing is none", createToken, { headers: { [errorType]: "" } }, { code: "SlowDownException" }],
  ["a code that names nothing is none", createToken, {}, { code: null, __type: "SlowDownException" }],
  [
    "an interval that is missing is five seconds",
    startDeviceAuthorization,
    { status: 200 },
    { deviceCode: "a", userCode: "b", verificationUri: "c", expiresIn: 600, interval: null }
  ],
  ["a list of accounts that is missing is empty", listAccounts, { status: 200 }, { nextToken: "a" }],
  ["a list of roles that is missing is empty", listAccountRoles, { status: 200 }, { roleList: null }],
  [
    "a client secret that expires at 0 never expires",
    registerClient,
    { status: 200 },
    { clientId: "a", clientSecret: "b", clientSecretExpiresAt: 0 }
  ],
  ["what is no JSON object is no output", listAccounts, { status: 200 }, []],
  [
    "an output without what is guaranteed, or of wrong types, is none",
    registerClient,
    { status: 200 },
    { clientId: "a" }
  ],
  ["what is no text is no member of an exception", createToken, {}, { code: "SlowDownException", error: 5 }],
  ["an exception is known by its OAuth code, where it has no name", createToken, {}, { error: "slow_down" }],
  [
    "a `message` is the description of an exception that has no other",
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

describe("Ours differs from the official client on purpose:", () => {
  it.effect.each(examples)("%s", ([difference, call, { headers = {}, status = 400 }, body]) =>
    Effect.gen(function* () {
      const answer = { status, headers: { ...requestId, ...headers }, body: JSON.stringify(body) ?? "<html>" }
      assert.include(yield* compare(call, answer), difference)
    })
  )

  it.effect("a byte order mark is no part of the JSON", () =>
    Effect.gen(function* () {
      const body = `\ufeff${JSON.stringify(registerClient.answer)}`
      const { ours, theirs } = yield* read(registerClient, { status: 200, headers: {}, body })
      assert.strictEqual(ours._tag, "Output")
      assert.strictEqual(theirs._tag === "Error" && theirs.name, "SyntaxError")
    })
  )

  it("each difference has its example", () => {
    assert.deepStrictEqual(
      differences,
      examples.map(([difference]) => difference)
    )
  })
})

describe.each(Calls.calls)("Whatever the answer to $operation.name,", (call) => {
  it.effect.prop(
    "both read the same content, or both fail, or differ as listed",
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
