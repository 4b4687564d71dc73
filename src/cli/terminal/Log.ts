/**
 * Log lines, on standard error.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { LogLevel } from "effect/LogLevel"
import { ofCommand, safe } from "./SafeText.ts"
import { Stderr } from "./Stderr.ts"

const prefixes: { readonly [level in LogLevel]: string } = {
  All: "",
  Trace: "trace: ",
  Debug: "debug: ",
  Info: "",
  Warn: "warning: ",
  Error: "error: ",
  Fatal: "error: ",
  None: ""
}

/** A word that can be a secret: long, with letters and digits. */
const opaque = /(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{16,}/g

/** What an error quotes, such as the beginning of a file: from the first quote of a line to the last one. */
const quotation = /".*"|".*$/g

/** A cause in lines: its errors without what can be a secret in their messages, and where they come from. */
const describe = (cause: Cause.Cause<unknown>): string =>
  Cause.pretty(cause)
    .split("\n")
    .map((line) =>
      /^\s+at /.test(line) ? line : line.replaceAll(quotation, '"<redacted>"').replaceAll(opaque, "<redacted>")
    )
    .map(safe)
    .join("\n")

/**
 * Logs to standard error, one line for each message, and more for a cause. A warning is shown once: the config file is
 * read for the session and for the client.
 */
export const layer: Layer.Layer<never, never, Stderr> = Logger.layer([
  Effect.map(Stderr, ({ saySync }) => {
    const shown = new Set<string>()
    return Logger.make<unknown, void>(({ cause, logLevel, message }) => {
      const parts = (Array.isArray(message) ? message : [message]).map((part) => Inspectable.toStringUnknown(part))
      const line = ofCommand(`${prefixes[logLevel]}${parts.join(" ")}`)
      if (logLevel === "Warn" && shown.has(line)) return
      shown.add(line)
      saySync(cause.reasons.length === 0 ? line : `${line}\n${describe(cause)}`)
    })
  })
])
