/**
 * Reports a failure of a command: in one line on standard error, which says what to do next.
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as NetworkSettings from "../../node/NetworkSettings.ts"
import * as Advice from "./Advice.ts"
import type { Failure } from "./Failure.ts"
import { networkAdvice } from "./NetworkAdvice.ts"
import { ofCommand } from "./SafeText.ts"
import { Stderr } from "./Stderr.ts"

/** The command failed, and the user has read why. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exitCode: number }> {
  override get [Runtime.errorExitCode](): number {
    return this.exitCode
  }
}

const kindOf = (defect: unknown): string => (defect instanceof Error ? defect.name : typeof defect)

/** Writes what happened and what to do next. */
const failure = (failure: Failure, advisee: Advice.Advisee): Effect.Effect<void, never, Stderr> =>
  Effect.gen(function* () {
    const { say } = yield* Stderr
    const settings = yield* NetworkSettings.load
    yield* say(ofCommand(Advice.explain(failure, advisee) + networkAdvice(failure, settings)))
  })

/** Writes the kind of a defect: its message can hold anything. The debug log has the rest. */
const defect = (cause: Cause.Cause<unknown>): Effect.Effect<void, never, Stderr> =>
  Effect.gen(function* () {
    const { say } = yield* Stderr
    const [kind] = cause.reasons.filter(Cause.isDieReason).map(({ defect }) => kindOf(defect))
    yield* say(
      ofCommand(`unexpected error (${kind ?? "unknown"}): run the command again with --log-level debug, and report it`)
    )
    yield* Effect.logDebug("unexpected error", cause)
  })

/** Writes why a command failed, where it fails. To be used where the log level of the command is known. */
export const failures =
  (advisee: Advice.Advisee) =>
  <A, E extends Failure, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, Reported, R | Stderr> =>
    self.pipe(
      Effect.tapError((error) => failure(error, advisee)),
      Effect.mapError((error) => new Reported({ exitCode: Runtime.getErrorExitCode(error) })),
      defects
    )

/** Writes that there is a defect, where there is one. */
export const defects = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Reported, R | Stderr> =>
  Effect.catchCauseIf(self, Cause.hasDies, (cause) =>
    Effect.andThen(defect(cause), Effect.fail(new Reported({ exitCode: 1 })))
  )
