/**
 * One of the two shared files: where it is, and its text.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Location of the shared config and credentials files".
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Home from "./Home.ts"

const Variable = Schema.Literals(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])

/** A file is there and cannot be read. */
export class ConfigReadError extends Schema.TaggedError<ConfigReadError>()("ConfigReadError", {
  path: Schema.String,
  /** The environment variable that names another file in its place. */
  variable: Variable,
  /** What the system said. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be read: make it a readable text file in UTF-8, or name another in ${this.variable} (${this.reason})`
  }
}

/** Where a file is. */
export interface Location {
  readonly variable: typeof Variable.Type
  /** Whether the environment names it. */
  readonly isNamed: boolean
  /** Where there is no home directory, a leading `~` stays. */
  readonly path: string
  /** Whether there can be a file: not below a `~` that means nothing. */
  readonly exists: boolean
}

const defaults = {
  AWS_CONFIG_FILE: "~/.aws/config",
  AWS_SHARED_CREDENTIALS_FILE: "~/.aws/credentials"
}

/** Finds the file that an environment variable names, else the one in the home directory. */
export const locate: (variable: Location["variable"]) => Effect.Effect<Location, Config.ConfigError, Path.Path> =
  Effect.fnUntraced(function* (variable) {
    const named = yield* Config.option(Config.NonEmptyString(variable))
    const written = Option.getOrElse(named, () => defaults[variable])
    const expanded = yield* Home.expand(written)
    return {
      variable,
      isNamed: Option.isSome(named),
      path: Option.getOrElse(expanded, () => written),
      exists: Option.isSome(expanded)
    }
  })

// A byte order mark is left to who reads or edits the text
const decodeUtf8 = (bytes: Uint8Array): Result.Result<string, unknown> =>
  Result.try(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))

/** The text of a file, or none where there is no file. */
export const read: (
  location: Location
) => Effect.Effect<Option.Option<string>, ConfigReadError, FileSystem.FileSystem> = Effect.fnUntraced(function* ({
  exists,
  path,
  variable
}) {
  const fs = yield* FileSystem.FileSystem
  const unreadable = (reason: string) => new ConfigReadError({ path, variable, reason })
  if (!exists) return Option.none()
  const bytes = yield* fs.readFile(path).pipe(
    Effect.asSome,
    Effect.catchTag("PlatformError", (error) =>
      error.reason._tag === "NotFound" ? Effect.succeedNone : Effect.fail(unreadable(error.message))
    )
  )
  if (Option.isNone(bytes)) return Option.none()
  return yield* Effect.fromResult(
    Result.mapBoth(decodeUtf8(bytes.value), {
      onFailure: () => unreadable("it is not text in UTF-8"),
      onSuccess: Option.some
    })
  )
})
