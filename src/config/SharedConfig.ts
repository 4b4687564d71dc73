/**
 * What a person has configured for all AWS tools: the shared `config` and `credentials` files.
 *
 * **When to use**
 *
 * Use `load` to read the files of the person who runs the program, `parse` for texts that are at hand already, `make` in
 * tests.
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
 * This module knows sections and settings, and nothing of what they mean. The syntax of a file is described in
 * `ConfigSyntax.ts`; between and within files:
 *
 * - Sections of one name are one: their settings are merged, and of a key that comes twice the last one counts.
 * - The credentials file comes after the config file. It has profiles alone, `[name]`; the config file has `[default]`,
 *   `[profile name]`, `[sso-session name]` and `[services name]`.
 * - A sub-property is a setting whose key has a dot, as in the AWS SDK for JavaScript: `endpoint_url = …`, indented below
 *   `sso_oidc =`, is `"sso_oidc.endpoint_url"`. The key above it then is no setting of its own. One that comes twice
 *   replaces the former with all its sub-properties.
 * - A section or property whose name has a character that is not allowed (anything but ASCII letters, digits and
 *   `_ - / . % @ : +`) is left out and listed in `ignored`. As the AWS CLI writes it, a name in the config file may stand
 *   in quotes, and may then have spaces.
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
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ConfigSyntax from "./ConfigSyntax.ts"
import * as SharedFile from "./SharedFile.ts"

/**
 * The settings of one section: keys in lower case, values as they were written, trimmed. A setting that was written
 * without a value is an empty string.
 *
 * **Gotchas**
 *
 * The values are plain strings, also those that are secrets, such as `aws_secret_access_key`: wrap one in `Redacted` as
 * soon as it is taken out. Settings that are printed as a whole (by `console.log`, `JSON.stringify`, a logger) show
 * `<redacted>` for each key that names a secret, a token or a password.
 *
 * @category models
 * @since 0.1.0
 */
export type Settings = Readonly<Record<string, string>>

/**
 * Both files as one.
 *
 * @category models
 * @since 0.1.0
 */
export interface SharedConfig {
  /** By the name of the profile. */
  readonly profiles: Readonly<Record<string, Settings>>
  /** By the name of the session, from the config file alone. */
  readonly ssoSessions: Readonly<Record<string, Settings>>
  /** By the name of the section, from the config file alone. Settings of a service are `"service.key"`. */
  readonly services: Readonly<Record<string, Settings>>
  /** What the files say without effect, for a person to mend. */
  readonly ignored: ReadonlyArray<ConfigSyntax.Ignored>
}

export { ConfigParseError, type Ignored } from "./ConfigSyntax.ts"

export { ConfigReadError } from "./SharedFile.ts"

/**
 * A name, key or value is such that no config file reads back the same.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConfigPrintError extends Schema.TaggedError<ConfigPrintError>()("ConfigPrintError", {
  kind: Schema.Literals(["profile", "sso-session", "services"]),
  /** The name of the section. */
  name: Schema.String,
  /** The key that cannot be written, or whose value cannot; absent where the section's name cannot. */
  key: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const section = `[${this.kind} ${this.name}]`
    return this.key === undefined
      ? `${section} cannot be written: name it with ASCII letters, digits and _ - / . % @ : + alone`
      : `"${this.key}" of ${section} cannot be written: a key is of lower-case letters, digits and _ - / . % @ : +, and a value has no whitespace at its ends, no # or ; after whitespace in its first line, and no blank line or comment among the others`
  }
}

const isSecret = (key: string): boolean => /secret|password|token(?!_file)/.test(key)

function redacted(this: Settings): Settings {
  return Object.fromEntries(Object.entries(this).map(([key, value]) => [key, isSecret(key) ? "<redacted>" : value]))
}

// Not enumerable, so that settings still look, compare and spread like the plain records they are.
const SettingsProto: object = Object.create(null, {
  [Inspectable.NodeInspectSymbol]: { value: redacted },
  toJSON: { value: redacted },
  toString: {
    value(this: Settings) {
      return JSON.stringify(this)
    }
  }
})

// Names come from a file: without `Object.prototype`, none of them (`constructor`, `__proto__`) means anything else.
const record = <A>(entries: Iterable<readonly [string, A]>, proto: object | null): Readonly<Record<string, A>> =>
  Object.assign(Object.create(proto), Object.fromEntries(entries))

const sectionsFrom = (
  sections: Iterable<readonly [string, Iterable<readonly [string, string]>]>
): Readonly<Record<string, Settings>> =>
  record(
    Array.from(sections, ([name, settings]) => [name, record(settings, SettingsProto)] as const),
    null
  )

/**
 * Makes a `SharedConfig` of plain records, with keys in lower case.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (sections: {
  readonly profiles?: Readonly<Record<string, Settings>>
  readonly ssoSessions?: Readonly<Record<string, Settings>>
  readonly services?: Readonly<Record<string, Settings>>
}): SharedConfig => {
  const copy = (of: Readonly<Record<string, Settings>> = {}) =>
    sectionsFrom(Object.entries(of).map(([name, settings]) => [name, Object.entries(settings)]))
  return {
    profiles: copy(sections.profiles),
    ssoSessions: copy(sections.ssoSessions),
    services: copy(sections.services),
    ignored: []
  }
}

// Of two that come to the same key (`a.b = …`, and `b = …` below `a =`) the later one counts, here too.
const flatten = (properties: Iterable<ConfigSyntax.Property>): Iterable<readonly [string, string]> =>
  Array.from(properties).flatMap(({ key, value, nested }) =>
    nested.size === 0
      ? [[key, value] as const]
      : Array.from(nested, ([name, value]) => [`${key}.${name}`, value] as const)
  )

const merge = (files: ReadonlyArray<ConfigSyntax.Contents>): SharedConfig => {
  const sections = files.flatMap((file) => file.sections)
  const ofKind = (kind: ConfigSyntax.SectionKind) => {
    const merged = new Map<string, Map<string, ConfigSyntax.Property>>()
    for (const { name, properties } of sections.filter((section) => section.kind === kind)) {
      const section = merged.get(name) ?? new Map<string, ConfigSyntax.Property>()
      merged.set(name, section)
      for (const property of properties) {
        section.delete(property.key)
        section.set(property.key, property)
      }
    }
    return sectionsFrom(Array.from(merged, ([name, section]) => [name, flatten(section.values())] as const))
  }
  return {
    profiles: ofKind("profile"),
    ssoSessions: ofKind("sso-session"),
    services: ofKind("services"),
    ignored: files.flatMap((file) => file.ignored)
  }
}

interface Source {
  /** How errors name the file. */
  readonly file: string
  readonly text: string
}

const parseSources = (sources: {
  readonly config: Source
  readonly credentials: Source
}): Result.Result<SharedConfig, ConfigSyntax.ConfigParseError> =>
  Result.map(
    Result.all([
      ConfigSyntax.read({ kind: "config", ...sources.config }),
      ConfigSyntax.read({ kind: "credentials", ...sources.credentials })
    ]),
    merge
  )

/**
 * Reads the texts of the two files. One that is left out is empty.
 *
 * **Details**
 *
 * Fails at the first line that breaks the syntax, with `config` or `credentials` as the name of the file.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (texts: {
  readonly config?: string | undefined
  readonly credentials?: string | undefined
}): Result.Result<SharedConfig, ConfigSyntax.ConfigParseError> =>
  parseSources({
    config: { file: "config", text: texts.config ?? "" },
    credentials: { file: "credentials", text: texts.credentials ?? "" }
  })

const readSource = Effect.fnUntraced(function* (variable: SharedFile.Location["variable"]) {
  const location = yield* SharedFile.locate(variable)
  const { isNamed, path } = location
  const text = yield* SharedFile.read(location)
  if (Option.isNone(text) && isNamed) yield* Effect.logWarning(`${variable} names a file that does not exist: ${path}`)
  return { file: path, text: Option.getOrElse(text, () => "") }
})

/**
 * Reads the files of the person who runs the program, anew each time it is run.
 *
 * **Details**
 *
 * The config file is `AWS_CONFIG_FILE`, by default `~/.aws/config`; the credentials file is
 * `AWS_SHARED_CREDENTIALS_FILE`, by default `~/.aws/credentials`. A leading `~` is the home directory: `HOME`, else
 * `USERPROFILE`, else `HOMEDRIVE` and `HOMEPATH`; where none of them is set, nothing exists below `~`.
 *
 * A file that does not exist is an empty one. That holds for a file that the environment names too, as in the official
 * SDKs: a warning is logged. What is `ignored` is logged at debug level.
 *
 * **Errors**
 *
 * - `ConfigReadError`: a file exists and cannot be read, or is not text in UTF-8.
 * - `ConfigParseError`: a file breaks the syntax; `file` is its path.
 * - `ConfigError`: the environment itself cannot be read.
 *
 * @category loading
 * @since 0.1.0
 */
export const load: Effect.Effect<
  SharedConfig,
  ConfigSyntax.ConfigParseError | SharedFile.ConfigReadError | Config.ConfigError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const config = yield* readSource("AWS_CONFIG_FILE")
  const credentials = yield* readSource("AWS_SHARED_CREDENTIALS_FILE")
  const shared = yield* Effect.fromResult(parseSources({ config, credentials }))
  for (const { file, line, what } of shared.ignored) yield* Effect.logDebug(`${file}, line ${line}: ignored ${what}`)
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
 * The name of the profile that is meant where a program names none: `AWS_PROFILE`, else `default`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const chosenProfile: Effect.Effect<string, Config.ConfigError> = Effect.map(
  Config.option(Config.String("AWS_PROFILE")),
  Option.match({ onNone: () => "default", onSome: (name) => (name.trim() === "" ? "default" : name.trim()) })
)

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
 * The settings of a `[services name]` section, by its exact name: that which a profile gives as `services = name`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const servicesSection: {
  (name: string): (self: SharedConfig) => Option.Option<Settings>
  (self: SharedConfig, name: string): Option.Option<Settings>
} = dual(2, (self: SharedConfig, name: string) => Option.fromNullishOr(self.services[name]))

/**
 * The value of a setting; none where it is there without a value.
 *
 * @category accessors
 * @since 0.1.0
 */
export const setting = (settings: Settings, key: string): string | undefined =>
  settings[key] === "" ? undefined : settings[key]

/**
 * Writes a `SharedConfig` as the text of one config file, from which `parse` reads the same back. What it had `ignored`
 * is not in it.
 *
 * **Gotchas**
 *
 * The text has every value as it is, secrets too.
 *
 * @category printing
 * @since 0.1.0
 */
export const print = (self: SharedConfig): Result.Result<string, ConfigPrintError> => {
  const write = (kind: ConfigSyntax.SectionKind, sections: Readonly<Record<string, Settings>>) =>
    Object.entries(sections).map(([name, settings]) =>
      Result.mapError(
        ConfigSyntax.write(kind, name, settings),
        (problem) => new ConfigPrintError({ kind, name, ...problem })
      )
    )
  return Result.map(
    Result.all([
      ...write("profile", self.profiles),
      ...write("sso-session", self.ssoSessions),
      ...write("services", self.services)
    ]),
    (sections) => sections.map((section) => `${section}\n`).join("\n")
  )
}
