/**
 * The operations as the service offers them: how their requests are read, checked and answered.
 *
 * It shares the descriptors of `operation/` with the client, and nothing else: what is read here leniently, and refused
 * here by name, the client has to get right by itself.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as CreateToken from "../operation/CreateToken.ts"
import * as CreateTokenWithIAM from "../operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../operation/Exceptions.ts"
import * as GrantType from "../operation/GrantType.ts"
import type * as Operation from "../operation/Operation.ts"
import * as RegisterClient from "../operation/RegisterClient.ts"
import * as StartDeviceAuthorization from "../operation/StartDeviceAuthorization.ts"
import * as Answer from "./Answer.ts"
import * as Checks from "./Checks.ts"
import type { State } from "./State.ts"

/**
 * The operations that the emulator knows.
 *
 * @category models
 * @since 0.1.0
 */
export type OperationName = "RegisterClient" | "StartDeviceAuthorization" | "CreateToken" | "CreateTokenWithIAM"

/**
 * The members of a request's body.
 *
 * @internal
 */
export type Members = Readonly<Record<string, unknown>>

type Body = Result.Result<Members, Exceptions.InvalidRequestException>

/**
 * What an operation needs to know of its request.
 *
 * @internal
 */
export interface Request {
  readonly body: Body
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
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly answer: (request: Request) => Effect.Effect<Answer.Answer>
}

const decodeObject = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/**
 * A JSON object, without the members that are `null`: on AWS's wire they are as good as absent.
 *
 * @internal
 */
export const readBody = (text: string): Body =>
  Result.mapBoth(decodeObject(text), {
    onSuccess: Record.filter((value) => value !== null),
    onFailure: () => new Exceptions.InvalidRequestException({ error_description: "The body must be a JSON object" })
  })

const issues = SchemaIssue.makeFormatterStandardSchemaV1()

const invalidMembers = (error: Schema.SchemaError): Exceptions.InvalidRequestException =>
  Checks.malformed(new Set(issues(error.issue).issues.map((issue) => String(issue.path?.[0] ?? "the body"))))

const endpoint = <Input, Output, E extends Operation.Exception>(
  operation: Operation.Typed<Input, Output, E> & { readonly name: OperationName },
  options: {
    /** Members that the service sends as `null` where it has no value for them. */
    readonly nulls: ReadonlyArray<string>
    /** What is refused with an exception of its own before the members are looked at one by one. */
    readonly check: (members: Members) => Result.Result<void, E>
    readonly run: (input: Input, request: Request) => Effect.Effect<Output, E>
  }
): Endpoint => {
  const decode = Schema.decodeUnknownResult(operation.input, { errors: "all" })
  const encode = Schema.encodeEffect(operation.output)
  const nulls = Object.fromEntries(options.nulls.map((member) => [member, null]))
  const handle = Effect.fnUntraced(function* (request: Request) {
    if (operation.auth === "sigv4") {
      yield* Effect.fromResult(Checks.signed(request.authorization, request.region))
    }
    const members = yield* Effect.fromResult(request.body)
    yield* Effect.fromResult(options.check(members))
    const input = yield* Effect.fromResult(Result.mapError(decode(members), invalidMembers))
    const output = yield* options.run(input, request)
    const encoded = yield* Effect.orDie(encode(output))
    return Answer.success(Object.assign({}, nulls, encoded))
  })
  return {
    name: operation.name,
    path: operation.path,
    query: operation.query,
    answer: (request) =>
      handle(request).pipe(
        Effect.catch((error) =>
          Effect.succeed(error._tag === "GatewayError" ? Answer.gateway(error) : Answer.refusal(error._tag, error))
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

/**
 * All operations, the more particular address first.
 *
 * @internal
 */
export const make = (state: State): ReadonlyArray<Endpoint> => [
  endpoint(RegisterClient.operation, {
    nulls: ["authorizationEndpoint", "tokenEndpoint"],
    check: (members) => Checks.scopes(members["scopes"]),
    run: state.registerClient
  }),
  endpoint(StartDeviceAuthorization.operation, {
    nulls: [],
    check: () => Result.succeed(undefined),
    run: (input, request) => state.startDeviceAuthorization(input, request.verificationUri)
  }),
  endpoint(CreateTokenWithIAM.operation, {
    nulls: ["idToken", "refreshToken"],
    check: checkGrant(applicationGrants),
    run: state.createTokenWithIAM
  }),
  endpoint(CreateToken.operation, {
    // The last two are in no model, and yet on the wire.
    nulls: ["idToken", "refreshToken", "issuedTokenType", "aws_sso_app_session_id", "originSessionId"],
    check: checkGrant(publicGrants),
    run: state.createToken
  })
]
