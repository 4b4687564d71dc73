/**
 * The user agent of the library.
 *
 * **Details**
 *
 * `effect-aws-sso/0.2.0 ua/2.1 os/linux lang/js md/nodejs#22.19.0 app/my-tool`, in the format of the AWS SDKs. The runtime
 * is read from global variables, so that every runtime can load this module.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Application ID".
 */
import * as Predicate from "effect/Predicate"
import { version } from "./PackageVersion.ts"

/** The valid names of an application, in words. */
export const appIdForm = "up to 50 letters, digits and any of !#$%&'*+-.^_`|~"

/** Whether a text is a valid name of an application. */
export const isAppId = (value: string): boolean => /^[\w!#$%&'*+\-.^`|~]{1,50}$/.test(value)

/**
 * The header with the user agent: `user-agent`, or `x-amz-user-agent` in a browser, where a program cannot set `user-agent`.
 *
 * - `appId`: the name of the application. None by default
 * - `host`: the global variables. `globalThis` by default
 */
export const headers = (options?: {
  readonly appId?: string | undefined
  readonly host?: unknown
}): Readonly<Record<string, string>> => {
  const host = options?.host ?? globalThis
  const runtime = runtimeOf(host)
  const sections = [
    `effect-aws-sso/${version}`,
    "ua/2.1",
    `os/${escape(textAt(host, "process", "platform") ?? "other")}`,
    "lang/js",
    ...(runtime === undefined ? [] : [`md/${escape(runtime.name)}${runtime.version}`]),
    ...(options?.appId === undefined ? [] : [`app/${options.appId}`])
  ]
  return { [runtime?.name === "browser" ? "x-amz-user-agent" : "user-agent"]: sections.join(" ") }
}

// Deno and Bun also have the version of Node, so they come first
const runtimes = [
  ["deno", "deno"],
  ["bun", "bun"],
  ["llrt", "llrt"],
  ["node", "nodejs"]
] as const

const runtimeOf = (host: unknown): { readonly name: string; readonly version: string } | undefined => {
  for (const [key, name] of runtimes) {
    const version = textAt(host, "process", "versions", key)
    if (version !== undefined) return { name, version: `#${escape(version)}` }
  }
  // Edge runtimes have a navigator too. Only the user agents of browsers start with `Mozilla`
  const isBrowser = textAt(host, "navigator", "userAgent")?.startsWith("Mozilla/") === true
  return isBrowser ? { name: "browser", version: "" } : undefined
}

const textAt = (value: unknown, ...path: ReadonlyArray<string>): string | undefined => {
  const found = path.reduce((value, key) => (Predicate.hasProperty(value, key) ? value[key] : undefined), value)
  return Predicate.isString(found) && found !== "" ? found : undefined
}

const escape = (text: string): string => text.replaceAll(/[^\w!$%&'*+\-.^`|~]/g, "-")
