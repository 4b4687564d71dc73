import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Redacted, Result, Schema } from "effect"
import type { HttpClientRequest } from "effect/http"
import * as CreateTokenWithIAM from "../../../src/operation/CreateTokenWithIAM.ts"
import * as GetRoleCredentials from "../../../src/operation/GetRoleCredentials.ts"
import * as ListAccounts from "../../../src/operation/ListAccounts.ts"
import * as Logout from "../../../src/operation/Logout.ts"
import * as Operation from "../../../src/operation/Operation.ts"
import { Secret } from "../../../src/operation/Secret.ts"
import * as Request from "../../../src/wire/Request.ts"

const endpoint = "https://a.example/base"
const headers = { "user-agent": "test" }

/** The request of an input, or the reason of the failure. */
const bound = <I, O, E extends Operation.ModelledException>(operation: Operation.TypedOperation<I, O, E>, input: I) =>
  Result.flatMap(
    Result.mapError(Schema.encodeResult(operation.input)(input), String),
    Request.make(operation, headers)(endpoint)
  )

const requested = <I, O, E extends Operation.ModelledException>(
  operation: Operation.TypedOperation<I, O, E>,
  input: I
) => Result.getOrElse(bound(operation, input), assert.fail)

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest) =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : body._tag

const accessToken = Redacted.make("keep-this")

describe("An operation without bindings", () => {
  it("sends its input as a JSON body, and its fixed query parameters", () => {
    const request = requested(CreateTokenWithIAM.operation, {
      clientId: "a",
      grantType: "refresh_token",
      refreshToken: Redacted.make("b")
    })
    assert.strictEqual(request.method, "POST")
    assert.strictEqual(request.url, "https://a.example/base/token?aws_iam=t")
    assert.strictEqual(bodyOf(request), '{"clientId":"a","grantType":"refresh_token","refreshToken":"b"}')
    assert.strictEqual(request.headers["content-type"], "application/json")
  })
})

describe("An operation with bindings", () => {
  it("sends its input in the query and the headers, without a body", () => {
    const request = requested(GetRoleCredentials.operation, { accessToken, roleName: "Reader", accountId: "123" })
    assert.strictEqual(request.method, "GET")
    assert.strictEqual(request.url, "https://a.example/base/federation/credentials?account_id=123&role_name=Reader")
    assert.deepStrictEqual({ ...request.headers }, { "user-agent": "test", "x-amz-sso_bearer_token": "keep-this" })
    assert.strictEqual(bodyOf(request), "Empty")
  })

  it("sends a POST without a body and without a content type", () => {
    const request = requested(Logout.operation, { accessToken })
    assert.deepStrictEqual([request.method, request.url], ["POST", "https://a.example/base/logout"])
    assert.deepStrictEqual({ ...request.headers }, { "user-agent": "test", "x-amz-sso_bearer_token": "keep-this" })
    assert.strictEqual(bodyOf(request), "Empty")
  })

  it("leaves out absent members, and orders the others by name", () => {
    const url = (page: Omit<ListAccounts.ListAccountsInput, "accessToken">) =>
      requested(ListAccounts.operation, { accessToken, ...page }).url.slice(endpoint.length)
    assert.strictEqual(url({}), "/assignment/accounts")
    assert.strictEqual(url({ nextToken: undefined, maxResults: undefined }), "/assignment/accounts")
    assert.strictEqual(url({ nextToken: "a" }), "/assignment/accounts?next_token=a")
    assert.strictEqual(url({ nextToken: "a", maxResults: 7 }), "/assignment/accounts?max_result=7&next_token=a")
  })

  it("has its fixed query parameters before the others", () => {
    const operation = Operation.make({
      name: "Example",
      method: "GET",
      path: "/example",
      query: { z: "a b" },
      auth: "none",
      bindings: { member: { in: "query", name: "a" } },
      input: Schema.Struct({ member: Schema.String }),
      output: Schema.Void,
      errors: []
    })
    assert.strictEqual(requested(operation, { member: "" }).url, "https://a.example/base/example?z=a%20b&a=")
  })

  const spelled = (roleName: string) =>
    requested(GetRoleCredentials.operation, { accessToken, roleName, accountId: "1" }).url.split("role_name=")[1] ?? ""

  it("percent-encodes all characters of a query except the unreserved ones", () => {
    const unreserved = "ABCXYZabcxyz0189-._~"
    assert.strictEqual(spelled(unreserved), unreserved)
    assert.strictEqual(
      spelled(" !\"#$%&'()*+,/:;<=>?@[\\]^`{|}\n\0"),
      "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D%0A%00"
    )
    assert.strictEqual(spelled("é€😀"), "%C3%A9%E2%82%AC%F0%9F%98%80")
  })

  const wellFormed = Schema.String.check(
    Schema.isPattern(/^(?:[\0-\xff]|[\u0100-\ud7ff]|[\ue000-\uffff]|[\ud800-\udbff][\udc00-\udfff])+$/)
  )

  it.prop("encodes any text so that a URL decodes it again", [wellFormed], ([text]) => {
    const { url } = requested(GetRoleCredentials.operation, { accessToken, roleName: text, accountId: "1" })
    const read = new URL(url)
    assert.strictEqual(read.searchParams.get("role_name"), text)
    assert.strictEqual(read.href, url)
    assert.match(spelled(text), /^([\w.~-]|%[\dA-F]{2})+$/)
  })

  it.each(["\ud800", "\udc00", "a\ud83d", "\ude00\ud83d"])("does not send the lone surrogate in %j", (text) => {
    const refused = bound(GetRoleCredentials.operation, { accessToken, roleName: text, accountId: "1" })
    assert.deepStrictEqual(refused, Result.fail("roleName: a lone surrogate cannot be sent"))
  })

  const inHeader = Schema.String.check(Schema.isPattern(/^[ -~]+$/))

  it.prop("sends any printable ASCII text unchanged in a header", [inHeader], ([token]) => {
    const request = requested(Logout.operation, { accessToken: Redacted.make(token) })
    assert.strictEqual(request.headers["x-amz-sso_bearer_token"], token)
  })

  const unsafe = Arbitrary.schema(Schema.Literals(["\r", "\n", "\0", "\t", "\x7f", "\x80", "é", "\ud800", "😀"]))

  it.prop("refuses any other text for a header, and does not show it", [inHeader, unsafe, inHeader], ([a, bad, b]) => {
    const refused = bound(Logout.operation, { accessToken: Redacted.make(a + bad + b) })
    assert.deepStrictEqual(refused, Result.fail("accessToken: only printable ASCII characters can be sent in a header"))
  })

  it("does not compile if a member has no binding", () => {
    const input = Schema.Struct({ accessToken: Secret })
    const rest = { name: "Example", path: "/", auth: "none", input, output: Schema.Void, errors: [] } as const
    // @ts-expect-error a member without a binding
    assert.deepStrictEqual(Operation.make({ ...rest, bindings: {} }).bindings, {})
  })
})
