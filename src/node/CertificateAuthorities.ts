/**
 * The certificate authorities of a file, such as the one that `AWS_CA_BUNDLE` names.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Tls from "node:tls"
import { ConstructionFailure } from "../wire/ClientError.ts"
import { systemCode } from "../wire/SystemCode.ts"

/**
 * Reads a file of certificates in PEM, as what a connection trusts instead of the authorities that Node trusts.
 *
 * **Details**
 *
 * A certificate that is incomplete is an error, as it is for the AWS CLI. Node ignores such certificates, so that a
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
  const invalid = certificates.findIndex((certificate) => !isWhole(certificate))
  if (invalid !== -1) return yield* refuse(`whose certificate number ${invalid + 1} is invalid`)
  // Made once: to parse a bundle for each connection takes longer than the connection
  return Tls.createSecureContext({ ca: certificates })
})

const pem = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/**
 * Whether a certificate is whole: a sequence in DER has its length in its head (X.690 §8.1.3).
 *
 * To parse the certificates would take as long as to trust them, some 20 ms for a bundle of a system.
 */
const isWhole = (certificate: string): boolean => {
  const der = Buffer.from(certificate.split("-----")[2] ?? "", "base64")
  if (der.length < 4 || der[0] !== 0x30) return false
  const size = der[1] === 0x82 ? 4 + der.readUInt16BE(2) : der[1] === 0x81 ? 3 + der.readUInt8(2) : Infinity
  // A trusted certificate has a description of what it is trusted for at its end
  return certificate.startsWith("-----BEGIN TRUSTED") ? der.length >= size : der.length === size
}
