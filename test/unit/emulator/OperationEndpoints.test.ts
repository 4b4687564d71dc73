import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  address,
  signInAt,
  authorizePath,
  deviceGrant,
  exchange,
  pkce,
  post,
  redirectUri,
  refresh,
  register,
  registerBrowser,
  scope,
  send,
  signIn,
  start,
  startUrl
} from "./support.ts"

const paths = ["/client/register", "/device_authorization", "/token", "/token?aws_iam=t"]
const application = "arn:aws:sso::123456789012:application/ssoins-1111111111111111/apl-1111111111111111"

const credential = "AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/sso-oauth/aws4_request"
const signature = "0123456789abcdef".repeat(4)
const signed = {
  authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${signature}`
}

describe("a response", () => {
  it.effect("has a content type, a date and a unique request id", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 10, 24, 2, 6, 25))
      const responses = [
        yield* post("/client/register", { clientName: "a", clientType: "public" }),
        yield* post("/token", {})
      ]
      for (const { headers } of responses) {
        assert.strictEqual(headers["content-type"], "application/json")
        assert.strictEqual(headers["date"], "Tue, 24 Nov 2026 02:06:25 GMT")
        assert.match(
          headers["x-amzn-requestid"] ?? "",
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
        )
      }
      assert.strictEqual(new Set(responses.map(({ headers }) => headers["x-amzn-requestid"])).size, 2)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("has the exception in the header and the OAuth error in the body", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* post("/token", {
        ...(yield* register()),
        grantType: deviceGrant,
        deviceCode: "x"
      })
      assert.strictEqual(
        headers["x-amzn-errortype"],
        "InvalidGrantException:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
      )
      assert.strictEqual(
        text,
        '{"error":"invalid_grant","error_description":"The device code is unknown or was issued to another client"}'
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("has null members and unmodelled members like the service", () =>
    Effect.gen(function* () {
      const registered = yield* post("/client/register", { clientName: "a", clientType: "public" })
      assert.isNull(registered.members["authorizationEndpoint"])
      assert.isNull(registered.members["tokenEndpoint"])
      const { token } = yield* signIn({ scopes: undefined })
      assert.deepStrictEqual(Object.keys(token.members).toSorted(), [
        "accessToken",
        "aws_sso_app_session_id",
        "expiresIn",
        "idToken",
        "issuedTokenType",
        "originSessionId",
        "refreshToken",
        "tokenType"
      ])
      assert.isNull(token.members["refreshToken"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a malformed request", () => {
  it.effect.each(paths)("is refused if the body is not a JSON object: %s", (path) =>
    Effect.gen(function* () {
      for (const body of ["", "{", "[]", "null", '"text"', "1", "{}x"]) {
        const { status, exception } = yield* post(path, body, signed)
        assert.deepStrictEqual([status, exception], [400, "InvalidRequestException"], body)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with the names of its malformed members, and never with their values", () =>
    Effect.gen(function* () {
      const named = (path: string, body: unknown) =>
        Effect.map(post(path, body, signed), ({ exception, members }) => [exception, members["error_description"]])
      const missing = (members: string) => ["InvalidRequestException", `Missing or malformed: ${members}`]
      assert.deepStrictEqual(yield* named("/client/register", { clientName: 7 }), missing("clientName, clientType"))
      assert.deepStrictEqual(
        yield* named("/device_authorization", { clientId: "", clientSecret: 7, startUrl: "ftp://x" }),
        missing("clientId, clientSecret, startUrl")
      )
      assert.deepStrictEqual(
        yield* named("/token", { clientId: "id", clientSecret: "secret", grantType: deviceGrant }),
        missing("deviceCode")
      )
      assert.deepStrictEqual(
        yield* named("/token", { clientId: "id", clientSecret: null, grantType: "refresh_token", refreshToken: "r" }),
        missing("clientSecret")
      )
      assert.deepStrictEqual(yield* named("/token", { clientId: "id", clientSecret: "secret" }), missing("grantType"))
      assert.deepStrictEqual(
        yield* named("/token?aws_iam=t", { clientId: application, grantType: GrantTypes.exchange }),
        missing("subjectToken, subjectTokenType")
      )
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with UnsupportedGrantTypeException for an unsupported grant type", () =>
    Effect.gen(function* () {
      const client = yield* register()
      for (const grantType of ["password", "", GrantTypes.exchange, GrantTypes.jwtBearer]) {
        const { status, exception } = yield* post("/token", { ...client, grantType })
        assert.deepStrictEqual([status, exception], [400, "UnsupportedGrantTypeException"], grantType)
      }
      const { exception } = yield* post("/token?aws_iam=t", { clientId: application, grantType: deviceGrant }, signed)
      assert.strictEqual(exception, "UnsupportedGrantTypeException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("is refused with InvalidScopeException for scopes that RFC 6749 does not allow", () =>
    Effect.gen(function* () {
      const client = yield* register()
      for (const scopes of [["two words"], [""], ['"'], ["\\"], ["é"], ["a\n"], [7], "sso:account:access", {}]) {
        const registered = yield* post("/client/register", { clientName: "a", clientType: "public", scopes })
        assert.deepStrictEqual([registered.status, registered.exception], [400, "InvalidScopeException"])
        const token = yield* post("/token", { ...client, grantType: deviceGrant, deviceCode: "x", scope: scopes })
        assert.deepStrictEqual([token.status, token.exception], [400, "InvalidScopeException"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

const GrantTypes = {
  jwtBearer: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  exchange: "urn:ietf:params:oauth:grant-type:token-exchange"
}

describe("RegisterClient", () => {
  const refusal = (members: Readonly<Record<string, unknown>>) =>
    post("/client/register", { clientName: "a tool", clientType: "public", ...members }).pipe(
      Effect.map(({ exception }) => exception)
    )

  it.effect("requires a public client with a name of at most 256 characters", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusal({ clientType: "confidential" }), "InvalidClientMetadataException")
      assert.strictEqual(yield* refusal({ clientName: "n".repeat(257) }), "InvalidClientMetadataException")
      assert.isUndefined(yield* refusal({ clientName: "n".repeat(256) }))
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("accepts redirect URIs with https, or http on a loopback address", () =>
    Effect.gen(function* () {
      const fine = [
        "https://app.example/cb",
        "http://127.0.0.1/oauth/callback",
        "http://[::1]:8080/",
        "http://localhost/"
      ]
      assert.isUndefined(yield* refusal({ redirectUris: fine }))
      for (const uri of [
        "http://app.example/",
        "myapp://cb",
        "no url",
        "https://app.example/#x",
        "http://127.0.0.1.example/"
      ]) {
        assert.strictEqual(yield* refusal({ redirectUris: [...fine, uri] }), "InvalidRedirectUriException", uri)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("limits a client to its registered grant types", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusal({ grantTypes: ["implicit"] }), "UnsupportedGrantTypeException")
      const browser = yield* register({ grantTypes: ["authorization_code", "refresh_token"] })
      const started = yield* post("/device_authorization", { ...browser, startUrl })
      assert.deepStrictEqual([started.status, started.exception], [400, "UnauthorizedClientException"])
      const device = yield* register({ grantTypes: [deviceGrant] })
      assert.strictEqual((yield* refresh(device, "any")).exception, "UnauthorizedClientException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a client request", () => {
  it.effect("is refused with a wrong client secret by every operation", () =>
    Effect.gen(function* () {
      const client = yield* register()
      const wrong = { ...client, clientSecret: `${client.clientSecret}x` }
      const unknown = { ...client, clientId: "nobody" }
      const other = { ...client, clientSecret: (yield* register()).clientSecret }
      for (const credentials of [wrong, unknown, other]) {
        const replies = [
          yield* post("/device_authorization", { ...credentials, startUrl }),
          yield* post("/token", { ...credentials, grantType: deviceGrant, deviceCode: "x" }),
          yield* post("/token", { ...credentials, grantType: "refresh_token", refreshToken: "x" })
        ]
        for (const { status, exception } of replies) {
          assert.deepStrictEqual([status, exception], [401, "InvalidClientException"])
        }
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can contain unknown members and null members", () =>
    Effect.gen(function* () {
      const { client, token } = yield* signIn({ redirectUris: null, vendor: { deep: [1] } })
      const body = { ...client, grantType: "refresh_token", refreshToken: token.members["refreshToken"] }
      assert.strictEqual((yield* post("/token", { ...body, deviceCode: null, scope: [scope] })).status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("CreateTokenWithIAM", () => {
  const exchange = {
    clientId: application,
    grantType: GrantTypes.exchange,
    subjectToken: "a token of another application",
    subjectTokenType: "urn:ietf:params:oauth:token-type:access_token"
  }

  it.effect("exchanges a token for an access token with an identity context", () =>
    Effect.gen(function* () {
      const { status, members } = yield* post("/token?aws_iam=t", exchange, signed)
      assert.strictEqual(status, 200)
      assert.match(String(members["accessToken"]), /^aoaAAAAA-emulated-access-/)
      assert.isNull(members["refreshToken"])
      assert.strictEqual(members["issuedTokenType"], "urn:ietf:params:oauth:token-type:access_token")
      assert.deepStrictEqual(members["scope"], ["openid", "aws", "sts:identity_context"])
      assert.match(JSON.stringify(members["awsAdditionalDetails"]), /^\{"identityContext":"emulated-identity-context-/)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("issues a refresh token on request, and rotates it", () =>
    Effect.gen(function* () {
      const requestedTokenType = "urn:ietf:params:oauth:token-type:refresh_token"
      const first = yield* post("/token?aws_iam=t", { ...exchange, requestedTokenType, scope: ["aws"] }, signed)
      assert.strictEqual(first.members["issuedTokenType"], requestedTokenType)
      assert.deepStrictEqual(first.members["scope"], ["aws"])
      const refreshRequest = {
        clientId: application,
        grantType: "refresh_token",
        refreshToken: first.members["refreshToken"]
      }
      const second = yield* post("/token?aws_iam=t", refreshRequest, signed)
      assert.strictEqual(second.status, 200)
      assert.notStrictEqual(second.members["refreshToken"], first.members["refreshToken"])
      assert.strictEqual((yield* post("/token?aws_iam=t", refreshRequest, signed)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("accepts the assertion of a trusted issuer", () =>
    Effect.gen(function* () {
      const grant = { clientId: application, grantType: GrantTypes.jwtBearer, assertion: "header.claims.signature" }
      const { status, members } = yield* post("/token?aws_iam=t", grant, signed)
      assert.strictEqual(status, 200)
      assert.match(String(members["refreshToken"]), /^aorAAAAA-emulated-refresh-/)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("refuses authorization codes, because none are issued to applications", () =>
    Effect.gen(function* () {
      const redirect = yield* signInAt(authorizePath(yield* registerBrowser()))
      const grant = {
        clientId: application,
        grantType: "authorization_code",
        code: redirect.searchParams.get("code"),
        redirectUri,
        codeVerifier: pkce.verifier
      }
      assert.strictEqual((yield* post("/token?aws_iam=t", grant, signed)).exception, "InvalidGrantException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("refuses unsupported token types", () =>
    Effect.gen(function* () {
      for (const types of [{ subjectTokenType: "saml" }, { requestedTokenType: "saml" }]) {
        const { status, exception } = yield* post("/token?aws_iam=t", { ...exchange, ...types }, signed)
        assert.deepStrictEqual([status, exception], [400, "InvalidRequestException"])
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("checks the scope of the signature before everything else", () =>
    Effect.gen(function* () {
      const refusal = (authorization?: string) =>
        post("/token?aws_iam=t", "not even JSON", authorization === undefined ? {} : { authorization }).pipe(
          Effect.map(({ status, exception }) => [status, exception])
        )
      const header = signed.authorization
      assert.deepStrictEqual(yield* refusal(), [403, "MissingAuthenticationTokenException"])
      for (const broken of ["Bearer x", "", header.replace(", Signature", ""), header.slice(0, -1)]) {
        assert.deepStrictEqual(yield* refusal(broken), [403, "IncompleteSignatureException"], broken)
      }
      for (const scoped of [header.replace("sso-oauth", "sso"), header.replace("us-east-1", "eu-west-1")]) {
        assert.deepStrictEqual(yield* refusal(scoped), [403, "InvalidSignatureException"], scoped)
      }
      assert.deepStrictEqual(yield* refusal(header), [400, "InvalidRequestException"])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a path", () => {
  it.effect("without an operation is refused with UnknownOperationException", () =>
    Effect.gen(function* () {
      for (const [method, path] of [
        ["GET", "/token"],
        ["PUT", "/client/register"],
        ["POST", "/"],
        ["POST", "/token/"],
        ["POST", "/authorize"],
        ["GET", "/%zz"],
        ["DELETE", "/device"]
      ] as const) {
        const { status, exception } = yield* send(HttpClientRequest.make(method)(yield* address(path)))
        assert.deepStrictEqual([status, exception], [404, "UnknownOperationException"], `${method} ${path}`)
      }
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("can have unknown query parameters", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* post("/token?aws_iam=f", {})).exception, "InvalidRequestException")
      assert.strictEqual((yield* post("/token?x=1&aws_iam=t", {})).exception, "MissingAuthenticationTokenException")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("a request body", () => {
  const bodyOf = (bytes: number) => JSON.stringify({ clientName: "a", clientType: "public" }).padEnd(bytes)

  it.effect("of more than 1 MiB is refused", () =>
    Effect.gen(function* () {
      const { requests } = yield* IdentityCenter.IdentityCenter
      assert.strictEqual((yield* post("/client/register", bodyOf(1024 * 1024))).status, 200)
      for (const path of ["/client/register", "/device", "/authorize/consent"]) {
        const { exception, status } = yield* post(path, bodyOf(1024 * 1024 + 1))
        assert.deepStrictEqual([status, exception], [413, "RequestEntityTooLargeException"], path)
      }
      const refused = (yield* requests)[1]
      assert.deepInclude(refused, {
        operation: "RegisterClient",
        status: 413,
        error: "RequestEntityTooLargeException"
      })
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})

describe("any request", () => {
  // Known members, with values of every type.
  const value = Schema.Union([
    Schema.Null,
    Schema.Boolean,
    Schema.Finite,
    Schema.String,
    Schema.Array(Schema.String),
    Schema.Literals(["public", deviceGrant, "refresh_token", "authorization_code", startUrl, scope, application])
  ])
  const names = [
    "clientName clientType scopes redirectUris grantTypes issuerUrl entitledApplicationArn clientId clientSecret",
    "startUrl grantType deviceCode code refreshToken scope redirectUri codeVerifier assertion subjectToken",
    "subjectTokenType requestedTokenType __proto__ constructor"
  ].flatMap((line) => line.split(" "))
  const members = Schema.Array(Schema.Tuple([Schema.Literals(names), value]))
  const path = Schema.Literals([...paths, "/device", "/authorize/consent"])

  const getsResponse = Effect.fnUntraced(function* (path: string, body: string) {
    const { status } = yield* post(path, body, signed)
    assert.isBelow(status, 500, `${path} ${body}`)
    for (const record of yield* (yield* IdentityCenter.IdentityCenter).requests) {
      assert.notMatch(JSON.stringify(record), /emulated-(access|refresh|client-secret|device-code|authorization-code)/)
    }
  }, Effect.provide(IdentityCenter.layer()))

  it.effect.prop("with any members gets a response that is not a server error", [path, members], ([path, members]) =>
    // JSON.stringify of an object would lose repeated names.
    getsResponse(
      path,
      `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`
    )
  )

  it.effect.prop("with any body gets a response that is not a server error", [path, Schema.String], ([path, body]) =>
    getsResponse(path, body)
  )
})

describe("the log of requests", () => {
  it.effect("shows time, operation, client and response of each request", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      yield* TestClock.setTime(1000)
      const client = yield* register()
      yield* TestClock.adjust(500)
      const device = yield* start(client)
      yield* post("/token", { ...client, grantType: deviceGrant, deviceCode: device.deviceCode })
      yield* post("/nowhere?secret=x", "")
      const common = { method: "POST", host: "oidc.us-east-1.amazonaws.com" }
      assert.deepStrictEqual(yield* center.requests, [
        { ...common, at: 1000, path: "/client/register", operation: "RegisterClient", status: 200 },
        {
          ...common,
          at: 1500,
          path: "/device_authorization",
          operation: "StartDeviceAuthorization",
          clientId: client.clientId,
          status: 200
        },
        {
          ...common,
          at: 1500,
          path: "/token",
          operation: "CreateToken",
          clientId: client.clientId,
          grantType: deviceGrant,
          status: 400,
          error: "AuthorizationPendingException"
        },
        { ...common, at: 1500, path: "/nowhere", status: 404, error: "UnknownOperationException" }
      ])
      yield* center.clearRequests
      assert.deepStrictEqual(yield* center.requests, [])
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("contains no secrets", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const { client, token } = yield* signIn()
      yield* refresh(client, token.members["refreshToken"])
      yield* refresh(client, token.members["refreshToken"])
      yield* post(
        "/token?aws_iam=t",
        { clientId: application, grantType: GrantTypes.jwtBearer, assertion: "a" },
        signed
      )
      const browser = yield* registerBrowser()
      yield* send(HttpClientRequest.get(yield* address(authorizePath(browser))))
      yield* exchange(browser, yield* signInAt(authorizePath(browser)))
      const text = JSON.stringify(yield* center.requests)
      assert.include(text, client.clientId)
      assert.notMatch(text, /emulated-(access|refresh|client-secret|device-code|authorization-code)/)
      assert.notInclude(text, signature)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("keeps only the newest requests", () =>
    Effect.gen(function* () {
      const { requests } = yield* IdentityCenter.IdentityCenter
      const paths = Effect.map(requests, (records) => records.map(({ path }) => path))
      yield* post("/1", "")
      assert.deepStrictEqual(yield* paths, ["/1"])
      for (let index = 2; index < 12; index++) {
        yield* post(`/${index}`, "")
        assert.isAtMost((yield* paths).length, 3)
      }
      assert.deepStrictEqual(yield* paths, ["/9", "/10", "/11"])
    }).pipe(Effect.provide(IdentityCenter.layer({ requestLogSize: 3 })))
  )

  it.effect("leaves out values of more than 256 characters", () =>
    Effect.gen(function* () {
      for (const length of [256, 257]) {
        yield* post("/token", { clientId: "c".repeat(length), grantType: "g".repeat(length) })
      }
      const [first, second] = yield* (yield* IdentityCenter.IdentityCenter).requests
      assert.deepInclude(first, { clientId: "c".repeat(256), grantType: "g".repeat(256) })
      assert.notProperty(second, "clientId")
      assert.notProperty(second, "grantType")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("does not change the records that were read before", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      yield* center.fault(IdentityCenter.Fault.delay("1 second"))
      const fiber = yield* Effect.forkChild(register())
      yield* TestClock.adjust("500 millis")
      const [pending] = yield* center.requests
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(fiber)
      assert.isUndefined(pending?.status)
      assert.strictEqual((yield* center.requests)[0]?.status, 200)
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )

  it.effect("shows the host of each request", () =>
    Effect.gen(function* () {
      yield* send(HttpClientRequest.post("https://elsewhere.example:8443/token"))
      const [record] = yield* (yield* IdentityCenter.IdentityCenter).requests
      assert.strictEqual(record?.host, "elsewhere.example:8443")
    }).pipe(Effect.provide(IdentityCenter.layer()))
  )
})
