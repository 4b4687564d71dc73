/**
 * The settings that a user has for all AWS tools: the shared `config` and `credentials` files.
 *
 * **When to use**
 *
 * Use `load` to read the files of the current user, and `parse` to read texts.
 *
 * **Example** (Reading the settings of a session)
 *
 * ```ts
 * import { Effect, Option } from "effect"
 * import { SharedConfig } from "effect-aws-sso"
 *
 * const startUrl = Effect.gen(function*() {
 *   const config = yield* SharedConfig.load
 *   return Option.map(SharedConfig.ssoSession(config, "my-team"), (session) => session.sso_start_url)
 * })
 * ```
 *
 * **Details**
 *
 * This module reads sections and settings. It does not interpret them.
 *
 * - Each line is `key = value` or, as the AWS CLI also reads it, `key: value`. A line that is indented deeper than the
 *   property above it continues that property. A section whose lines are all indented is read like any other.
 * - Sections of one name are merged. If a key occurs twice, the last one has effect.
 * - The credentials file comes after the config file. It has only profiles, `[name]`; the config file has `[default]`,
 *   `[profile name]`, `[sso-session name]` and `[services name]`.
 * - A sub-property is a setting whose key has a dot, as in the AWS SDK for JavaScript: `endpoint_url = …`, indented below
 *   `sso_oidc =`, is `"sso_oidc.endpoint_url"`. The key above it is then not a setting itself. If the key occurs twice, the
 *   second one replaces the first one with all its sub-properties.
 * - A name of a section has letters of any language, digits and `_ - / . % @ : + ( ) & , ~`. In the config file it can be
 *   in quotes, as the AWS CLI writes it, and then have spaces. A key has ASCII letters, digits and `_ - / . % @ : +`. A
 *   section or key with any other name has no effect, and is listed in `ignored`.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files" and "Location of the shared config
 * and credentials files".
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { ConfigParseError } from "./ConfigParseError.ts"
import type * as ConfigSyntax from "./ConfigSyntax.ts"
import * as ConfigWarning from "./ConfigWarning.ts"
import * as MergedSections from "./MergedSections.ts"
import type { Settings } from "./Settings.ts"
import * as SharedFile from "./SharedFile.ts"

/**
 * Both files as one.
 *
 * @category models
 * @since 0.1.0
 */
export interface SharedConfig {
  /** By the name of the profile. */
  readonly profiles: Readonly<Record<string, Settings>>
  /** By the name of the session, from the config file only. */
  readonly ssoSessions: Readonly<Record<string, Settings>>
  /** By the name of the section, from the config file only. The key of a setting of a service is `"service.key"`. */
  readonly services: Readonly<Record<string, Settings>>
  /** The parts of the files that have no effect. */
  readonly ignored: ReadonlyArray<ConfigSyntax.Ignored>
}

export { ConfigParseError } from "./ConfigParseError.ts"

export type { Ignored } from "./ConfigSyntax.ts"

export type { Settings } from "./Settings.ts"

export { ConfigReadError } from "./SharedFile.ts"

const parseSources = (
  sources: Parameters<typeof MergedSections.read>[0]
): Result.Result<SharedConfig, ConfigParseError> =>
  Result.mapError(MergedSections.read(sources), (line) => new ConfigParseError(line))

/**
 * Reads the texts of the two files.
 *
 * **Details**
 *
 * Fails at the first line that breaks the syntax. The error names the file as `config` or `credentials`.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (texts: {
  /** The text of the config file. Empty by default. */
  readonly config?: string | undefined
  /** The text of the credentials file. Empty by default. */
  readonly credentials?: string | undefined
}): Result.Result<SharedConfig, ConfigParseError> =>
  parseSources({
    config: { file: "config", text: texts.config ?? "" },
    credentials: { file: "credentials", text: texts.credentials ?? "" }
  })

const readSource = Effect.fnUntraced(function* (variable: SharedFile.Location["variable"]) {
  const location = yield* SharedFile.locate(variable)
  const { isNamed, path } = location
  const text = yield* SharedFile.read(location)
  if (Option.isNone(text) && isNamed) {
    yield* ConfigWarning.logOnce(`${variable} names a file that does not exist: ${path}`)
  }
  return { file: path, text: Option.getOrElse(text, () => "") }
})

/**
 * Reads the files of the current user. Reads them again each time the effect runs.
 *
 * **Details**
 *
 * The config file is `AWS_CONFIG_FILE`, by default `~/.aws/config`; the credentials file is
 * `AWS_SHARED_CREDENTIALS_FILE`, by default `~/.aws/credentials`. A leading `~` is the home directory: `HOME`, else
 * `USERPROFILE`, else `HOMEDRIVE` and `HOMEPATH`. If none of them is set, there are no files below `~`.
 *
 * A file that does not exist is empty. If the environment names it, a warning is logged, as the official SDKs accept it
 * too. `/dev/null` is empty.
 *
 * A mistake that has no effect, such as an invalid name, is logged as a warning with its file and line. Each warning is
 * logged once in the life of the process. The rest of what is `ignored` is logged at debug level.
 *
 * **Errors**
 *
 * - `ConfigReadError`: a file exists and cannot be read, is a named pipe or a device, or is not text in UTF-8
 * - `ConfigParseError`: the syntax of a file is broken; `file` is its path
 * - `ConfigError`: the environment cannot be read
 *
 * @category loading
 * @since 0.1.0
 */
export const load: Effect.Effect<
  SharedConfig,
  ConfigParseError | SharedFile.ConfigReadError | Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const config = yield* readSource("AWS_CONFIG_FILE")
  const credentials = yield* readSource("AWS_SHARED_CREDENTIALS_FILE")
  const shared = yield* Effect.fromResult(parseSources({ config, credentials }))
  for (const { file, isMistake, line, what } of shared.ignored) {
    const message = `${file}, line ${line}: ignored ${what}`
    yield* isMistake ? ConfigWarning.logOnce(message) : Effect.logDebug(message)
  }
  return shared
})

/**
 * The settings of a profile, by its exact name.
 *
 * @category accessors
 * @since 0.1.0
 */
export const profile: {
  (name: string): (self: SharedConfig) => Option.Option<Settings>
  (self: SharedConfig, name: string): Option.Option<Settings>
} = dual(2, (self: SharedConfig, name: string) => Option.fromNullishOr(self.profiles[name]))

/**
 * The name of the profile that is used by default: `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`, else `default`.
 *
 * **Details**
 *
 * The order is that of the AWS CLI 2. The AWS CLI 1 and botocore read `AWS_DEFAULT_PROFILE` first.
 *
 * @category accessors
 * @since 0.1.0
 */
export const chosenProfile: Effect.Effect<string, Config.ConfigError> = Effect.gen(function* () {
  for (const variable of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) {
    const name = Option.getOrElse(yield* Config.option(Config.String(variable)), () => "").trim()
    if (name !== "") return name
  }
  return "default"
})

/**
 * The settings of an `[sso-session name]` section, by its exact name.
 *
 * @category accessors
 * @since 0.1.0
 */
export const ssoSession: {
  (name: string): (self: SharedConfig) => Option.Option<Settings>
  (self: SharedConfig, name: string): Option.Option<Settings>
} = dual(2, (self: SharedConfig, name: string) => Option.fromNullishOr(self.ssoSessions[name]))

/**
 * The settings of a `[services name]` section, by its exact name: the `services` of a profile.
 *
 * @category accessors
 * @since 0.1.0
 */
export const servicesSection: {
  (name: string): (self: SharedConfig) => Option.Option<Settings>
  (self: SharedConfig, name: string): Option.Option<Settings>
} = dual(2, (self: SharedConfig, name: string) => Option.fromNullishOr(self.services[name]))

/**
 * The ignored section that was probably meant to have a name, such as `[dev]` in the config file, for `[profile dev]`.
 *
 * @category accessors
 * @since 0.2.0
 */
export const ignoredSection = (self: SharedConfig, name: string): ConfigSyntax.Ignored | undefined =>
  self.ignored.find(({ header }) => {
    const text = header === undefined ? "" : Redacted.value(header).replaceAll(/["']/g, "")
    return text === name || text.endsWith(` ${name}`)
  })

/**
 * The value of a setting. A setting without a value is not set.
 *
 * @category accessors
 * @since 0.1.0
 */
export const setting = (settings: Settings, key: string): string | undefined =>
  settings[key] === "" ? undefined : settings[key]
