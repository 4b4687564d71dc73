// Runs the tests, and then checks two rules: no secret in any output, and in CI no skipped test. `--sample` runs the
// sample of `npm test`, without the tests that are tagged as slow. Other arguments go to Vitest. The last line counts the
// tests, from Vitest's own report.
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, rmSync } from "node:fs"

const isSample = process.argv.includes("--sample")
const args = process.argv.slice(2).filter((argument) => argument !== "--sample")

const report = "node_modules/.cache/test/report.json"

// What the emulator's secrets, and those of the tests themselves, have in common.
const secret =
  /emulated-(access|refresh|client-secret|device-code|authorization-code|secret-access-key|session-token)-\w|\bsekret\b/

rmSync(report, { force: true })
mkdirSync("node_modules/.cache/test", { recursive: true })

const vitest = spawn(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...(isSample ? ["--tags-filter=!slow"] : []),
    ...args
  ],
  {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TEST_SAMPLE: String(isSample),
      ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {})
    }
  }
)

const output = []
for (const [from, to] of [
  [vitest.stdout, process.stdout],
  [vitest.stderr, process.stderr]
]) {
  from.on("data", (chunk) => {
    output.push(chunk)
    to.write(chunk)
  })
}

const code = await new Promise((resolve) => vitest.on("close", resolve))
const problems = []

const leaks = Buffer.concat(output)
  .toString("utf8")
  .split("\n")
  .filter((line) => secret.test(line))
if (leaks.length > 0) problems.push(`${leaks.length} lines of the output hold a secret`)

let counts
try {
  counts = JSON.parse(readFileSync(report, "utf8"))
} catch {
  problems.push("the tests left no report")
}

// A file that fails outside of its tests has no failed test
for (const { assertionResults, message, name, status } of counts?.testResults ?? []) {
  if (status === "failed" && assertionResults.every(({ status }) => status !== "failed")) {
    problems.push(`${name} failed: ${message}`)
  }
}

const notRun = (counts?.testResults ?? []).flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => status !== "passed" && status !== "failed")
)
const isLeftOut = ({ tags }) => isSample && tags.includes("slow")
const leftOut = notRun.filter(isLeftOut)
const skipped = notRun.filter((test) => !isLeftOut(test)).map(({ fullName }) => fullName)
if (leftOut.length > 0) console.log(`${leftOut.length} slow tests are left to npm run test:all`)
for (const name of skipped) console.log(`skipped: ${name}`)
if (process.env.CI && skipped.length > 0) problems.push("in CI no test may be skipped")

for (const problem of problems) console.error(problem)
const failed = (counts?.numFailedTests ?? 0) + problems.length
const skips = skipped.length > 0 ? `, ${skipped.length} skipped` : ""
console.log(`${counts?.numPassedTests ?? 0} passed, ${failed} failed${skips}`)
process.exitCode = code === 0 && problems.length === 0 ? 0 : 1
