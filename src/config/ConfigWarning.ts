/**
 * Warnings about the shared files. A program reads the files often, and logs each warning once.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** The warnings that were logged. All fibers of the process share them. */
export const Logged: Context.Reference<Set<string>> = Context.Reference("effect-aws-sso/config/ConfigWarning/Logged", {
  defaultValue: () => new Set()
})

/** Logs a warning, if it was not logged before. */
export const logOnce = (message: string): Effect.Effect<void> =>
  Effect.flatMap(Logged, (logged) => {
    if (logged.has(message)) return Effect.void
    logged.add(message)
    return Effect.logWarning(message)
  })
