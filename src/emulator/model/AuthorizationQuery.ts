/**
 * The authorization request of a client at `/authorize`: one check for each rule. Until the redirect URI has been
 * checked, a failure is shown to the user only. After that, it is sent to the client.
 *
 * Source: RFC 6749 §3.1, §4.1.1 and §4.1.2.1; RFC 7636 §4.3 and §4.4.1; RFC 8252 §7.3.
 */
import * as Data from "effect/Data"
import * as Url from "effect/http/Url"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as GrantType from "../../operation/GrantType.ts"
import * as RequestChecks from "./RequestChecks.ts"
import type { RegisteredClient, RegisteredClients } from "./RegisteredClients.ts"
import type { Moment } from "./Transition.ts"

/** Where the response to an authorization request is sent. */
export interface ResponseDestination {
  readonly redirectUri: URL
  readonly state: string | undefined
}

/** A valid authorization request. */
export interface AuthorizationQuery extends ResponseDestination {
  readonly client: RegisteredClient
  /** As the client sent it. The token request must contain the same string. */
  readonly redirectUriAsSent: string
  readonly scopes: ReadonlyArray<string>
  readonly codeChallenge: string
}

/** An authorization request without a valid client or redirect URI. Only the user sees the error (RFC 6749 §4.1.2.1). */
export class InvalidAuthorizationRequest extends Schema.TaggedError<InvalidAuthorizationRequest>()(
  "InvalidAuthorizationRequest",
  {
    /** The invalid parameter. */
    parameter: Schema.Literals(["client_id", "redirect_uri"]),
    /** Its value. `undefined`: the parameter is missing or repeated. */
    value: Schema.UndefinedOr(Schema.String),
    /** The registered redirect URIs of the client. Empty if the client is unknown. */
    registered: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    if (this.value === undefined) {
      return `the authorization request must have the parameter ${this.parameter} exactly once`
    }
    return this.parameter === "client_id"
      ? `the client ${this.value} is not registered, or its registration has expired`
      : `the redirect URI ${this.value} is not registered. Registered: ${this.registered.join(", ") || "none"}`
  }
}

/** An error response to the client (RFC 6749 §4.1.2.1), and the URL that sends it. */
export class AuthorizationErrorResponse extends Data.TaggedError("AuthorizationErrorResponse")<{
  readonly error: string
  readonly location: URL
}> {}

/** The URL that sends a response to the client. The query of the redirect URI is kept (RFC 6749 §3.1.2). */
export const callback = (
  { redirectUri, state }: ResponseDestination,
  members: ReadonlyArray<readonly [name: string, value: string]>
): URL =>
  Url.mutate(redirectUri, ({ searchParams }) => {
    for (const [name, value] of members) {
      searchParams.append(name, value)
    }
    if (state !== undefined) {
      searchParams.append("state", state)
    }
  })

export const errorResponse = (
  destination: ResponseDestination,
  error: string,
  description: string
): AuthorizationErrorResponse =>
  new AuthorizationErrorResponse({
    error,
    location: callback(destination, [
      ["error", error],
      ["error_description", description]
    ])
  })

// RFC 6749 §3.1: a parameter without a value counts as missing, and no parameter can be repeated.
const only = (query: URLSearchParams, name: string): Option.Option<string> => {
  const [value = "", ...others] = query.getAll(name)
  return value === "" || others.length > 0 ? Option.none() : Option.some(value)
}

// RFC 8252 §7.3: a native client knows its port only after it has registered. Everything else is compared as strings, so
// that nothing depends on how a URL is parsed.
const withoutLoopbackPort = (uri: string): string => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d+/, "$1")

// RFC 7636 §4.2: a SHA-256 in Base64url without padding.
const challenge = /^[A-Za-z0-9_-]{43}$/

/** Reads and checks the query of an authorization request. */
export const read = (
  query: URLSearchParams,
  clients: RegisteredClients,
  moment: Moment
): Result.Result<AuthorizationQuery, InvalidAuthorizationRequest | AuthorizationErrorResponse> =>
  Result.gen(function* () {
    const invalid = (parameter: "client_id" | "redirect_uri", registered: ReadonlyArray<string>) => () =>
      new InvalidAuthorizationRequest({ parameter, value: Option.getOrUndefined(only(query, parameter)), registered })

    const client = yield* only(query, "client_id").pipe(
      Option.flatMap((clientId) => clients.find(clientId, moment)),
      Result.fromOption(invalid("client_id", []))
    )
    const redirectUriAsSent = yield* only(query, "redirect_uri").pipe(
      Option.filter((sent) =>
        client.redirectUris.some((registered) => withoutLoopbackPort(registered) === withoutLoopbackPort(sent))
      ),
      Result.fromOption(invalid("redirect_uri", client.redirectUris))
    )
    const redirectUri = yield* Result.mapError(
      Url.fromString(redirectUriAsSent),
      invalid("redirect_uri", client.redirectUris)
    )

    const state = Option.getOrUndefined(only(query, "state"))
    const refuse = (error: string, description: string) => () =>
      errorResponse({ redirectUri, state }, error, description)

    yield* RequestChecks.ensure(
      new Set(query.keys()).size === [...query.keys()].length,
      refuse("invalid_request", "No parameter can be repeated")
    )
    yield* RequestChecks.ensure(
      client.grantTypes.includes(GrantType.authorizationCode),
      refuse("unauthorized_client", `The client is not registered for the grant type ${GrantType.authorizationCode}`)
    )
    yield* only(query, "response_type").pipe(
      Result.fromOption(refuse("invalid_request", "response_type is missing")),
      Result.filterOrFail(
        (responseType) => responseType === "code",
        refuse("unsupported_response_type", "response_type must be code")
      )
    )
    // Without a method it is plain (RFC 7636 §4.3), which is no protection against anyone who sees the request.
    yield* only(query, "code_challenge_method").pipe(
      Option.filter((method) => method === "S256"),
      Result.fromOption(refuse("invalid_request", "code_challenge_method must be S256"))
    )
    const codeChallenge = yield* only(query, "code_challenge").pipe(
      Option.filter((value) => challenge.test(value)),
      Result.fromOption(refuse("invalid_request", "code_challenge must have 43 Base64url characters"))
    )
    // RFC 6749 §3.3: the default is the registered scopes.
    const scopes = yield* only(query, "scopes").pipe(
      Option.match({ onNone: () => client.scopes, onSome: (value) => value.split(" ") }),
      Result.succeed,
      Result.filterOrFail(
        (scopes) => scopes.every((scope) => client.scopes.includes(scope)),
        refuse("invalid_scope", "The client is not registered for all of these scopes")
      )
    )
    return { client, redirectUri, redirectUriAsSent, state, scopes, codeChallenge }
  })
