/**
 * The home directory of the user, where the AWS CLI and the SDKs keep their files.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"

/**
 * The home directory: `HOME`, else `USERPROFILE`, else `HOMEDRIVE` (by default `C:`) and `HOMEPATH`.
 *
 * **Details**
 *
 * This is the order of the official SDKs, also on Windows. An empty variable counts as unset. If none of them is set, there
 * is no home directory: the system's list of users is not read.
 */
export const directory: Config.Config<Option.Option<string>> = Config.NonEmptyString("HOME").pipe(
  Config.orElse(() => Config.NonEmptyString("USERPROFILE")),
  Config.orElse(() =>
    Config.all([Config.String("HOMEDRIVE").pipe(Config.withDefault("C:")), Config.NonEmptyString("HOMEPATH")]).pipe(
      Config.map(([drive, path]) => `${drive}${path}`)
    )
  ),
  Config.option
)

/**
 * Replaces a leading `~`, alone or before a slash (or backslash), by the home directory. `~name` stays, as in the SDKs.
 * `None` if there is a `~` and no home directory.
 */
export const expand: (path: string) => Effect.Effect<Option.Option<string>, Config.ConfigError, Path.Path> =
  Effect.fnUntraced(function* (path) {
    if (!/^~(?:[/\\]|$)/.test(path)) return Option.some(path)
    const { join } = yield* Path.Path
    return Option.map(yield* directory, (home) => join(home, path.slice(1)))
  })
