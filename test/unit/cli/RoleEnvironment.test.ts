import { assert, describe, it } from "@effect/vitest"
import { apply, changes } from "../../../src/cli/commands/RoleEnvironment.ts"

const credentials = {
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "secret",
  SessionToken: "session",
  Expiration: "2026-11-24T10:06:25Z",
  AccountId: "111122223333"
}

const { AccountId: _, ...withoutAccount } = credentials

const regions = ({ set }: ReturnType<typeof changes>) => [set["AWS_REGION"], set["AWS_DEFAULT_REGION"]]

describe("RoleEnvironment", () => {
  it("sets the credentials with their account, and removes variables of other credentials", () => {
    const stale = {
      PATH: "/bin",
      AWS_PROFILE: "other",
      AWS_DEFAULT_PROFILE: "other",
      AWS_SECURITY_TOKEN: "other",
      AWS_ACCOUNT_ID: "999999999999",
      AWS_SESSION_TOKEN: "other"
    }
    assert.deepStrictEqual(apply(stale, changes(credentials, undefined, stale)), {
      PATH: "/bin",
      AWS_ACCESS_KEY_ID: "ASIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "session",
      AWS_CREDENTIAL_EXPIRATION: "2026-11-24T10:06:25Z",
      AWS_ACCOUNT_ID: "111122223333"
    })
  })

  it("removes a stale account ID when the credentials have no account", () => {
    const stale = { AWS_ACCOUNT_ID: "999999999999" }
    const { set, unset } = changes(withoutAccount, undefined, stale)
    assert.notProperty(set, "AWS_ACCOUNT_ID")
    assert.include(unset, "AWS_ACCOUNT_ID")
    assert.notProperty(apply(stale, { set, unset }), "AWS_ACCOUNT_ID")
  })

  it("takes each region from the environment, from the other variable, or from the profile", () => {
    for (const [environment, profile, expected] of [
      [{}, undefined, [undefined, undefined]],
      [{}, "eu-central-1", ["eu-central-1", "eu-central-1"]],
      [{ AWS_REGION: "us-west-2" }, "eu-central-1", ["us-west-2", "us-west-2"]],
      [{ AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, "eu-central-1", ["us-west-2", "us-west-2"]],
      [{ AWS_REGION: "us-east-2", AWS_DEFAULT_REGION: "us-west-2" }, undefined, ["us-east-2", "us-west-2"]]
    ] as const) {
      assert.deepStrictEqual(regions(changes(credentials, profile, environment)), [...expected])
    }
  })
})
