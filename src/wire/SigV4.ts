/**
 * Signs a request with AWS Signature Version 4.
 *
 * **Details**
 *
 * The package `aws4fetch` calculates the signature with Web Crypto. A client loads it when it signs its first request.
 *
 * Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { SigningCredentials } from "./AwsCredentials.ts"
import { ConstructionFailure } from "./ClientError.ts"

/**
 * Adds the headers `authorization`, `x-amz-date`, `x-amz-content-sha256` and, for temporary credentials,
 * `x-amz-security-token`.
 *
 * **Details**
 *
 * The signature covers all headers except `user-agent`, which proxies change. Fails with a `ConstructionFailure` where
 * the credentials contain characters that a header cannot contain.
 */
export const sign = Effect.fnUntraced(function* (
  request: HttpClientRequest.HttpClientRequest,
  options: {
    readonly credentials: SigningCredentials
    readonly region: string
    /** The signing name, such as `sso-oauth`. */
    readonly service: string
    /** The time of the signature. */
    readonly at: DateTime.Utc
  }
): Effect.fn.Return<HttpClientRequest.HttpClientRequest, ConstructionFailure> {
  const { at, credentials, region, service } = options
  const { "user-agent": _, ...signable } = request.headers
  const body = request.body._tag === "Uint8Array" ? new Uint8Array(request.body.body) : new Uint8Array()
  const { AwsV4Signer } = yield* Effect.promise(() => import("aws4fetch"))
  const signed = yield* Effect.tryPromise({
    try: async () =>
      new AwsV4Signer({
        method: request.method,
        url: Option.getOrThrow(HttpClientRequest.toUrl(request)).href,
        headers: { ...signable, "x-amz-content-sha256": await sha256(body) },
        body,
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: Redacted.value(credentials.secretAccessKey),
        ...(credentials.sessionToken === undefined ? {} : { sessionToken: Redacted.value(credentials.sessionToken) }),
        service,
        region,
        datetime: DateTime.formatIso(at).replaceAll(/[:-]|\.\d{3}/g, ""),
        allHeaders: true
      }).sign(),
    // The error could quote a header. Only invalid credentials make it fail
    catch: () =>
      new ConstructionFailure({
        reason: "MissingCredentials",
        description:
          "the request could not be signed with these AWS credentials: check the access key id and the secret access key"
      })
  })
  return HttpClientRequest.setHeaders(request, signed.headers)
})

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("")
