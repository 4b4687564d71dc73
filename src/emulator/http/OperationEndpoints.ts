/**
 * The operations of the service: where they are found, and how their requests are read, checked and handled.
 *
 * The emulator shares only the descriptors of `operation/` with the client, so that it can test the client.
 */
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as CreateToken from "../../operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../../operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as GetRoleCredentials from "../../operation/GetRoleCredentials.ts"
import * as GrantType from "../../operation/GrantType.ts"
import * as ListAccountRoles from "../../operation/ListAccountRoles.ts"
import * as ListAccounts from "../../operation/ListAccounts.ts"
import * as Logout from "../../operation/Logout.ts"
import type * as Operation from "../../operation/Operation.ts"
import * as RegisterClient from "../../operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../../operation/StartDeviceAuthorization.ts"
import {
  type ExceptionFormat,
  failure,
  gatewayFailure,
  oidcFormat,
  portalFormat,
  type ServerResponse,
  success
} from "./ServerResponse.ts"
import * as RequestChecks from "../model/RequestChecks.ts"
import { type ForbiddenException, unauthorized } from "../model/Entitlements.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"

/** The name of an operation that the emulator supports. */
export type OperationName =
  | "RegisterClient"
  | "StartDeviceAuthorization"
  | "CreateToken"
  | "CreateTokenWithIAM"
  | "ListAccounts"
  | "ListAccountRoles"
  | "GetRoleCredentials"
  | "Logout"

/** The members of an input, in their wire format. */
export type InputMembers = Readonly<Record<string, unknown>>

type ReadInput = Result.Result<InputMembers, Exceptions.InvalidRequestException>

/** The parts of a request that can hold members of the input. */
export interface RequestParts {
  readonly query: URLSearchParams
  readonly headers: Headers.Headers
  readonly body: string
}

/** The request of an operation. */
export interface OperationRequest {
  readonly members: ReadInput
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The region that a signature must be scoped to. */
  readonly region: string
  /** The address of the page on which a user approves a device. */
  readonly verificationUri: string
}

export interface OperationEndpoint {
  readonly name: OperationName
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly format: ExceptionFormat
  readonly read: (parts: RequestParts) => ReadInput
  readonly handle: (request: OperationRequest) => Effect.Effect<ServerResponse>
}

const decodeObject = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

// A JSON object. AWS handles members that are `null` like absent members.
const readBody = ({ body }: RequestParts): ReadInput =>
  Result.mapBoth(decodeObject(body), {
    onSuccess: Record.filter((value) => value !== null),
    onFailure: () => new Exceptions.InvalidRequestException({ error_description: "The body must be a JSON object" })
  })

const readBindings =
  (bindings: Readonly<Record<string, Operation.Binding>>) =>
  ({ headers, query }: RequestParts): ReadInput => {
    const members = Record.map(bindings, (binding) =>
      binding.in === "query" ? (query.get(binding.name) ?? undefined) : headers[binding.name]
    )
    return Result.succeed(Record.filter(members, Predicate.isNotUndefined))
  }

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

const endpoint = <Input, Output, E extends Operation.ModelledException>(
  format: ExceptionFormat,
  operation: Operation.TypedOperation<Input, Output, E> & { readonly name: OperationName },
  options: {
    /** Members that the service sends as `null` if they have no value. */
    readonly nulls: ReadonlyArray<string>
    /** Checks with their own exceptions. They come before the checks of the single members. */
    readonly check: (members: InputMembers) => Result.Result<void, E>
    readonly run: (input: Input, request: OperationRequest) => Effect.Effect<Output, E | ForbiddenException>
  }
): OperationEndpoint => {
  const { bindings } = operation
  const decode = Schema.decodeUnknownResult(
    // Queries and headers contain text only.
    bindings === undefined ? operation.input : Schema.toCodecStringTree(operation.input),
    { errors: "all" }
  )
  const encode = Schema.encodeSync(operation.output)
  const nulls = Object.fromEntries(options.nulls.map((member) => [member, null]))
  const invalidMembers = (error: Schema.SchemaError): Exceptions.InvalidRequestException => {
    const members = issues(error.issue).issues.map((issue) => String(issue.path?.[0] ?? "the body"))
    return RequestChecks.malformed(new Set(members.map((member) => bindings?.[member]?.name ?? member)))
  }
  const read = (request: OperationRequest) =>
    Result.gen(function* () {
      if (operation.auth === "sigv4") {
        yield* RequestChecks.signed(request.authorization, request.region)
      }
      const members = yield* request.members
      yield* options.check(members)
      return yield* Result.mapError(decode(members), invalidMembers)
    })
  const respond = (output: Output): ServerResponse => {
    const encoded = encode(output)
    return success(encoded === undefined ? undefined : Object.assign({}, nulls, encoded))
  }
  return {
    name: operation.name,
    method: operation.method,
    path: operation.path,
    query: operation.query,
    format,
    read: bindings === undefined ? readBody : readBindings(bindings),
    handle: (request) =>
      Effect.fromResult(read(request)).pipe(
        Effect.flatMap((input) => options.run(input, request)),
        Effect.match({
          onSuccess: respond,
          onFailure: (error) =>
            error._tag === "GatewayError" ? gatewayFailure(error) : failure(format, error._tag, error)
        })
      )
  }
}

const publicGrants: ReadonlyArray<string> = [GrantType.deviceCode, GrantType.authorizationCode, GrantType.refreshToken]

const applicationGrants: ReadonlyArray<string> = [
  GrantType.authorizationCode,
  GrantType.refreshToken,
  GrantType.jwtBearer,
  GrantType.tokenExchange
]

const checkGrant = (supported: ReadonlyArray<string>) => (members: InputMembers) =>
  Result.andThen(RequestChecks.grantType(members["grantType"], supported), RequestChecks.scopes(members["scope"]))

// A missing token is reported before all other problems of a request.
const checkSession = (members: InputMembers) =>
  RequestChecks.ensure(Predicate.isTruthy(members["accessToken"]), unauthorized)

/** All operations. `CreateTokenWithIAM` comes before `CreateToken`, because its address is more specific. */
export const make = (state: IdentityCenterState): ReadonlyArray<OperationEndpoint> => [
  endpoint(oidcFormat, RegisterClient.operation, {
    nulls: ["authorizationEndpoint", "tokenEndpoint"],
    check: (members) => RequestChecks.scopes(members["scopes"]),
    run: state.registerClient
  }),
  endpoint(oidcFormat, StartDeviceAuthorization.operation, {
    nulls: [],
    check: () => Result.succeed(undefined),
    run: (input, request) => state.startDeviceAuthorization(input, request.verificationUri)
  }),
  endpoint(oidcFormat, CreateTokenWithIAM.operation, {
    nulls: ["idToken", "refreshToken"],
    check: checkGrant(applicationGrants),
    run: state.createTokenWithIAM
  }),
  endpoint(oidcFormat, CreateToken.operation, {
    // The service sends the last two, though no model has them.
    nulls: ["idToken", "refreshToken", "issuedTokenType", "aws_sso_app_session_id", "originSessionId"],
    check: checkGrant(publicGrants),
    run: state.createToken
  }),
  endpoint(portalFormat, ListAccounts.operation, {
    nulls: ["nextToken"],
    check: checkSession,
    run: state.listAccounts
  }),
  endpoint(portalFormat, ListAccountRoles.operation, {
    nulls: ["nextToken"],
    check: checkSession,
    run: state.listAccountRoles
  }),
  endpoint(portalFormat, GetRoleCredentials.operation, {
    nulls: [],
    check: checkSession,
    run: state.getRoleCredentials
  }),
  endpoint(portalFormat, Logout.operation, {
    nulls: [],
    check: checkSession,
    run: state.logout
  })
]
