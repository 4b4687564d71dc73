/**
 * The users and the accounts of `effect-sso emulator`, from a file that a person has written.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as IdentityCenter from "../../emulator/IdentityCenter.ts"
import { explain } from "../../wire/Redaction.ts"
import { EmulatorDataFailure } from "../terminal/Failure.ts"

const decode = Schema.decodeEffect(Schema.fromJsonString(IdentityCenter.Directory), {
  errors: "all",
  // A member that nobody knows is one that was misspelt
  onExcessProperty: "error"
})

/** Reads them. Fails with an `EmulatorDataFailure` that names the file, and what is wrong where. */
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
      (error) => new EmulatorDataFailure({ path, reason: firstOf(explain(error).split("; ")) })
    )
  }
)

/** Who mends the first few has learnt what is wrong with the others. */
const shown = 3

const firstOf = (issues: ReadonlyArray<string>): string =>
  [...issues.slice(0, shown), ...(issues.length > shown ? [`and ${issues.length - shown} more`] : [])].join("; ")
