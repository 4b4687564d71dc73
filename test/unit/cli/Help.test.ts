import { assert, describe, it } from "@effect/vitest"
import { Context, Option } from "effect"
import type { HelpDoc } from "effect/cli"
import { format } from "../../../src/cli/terminal/Help.ts"

const flag = (name: string, type: string, description: string): HelpDoc.FlagDoc => ({
  name,
  aliases: [],
  type,
  description: Option.some(description),
  required: false
})

const doc: HelpDoc.HelpDoc = {
  description: "Print a valid access token as JSON; a token that expires within 15 minutes is refreshed first",
  usage: "effect-sso token [flags]",
  commandPath: ["effect-sso", "token"],
  annotations: Context.empty(),
  flags: [
    flag("flow", "device|browser", "How to sign in (choices: device, browser)"),
    flag("no-browser", "boolean", "Do not open a browser"),
    flag("credentials-lifetime", "SECONDS", "How long the credentials of a role are valid (default: 3600)")
  ],
  examples: [
    { command: "effect-sso token" },
    { command: "effect-sso token | jq -r .accessToken", description: "Only the token" }
  ]
}

const emphasize = (text: string) => text

describe("Help", () => {
  it("wraps descriptions beside the names of the flags, and below a long name", () => {
    assert.strictEqual(
      format(doc, { columns: 60, emphasize }),
      `DESCRIPTION
  Print a valid access token as JSON; a token that expires
  within 15 minutes is refreshed first

USAGE
  effect-sso token [flags]

FLAGS
  --flow device|browser  How to sign in
  --no-browser           Do not open a browser
  --credentials-lifetime SECONDS
                         How long the credentials of a role
                         are valid (default: 3600)

Run 'effect-sso --help' for the global flags.

EXAMPLES
  effect-sso token
  # Only the token
  effect-sso token | jq -r .accessToken`
    )
  })

  it("takes 80 columns on wide terminals and where there is no terminal", () => {
    const expected = format(doc, { columns: 80, emphasize })
    for (const columns of [0, 200]) assert.strictEqual(format(doc, { columns, emphasize }), expected)
    assert.isAtMost(Math.max(...expected.split("\n").map(({ length }) => length)), 80)
  })

  it("breaks no word, however narrow the terminal is", () => {
    const words = format(doc, { columns: 10, emphasize }).split(/\s+/)
    assert.includeMembers(words, ["refreshed", "device|browser", "(default:"])
  })
})
