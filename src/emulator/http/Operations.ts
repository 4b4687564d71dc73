/**
 * The operations as the service offers them: how their requests are read, checked and answered.
 *
 * It shares the descriptors of `operation/` with the client, and nothing else: what is read here leniently, and refused
 * here by name, the client has to get right by itself.
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
import * as Answer from "./ServerResponse.ts"
import * as Checks from "../model/Checks.ts"
import * as Portal from "../model/Entitlements.ts"
import type { State } from "../model/State.ts"

/** The operations that the emulator knows. */
export type OperationName =
  | "RegisterClient"
  | "StartDeviceAuthorization"
  | "CreateToken"
  | "CreateTokenWithIAM"
  | "ListAccounts"
  | "ListAccountRoles"
  | "GetRoleCredentials"
  | "Logout"

/**
 * The members of an input, as they are on the wire.
 *
 * @internal
 */
export type Members = Readonly<Record<string, unknown>>

type Reading = Result.Result<Members, Exceptions.InvalidRequestException>

/**
 * Where the members of an input can be.
 *
 * @internal
 */
export interface Message {
  readonly query: URLSearchParams
  readonly headers: Headers.Headers
  readonly body: string
}

/**
 * What an operation needs to know of its request.
 *
 * @internal
 */
export interface Request {
  readonly members: Reading
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The region that a signature must be scoped to. */
  readonly region: string
  /** Where the page is that a person approves on. */
  readonly verificationUri: string
}

/**
 * An operation at its address.
 *
 * @internal
 */
export interface Endpoint {
  readonly name: OperationName
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly service: Answer.Service
  readonly read: (message: Message) => Reading
  readonly answer: (request: Request) => Effect.Effect<Answer.Answer>
}

const decodeObject = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

// A JSON object, without the members that are `null`: on AWS's wire they are as good as absent.
const readBody = ({ body }: Message): Reading =>
  Result.mapBoth(decodeObject(body), {
    onSuccess: Record.filter((value) => value !== null),
    onFailure: () => new Exceptions.InvalidRequestException({ error_description: "The body must be a JSON object" })
  })

const readBindings =
  (bindings: Readonly<Record<string, Operation.Binding>>) =>
  ({ headers, query }: Message): Reading => {
    const members = Record.map(bindings, (binding) =>
      binding.in === "query" ? (query.get(binding.name) ?? undefined) : headers[binding.name]
    )
    return Result.succeed(Record.filter(members, Predicate.isNotUndefined))
  }

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

const endpoint = <Input, Output, E extends Operation.Exception>(
  service: Answer.Service,
  operation: Operation.Typed<Input, Output, E> & { readonly name: OperationName },
  options: {
    /** Members that the service sends as `null` where it has no value for them. */
    readonly nulls: ReadonlyArray<string>
    /** What is refused with an exception of its own before the members are looked at one by one. */
    readonly check: (members: Members) => Result.Result<void, E>
    readonly run: (input: Input, request: Request) => Effect.Effect<Output, E | Portal.ForbiddenException>
  }
): Endpoint => {
  const { bindings } = operation
  const decode = Schema.decodeUnknownResult(
    // A query and a header hold text, whatever it stands for
    bindings === undefined ? operation.input : Schema.toCodecStringTree(operation.input),
    { errors: "all" }
  )
  const encode = Schema.encodeEffect(operation.output)
  const nulls = Object.fromEntries(options.nulls.map((member) => [member, null]))
  const invalidMembers = (error: Schema.SchemaError): Exceptions.InvalidRequestException => {
    const members = issues(error.issue).issues.map((issue) => String(issue.path?.[0] ?? "the body"))
    return Checks.malformed(new Set(members.map((member) => bindings?.[member]?.name ?? member)))
  }
  const handle = Effect.fnUntraced(function* (request: Request) {
    if (operation.auth === "sigv4") {
      yield* Effect.fromResult(Checks.signed(request.authorization, request.region))
    }
    const members = yield* Effect.fromResult(request.members)
    yield* Effect.fromResult(options.check(members))
    const input = yield* Effect.fromResult(Result.mapError(decode(members), invalidMembers))
    const output = yield* options.run(input, request)
    const encoded = yield* Effect.orDie(encode(output))
    return Answer.success(encoded === undefined ? undefined : Object.assign({}, nulls, encoded))
  })
  return {
    name: operation.name,
    method: operation.method,
    path: operation.path,
    query: operation.query,
    service,
    read: bindings === undefined ? readBody : readBindings(bindings),
    answer: (request) =>
      handle(request).pipe(
        Effect.catch((error) =>
          Effect.succeed(
            error._tag === "GatewayError" ? Answer.gateway(error) : Answer.refusal(service, error._tag, error)
          )
        )
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

const checkGrant = (known: ReadonlyArray<string>) => (members: Members) =>
  Result.andThen(Checks.grantType(members["grantType"], known), Checks.scopes(members["scope"]))

// Who shows no token has no session, whatever else is wrong with the request.
const checkSession = (members: Members) =>
  Checks.ensure(Predicate.isTruthy(members["accessToken"]), Portal.unauthorized)

/**
 * All operations, the more particular address first.
 *
 * @internal
 */
export const make = (state: State): ReadonlyArray<Endpoint> => [
  endpoint(Answer.oidc, RegisterClient.operation, {
    nulls: ["authorizationEndpoint", "tokenEndpoint"],
    check: (members) => Checks.scopes(members["scopes"]),
    run: state.registerClient
  }),
  endpoint(Answer.oidc, StartDeviceAuthorization.operation, {
    nulls: [],
    check: () => Result.succeed(undefined),
    run: (input, request) => state.startDeviceAuthorization(input, request.verificationUri)
  }),
  endpoint(Answer.oidc, CreateTokenWithIAM.operation, {
    nulls: ["idToken", "refreshToken"],
    check: checkGrant(applicationGrants),
    run: state.createTokenWithIAM
  }),
  endpoint(Answer.oidc, CreateToken.operation, {
    // The last two are in no model, and yet on the wire.
    nulls: ["idToken", "refreshToken", "issuedTokenType", "aws_sso_app_session_id", "originSessionId"],
    check: checkGrant(publicGrants),
    run: state.createToken
  }),
  endpoint(Answer.portal, ListAccounts.operation, {
    nulls: ["nextToken"],
    check: checkSession,
    run: state.listAccounts
  }),
  endpoint(Answer.portal, ListAccountRoles.operation, {
    nulls: ["nextToken"],
    check: checkSession,
    run: state.listAccountRoles
  }),
  endpoint(Answer.portal, GetRoleCredentials.operation, {
    nulls: [],
    check: checkSession,
    run: state.getRoleCredentials
  }),
  endpoint(Answer.portal, Logout.operation, {
    nulls: [],
    check: checkSession,
    run: state.logout
  })
]
