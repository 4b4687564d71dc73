/**
 * A process that wants the token of a session, with the official library for JavaScript.
 *
 * It says `ready`, answers each line of its standard input with one line, and ends with its standard input. A line names
 * the `profile`. Where files and service are, the environment says, as to any program.
 */
import { fromSso } from "@aws-sdk/token-providers"
import { createInterface } from "node:readline"

const lines = createInterface({ input: process.stdin })
process.stdout.write("ready\n")
for await (const line of lines) {
  const answer = await fromSso(JSON.parse(line))().then(
    ({ token }) => ({ accessToken: token }),
    ({ message, name }) => ({ error: name, message })
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
