#!/usr/bin/env node
/** The `effect-sso` command: loads what it needs, or says what is missing. */
const failed = (error: unknown): void => {
  const missing = /^Cannot find package '([^']+)'/.exec(error instanceof Error ? error.message : "")?.[1]
  console.error(
    missing === undefined
      ? `effect-sso: the command cannot be loaded (${String(error)}): install effect-aws-sso again`
      : `effect-sso: the command needs ${missing}: run \`npm install ${missing}\``
  )
  process.exitCode = 1
}

import("./EffectSso.ts").then(({ main }) => main(), failed)
