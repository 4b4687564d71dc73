/**
 * The session and the role of an invocation, where the config files have them in the usual form. Stricter than
 * `SessionSettings` and `ClientConfig`: what it finds, they find too.
 */
import { join } from "node:path"
import * as Result from "effect/Result"
import * as MergedSections from "../../config/MergedSections.ts"
import type { Settings } from "../../config/Settings.ts"
import type { SharedConfig } from "../../config/SharedConfig.ts"
import type * as RoleInput from "../flags/RoleInput.ts"
import type * as SessionInput from "../flags/SessionInput.ts"
import * as FastFiles from "./FastFiles.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** A session. */
export interface Session {
  readonly name?: string
  readonly startUrl: string
  readonly region: string
}

/** A role and its session. */
export interface Role {
  readonly session: Session
  readonly accountId: string
  readonly roleName: string
}

/** Whether a text surely is a start URL. */
export const isStartUrl = (text: string): boolean =>
  /^https?:\/\/[\w.-]+(?::\d+)?\/[\w./-]*$/.test(text) && URL.canParse(text)

const isRegion = (text: string): boolean => /^[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}$/.test(text) && !text.includes("fips")

const make = (name: string | undefined, startUrl: string | undefined, region: string | undefined) =>
  startUrl !== undefined && region !== undefined && isStartUrl(startUrl) && isRegion(region)
    ? { ...(name === undefined ? {} : { name }), startUrl, region }
    : undefined

/** The value of a setting, if it has one. */
const valueOf = (settings: Settings, key: string): string | undefined => {
  const value = settings[key]
  return value === "" ? undefined : value
}

const hasUsualLogin = (settings: Settings): boolean =>
  ["device", "pkce", undefined].includes(valueOf(settings, "login_type"))

const ofSsoSession = ({ ssoSessions }: SharedConfig, name: string): Session | undefined => {
  const settings = ssoSessions[name]
  return settings !== undefined && hasUsualLogin(settings)
    ? make(name, valueOf(settings, "sso_start_url"), valueOf(settings, "sso_region"))
    : undefined
}

const ofProfile = (shared: SharedConfig, profile: Settings): Session | undefined => {
  const [name, startUrl, region] = ["sso_session", "sso_start_url", "sso_region"].map((key) => valueOf(profile, key))
  if (!hasUsualLogin(profile)) return undefined
  if (name === undefined) return make(undefined, startUrl, region)
  const session = ofSsoSession(shared, name)
  return session !== undefined &&
    (startUrl ?? session.startUrl) === session.startUrl &&
    (region ?? session.region) === session.region
    ? session
    : undefined
}

const isFlag = (value: string): boolean => /^(?:true|false)$/.test(value)
const isEndpoint = (value: string): boolean =>
  /^(?:https:\/\/[a-z][a-z0-9.-]*[a-z0-9]|http:\/\/(?:localhost|127\.0\.0\.1))(?::\d+)?\/?$/.test(value) &&
  URL.canParse(value)

/** The settings of the clients that the commands make, by variable and by key, and which values surely are valid. */
const clientSettings = [
  ["AWS_RETRY_MODE", "retry_mode", (value: string) => /^(?:standard|adaptive|legacy)$/.test(value)],
  ["AWS_MAX_ATTEMPTS", "max_attempts", (value: string) => /^[1-9]\d?$/.test(value)],
  ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", isFlag],
  ["AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", isFlag],
  ["AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", isFlag],
  ["AWS_SDK_UA_APP_ID", "sdk_ua_app_id", (value: string) => /^\w{1,50}$/.test(value)],
  ["AWS_ENDPOINT_URL", "endpoint_url", isEndpoint],
  ["AWS_ENDPOINT_URL_SSO", "services", isEndpoint],
  ["AWS_ENDPOINT_URL_SSO_OIDC", "services", isEndpoint]
] as const

/** Whether the commands could make their clients. */
const hasUsualClients = (env: Environment, profile: Settings): boolean =>
  clientSettings.every(
    ([variable, key, isValid]) =>
      [env[variable], key === "services" ? undefined : profile[key]].every(
        (value) => value === undefined || value === "" || isValid(value)
      ) &&
      (key !== "services" || (profile[key] ?? "") === "")
  )

/** The home directory. */
export const home = (env: Environment): string | undefined => env["HOME"] || env["USERPROFILE"] || undefined

const readConfig = (env: Environment, home: string): SharedConfig | undefined => {
  const text = (variable: string, file: string) => {
    const named = env[variable] ?? ""
    // One that does not exist is warned of
    if (named !== "") return named.startsWith("/") ? FastFiles.read(named, false) : undefined
    const text = FastFiles.read(join(home, ".aws", file), false)
    return text === FastFiles.absent ? "" : text
  }
  const config = text("AWS_CONFIG_FILE", "config")
  const credentials = text("AWS_SHARED_CREDENTIALS_FILE", "credentials")
  if (typeof config !== "string" || typeof credentials !== "string") return undefined
  const shared = MergedSections.read({
    config: { file: "config", text: config },
    credentials: { file: "credentials", text: credentials }
  })
  // Mistakes are warned of
  return Result.isFailure(shared) || shared.success.ignored.some(({ isMistake }) => isMistake)
    ? undefined
    : shared.success
}

const chosenProfile = (env: Environment): string =>
  ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].map((variable) => env[variable]?.trim() ?? "").find((name) => name !== "") ??
  "default"

interface Found {
  readonly session: Session
  readonly profile: Settings
}

const find = (input: SessionInput.Input, env: Environment, home: string): Found | undefined => {
  const shared = readConfig(env, home)
  if (shared === undefined) return undefined
  const profile = shared.profiles[input.profile ?? chosenProfile(env)]
  if (!hasUsualClients(env, profile ?? {})) return undefined
  const session =
    input.startUrl !== undefined
      ? make(undefined, input.startUrl, input.region)
      : input.ssoSession !== undefined
        ? ofSsoSession(shared, input.ssoSession)
        : profile && ofProfile(shared, profile)
  return session && { session, profile: profile ?? {} }
}

/** The session of an invocation. */
export const session = (input: SessionInput.Input, env: Environment, home: string): Session | undefined =>
  find(input, env, home)?.session

/** The role of an invocation. */
export const role = (input: RoleInput.Input, env: Environment, home: string): Role | undefined => {
  const found = find(input, env, home)
  if (found === undefined) return undefined
  const accountId = input.accountId ?? found.profile["sso_account_id"] ?? ""
  const roleName = input.roleName ?? found.profile["sso_role_name"] ?? ""
  return accountId === "" || roleName === "" ? undefined : { session: found.session, accountId, roleName }
}
