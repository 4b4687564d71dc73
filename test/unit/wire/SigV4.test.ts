import { SignatureV4 } from "@smithy/signature-v4"
import { Sha256 } from "@smithy/core/checksum"
import { HttpRequest } from "@smithy/core/transport"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Schema } from "effect"
import { HttpBody, HttpClientRequest } from "effect/http"
import type { SigningCredentials } from "../../../src/wire/AwsCredentials.ts"
import * as SigV4 from "../../../src/wire/SigV4.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"

const at = DateTime.makeUnsafe("2026-11-24T10:06:25.789Z")

const scope = { region: "eu-central-1", service: "sso-oauth" }

interface Sample {
  readonly url: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly credentials: SigningCredentials
}

const ours = ({ body, credentials, headers, query, url }: Sample) =>
  HttpClientRequest.post(url, { urlParams: query, headers }).pipe(
    HttpClientRequest.setBody(HttpBody.text(body, "application/json")),
    (request) => SigV4.sign(request, { credentials, at, ...scope })
  )

const official = ({ body, credentials, headers, query, url }: Sample) =>
  Effect.promise(() => {
    const { host, pathname, protocol } = new URL(url)
    return new SignatureV4({
      ...scope,
      sha256: Sha256,
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: Redacted.value(credentials.secretAccessKey),
        ...(credentials.sessionToken === undefined ? {} : { sessionToken: Redacted.value(credentials.sessionToken) })
      }
    }).sign(
      new HttpRequest({
        method: "POST",
        protocol,
        hostname: host,
        path: pathname,
        query: { ...query },
        headers: {
          ...headers,
          host,
          "content-type": "application/json",
          "content-length": String(new TextEncoder().encode(body).length)
        },
        body
      }),
      { signingDate: DateTime.toDateUtc(at) }
    )
  })

const added = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]

const assertSame = Effect.fnUntraced(function* (sample: Sample) {
  const mine = (yield* ours(sample)).headers
  const theirs = (yield* official(sample)).headers
  for (const name of added) assert.strictEqual(mine[name], theirs[name])
})

const credentials: SigningCredentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: Redacted.make("keep-access-key"),
  sessionToken: Redacted.make("keep-session-token//8=")
}

const sample: Sample = {
  url: "https://oidc.eu-central-1.amazonaws.com/token",
  query: { aws_iam: "t" },
  headers: {
    "user-agent": "effect-aws-sso/0.2.0",
    "amz-sdk-request": "attempt=1; max=3",
    "amz-sdk-invocation-id": "11111111-2222-4333-8444-555555555555"
  },
  body: '{"clientId":"ü"}',
  credentials
}

describe("SigV4.sign", () => {
  it.effect("signs every header except `user-agent`, which proxies change", () =>
    Effect.gen(function* () {
      const { headers } = yield* ours(sample)
      assert.include(
        headers["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sso-oauth/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="
      )
      assert.deepInclude(
        { ...headers },
        { ...sample.headers, "x-amz-date": "20261124T100625Z", "x-amz-security-token": "keep-session-token//8=" }
      )
    })
  )

  it.effect("gives the signature of the official signer, for long-term and temporary credentials", () =>
    Effect.gen(function* () {
      const { accessKeyId, secretAccessKey } = credentials
      yield* assertSame(sample)
      yield* assertSame({ ...sample, credentials: { accessKeyId, secretAccessKey } })
    })
  )

  it.effect.each([
    "http://localhost:4566/token",
    "https://sso.example.com:443/a/b/token",
    "https://sso.example.com:8443/a//b/./c/../token",
    "https://sso.example.com/%7Ea/ü/a%20b/(x)'*!/token"
  ])("gives the signature of the official signer for %s", (url) => assertSame({ ...sample, url }))

  const printable = Schema.String.check(Schema.isPattern(/^[\u0021-\u007e]+$/))

  it.effect.prop(
    "gives the signature of the official signer for any request and any credentials",
    [Schema.String, Schema.NonEmptyString, printable, Schema.Record(printable, printable)],
    ([body, secretAccessKey, sessionToken, query]) =>
      assertSame({
        ...sample,
        body,
        query,
        credentials: {
          accessKeyId: "AKIAIOSFODNN7EXAMPLE",
          secretAccessKey: Redacted.make(secretAccessKey),
          sessionToken: Redacted.make(sessionToken)
        }
      })
  )

  it.effect("refuses credentials that a header cannot contain, and does not show them", () =>
    Effect.gen(function* () {
      const broken = { ...credentials, sessionToken: Redacted.make("keep-session\ntoken") }
      const witnessed = yield* witness(ours({ ...sample, credentials: broken }))
      assert.strictEqual(failure(witnessed).reason, "MissingCredentials")
      assertNoSecret(witnessed, ["keep-"])
    })
  )
})
