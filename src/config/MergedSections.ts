/**
 * The sections of both shared files as one. Pure: it reads no file.
 */
import * as Result from "effect/Result"
import type * as ConfigLine from "./ConfigLine.ts"
import * as ConfigSyntax from "./ConfigSyntax.ts"
import { make } from "./Settings.ts"
import type { SharedConfig } from "./SharedConfig.ts"

// Of two that have the same key in the end (`a.b = …`, and `b = …` below `a =`), the later one has effect too
const flatten = (properties: Iterable<ConfigSyntax.Property>): Iterable<readonly [string, string]> =>
  Array.from(properties).flatMap(({ key, nested, value }) =>
    nested.size === 0
      ? [[key, value] as const]
      : Array.from(nested, ([name, value]) => [`${key}.${name}`, value] as const)
  )

/** Merges the sections of all files, in their order. */
const merge = (files: ReadonlyArray<ConfigSyntax.Contents>): SharedConfig => {
  const sections = files.flatMap((file) => file.sections)
  const ofKind = (kind: ConfigLine.SectionKind) => {
    const merged = new Map<string, Map<string, ConfigSyntax.Property>>()
    for (const { name, properties } of sections.filter((section) => section.kind === kind)) {
      const section = merged.get(name) ?? new Map<string, ConfigSyntax.Property>()
      merged.set(name, section)
      for (const property of properties) {
        section.delete(property.key)
        section.set(property.key, property)
      }
    }
    return make(Array.from(merged, ([name, section]) => [name, flatten(section.values())] as const))
  }
  return {
    profiles: ofKind("profile"),
    ssoSessions: ofKind("sso-session"),
    services: ofKind("services"),
    ignored: files.flatMap((file) => file.ignored)
  }
}

/** A file. */
export interface Source {
  /** How errors name the file. */
  readonly file: string
  readonly text: string
}

/** Reads both files. The credentials file comes after the config file. */
export const read = (sources: {
  readonly config: Source
  readonly credentials: Source
}): Result.Result<SharedConfig, ConfigSyntax.BrokenLine> =>
  Result.map(
    Result.all([
      ConfigSyntax.read({ kind: "config", ...sources.config }),
      ConfigSyntax.read({ kind: "credentials", ...sources.credentials })
    ]),
    merge
  )
