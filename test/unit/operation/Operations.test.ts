import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Redacted, Result, Schema } from "effect"
import * as CreateToken from "../../../src/operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../../src/operation/CreateTokenWithIAM.ts"
import type * as Exceptions from "../../../src/operation/Exceptions.ts"
import * as GetRoleCredentials from "../../../src/operation/GetRoleCredentials.ts"
import * as ListAccountRoles from "../../../src/operation/ListAccountRoles.ts"
import * as ListAccounts from "../../../src/operation/ListAccounts.ts"
import * as Logout from "../../../src/operation/Logout.ts"
import * as RegisterClient from "../../../src/operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../../../src/operation/StartDeviceAuthorization.ts"

const operations = [
  RegisterClient.operation,
  StartDeviceAuthorization.operation,
  CreateToken.operation,
  CreateTokenWithIAM.operation,
  ListAccounts.operation,
  ListAccountRoles.operation,
  GetRoleCredentials.operation,
  Logout.operation
]

const token = [
  "AccessDenied",
  "AuthorizationPending",
  "ExpiredToken",
  "InternalServer",
  "InvalidClient",
  "InvalidGrant",
  "InvalidRequest",
  "InvalidScope",
  "SlowDown",
  "UnauthorizedClient",
  "UnsupportedGrantType"
]

const portal = ["InvalidRequest", "ResourceNotFound", "TooManyRequests", "Unauthorized"]

// AWS IAM Identity Center OIDC API Reference and Portal API Reference
const known: Record<string, { readonly address: string; readonly auth: "none" | "sigv4"; errors: Array<string> }> = {
  RegisterClient: {
    address: "POST /client/register",
    auth: "none",
    errors: [
      "InternalServer",
      "InvalidClientMetadata",
      "InvalidRedirectUri",
      "InvalidRequest",
      "InvalidScope",
      "SlowDown",
      "UnsupportedGrantType"
    ]
  },
  StartDeviceAuthorization: {
    address: "POST /device_authorization",
    auth: "none",
    errors: ["InternalServer", "InvalidClient", "InvalidRequest", "SlowDown", "UnauthorizedClient"]
  },
  CreateToken: { address: "POST /token", auth: "none", errors: token },
  CreateTokenWithIAM: { address: "POST /token?aws_iam=t", auth: "sigv4", errors: [...token, "InvalidRequestRegion"] },
  ListAccounts: { address: "GET /assignment/accounts?max_result&next_token", auth: "none", errors: portal },
  ListAccountRoles: { address: "GET /assignment/roles?account_id&max_result&next_token", auth: "none", errors: portal },
  GetRoleCredentials: { address: "GET /federation/credentials?account_id&role_name", auth: "none", errors: portal },
  Logout: { address: "POST /logout", auth: "none", errors: portal.filter((name) => name !== "ResourceNotFound") }
}

const secret = Redacted.make("keep-this-1")

const refusal = <S extends Schema.ConstraintEncoder<unknown>>(schema: S, input: unknown): string =>
  Result.match(Schema.encodeUnknownResult(schema)(input, { errors: "all" }), {
    onFailure: (error) => {
      assert.notInclude(inspect(error, { depth: Infinity, showHidden: true }), "keep-this-1")
      return error.message
    },
    onSuccess: (encoded) => assert.fail(`it was taken: ${JSON.stringify(encoded)}`)
  })

describe("The operations", () => {
  it("have the addresses, authentication and exceptions of the API reference", () => {
    assert.deepStrictEqual(
      Object.fromEntries(
        operations.map(({ auth, bindings = {}, errors, method, name, path, query }) => {
          const bound = Object.values(bindings).filter((binding) => binding.in === "query")
          const parameters = [
            ...Object.entries(query).map((parameter) => parameter.join("=")),
            ...bound.map((binding) => binding.name).toSorted()
          ].join("&")
          return [
            name,
            {
              address: `${method} ${path}${parameters === "" ? "" : `?${parameters}`}`,
              auth,
              errors: errors.map(({ identifier }) => identifier.replace("Exception", ""))
            }
          ]
        })
      ),
      known
    )
  })

  it("have the error types of their exceptions, at compile time", () => {
    type ErrorOf<O> = O extends { readonly errors: ReadonlyArray<Exceptions.ExceptionClass<infer E>> } ? E : never
    type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
    const same: [
      Same<RegisterClient.RegisterClientError, ErrorOf<typeof RegisterClient.operation>>,
      Same<StartDeviceAuthorization.StartDeviceAuthorizationError, ErrorOf<typeof StartDeviceAuthorization.operation>>,
      Same<CreateToken.CreateTokenError, ErrorOf<typeof CreateToken.operation>>,
      Same<CreateTokenWithIAM.CreateTokenWithIAMError, ErrorOf<typeof CreateTokenWithIAM.operation>>,
      Same<ListAccounts.ListAccountsError, ErrorOf<typeof ListAccounts.operation>>,
      Same<ListAccountRoles.ListAccountRolesError, ErrorOf<typeof ListAccountRoles.operation>>,
      Same<GetRoleCredentials.GetRoleCredentialsError, ErrorOf<typeof GetRoleCredentials.operation>>,
      Same<Logout.LogoutError, ErrorOf<typeof Logout.operation>>
    ] = [true, true, true, true, true, true, true, true]
    assert.lengthOf(same, operations.length)
  })

  it("of the portal send only the token in a header", () => {
    for (const { bindings = {} } of operations.slice(4)) {
      const headers = Object.entries(bindings).filter(([, binding]) => binding.in === "header")
      assert.deepStrictEqual(headers, [["accessToken", { in: "header", name: "x-amz-sso_bearer_token" }]])
    }
  })

  it.each([
    [RegisterClient.RegisterClientInput, { clientName: "", clientType: "public" }, "clientName"],
    [RegisterClient.RegisterClientInput, { clientType: "public" }, "clientName"],
    [RegisterClient.RegisterClientInput, { clientName: "a", clientType: "" }, "clientType"],
    [RegisterClient.RegisterClientInput, { clientName: "a", clientType: "public", scopes: [""] }, "scopes"],
    [RegisterClient.RegisterClientInput, { clientName: "a", clientType: "public", redirectUris: [5] }, "redirectUris"],
    [
      RegisterClient.RegisterClientInput,
      { clientName: "a", clientType: "public", issuerUrl: "example.com" },
      "issuerUrl"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "a", clientSecret: secret, startUrl: "no url" },
      "startUrl"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "a", clientSecret: secret, startUrl: "ftp://a" },
      "startUrl"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "a", clientSecret: secret, startUrl: "https://" },
      "startUrl"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "", clientSecret: secret, startUrl: "https://a" },
      "clientId"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "a", clientSecret: "keep-this-1", startUrl: "https://a" },
      "Redacted"
    ],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationInput,
      { clientId: "a", clientSecret: Redacted.make(""), startUrl: "https://a" },
      "clientSecret"
    ],
    [CreateToken.CreateTokenInput, { clientId: "a", clientSecret: secret, grantType: "refresh_token" }, "refreshToken"],
    [
      CreateToken.CreateTokenInput,
      { clientId: "a", clientSecret: secret, grantType: "authorization_code" },
      "codeVerifier"
    ],
    [CreateToken.CreateTokenInput, { clientId: "a", clientSecret: secret, grantType: "keep-this-1" }, "grantType"],
    [CreateToken.CreateTokenInput, { clientId: "a", clientSecret: secret }, "grantType"],
    [
      CreateTokenWithIAM.CreateTokenWithIAMInput,
      { clientId: "a", grantType: "authorization_code", code: secret },
      "redirectUri"
    ],
    [
      CreateTokenWithIAM.CreateTokenWithIAMInput,
      { clientId: "a", grantType: "refresh_token", refreshToken: "keep-this-1" },
      "Redacted"
    ],
    [ListAccounts.ListAccountsInput, {}, "accessToken"],
    [ListAccounts.ListAccountsInput, { accessToken: "keep-this-1" }, "Redacted"],
    [ListAccounts.ListAccountsInput, { accessToken: secret, nextToken: "" }, "nextToken"],
    [ListAccounts.ListAccountsInput, { accessToken: secret, maxResults: 0 }, "maxResults"],
    [ListAccounts.ListAccountsInput, { accessToken: secret, maxResults: 101 }, "maxResults"],
    [ListAccounts.ListAccountsInput, { accessToken: secret, maxResults: 1.5 }, "maxResults"],
    [ListAccountRoles.ListAccountRolesInput, { accessToken: secret }, "accountId"],
    [ListAccountRoles.ListAccountRolesInput, { accessToken: secret, accountId: "" }, "accountId"],
    [ListAccountRoles.ListAccountRolesInput, { accessToken: secret, accountId: 123_456_789_012 }, "accountId"],
    [GetRoleCredentials.GetRoleCredentialsInput, { accessToken: secret, accountId: "1" }, "roleName"],
    [GetRoleCredentials.GetRoleCredentialsInput, { accessToken: secret, accountId: "1", roleName: "" }, "roleName"],
    [
      GetRoleCredentials.GetRoleCredentialsInput,
      { accessToken: Redacted.make(""), accountId: "1", roleName: "a" },
      "accessToken"
    ],
    [Logout.LogoutInput, {}, "accessToken"]
  ])("refuse invalid input, and name the member but not its secrets (%#)", (schema, input, named) => {
    assert.include(refusal(schema, input), named)
  })

  it("do not compile a grant without its members, or with members of another grant", () => {
    const client = { clientId: "a", clientSecret: secret }
    const grants: ReadonlyArray<CreateToken.CreateTokenInput> = [
      { ...client, grantType: "refresh_token", refreshToken: secret },
      {
        ...client,
        grantType: "authorization_code",
        code: secret,
        codeVerifier: secret,
        redirectUri: "http://127.0.0.1"
      },
      { ...client, grantType: "urn:ietf:params:oauth:grant-type:device_code", deviceCode: secret },
      // @ts-expect-error a refresh token is missing
      { ...client, grantType: "refresh_token" },
      // @ts-expect-error a device code is no refresh token
      { ...client, grantType: "refresh_token", deviceCode: secret },
      // @ts-expect-error public clients send the verifier of their challenge
      { ...client, grantType: "authorization_code", code: secret, redirectUri: "http://127.0.0.1" },
      // @ts-expect-error a device code is missing
      { ...client, grantType: "urn:ietf:params:oauth:grant-type:device_code" },
      // @ts-expect-error secrets are `Redacted`
      { ...client, grantType: "refresh_token", refreshToken: "secret" },
      // @ts-expect-error the service has no such grant for users
      { ...client, grantType: "password" },
      // @ts-expect-error a client without its secret
      { clientId: "a", grantType: "refresh_token", refreshToken: secret }
    ]
    const signed: ReadonlyArray<CreateTokenWithIAM.CreateTokenWithIAMInput> = [
      { clientId: "a", grantType: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: secret },
      // @ts-expect-error an assertion is missing
      { clientId: "a", grantType: "urn:ietf:params:oauth:grant-type:jwt-bearer" },
      // @ts-expect-error a subject token needs its type
      { clientId: "a", grantType: "urn:ietf:params:oauth:grant-type:token-exchange", subjectToken: secret },
      // @ts-expect-error applications have no device codes
      { clientId: "a", grantType: "urn:ietf:params:oauth:grant-type:device_code", deviceCode: secret }
    ]
    // The schemas refuse what the compiler refuses
    assert.deepStrictEqual(grants.map(Schema.is(CreateToken.CreateTokenInput)), [
      true,
      true,
      true,
      ...Array(7).fill(false)
    ])
    assert.deepStrictEqual(signed.map(Schema.is(CreateTokenWithIAM.CreateTokenWithIAMInput)), [
      true,
      false,
      false,
      false
    ])
  })

  it.each([
    [RegisterClient.RegisterClientOutput, { clientId: "a", clientSecret: "keep-this-1" }],
    [
      StartDeviceAuthorization.StartDeviceAuthorizationOutput,
      { deviceCode: "keep-this-1", userCode: "A", verificationUri: "https://a", expiresIn: 600 }
    ],
    [
      CreateToken.CreateTokenOutput,
      { accessToken: "keep-this-1", refreshToken: "keep-this-2", idToken: "keep-this-3", expiresIn: 1 }
    ],
    [
      CreateTokenWithIAM.CreateTokenWithIAMOutput,
      { accessToken: "keep-this-1", refreshToken: "keep-this-2", expiresIn: 1 }
    ],
    [
      GetRoleCredentials.GetRoleCredentialsOutput,
      {
        roleCredentials: {
          accessKeyId: "A",
          secretAccessKey: "keep-this-1",
          sessionToken: "keep-this-2",
          expiration: 1_795_514_785_123
        }
      }
    ]
  ])("hold the secrets of an output as Redacted values, and encode them again (%#)", (schema, response) => {
    const output = Schema.decodeSync(schema)(response)
    for (const text of [inspect(output, { depth: Infinity, showHidden: true }), JSON.stringify(output), `${output}`]) {
      assert.notInclude(text, "keep-this")
    }
    assert.deepInclude(Schema.encodeUnknownSync(schema)(output), response)
  })

  it.each([
    [RegisterClient.RegisterClientOutput, { clientId: "a" }, "clientSecret"],
    [RegisterClient.RegisterClientOutput, { clientId: "a", clientSecret: "" }, "clientSecret"],
    [StartDeviceAuthorization.StartDeviceAuthorizationOutput, { deviceCode: "keep-this-1" }, "userCode"],
    [CreateToken.CreateTokenOutput, { accessToken: "keep-this-1", expiresIn: "3600" }, "expiresIn"],
    [CreateToken.CreateTokenOutput, { accessToken: ["keep-this-1"], expiresIn: -1 }, "accessToken"],
    [
      RegisterClient.RegisterClientOutput,
      { clientId: "a", clientSecret: "keep-this-1", clientSecretExpiresAt: 9e15 },
      "clientSecretExpiresAt"
    ],
    [GetRoleCredentials.GetRoleCredentialsOutput, {}, "roleCredentials"],
    [
      GetRoleCredentials.GetRoleCredentialsOutput,
      { roleCredentials: { secretAccessKey: "keep-this-1" } },
      "accessKeyId"
    ],
    [
      GetRoleCredentials.GetRoleCredentialsOutput,
      { roleCredentials: { accessKeyId: "A", secretAccessKey: "keep-this-1", sessionToken: "b", expiration: "c" } },
      "expiration"
    ],
    [ListAccounts.ListAccountsOutput, { accountList: [{ accountName: "keep-this-1" }] }, "accountId"],
    [ListAccounts.ListAccountsOutput, { accountList: [null] }, "accountList"],
    [ListAccountRoles.ListAccountRolesOutput, { roleList: [{ roleName: "" }] }, "roleName"]
  ])("refuse an output without a required member (%#)", (schema, response, named) => {
    const read = Schema.decodeUnknownResult(schema)(response, { errors: "all" })
    const error = Result.isFailure(read) ? read.failure : assert.fail("it was taken")
    assert.include(error.message, named)
    assert.notInclude(inspect(error, { depth: Infinity, showHidden: true }), "keep-this")
  })

  it("have an interval of five seconds if the service sends none", () => {
    const response = { deviceCode: "a", userCode: "A", verificationUri: "https://a", expiresIn: 600 }
    const decode = Schema.decodeUnknownSync(StartDeviceAuthorization.StartDeviceAuthorizationOutput)
    assert.strictEqual(Duration.toSeconds(decode(response).interval), 5)
    assert.strictEqual(Duration.toSeconds(decode({ ...response, interval: 1 }).interval), 1)
  })

  it("ignore unknown members of an output", () => {
    const decode = Schema.decodeUnknownSync(RegisterClient.RegisterClientOutput)
    assert.deepStrictEqual(Object.keys(decode({ clientId: "a", clientSecret: "b", newcomer: {} })), [
      "clientId",
      "clientSecret"
    ])
  })

  it("have empty lists of accounts and roles if the service sends none", () => {
    assert.deepStrictEqual(Schema.decodeSync(ListAccounts.ListAccountsOutput)({ nextToken: "a" }), {
      nextToken: "a",
      accountList: []
    })
    assert.deepStrictEqual(Schema.decodeSync(ListAccountRoles.ListAccountRolesOutput)({}), { roleList: [] })
  })

  it("accept an account without a name and a role without an account", () => {
    const accounts = { accountList: [{ accountId: "123456789012" }] }
    assert.deepStrictEqual(Schema.decodeSync(ListAccounts.ListAccountsOutput)(accounts), accounts)
    const roles = { roleList: [{ roleName: "Reader" }] }
    assert.deepStrictEqual(Schema.decodeSync(ListAccountRoles.ListAccountRolesOutput)(roles), roles)
  })
})
