import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import * as CertificateAuthorities from "../../../src/node/CertificateAuthorities.ts"
import * as Authority from "../../support/Authority.ts"

const environment = NodeServices.layer

const messageFor = (path: string) =>
  Effect.map(Effect.flip(CertificateAuthorities.load(path)), ({ message }) => message)

const written = Effect.fnUntraced(function* (text: string) {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const file = join(yield* fs.makeTempDirectoryScoped(), "ca.pem")
  yield* fs.writeFileString(file, text)
  return file
})

describe("CertificateAuthorities.load", () => {
  it.live("fails for a path without a file, and the message names the problem", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const advice = "correct the path, or unset AWS_CA_BUNDLE"
      assert.strictEqual(
        yield* messageFor(`${directory}/missing.pem`),
        `AWS_CA_BUNDLE names ${directory}/missing.pem, which cannot be read (ENOENT): ${advice}`
      )
      assert.strictEqual(
        yield* messageFor(directory),
        `AWS_CA_BUNDLE names ${directory}, which is not a file: ${advice}`
      )
      assert.include(yield* messageFor("/dev/null"), "which is not a file")
    }).pipe(Effect.scoped, Effect.provide(environment))
  )

  it.live("fails for a file without a certificate", () =>
    Effect.gen(function* () {
      for (const text of ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]) {
        assert.include(yield* messageFor(yield* written(text)), "which contains no certificate in PEM form")
      }
    }).pipe(Effect.scoped, Effect.provide(environment))
  )
})

describe.skipIf(!Authority.hasOpenssl)("CertificateAuthorities.load of a file with certificates", () => {
  it.live("takes all of them, and the text between them", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { file } = yield* Authority.make
      const certificate = yield* fs.readFileString(file)
      for (const text of [certificate, `# ours\r\n${certificate.replaceAll("\n", "\r\n")}\n# theirs\n${certificate}`]) {
        assert.isDefined((yield* CertificateAuthorities.load(yield* written(text))).context)
      }
    }).pipe(Effect.scoped, Effect.provide(environment))
  )

  it.live("fails for an invalid certificate, and the message names it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { file } = yield* Authority.make
      const certificate = yield* fs.readFileString(file)
      const [begin = "", ...lines] = certificate.trim().split("\n")
      for (const invalid of [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n",
        [begin, ...lines.slice(1)].join("\n"),
        [begin, ...lines.slice(0, 2), lines.at(-1)].join("\n")
      ]) {
        const message = yield* messageFor(yield* written(`${certificate}${invalid}\n${certificate}`))
        assert.include(message, "whose certificate number 2 is invalid", invalid)
      }
    }).pipe(Effect.scoped, Effect.provide(environment))
  )
})
