/**
 * Signs a request with AWS Signature Version 4.
 *
 * The calculation is `aws4fetch`'s, on Web Crypto alone. A client loads this module when it signs its first request.
 *
 * Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".
 *
 * @since 0.1.0
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
 * Adds `x-amz-date`, `x-amz-security-token` where the credentials have one, and `authorization`.
 *
 * **Details**
 *
 * Every header of the request is signed, but `user-agent`, which proxies rewrite. The time is that of Effect's `Clock`.
 *
 * @category signing
 * @since 0.1.0
 */
export const sign = Effect.fnUntraced(function* (
  request: HttpClientRequest.HttpClientRequest,
  options: {
    readonly credentials: Credentials
    readonly region: string
    /** The signing name, such as `sso-oauth`. */
    readonly service: string
  }
): Effect.fn.Return<HttpClientRequest.HttpClientRequest, ConstructionFailure> {
  const now = yield* DateTime.now
  const { credentials } = options
  const { "user-agent": _, ...signable } = request.headers
  const signed = yield* Effect.tryPromise({
    try: () =>
      new AwsV4Signer({
        method: request.method,
        url: Option.getOrThrow(HttpClientRequest.toUrl(request)).href,
        headers: signable,
        body: request.body._tag === "Uint8Array" ? new Uint8Array(request.body.body) : null,
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: Redacted.value(credentials.secretAccessKey),
        ...(credentials.sessionToken === undefined ? {} : { sessionToken: Redacted.value(credentials.sessionToken) }),
        service: options.service,
        region: options.region,
        datetime: DateTime.formatIso(now).replace(/[:-]|\.\d{3}/g, ""),
        allHeaders: true
      }).sign(),
    // What it throws could quote a header; a request of ours that cannot be signed has unusable credentials
    catch: () =>
      new ConstructionFailure({
        reason: "MissingCredentials",
        description: "the request could not be signed with these AWS credentials: check the access key and its secret"
      })
  })
  return HttpClientRequest.setHeaders(request, signed.headers)
})
