import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import packageJson from "../../../package.json" with { type: "json" }
import * as UserAgent from "../../../src/wire/UserAgent.ts"
import { version } from "../../../src/wire/PackageVersion.ts"

const chrome = {
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
}

const prefix = `effect-aws-sso/${version} ua/2.1`

describe("version", () => {
  it("is the version of the package", () => {
    assert.strictEqual(version, packageJson.version)
  })
})

describe("UserAgent.headers", () => {
  it("names this runtime", () => {
    assert.deepStrictEqual(UserAgent.headers(), {
      "user-agent": `${prefix} os/${process.platform} lang/js md/nodejs#${process.versions.node}`
    })
  })

  it.each([
    ["Node", { process: { platform: "linux", versions: { node: "24.1.0" } } }, "os/linux lang/js md/nodejs#24.1.0"],
    [
      "Bun, which stands in for Node",
      { process: { platform: "darwin", versions: { node: "24.3.0", bun: "1.2.3" } } },
      "os/darwin lang/js md/bun#1.2.3"
    ],
    [
      "Deno, which has a navigator too",
      {
        process: { platform: "win32", versions: { node: "24", deno: "2.5.0" } },
        navigator: { userAgent: "Deno/2.5.0" }
      },
      "os/win32 lang/js md/deno#2.5.0"
    ],
    ["an edge runtime", { navigator: { userAgent: "Cloudflare-Workers" } }, "os/other lang/js"],
    [
      "a test of the web on Node",
      { process: { platform: "linux", versions: { node: "24.1.0" } }, navigator: chrome },
      "os/linux lang/js md/nodejs#24.1.0"
    ],
    ["a bundler's stand-in for a process", { process: { env: {}, versions: {} } }, "os/other lang/js"],
    ["nothing at all", {}, "os/other lang/js"]
  ])("name %s in `user-agent`", (_, host, agent) => {
    assert.deepStrictEqual(UserAgent.headers({ host }), { "user-agent": `${prefix} ${agent}` })
  })

  it("use `x-amz-user-agent` in a browser, where a program cannot set `user-agent`", () => {
    assert.deepStrictEqual(UserAgent.headers({ host: { navigator: chrome } }), {
      "x-amz-user-agent": `${prefix} os/other lang/js md/browser`
    })
  })

  it("end with the name of the application", () => {
    const { "user-agent": agent = "" } = UserAgent.headers({ appId: "my-tool" })
    assert.isTrue(agent.endsWith(" app/my-tool"), agent)
  })
})

describe("UserAgent.isAppId", () => {
  it.each([["a"], ["my-tool_1.0"], ["!#$%&'*+-.^_`|~"], ["a".repeat(50)]])("accepts %s", (appId) => {
    assert.isTrue(UserAgent.isAppId(appId))
  })

  it.each([[""], ["my tool"], ["a/b"], ["a\n"], ["é"], ["a".repeat(51)]])("refuses %j", (appId) => {
    assert.isFalse(UserAgent.isAppId(appId))
  })

  it.prop("accepts only names that a header can contain", [Schema.String], ([appId]) => {
    if (UserAgent.isAppId(appId)) assert.doesNotThrow(() => new Headers(UserAgent.headers({ appId })))
  })
})
