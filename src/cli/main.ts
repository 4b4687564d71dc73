#!/usr/bin/env node
/**
 * The `effect-sso` command as a process: keeps its compiled code for the next start, where Node can, and runs the rest.
 */
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

// In the user's own directory: compiled code is trusted by Node, and a shared temporary directory is open to others.
// Node 20 has no such cache
module.enableCompileCache?.(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "effect-sso"))

void import("./EffectSso.ts").then(({ main }) => main())
