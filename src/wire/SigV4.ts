/**
 * Signs a request with AWS Signature Version 4.
 *
 * **Details**
 *
 * The calculation is `aws4fetch`'s, on Web Crypto alone. A client loads this module when it signs its first request.
 *
 * Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".
 */
import { AwsV4Signer } from "aws4fetch"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Credentials } from "./AwsCredentials.ts"
import { ConstructionFailure } from "./ClientError.ts"

/**
 * Adds `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token` where the credentials have one, and `authorization`.
 *
 * **Details**
 *
 * Every header of the request is signed, but `user-agent`, which proxies rewrite. Fails with a `ConstructionFailure`
 * where the credentials have characters that no header takes.
 */
export const sign = Effect.fnUntraced(function* (
  request: HttpClientRequest.HttpClientRequest,
  options: {
    readonly credentials: Credentials
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
    // What it throws could quote a header; a request of ours that cannot be signed has unusable credentials
    catch: () =>
      new ConstructionFailure({
        reason: "MissingCredentials",
        description: "The request could not be signed with these AWS credentials. Check the access key and its secret."
      })
  })
  return HttpClientRequest.setHeaders(request, signed.headers)
})

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("")
