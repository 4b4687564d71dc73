import { assert, describe, it } from "@effect/vitest"
import { commandLine } from "../../../src/provider/CommandLine.ts"

describe("CommandLine", () => {
  it("quotes the words of a command that need quotes, and no others", () => {
    assert.strictEqual(
      commandLine(["effect-sso", "login", "--start-url", "https://example.awsapps.com/start"]),
      "effect-sso login --start-url https://example.awsapps.com/start"
    )
    assert.strictEqual(
      commandLine(["a", "my team", "x;id", "$(id)", "it's", ""]),
      String.raw`a 'my team' 'x;id' '$(id)' 'it'\''s' ''`
    )
  })
})
