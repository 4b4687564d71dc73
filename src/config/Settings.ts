/**
 * The settings of one section, with secrets that do not show when they are printed.
 */
import * as Inspectable from "effect/Inspectable"

/**
 * The settings of one section: keys in lower case, values as they are written, trimmed. A setting without a value is an
 * empty string.
 *
 * **Gotchas**
 *
 * The values are plain strings, and some are secrets, such as `aws_secret_access_key`: wrap a secret in `Redacted` as soon
 * as you take it out. When settings are printed as a whole (by `console.log`, `JSON.stringify` or a logger), each value
 * whose key names a secret, a token or a password is shown as `<redacted>`.
 *
 * @category models
 * @since 0.1.0
 */
export type Settings = Readonly<Record<string, string>>

const isSecret = (key: string): boolean => /secret|password|token(?!_file)/.test(key)

function redacted(this: Settings): Settings {
  return Object.fromEntries(Object.entries(this).map(([key, value]) => [key, isSecret(key) ? "<redacted>" : value]))
}

// Not enumerable, so that settings still print, compare and spread like plain records
const SettingsProto: object = Object.create(null, {
  [Inspectable.NodeInspectSymbol]: { value: redacted },
  toJSON: { value: redacted },
  toString: {
    value(this: Settings) {
      return JSON.stringify(this)
    }
  }
})

// Names come from a file: without `Object.prototype`, none of them (`constructor`, `__proto__`) has another meaning
const record = <A>(entries: Iterable<readonly [string, A]>, proto: object | null): Readonly<Record<string, A>> =>
  Object.assign(Object.create(proto), Object.fromEntries(entries))

/** Makes the settings of sections, by the name of the section. */
export const make = (
  sections: Iterable<readonly [name: string, settings: Iterable<readonly [key: string, value: string]>]>
): Readonly<Record<string, Settings>> =>
  record(
    Array.from(sections, ([name, settings]) => [name, record(settings, SettingsProto)] as const),
    null
  )
