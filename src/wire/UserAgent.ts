/**
 * How the library names itself to the service.
 *
 * **Details**
 *
 * `effect-aws-sso/0.2.0 ua/2.1 os/linux lang/js md/nodejs#22.19.0 app/my-tool`: the form of all AWS SDKs. What the
 * runtime tells is read without an import, so that any runtime can load this module.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Application ID".
 */
import * as Predicate from "effect/Predicate"
import { version } from "./PackageVersion.ts"

/** How the name of an application looks, in words. */
export const appIdForm = "up to 50 letters, digits and any of !#$%&'*+-.^_`|~"

/** Whether a text can name an application. */
export const isAppId = (value: string): boolean => /^[\w!#$%&'*+\-.^`|~]{1,50}$/.test(value)

/**
 * The header that tells the service who calls: `user-agent`, or `x-amz-user-agent` in a browser, which keeps the other to
 * itself.
 *
 * - `appId`: the name of the application; none by default
 * - `host`: where to look for the runtime; `globalThis` by default
 */
export const headers = (options?: {
  readonly appId?: string | undefined
  readonly host?: unknown
}): Readonly<Record<string, string>> => {
  const host = options?.host ?? globalThis
  const runtime = outsideBrowsers(host)
  const { md, os } = runtime ?? insideBrowsers(host)
  const sections = [
    `effect-aws-sso/${version}`,
    "ua/2.1",
    `os/${escape(os ?? "other")}`,
    "lang/js",
    ...(md === undefined ? [] : [`md/${md.map(escape).join("#")}`]),
    ...(options?.appId === undefined ? [] : [`app/${options.appId}`])
  ]
  return { [runtime === undefined ? "x-amz-user-agent" : "user-agent"]: sections.join(" ") }
}

interface Runtime {
  readonly os: string | undefined
  /** The name, and the version where it is known. */
  readonly md: ReadonlyArray<string> | undefined
}

// Deno and Bun name Node too, since they stand in for it
const runtimes = [
  ["deno", "deno"],
  ["bun", "bun"],
  ["llrt", "llrt"],
  ["node", "nodejs"]
] as const

const outsideBrowsers = (host: unknown): Runtime | undefined => {
  const os = textAt(host, "process", "platform")
  for (const [key, name] of runtimes) {
    const version = textAt(host, "process", "versions", key)
    if (version !== undefined) return { os, md: [name, version] }
  }
  // Edge runtimes have a navigator too. Every browser, and no other, still calls itself Mozilla
  return textAt(host, "navigator", "userAgent")?.startsWith("Mozilla/") === true ? undefined : { os, md: undefined }
}

const insideBrowsers = (host: unknown): Runtime => {
  const brands = at(host, "navigator", "userAgentData", "brands")
  const brand: unknown = Array.isArray(brands) ? brands.at(-1) : undefined
  const name = textAt(brand, "brand")
  return {
    os: textAt(host, "navigator", "userAgentData", "platform"),
    md: ["browser", ...(name === undefined ? [] : [`${name}_${textAt(brand, "version") ?? "unknown"}`])]
  }
}

const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce((value, key) => (Predicate.hasProperty(value, key) ? value[key] : undefined), value)

const textAt = (value: unknown, ...path: ReadonlyArray<string>): string | undefined => {
  const found = at(value, ...path)
  return Predicate.isString(found) && found !== "" ? found : undefined
}

const escape = (text: string): string => text.replaceAll(/[^\w!$%&'*+\-.^`|~]/g, "-")
