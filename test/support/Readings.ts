/**
 * What our client and the official one make of the same answer, in a form in which they can be compared.
 */
import {
  CreateTokenCommand,
  CreateTokenWithIAMCommand,
  RegisterClientCommand,
  SSOOIDCClient,
  StartDeviceAuthorizationCommand
} from "@aws-sdk/client-sso-oidc"
import { HttpResponse } from "@smithy/core/transport"
import { assert } from "@effect/vitest"
import { Effect, Layer, Predicate, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as Exceptions from "../../src/operation/Exceptions.ts"
import * as SsoOidc from "../../src/SsoOidc.ts"
import * as AwsCredentials from "../../src/wire/AwsCredentials.ts"
import * as RetryPolicy from "../../src/wire/RetryPolicy.ts"
import * as Calls from "./Calls.ts"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a client makes of an answer. */
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

const members = ["error", "error_description", "reason", "region", "endpoint"]

export const present = (object: object, keys: ReadonlyArray<string> = Object.keys(object)) =>
  Object.fromEntries(
    Object.entries(object).filter(([key, value]) => keys.includes(key) && value !== undefined && value !== null)
  )

let answer: Answer = { status: 500, headers: {}, body: "" }

const officialClient = new SSOOIDCClient({
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" },
  maxAttempts: 1,
  requestHandler: {
    handle: () => {
      const { body, headers, status } = answer
      const response = new HttpResponse({
        statusCode: status,
        headers: { ...headers },
        body: new TextEncoder().encode(body)
      })
      return Promise.resolve({ response })
    }
  }
})

const client = { clientId: "a", clientSecret: "b" }
const officialCalls: Record<string, () => Promise<{ readonly $metadata: unknown }>> = {
  RegisterClient: () => officialClient.send(new RegisterClientCommand({ clientName: "a", clientType: "public" })),
  StartDeviceAuthorization: () =>
    officialClient.send(new StartDeviceAuthorizationCommand({ ...client, startUrl: "https://a" })),
  CreateToken: () => officialClient.send(new CreateTokenCommand({ ...client, grantType: "refresh_token" })),
  CreateTokenWithIAM: () =>
    officialClient.send(new CreateTokenWithIAMCommand({ clientId: "a", grantType: "refresh_token" }))
}

export const fieldOf = (value: unknown, key: string): unknown =>
  Predicate.hasProperty(value, key) ? value[key] : undefined
const textOf = (value: unknown): string | undefined => (Predicate.isString(value) ? value : undefined)

const officialReading = (operation: string): Promise<Reading> =>
  (officialCalls[operation] ?? assert.fail(operation))().then(
    (output) => ({ _tag: "Output", content: present({ ...output, $metadata: undefined }) }),
    (error: unknown) => {
      const metadata = fieldOf(error, "$metadata")
      const status = fieldOf(metadata, "httpStatusCode")
      const name = textOf(fieldOf(error, "name"))
      return {
        _tag: "Error",
        name,
        status: Predicate.isNumber(status) ? status : undefined,
        requestId: textOf(fieldOf(metadata, "requestId")),
        content: present(Object(error), members)
      }
    }
  )

const service = Layer.mergeAll(
  Layer.provide(
    Layer.orDie(SsoOidc.layer({ region: "us-east-1", retryPolicy: RetryPolicy.none })),
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() => {
          const { body, headers, status } = answer
          return HttpClientResponse.fromWeb(request, new Response(status === 204 ? null : body, { status, headers }))
        })
      )
    )
  ),
  AwsCredentials.layer(Calls.credentials)
)

const ourReading = (call: Calls.Call): Effect.Effect<Reading> => {
  const encode = Schema.encodeUnknownSync(call.operation.output)
  return Calls.run(call).pipe(
    Effect.provide(service),
    Effect.map((output): Reading => ({ _tag: "Output", content: present(Object(encode(output))) })),
    Effect.catch((error) => {
      const exception = Exceptions.all.find(({ identifier }) => identifier === error._tag)
      return Effect.succeed<Reading>({
        _tag: "Error",
        name: error._tag === "UnhandledServiceError" ? error.code : error._tag,
        status: "status" in error ? error.status : exception?.status,
        requestId: "requestId" in error ? error.requestId : undefined,
        content: exception === undefined ? {} : present(error, members)
      })
    })
  )
}

/** What both clients make of an answer to a call. */
export const read = (call: Calls.Call, given: Answer) =>
  Effect.gen(function* () {
    answer = given
    const theirs = yield* Effect.promise(() => officialReading(call.operation.name))
    return { theirs, ours: yield* ourReading(call) }
  })

/** The official client hands down all members of an answer with a `__type`; these are those of the model. */
export const known = (name: string, content: Readonly<Record<string, unknown>>) => {
  const modelled: Record<string, ReadonlyArray<string>> = {
    AccessDeniedException: ["reason"],
    InvalidRequestException: ["reason"],
    InvalidRequestRegionException: ["endpoint", "region"]
  }
  return present(content, ["error", "error_description", ...(modelled[name] ?? [])])
}

/** An output without the members that the model does not know. */
export const withoutUnknown = (reading: Reading): unknown => {
  const details = fieldOf(reading.content, "awsAdditionalDetails")
  return details === undefined
    ? reading
    : {
        ...reading,
        content: { ...reading.content, awsAdditionalDetails: present(Object(details), ["identityContext"]) }
      }
}

const text = Schema.NonEmptyString
/** A member that can be absent, or null, which is the same to AWS. */
export const absentOr = <S extends Schema.Constraint>(schema: S) =>
  Schema.optionalKey(Schema.Union([schema, Schema.Null]))
const seconds = Schema.Natural

const token = {
  accessToken: text,
  tokenType: absentOr(Schema.String),
  expiresIn: seconds,
  refreshToken: absentOr(text),
  idToken: absentOr(text)
}

/** The outputs of the model, written anew, so that a member that ours lacks is found. */
export const outputs: Record<Calls.Call["operation"]["name"], Schema.Schema<Readonly<Record<string, unknown>>>> = {
  RegisterClient: Schema.Struct({
    clientId: text,
    clientSecret: text,
    clientIdIssuedAt: absentOr(Schema.Int),
    clientSecretExpiresAt: absentOr(Schema.Int),
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
  })
}
