#!/usr/bin/env node
/**
 * The `effect-sso` command as a process. The usual invocations of AWS tools are served without what the others need.
 */
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"
import * as FastArguments from "./fast/FastArguments.ts"
import { versionLine } from "./terminal/VersionLine.ts"

// In the user's own directory: compiled code is trusted by Node, and a shared temporary directory is open to others.
// Node 20 has no such cache
module.enableCompileCache?.(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "effect-sso"))

/** Runs the command, which logs the warnings first. */
const command = (warnings: ReadonlyArray<unknown>): Promise<void> =>
  import("./EffectSso.ts").then(({ main }) => main(warnings))

/** Prints a line, or leaves it to the command, which reports why it cannot be written. */
const print = (line: string): void => {
  process.stdout.once("error", () => {})
  process.stdout.write(`${line}\n`, (error) => {
    if (error) void command([])
  })
}

const invocation = FastArguments.parse(process.argv.slice(2))

if (invocation === undefined) void command([])
else if (invocation.command === "version") print(versionLine)
else {
  void import("./fast/FastPath.ts")
    .then(({ run }) => run(invocation))
    .then((rest) => (rest === undefined ? undefined : command(rest.warnings)))
}
