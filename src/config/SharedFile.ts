/**
 * One of the two shared files: its location and its text.
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

/**
 * A file exists and cannot be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigReadError extends Schema.TaggedError<ConfigReadError>()("ConfigReadError", {
  path: Schema.String,
  /** The environment variable that can name another file. */
  variable: Variable,
  /** The error of the system, or what is wrong with the file. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be read: make it a readable text file in UTF-8, or name another in ${this.variable} (${this.reason})`
  }
}

/** The location of a file. */
export interface Location {
  readonly variable: typeof Variable.Type
  /** Whether the environment names it. */
  readonly isNamed: boolean
  /** Without a home directory, a leading `~` stays. */
  readonly path: string
  /** Whether there can be a file: not below a `~` without a home directory. */
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

// The byte order mark stays: an edited file keeps it
const decodeUtf8 = (bytes: Uint8Array): Result.Result<string, unknown> =>
  Result.try(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))

// A process substitution, as in `AWS_CONFIG_FILE=<(…)`, is a named pipe, and waits for its writer. Some devices never end
const unsupported: Partial<Record<FileSystem.File.Type, string>> = {
  FIFO: "it is a named pipe",
  Socket: "it is a socket",
  CharacterDevice: "it is a device",
  BlockDevice: "it is a device"
}

/** The text of a file. None if there is no file. */
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
  // The usual way to have no config file
  if (path === "/dev/null") return Option.some("")
  const info = yield* Effect.option(fs.stat(path))
  const problem = Option.isSome(info) ? unsupported[info.value.type] : undefined
  if (problem !== undefined) return yield* unreadable(problem)
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
