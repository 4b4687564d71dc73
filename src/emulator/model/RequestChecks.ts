/**
 * The checks of a request that need no state: one function for each rule, and an exception for each refusal.
 */
import * as Data from "effect/Data"
import * as Url from "effect/http/Url"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Exceptions from "../../operation/Exceptions.ts"
import * as GrantType from "../../operation/GrantType.ts"
import type * as RegisterClient from "../../operation/RegisterClient.ts"

/** Succeeds if the condition holds. */
export const ensure = <E>(condition: boolean, otherwise: () => E): Result.Result<void, E> =>
  condition ? Result.succeed(undefined) : Result.fail(otherwise())

const longestClientName = 256

const grantTypes: ReadonlyArray<string> = [GrantType.authorizationCode, GrantType.refreshToken, GrantType.deviceCode]

const loopbackHosts = new Set(["127.0.0.1", "[::1]", "localhost"])

// RFC 8252 §7.3: plain http only for loopback addresses. RFC 6749 §3.1.2: no fragment.
const isRedirectUri = (uri: string): boolean =>
  Result.match(Url.fromString(uri), {
    onFailure: () => false,
    onSuccess: (url) =>
      url.hash === "" && (url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname)))
  })

/** The metadata of a client that registers (RFC 7591 §3.2.2, and the limits of the service). */
export const registration = (
  input: RegisterClient.RegisterClientInput
): Result.Result<void, RegisterClient.RegisterClientError> =>
  Result.gen(function* () {
    yield* ensure(
      input.clientType === "public",
      () => new Exceptions.InvalidClientMetadataException({ error_description: "The client type must be public" })
    )
    yield* ensure(
      input.clientName.length <= longestClientName,
      () =>
        new Exceptions.InvalidClientMetadataException({
          error_description: `The client name must have at most ${longestClientName} characters`
        })
    )
    yield* ensure(
      (input.redirectUris ?? []).every(isRedirectUri),
      () =>
        new Exceptions.InvalidRedirectUriException({
          error_description: "A redirect URI must be an https URL, or an http URL of a loopback address"
        })
    )
    yield* ensure(
      (input.grantTypes ?? []).every((grantType) => grantTypes.includes(grantType)),
      () =>
        new Exceptions.UnsupportedGrantTypeException({
          error_description: `The grant types of a client can be ${grantTypes.join(", ")}`
        })
    )
  })

// RFC 6749 §3.3: a scope token is printable ASCII without space, quote and backslash.
const isScopeList = Schema.is(Schema.Array(Schema.String.check(Schema.isPattern(/^[\x21\x23-\x5B\x5D-\x7E]+$/))))

/** A list of scopes, or none. */
export const scopes = (value: unknown): Result.Result<void, Exceptions.InvalidScopeException> =>
  ensure(
    value === undefined || isScopeList(value),
    () =>
      new Exceptions.InvalidScopeException({
        error_description: "Scopes must be a list of strings without spaces, quotes and backslashes"
      })
  )

/** A grant type that the operation supports. */
export const grantType = (
  value: unknown,
  supported: ReadonlyArray<string>
): Result.Result<void, Exceptions.InvalidRequestException | Exceptions.UnsupportedGrantTypeException> =>
  Predicate.isString(value)
    ? ensure(
        supported.includes(value),
        () =>
          new Exceptions.UnsupportedGrantTypeException({
            error_description: `The grant type must be ${supported.join(", ")}`
          })
      )
    : Result.fail(malformed(["grantType"]))

/** Names the members that are missing or malformed. Their values are never quoted: a secret can be in the wrong member. */
export const malformed = (members: Iterable<string>): Exceptions.InvalidRequestException =>
  new Exceptions.InvalidRequestException({ error_description: `Missing or malformed: ${[...members].join(", ")}` })

// The form of a Signature Version 4 header (AWS IAM User Guide, "Signing AWS API requests").
const signature =
  /^AWS4-HMAC-SHA256 Credential=[^/\s,]+\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request, ?SignedHeaders=[^\s,]+, ?Signature=[0-9a-f]{64}$/

/** An error of the gateway in front of the service. No operation models it. */
export class GatewayError extends Data.TaggedError("GatewayError")<{
  readonly exception: string
  readonly status: number
  readonly description: string
}> {}

/**
 * A request that is signed for this service in this region. The signature itself is not verified: the emulator has no
 * secret keys.
 */
export const signed = (authorization: string | undefined, region: string): Result.Result<void, GatewayError> =>
  Result.gen(function* () {
    yield* ensure(
      authorization !== undefined,
      () =>
        new GatewayError({
          exception: "MissingAuthenticationTokenException",
          status: 403,
          description: "Missing Authentication Token"
        })
    )
    const scope = signature.exec(authorization ?? "")
    yield* ensure(
      scope !== null,
      () =>
        new GatewayError({
          exception: "IncompleteSignatureException",
          status: 403,
          description: "Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature"
        })
    )
    yield* ensure(
      scope?.[1] === region && scope[2] === "sso-oauth",
      () =>
        new GatewayError({
          exception: "InvalidSignatureException",
          status: 403,
          description: `Credential should be scoped to ${region}/sso-oauth/aws4_request`
        })
    )
  })
