/**
 * The certificate authorities of a file, such as the one that `AWS_CA_BUNDLE` names.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { X509Certificate } from "node:crypto"
import * as Tls from "node:tls"
import { ConstructionFailure } from "../wire/ClientError.ts"
import { systemCode } from "../wire/SystemCode.ts"

/**
 * Reads a file of certificates in PEM, as what a connection trusts instead of the authorities that Node trusts.
 *
 * **Details**
 *
 * A certificate that cannot be read is an error, as it is for the AWS CLI. Node ignores such certificates, so that a
 * connection would fail later, for a reason that is hard to find.
 */
export const load = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Tls.SecureContext, ConstructionFailure, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const refuse = (problem: string) =>
    new ConstructionFailure({
      reason: "InvalidConfiguration",
      description: `AWS_CA_BUNDLE names ${path}, ${problem}: correct the path, or unset AWS_CA_BUNDLE`
    })
  const text = yield* fs.stat(path).pipe(
    // To read a pipe or a device can take forever
    Effect.filterOrFail(
      ({ type }) => type === "File",
      () => refuse("which is not a file")
    ),
    Effect.andThen(fs.readFileString(path)),
    Effect.catchTag("PlatformError", ({ reason }) =>
      Effect.fail(refuse(`which cannot be read (${systemCode(reason) ?? reason._tag})`))
    )
  )
  const certificates = text.match(pem) ?? []
  if (certificates.length === 0) return yield* refuse("which contains no certificate in PEM form")
  const invalid = certificates.findIndex((certificate) => Result.isFailure(parse(certificate)))
  if (invalid !== -1) return yield* refuse(`whose certificate number ${invalid + 1} is invalid`)
  // Made once: to parse a bundle for each connection takes longer than the connection
  return Tls.createSecureContext({ ca: certificates })
})

const pem = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

const parse = (certificate: string) => Result.try(() => new X509Certificate(certificate))
