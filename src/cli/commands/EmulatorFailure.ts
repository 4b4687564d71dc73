/**
 * Why the emulator cannot start.
 */
import * as Schema from "effect/Schema"

/** The server cannot listen. */
export class EmulatorFailure extends Schema.TaggedError<EmulatorFailure>()("EmulatorFailure", {
  host: Schema.String,
  port: Schema.Int,
  /** The error code of the system. */
  code: Schema.String
}) {
  override get message(): string {
    return `cannot listen on port ${this.port} of ${this.host} (${this.code}): choose another port with --port, or 0 for a free port`
  }
}

/** The file with the users and the accounts cannot be used. */
export class EmulatorDataFailure extends Schema.TaggedError<EmulatorDataFailure>()("EmulatorDataFailure", {
  path: Schema.String,
  /** What is wrong, and where. */
  reason: Schema.String
}) {
  override get message(): string {
    return `cannot use ${this.path} for the users and accounts of the emulator (${this.reason}): correct the file, or omit --data`
  }
}
