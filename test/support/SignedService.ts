/**
 * An STS for tests. It returns the identity of the caller, and refuses requests that are not signed with credentials of
 * the emulator.
 */
import { createServer } from "node:http"
import { Sha256 } from "@smithy/core/checksum"
import { HttpRequest } from "@smithy/core/transport"
import { SignatureV4 } from "@smithy/signature-v4"
import { NodeHttpServer } from "@effect/platform-node"
import { DateTime, Effect, Redacted, Ref } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { IdentityCenter } from "../../src/emulator/index.ts"

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/

const response = (issued: IdentityCenter.IssuedRoleCredentials) =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::${issued.accountId}:assumed-role/${issued.roleName}/${issued.user}</Arn>
    <UserId>AROAEXAMPLE:${issued.user}</UserId>
    <Account>${issued.accountId}</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>`

const refusal = (code: string) =>
  HttpServerResponse.text(
    `<ErrorResponse><Error><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`,
    {
      status: 403,
      contentType: "text/xml"
    }
  )

/** Sets the date of the test clock. The SDK corrects the time of its signatures with it. */
const dated = (response: HttpServerResponse.HttpServerResponse) =>
  Effect.map(DateTime.now, (now) =>
    HttpServerResponse.setHeader(response, "date", DateTime.toDateUtc(now).toUTCString())
  )

/** `20261124T100625Z` as epoch milliseconds. */
const timeOf = (date = ""): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))

/** Starts the server. `accepted` has the access key of each accepted request. */
export const make = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  const accepted = yield* Ref.make<ReadonlyArray<string>>([])
  const server = yield* NodeHttpServer.make(createServer, { port: 0, host: "127.0.0.1" })
  const url = HttpServer.formatAddress(server.address)
  yield* server.serve(
    Effect.gen(function* () {
      const { headers, method, text, url: path } = yield* HttpServerRequest.HttpServerRequest
      const [, accessKeyId, region = "", service = "", signed = "", signature] =
        form.exec(headers["authorization"] ?? "") ?? []
      const issued = (yield* center.roleCredentials).find((one) => one.accessKeyId === accessKeyId)
      if (issued === undefined) return refusal("InvalidClientTokenId")
      if (headers["x-amz-security-token"] !== Redacted.value(issued.sessionToken))
        return refusal("InvalidClientTokenId")
      const at = timeOf(headers["x-amz-date"])
      if (!(at < issued.expiresAt)) return refusal("ExpiredToken")
      const body = yield* text
      const again = yield* Effect.promise(() =>
        new SignatureV4({
          region,
          service,
          sha256: Sha256,
          credentials: {
            accessKeyId: issued.accessKeyId,
            secretAccessKey: Redacted.value(issued.secretAccessKey),
            sessionToken: Redacted.value(issued.sessionToken)
          }
        }).sign(
          new HttpRequest({
            method,
            hostname: new URL(url).hostname,
            path: path.split("?", 1).join(""),
            headers: Object.fromEntries(signed.split(";").map((name) => [name, headers[name] ?? ""])),
            body
          }),
          { signingDate: new Date(at), signableHeaders: new Set(signed.split(";")) }
        )
      )
      if (form.exec(again.headers["authorization"] ?? "")?.[5] !== signature) return refusal("SignatureDoesNotMatch")
      yield* Ref.update(accepted, (all) => [...all, issued.accessKeyId])
      return HttpServerResponse.text(response(issued), { contentType: "text/xml" })
    }).pipe(Effect.flatMap(dated))
  )
  return { url, accepted: Ref.get(accepted) }
})
