#!/usr/bin/env node
/**
 * The `effect-sso` command as a process. The usual invocations of AWS tools are served without what the others need.
 */
import * as module from "node:module"
import { join } from "node:path"
import * as FastArguments from "./fast/FastArguments.ts"
import * as FastOutput from "./fast/FastOutput.ts"
import { versionLine } from "./terminal/VersionLine.ts"

const { HOME, USERPROFILE, XDG_CACHE_HOME } = process.env
const home = HOME || USERPROFILE
const caches = XDG_CACHE_HOME || (home && join(home, ".cache"))
// In the user's own directory: compiled code is trusted by Node, and a shared temporary directory is open to others.
// Node 20 has no such cache
if (caches) module.enableCompileCache?.(join(caches, "effect-sso"))

const command = (): Promise<void> => import("./EffectSso.ts").then(({ main }) => main())

/** What an invocation prints, if it can be served. */
const serve = async (invocation: FastArguments.Invocation): Promise<string | undefined> => {
  if (invocation.command === "version") return versionLine
  const FastPath = await import("./fast/FastPath.ts")
  return FastPath.serve(invocation, process.env, Date.now())
}

const invocation = FastArguments.parse(process.argv.slice(2))

if (invocation === undefined) void command()
else void serve(invocation).then((text) => (text !== undefined && FastOutput.print(text) ? undefined : command()))
