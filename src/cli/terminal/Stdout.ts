/**
 * Standard output: for data, and for the help that the user asked for.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { systemCode } from "../../wire/SystemCode.ts"

/** Standard output could not be written, such as on a full disk. */
export class OutputNotWritten extends Schema.TaggedError<OutputNotWritten>()("OutputNotWritten", {
  /** The error code of the system. */
  code: Schema.String
}) {
  override get message(): string {
    return `cannot write to standard output (${this.code}): check the free disk space`
  }
}

/**
 * Fails where what a command printed could not be written: the console of Node loses such errors.
 *
 * **Details**
 *
 * A reader that closes the pipe, such as `head`, has read enough: that is no failure.
 */
export const checked = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | OutputNotWritten, R> =>
  Effect.suspend(() => {
    const codes: Array<string> = []
    const note = (error: unknown): void => {
      codes.push(systemCode(error) ?? "unknown")
    }
    // For the life of the process: an error without a listener would end it
    process.stdout.on("error", note)
    /** Waits until what was written so far has left the process. */
    const flushed = Effect.callback<void, OutputNotWritten>((resume) => {
      process.stdout.write("", (error) => {
        if (error) note(error)
        const [first = "EPIPE"] = codes
        resume(first === "EPIPE" ? Effect.void : Effect.fail(new OutputNotWritten({ code: first })))
      })
    })
    return Effect.tap(self, flushed)
  })
