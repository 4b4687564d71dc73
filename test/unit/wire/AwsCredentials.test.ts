import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import * as AwsCredentials from "../../../src/wire/AwsCredentials.ts"
import { assertNoSecret, failure, witness } from "../../support/Witness.ts"

const long: AwsCredentials.SigningCredentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: Redacted.make("keep-access-key")
}

const temporary: AwsCredentials.SigningCredentials = { ...long, sessionToken: Redacted.make("keep-session-token") }

describe("AwsCredentials.layer", () => {
  it.effect("provides the credentials given", () =>
    Effect.gen(function* () {
      const { credentials } = yield* AwsCredentials.AwsCredentials
      assert.strictEqual(yield* credentials, temporary)
    }).pipe(Effect.provide(AwsCredentials.layer(temporary)))
  )
})

describe("AwsCredentials.layerEnv", () => {
  const read = (env: Record<string, string>) =>
    Effect.flatMap(AwsCredentials.AwsCredentials, ({ credentials }) => credentials).pipe(
      Effect.provide(AwsCredentials.layerEnv),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
    )

  const key = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "keep-access-key" }

  it.effect("reads long-term and temporary credentials", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual({ ...(yield* read(key)) }, { ...long, sessionToken: undefined })
      assert.deepStrictEqual({ ...(yield* read({ ...key, AWS_SESSION_TOKEN: "keep-session-token" })) }, temporary)
    })
  )

  it.effect("ignores an empty session token", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* read({ ...key, AWS_SESSION_TOKEN: "" })).sessionToken)
    })
  )

  it.effect.each([
    {},
    { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" },
    { AWS_SECRET_ACCESS_KEY: "keep-access-key" },
    { ...key, AWS_ACCESS_KEY_ID: "" },
    { ...key, AWS_SECRET_ACCESS_KEY: "" }
  ])("names the variables to set if one is missing (%#)", (env) =>
    Effect.gen(function* () {
      const witnessed = yield* witness(read(env))
      assert.include(failure(witnessed).message, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
      assertNoSecret(witnessed, ["keep-"])
    })
  )
})
