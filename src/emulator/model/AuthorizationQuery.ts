/**
 * What a client asks for at `/authorize`: one check a rule, in an order that decides who is told of a failure. Whoever
 * cannot prove to belong to the client gets nothing sent.
 *
 * Source: RFC 6749 §3.1, §4.1.1 and §4.1.2.1; RFC 7636 §4.3 and §4.4.1; RFC 8252 §7.3.
 */
import * as Data from "effect/Data"
import * as Url from "effect/http/Url"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as GrantType from "../../operation/GrantType.ts"
import * as Checks from "./Checks.ts"
import type { Client, Clients } from "./Clients.ts"
import type { Moment } from "./Transition.ts"

/**
 * Where the answer to an authorization request goes.
 *
 * @internal
 */
export interface Destination {
  readonly redirectUri: URL
  readonly state: string | undefined
}

/**
 * A request that nothing is wrong with.
 *
 * @internal
 */
export interface AuthorizationQuery extends Destination {
  readonly client: Client
  /** As the client wrote it: that is how it has to write it again. */
  readonly redirectUriAsSent: string
  readonly scopes: ReadonlyArray<string>
  readonly codeChallenge: string
}

/** An authorization request that no answer can be sent to: the person alone is told (RFC 6749 §4.1.2.1). */
export class InvalidAuthorizationRequest extends Schema.TaggedError<InvalidAuthorizationRequest>()(
  "InvalidAuthorizationRequest",
  {
    /** The parameter that is wrong. */
    parameter: Schema.Literals(["client_id", "redirect_uri"]),
    /** What was sent; `undefined` where it was not there, or not once. */
    value: Schema.UndefinedOr(Schema.String),
    /** The redirect URIs of the client; none where it is the client that is not known. */
    registered: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    if (this.value === undefined) {
      return `the authorization request must have the parameter ${this.parameter}, and have it once`
    }
    return this.parameter === "client_id"
      ? `no client is registered as ${this.value}, or its registration has expired`
      : `the client has not registered the redirect URI ${this.value}, but ${this.registered.join(", ") || "none"}`
  }
}

/**
 * An authorization request that the client is to be told of: an error of RFC 6749 §4.1.2.1, and where to send it.
 *
 * @internal
 */
export class SentBack extends Data.TaggedError("SentBack")<{
  readonly error: string
  readonly location: URL
}> {}

/**
 * Where a person is sent with an answer. A query that the redirect URI has stays (RFC 6749 §3.1.2).
 *
 * @internal
 */
export const callback = (
  { redirectUri, state }: Destination,
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

/**
 * The answer that says no.
 *
 * @internal
 */
export const sentBack = (destination: Destination, error: string, description: string): SentBack =>
  new SentBack({
    error,
    location: callback(destination, [
      ["error", error],
      ["error_description", description]
    ])
  })

// RFC 6749 §3.1: a parameter without a value counts as missing, and none may be there twice.
const only = (query: URLSearchParams, name: string): Option.Option<string> => {
  const [value = "", ...others] = query.getAll(name)
  return value === "" || others.length > 0 ? Option.none() : Option.some(value)
}

// RFC 8252 §7.3: a native client learns its port when it starts to listen, which is after it has registered. All else is
// compared letter by letter, so that nothing depends on how somebody reads a URL.
const withoutLoopbackPort = (uri: string): string => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d+/, "$1")

// RFC 7636 §4.2: a SHA-256 in Base64url without padding.
const challenge = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads an authorization request.
 *
 * @internal
 */
export const read = (
  query: URLSearchParams,
  clients: Clients,
  moment: Moment
): Result.Result<AuthorizationQuery, InvalidAuthorizationRequest | SentBack> =>
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
    const refuse = (error: string, description: string) => () => sentBack({ redirectUri, state }, error, description)

    yield* Checks.ensure(
      new Set(query.keys()).size === [...query.keys()].length,
      refuse("invalid_request", "No parameter may be there twice")
    )
    yield* Checks.ensure(
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
    // Without a method it is plain (RFC 7636 §4.3), which protects from nobody who sees the request.
    yield* only(query, "code_challenge_method").pipe(
      Option.filter((method) => method === "S256"),
      Result.fromOption(refuse("invalid_request", "code_challenge_method must be S256"))
    )
    const codeChallenge = yield* only(query, "code_challenge").pipe(
      Option.filter((value) => challenge.test(value)),
      Result.fromOption(refuse("invalid_request", "code_challenge must be 43 characters of Base64url"))
    )
    // RFC 6749 §3.3: without scopes, those that the client is registered for.
    const scopes = yield* only(query, "scopes").pipe(
      Option.match({ onNone: () => client.scopes, onSome: (value) => value.split(" ") }),
      Result.succeed,
      Result.filterOrFail(
        (scopes) => scopes.every((scope) => client.scopes.includes(scope)),
        refuse("invalid_scope", "The client is not registered for each of these scopes")
      )
    )
    return { client, redirectUri, redirectUriAsSent, state, scopes, codeChallenge }
  })
