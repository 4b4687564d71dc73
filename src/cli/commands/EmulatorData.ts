/**
 * Reads the users and the accounts of `effect-sso emulator` from a file.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as IdentityCenter from "../../emulator/IdentityCenter.ts"
import { describeSchemaError } from "../../wire/Redaction.ts"
import { EmulatorDataFailure } from "./EmulatorFailure.ts"

const decode = Schema.decodeEffect(Schema.fromJsonString(IdentityCenter.Directory), {
  errors: "all",
  // An unknown member is likely to be misspelt
  onExcessProperty: "error"
})

/** Reads the file. Fails with an `EmulatorDataFailure` that says what is wrong, and where. */
export const read: (
  path: string
) => Effect.Effect<IdentityCenter.Directory, EmulatorDataFailure, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (path) {
    const fs = yield* FileSystem.FileSystem
    const text = yield* Effect.mapError(
      fs.readFileString(path),
      ({ message }) => new EmulatorDataFailure({ path, reason: message })
    )
    return yield* Effect.mapError(
      decode(text),
      (error) => new EmulatorDataFailure({ path, reason: firstOf(describeSchemaError(error).split("; ")) })
    )
  }
)

/** A user who has corrected the first few knows how to correct the others. */
const shown = 3

const firstOf = (issues: ReadonlyArray<string>): string =>
  [...issues.slice(0, shown), ...(issues.length > shown ? [`and ${issues.length - shown} more`] : [])].join("; ")
