import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as CredentialFormat from "../../../src/cli/commands/CredentialFormat.ts"

const credentials = {
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  SessionToken: "IQoJb3JpZ2luX2VjE==",
  Expiration: "2026-11-24T10:06:25Z",
  AccountId: "111122223333"
}

const messageOf = <A>(effect: Effect.Effect<A, CredentialFormat.FormatImpossible>) =>
  Effect.runSync(Effect.map(Effect.result(effect), Result.match({ onSuccess: () => "", onFailure: (e) => e.message })))

describe("CredentialFormat", () => {
  it.effect("writes a section for the credentials file", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* CredentialFormat.ini(credentials, "dev"),
        [
          "[dev]",
          "aws_access_key_id = ASIAEXAMPLE",
          "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          "aws_session_token = IQoJb3JpZ2luX2VjE=="
        ].join("\n")
      )
    })
  )

  it("refuses a value with which a service could write other settings into the credentials file", () => {
    for (const value of [
      "token\ncredential_process = sh -c id",
      "token\rcredential_process = sh -c id",
      "token\u2028credential_process = sh -c id",
      "token\u0085credential_process",
      "token # comment",
      "token\u0000",
      "token\u001B[2J",
      ""
    ]) {
      for (const key of ["AccessKeyId", "SecretAccessKey", "SessionToken"]) {
        const message = messageOf(CredentialFormat.ini({ ...credentials, [key]: value }, "dev"))
        assert.match(
          message,
          /^the value of aws_\w+ cannot be written in the format "ini": use --format process or json$/
        )
      }
    }
  })

  it("refuses a profile name that cannot be a section of the credentials file", () => {
    for (const name of ["with blanks", "a]", "[a", "a#b", "a;b", "a\nb", ""]) {
      assert.include(messageOf(CredentialFormat.ini(credentials, name)), "the profile name")
    }
  })

  it("refuses line breaks and controls in every shell, and in cmd what it would expand", () => {
    const changes = (value: string) => ({ set: { AWS_SESSION_TOKEN: value }, unset: [] })
    for (const format of ["env", "fish", "powershell", "cmd"] as const) {
      for (const value of ["a\nb", "a\rb", "a\u0000b", "a\u001Bb", "a\u2029b"]) {
        assert.include(messageOf(CredentialFormat.shell(format, changes(value))), "the value of AWS_SESSION_TOKEN")
      }
      assert.strictEqual(messageOf(CredentialFormat.shell(format, changes("IQoJb3JpZ2luX2VjE/+="))), "")
    }
    assert.include(messageOf(CredentialFormat.shell("cmd", changes("%PATH%"))), 'in the format "cmd"')
    assert.include(messageOf(CredentialFormat.assignments(changes("a\nb"))), "the value of AWS_SESSION_TOKEN")
  })

  it.effect("writes assignments without export and without quotes that are not needed", () =>
    Effect.gen(function* () {
      const set = { AWS_ACCESS_KEY_ID: "ASIAEXAMPLE", AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey }
      assert.strictEqual(
        yield* CredentialFormat.assignments({ set, unset: ["AWS_PROFILE"] }),
        `AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_SECRET_ACCESS_KEY=${credentials.SecretAccessKey}`
      )
    })
  )
})
