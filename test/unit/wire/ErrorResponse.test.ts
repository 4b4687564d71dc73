import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { Headers } from "effect/http"
import * as CreateToken from "../../../src/operation/CreateToken.ts"
import * as ListAccounts from "../../../src/operation/ListAccounts.ts"
import * as Logout from "../../../src/operation/Logout.ts"
import type * as Operation from "../../../src/operation/Operation.ts"
import * as ErrorResponse from "../../../src/wire/ErrorResponse.ts"

describe("ErrorResponse.exceptionName", () => {
  it.each([
    [{ "x-amzn-errortype": "SlowDownException" }, {}, "SlowDownException"],
    [{ "x-amzn-errortype": "SlowDownException:http://internal.amazon.com/" }, {}, "SlowDownException"],
    [{ "x-amzn-errortype": "com.amazonaws.sso.oidc#SlowDownException:http://a/#b" }, {}, "SlowDownException"],
    [{ "x-amzn-errortype": " SlowDownException " }, {}, "SlowDownException"],
    [{ "x-amzn-errortype": "SlowDownException,Other" }, {}, "SlowDownException"],
    [{ "x-amzn-errortype": "One" }, { code: "Two", __type: "Three" }, "One"],
    [{ "x-amzn-errortype": "" }, { code: "Two", __type: "Three" }, "Two"],
    [{}, { code: "ns#Two", __type: "Three" }, "Two"],
    [{}, { Code: "Two" }, "Two"],
    [{}, { code: null, __type: "ns#Three" }, "Three"],
    [{}, { code: {}, __type: ["Three"] }, undefined],
    [{}, { code: 42 }, "42"],
    [{}, { error: "slow_down" }, undefined],
    [{ "x-amzn-errortype": ":" }, {}, undefined],
    [{ "x-amzn-errortype": "#" }, {}, undefined]
  ])("reads the name from the headers %j and the body %j: %s", (headers, body, code) => {
    assert.strictEqual(ErrorResponse.exceptionName(Headers.fromInput(headers), body), code)
  })
})

const readAs =
  <I, O, E extends Operation.ModelledException>(operation: Operation.TypedOperation<I, O, E>) =>
  (body: unknown, headers: Record<string, string> = {}, status = 400) =>
    ErrorResponse.toError(
      operation,
      { status, headers: Headers.fromInput(headers), body: typeof body === "string" ? body : JSON.stringify(body) },
      { now: 0, clockOffset: Duration.zero, redact: (text) => text.replaceAll("secret", "<redacted>") }
    )

describe("ErrorResponse.toError", () => {
  const read = readAs(CreateToken.operation)

  it("uses the OAuth code if a proxy has removed the header", () => {
    assert.strictEqual(read({ error: "slow_down" })._tag, "SlowDownException")
    assert.strictEqual(read({ error: "slow_down" }, { "x-amzn-errortype": "Other" })._tag, "UnhandledServiceError")
    assert.strictEqual(read({ error: "no_such_code" })._tag, "UnhandledServiceError")
  })

  it("reads the code `invalid_request`, which two exceptions share, as InvalidRequestException", () => {
    assert.strictEqual(read({ error: "invalid_request" })._tag, "InvalidRequestException")
  })

  it("keeps the delay that the service asks for", () => {
    const waits = [
      read({ error: "slow_down" }, { "retry-after": "3" }),
      read({}, { "x-amz-retry-after": "3000" }, 503)
    ].map((error) => ("retryAfter" in error ? error.retryAfter : undefined))
    assert.deepStrictEqual(waits, [Duration.seconds(3), Duration.seconds(3)])
  })

  it("uses error_description or message as the description", () => {
    const type = { "x-amzn-errortype": "InvalidGrantException" }
    assert.strictEqual(read({ error_description: "a", message: "b" }, type).message, "a")
    assert.strictEqual(read({ Message: "b" }, type).message, "b")
    assert.include(read({ message: "b", error_description: "a" }).message, ": b")
    assert.include(read({ error_description: "a" }).message, ": a")
  })

  it("ignores members that are not texts, and cuts long texts", () => {
    const error = read(
      { error: 5, error_description: "x".repeat(5000) },
      { "x-amzn-errortype": "InvalidGrantException" }
    )
    assert.isUndefined("error" in error ? error.error : undefined)
    assert.lengthOf(error.message, 1000)
  })

  it("removes secrets before it cuts a text", () => {
    const error = read({ message: `${"x".repeat(996)}secret` })
    assert.isTrue(error.message.endsWith("<red"))
  })
})

describe("ErrorResponse.toError, for responses of the portal,", () => {
  const read = readAs(ListAccounts.operation)

  it.each([
    ["InvalidRequestException", 400],
    ["UnauthorizedException", 401],
    ["ResourceNotFoundException", 404],
    ["TooManyRequestsException", 429]
  ])("finds %s by the header and by the body", (name, status) => {
    const errors = [
      read({ message: "a secret" }, { "x-amzn-errortype": name }, status),
      read({ message: "a secret" }, { "x-amzn-errortype": `${name}:http://internal.amazon.com/` }, status),
      read({ message: "a secret", __type: `com.amazonaws.switchboard.portal#${name}` }, {}, status),
      read({ message: "a secret", code: name }, {}, status)
    ]
    for (const error of errors) {
      assert.strictEqual(error._tag, name)
      assert.strictEqual(error.message, "a <redacted>")
    }
  })

  it("keeps the request id and the delay that the service asks for", () => {
    const error = read(
      {},
      { "x-amzn-errortype": "TooManyRequestsException", "x-amzn-requestid": "1", "retry-after": "3" }
    )
    assert.deepInclude(
      { ...error },
      { _tag: "TooManyRequestsException", requestId: "1", retryAfter: Duration.seconds(3) }
    )
    assert.strictEqual(error.message, "the service gave no description")
  })

  it.each([
    [401, "<html>Sign in to the proxy</html>"],
    [401, ""],
    [403, "<html>secret</html>"],
    [404, "{}"],
    [429, "Too many requests"]
  ])("gives an UnhandledServiceError for HTTP %d with the body %j, which names no exception", (status, body) => {
    const error = read(body, {}, status)
    assert.deepInclude({ ...error }, { _tag: "UnhandledServiceError", status })
    assert.notProperty(error, "code")
    assert.notInclude(error.message, "secret")
  })

  it("gives an UnhandledServiceError for a body without a name, since the portal has no OAuth codes", () => {
    const named = [{ error: undefined }, { error: null }, { error: "" }, { error: "UnauthorizedException" }]
    assert.deepStrictEqual(
      named.map((body) => read(body, {}, 401)._tag),
      named.map(() => "UnhandledServiceError")
    )
  })

  it("gives an UnhandledServiceError for an exception that the operation does not model", () => {
    const forbidden = read({ message: "No access" }, { "x-amzn-errortype": "ForbiddenException" }, 403)
    assert.deepInclude(
      { ...forbidden },
      { _tag: "UnhandledServiceError", code: "ForbiddenException", status: 403, description: "No access" }
    )
    const absent = readAs(Logout.operation)({}, { "x-amzn-errortype": "ResourceNotFoundException" }, 404)
    assert.strictEqual(absent._tag, "UnhandledServiceError")
  })
})
