/**
 * How our client and the official one read the same response, in a form that can be compared.
 */
import {
  GetRoleCredentialsCommand,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
  SSOClient
} from "@aws-sdk/client-sso"
import {
  CreateTokenCommand,
  CreateTokenWithIAMCommand,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand
} from "@aws-sdk/client-sso-oidc"
import { HttpResponse } from "@smithy/core/transport"
import { Effect, Layer, Predicate, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { InvalidRequestException } from "../../src/operation/Exceptions.ts"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import * as Calls from "./Calls.ts"

export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a client reads a response. */
export type Reading =
  | { readonly _tag: "Output"; readonly content: Readonly<Record<string, unknown>> }
  | {
      readonly _tag: "Error"
      /** The name of the exception, where the client found one. */
      readonly name: string | undefined
      readonly status: number | undefined
      readonly requestId: string | undefined
      readonly content: Readonly<Record<string, unknown>>
    }

/** The members that an exception of each service can have. */
const members: Readonly<Record<Calls.Call["service"]["name"], ReadonlyArray<string>>> = {
  SsoOidc: ["error", "error_description", "reason", "region", "endpoint"],
  SsoPortal: ["message"]
}

const isPresent = (value: unknown) => value !== undefined && value !== null

export const present = (object: object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => isPresent(value)))

const picked = (object: unknown, keys: ReadonlyArray<string>) =>
  Object.fromEntries(keys.map((key) => [key, fieldOf(object, key)]).filter(([, value]) => isPresent(value)))

let current: RawResponse = { status: 500, headers: {}, body: "" }

const officialConfig = {
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" },
  maxAttempts: 1,
  requestHandler: {
    handle: () => {
      const { body, headers, status } = current
      const response = new HttpResponse({
        statusCode: status,
        headers: { ...headers },
        body: new TextEncoder().encode(body)
      })
      return Promise.resolve({ response })
    }
  }
}

const oidc = new SSOOIDCClient(officialConfig)
const portal = new SSOClient(officialConfig)

const client = { clientId: "a", clientSecret: "b" }
const role = { accessToken: "a", accountId: "b", roleName: "c" }
const officialCalls: Record<Calls.Call["operation"]["name"], () => Promise<{ readonly $metadata: unknown }>> = {
  RegisterClient: () => oidc.send(new RegisterClientCommand({ clientName: "a", clientType: "public" })),
  StartDeviceAuthorization: () => oidc.send(new StartDeviceAuthorizationCommand({ ...client, startUrl: "https://a" })),
  CreateToken: () => oidc.send(new CreateTokenCommand({ ...client, grantType: "refresh_token" })),
  CreateTokenWithIAM: () => oidc.send(new CreateTokenWithIAMCommand({ clientId: "a", grantType: "refresh_token" })),
  ListAccounts: () => portal.send(new ListAccountsCommand(role)),
  ListAccountRoles: () => portal.send(new ListAccountRolesCommand(role)),
  GetRoleCredentials: () => portal.send(new GetRoleCredentialsCommand(role)),
  Logout: () => portal.send(new LogoutCommand(role))
}

export const fieldOf = (value: unknown, key: string): unknown =>
  Predicate.hasProperty(value, key) ? value[key] : undefined
const textOf = (value: unknown): string | undefined => (Predicate.isString(value) ? value : undefined)

// Its message where the response has none
const unknownError = "UnknownError"

const officialReading = ({ operation, service }: Calls.Call): Promise<Reading> =>
  officialCalls[operation.name]().then(
    (output) => ({ _tag: "Output", content: present({ ...output, $metadata: undefined }) }),
    (error: unknown) => {
      const metadata = fieldOf(error, "$metadata")
      const status = fieldOf(metadata, "httpStatusCode")
      const name = textOf(fieldOf(error, "name"))
      const { message, ...content } = picked(error, members[service.name])
      return {
        _tag: "Error",
        name,
        status: Predicate.isNumber(status) ? status : undefined,
        requestId: textOf(fieldOf(metadata, "requestId")),
        content: message === undefined || message === unknownError ? content : { ...content, message }
      }
    }
  )

const services = Calls.services({ retryPolicy: RetryPolicy.none }).pipe(
  Layer.provide(
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() => {
          const { body, headers, status } = current
          return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : body, { status, headers }))
        })
      )
    )
  )
)

// Our message where the response has none
const noDescription = "the service gave no description"

/** The description in an exception of the portal. */
const wordsOf = (error: Calls.Failure) =>
  error instanceof InvalidRequestException
    ? error.error_description
    : error.message === noDescription
      ? undefined
      : error.message

const ourReading = (call: Calls.Call): Effect.Effect<Reading> => {
  const { exceptions, name } = call.service
  const encode = Schema.encodeUnknownSync(call.operation.output)
  return Calls.run(call).pipe(
    Effect.provide(services),
    Effect.map((output): Reading => ({ _tag: "Output", content: present(Object(encode(output))) })),
    Effect.catch((error) => {
      const exception = exceptions.find(({ identifier }) => identifier === error._tag)
      return Effect.succeed<Reading>({
        _tag: "Error",
        name: error._tag === "UnhandledServiceError" ? error.code : error._tag,
        status: "status" in error ? error.status : exception?.status,
        requestId: "requestId" in error ? error.requestId : undefined,
        content:
          exception === undefined
            ? {}
            : picked(name === "SsoPortal" ? { message: wordsOf(error) } : error, members[name])
      })
    })
  )
}

/** How both clients read a response to a call. */
export const read = (call: Calls.Call, response: RawResponse) =>
  Effect.gen(function* () {
    current = response
    const theirs = yield* Effect.promise(() => officialReading(call))
    return { theirs, ours: yield* ourReading(call) }
  })

/** The members of the model. The official client has all members of a response with a `__type`. */
export const known = ({ service }: Calls.Call, name: string, content: Readonly<Record<string, unknown>>) => {
  const modelled: Record<string, ReadonlyArray<string>> = {
    AccessDeniedException: ["reason"],
    InvalidRequestException: ["reason"],
    InvalidRequestRegionException: ["endpoint", "region"]
  }
  return picked(
    content,
    service.name === "SsoPortal" ? ["message"] : ["error", "error_description", ...(modelled[name] ?? [])]
  )
}

/** The defaults of ours for missing members. */
export const defaults: { readonly [name in Calls.Call["operation"]["name"]]?: Readonly<Record<string, unknown>> } = {
  StartDeviceAuthorization: { interval: 5 },
  ListAccounts: { accountList: [] },
  ListAccountRoles: { roleList: [] }
}

/** An output without unknown members. */
export const withoutUnknown = (reading: Reading): unknown => {
  const details = fieldOf(reading.content, "awsAdditionalDetails")
  return details === undefined
    ? reading
    : {
        ...reading,
        content: { ...reading.content, awsAdditionalDetails: picked(details, ["identityContext"]) }
      }
}

const text = Schema.NonEmptyString
/** A member that can be absent or null. To AWS, both are the same. */
export const absentOr = <S extends Schema.Constraint>(schema: S) =>
  Schema.optionalKey(Schema.Union([schema, Schema.Null]))
const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
// A 32-bit integer in the AWS models
const seconds = between(0, 2_147_483_647)
// Up to the end of the year 9999, since a file has four digits for the year
const epochSeconds = between(0, 253_402_300_799)
const epochMillis = between(0, 253_402_300_799_999)

const token = {
  accessToken: text,
  tokenType: absentOr(Schema.String),
  expiresIn: seconds,
  refreshToken: absentOr(text),
  idToken: absentOr(text)
}

/** The outputs of the model, written again, so that a member that is missing in ours is found. */
export const outputs: Record<Calls.Call["operation"]["name"], Schema.Schema<Readonly<Record<string, unknown>>>> = {
  RegisterClient: Schema.Struct({
    clientId: text,
    clientSecret: text,
    clientIdIssuedAt: absentOr(epochSeconds),
    clientSecretExpiresAt: absentOr(epochSeconds),
    authorizationEndpoint: absentOr(Schema.String),
    tokenEndpoint: absentOr(Schema.String),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  StartDeviceAuthorization: Schema.Struct({
    deviceCode: text,
    userCode: text,
    verificationUri: text,
    verificationUriComplete: absentOr(text),
    expiresIn: seconds,
    interval: absentOr(seconds),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  CreateToken: Schema.Struct({ ...token, unknown: Schema.optionalKey(Schema.Json) }),
  CreateTokenWithIAM: Schema.Struct({
    ...token,
    issuedTokenType: absentOr(Schema.String),
    scope: absentOr(Schema.Array(Schema.String)),
    awsAdditionalDetails: absentOr(
      Schema.Struct({ identityContext: absentOr(Schema.String), unknown: Schema.optionalKey(Schema.Json) })
    ),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  ListAccounts: Schema.Struct({
    nextToken: absentOr(Schema.String),
    accountList: absentOr(
      Schema.Array(
        Schema.Struct({
          accountId: text,
          accountName: absentOr(Schema.String),
          emailAddress: absentOr(Schema.String),
          unknown: Schema.optionalKey(Schema.Json)
        })
      )
    ),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  ListAccountRoles: Schema.Struct({
    nextToken: absentOr(Schema.String),
    roleList: absentOr(
      Schema.Array(
        Schema.Struct({
          roleName: text,
          accountId: absentOr(Schema.String),
          unknown: Schema.optionalKey(Schema.Json)
        })
      )
    ),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  GetRoleCredentials: Schema.Struct({
    roleCredentials: Schema.Struct({
      accessKeyId: text,
      secretAccessKey: text,
      sessionToken: text,
      expiration: epochMillis,
      unknown: Schema.optionalKey(Schema.Json)
    }),
    unknown: Schema.optionalKey(Schema.Json)
  }),
  Logout: Schema.Struct({ unknown: Schema.optionalKey(Schema.Json) })
}
