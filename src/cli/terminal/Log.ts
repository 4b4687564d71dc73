/**
 * Log lines, on standard error.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { LogLevel } from "effect/LogLevel"
import { ofCommand } from "./SafeText.ts"
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

/**
 * Logs to standard error, one line for each message. A warning is shown once: the config file is read for the session and
 * for the client.
 */
export const layer: Layer.Layer<never, never, Stderr> = Logger.layer([
  Effect.map(Stderr, ({ saySync }) => {
    const shown = new Set<string>()
    return Logger.make<unknown, void>(({ cause, logLevel, message }) => {
      const parts = (Array.isArray(message) ? message : [message]).map((part) => Inspectable.toStringUnknown(part))
      if (cause.reasons.length > 0) parts.push(Cause.pretty(cause))
      const line = ofCommand(`${prefixes[logLevel]}${parts.join(" ")}`)
      if (logLevel !== "Warn" || !shown.has(line)) saySync(line)
      shown.add(line)
    })
  })
])
