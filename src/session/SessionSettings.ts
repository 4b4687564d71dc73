/**
 * Reads the fields of a session from the settings of the shared config file. Pure: it reads no file.
 */
import * as Result from "effect/Result"
import * as SharedConfig from "../config/SharedConfig.ts"
import { isStartUrl } from "../operation/StartUrl.ts"
import * as Endpoint from "../wire/Endpoint.ts"
import { SessionConflict, SessionIncomplete, SessionInvalid, SessionNotFound } from "./SessionError.ts"

/** The fields of a configured session. */
export interface Fields {
  readonly startUrl: string
  readonly region: string
  readonly scopes: ReadonlyArray<string>
  readonly name?: string
  readonly loginType?: "device" | "browser"
}

/** Why no session can be made from the settings. */
export type Problem = SessionNotFound | SessionIncomplete | SessionInvalid | SessionConflict

interface Section {
  readonly section: "profile" | "sso-session"
  readonly name: string
}

/** The scopes of a session without configured scopes. */
export const defaultScopes: ReadonlyArray<string> = ["sso:account:access"]

const required = ["sso_start_url", "sso_region"] as const

/** Whether a profile defines a legacy session: its own start URL or region, and no `sso_session`. */
export const isLegacy = (profile: SharedConfig.Settings): boolean =>
  SharedConfig.setting(profile, "sso_session") === undefined &&
  required.some((key) => SharedConfig.setting(profile, key) !== undefined)

/** The session that a profile names, or the legacy session that it defines. */
export const ofProfile = (shared: SharedConfig.SharedConfig, name: string): Result.Result<Fields, Problem> =>
  Result.gen(function* () {
    const section: Section = { section: "profile", name }
    const profile = yield* Result.fromOption(SharedConfig.profile(shared, name), () => notFound(shared, section))
    if (isLegacy(profile)) return yield* ofLegacyProfile(name, profile)

    const sessionName = SharedConfig.setting(profile, "sso_session")
    if (sessionName === undefined) {
      return yield* Result.fail(new SessionIncomplete({ ...section, missing: ["sso_session"] }))
    }
    const session = yield* ofSsoSession(shared, sessionName, name)
    const inSession = { sso_start_url: session.startUrl, sso_region: session.region }
    for (const key of required) {
      const inProfile = SharedConfig.setting(profile, key)
      if (inProfile !== undefined && inProfile !== inSession[key]) {
        return yield* Result.fail(
          new SessionConflict({ key, profile: name, session: sessionName, inProfile, inSession: inSession[key] })
        )
      }
    }
    return { ...session, ...(yield* loginTypeOf(section, profile)) }
  })

/** The session that a legacy profile defines. It has no scopes. */
export const ofLegacyProfile = (name: string, profile: SharedConfig.Settings): Result.Result<Fields, Problem> =>
  fromSection({ section: "profile", name }, profile, { scopes: [] })

/**
 * The session of an `sso-session` section.
 *
 * - `namedBy`: the profile that names the session, for the error
 */
export const ofSsoSession = (
  shared: SharedConfig.SharedConfig,
  name: string,
  namedBy?: string
): Result.Result<Fields, Problem> => {
  const section: Section = { section: "sso-session", name }
  return Result.fromOption(SharedConfig.ssoSession(shared, name), () => notFound(shared, section, namedBy)).pipe(
    Result.flatMap((settings) => fromSection(section, settings, { name, scopes: scopesOf(settings) }))
  )
}

const notFound = (shared: SharedConfig.SharedConfig, section: Section, namedBy?: string): SessionNotFound => {
  const ignored = SharedConfig.ignoredSection(shared, section.name)
  return new SessionNotFound({
    ...section,
    ...(namedBy === undefined ? {} : { namedBy }),
    ...(ignored === undefined ? {} : { ignored: { file: ignored.file, line: ignored.line, what: ignored.what } })
  })
}

const scopesOf = (settings: SharedConfig.Settings): ReadonlyArray<string> => {
  const scopes = (settings["sso_registration_scopes"] ?? "")
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "")
  return scopes.length === 0 ? defaultScopes : scopes
}

const fromSection = (
  section: Section,
  settings: SharedConfig.Settings,
  rest: { readonly name?: string; readonly scopes: ReadonlyArray<string> }
): Result.Result<Fields, Problem> => {
  const startUrl = SharedConfig.setting(settings, "sso_start_url")
  const region = SharedConfig.setting(settings, "sso_region")
  if (startUrl === undefined || region === undefined) {
    const missing = required.filter((key) => SharedConfig.setting(settings, key) === undefined)
    return Result.fail(new SessionIncomplete({ ...section, missing }))
  }
  return Result.gen(function* () {
    yield* checkStartUrl(startUrl, { ...section, key: "sso_start_url" })
    yield* checkRegion(region, { ...section, key: "sso_region" })
    return { startUrl, region, ...rest, ...(yield* loginTypeOf(section, settings)) }
  })
}

/** Where a checked setting is: part of the error. */
interface Setting extends Partial<Section> {
  readonly key: SessionInvalid["key"]
}

/** Fails unless the text is an absolute http(s) URL. */
export const checkStartUrl = (startUrl: string, setting: Setting): Result.Result<void, SessionInvalid> =>
  isStartUrl(startUrl)
    ? Result.void
    : Result.fail(
        new SessionInvalid({
          ...setting,
          description: "an absolute http(s) URL is expected, such as https://example.awsapps.com/start"
        })
      )

/** Fails unless the text can be the region in a host name. */
export const checkRegion = (region: string, setting: Setting): Result.Result<void, SessionInvalid> =>
  Endpoint.resolve({ service: "sso-oidc", region }).pipe(
    Result.mapBoth({
      onSuccess: () => undefined,
      onFailure: ({ description }) => new SessionInvalid({ ...setting, description })
    })
  )

const loginTypeOf = (
  section: Section,
  settings: SharedConfig.Settings
): Result.Result<Pick<Fields, "loginType">, SessionInvalid> => {
  switch (SharedConfig.setting(settings, "login_type")) {
    case undefined:
      return Result.succeed({})
    case "device":
      return Result.succeed({ loginType: "device" })
    case "pkce":
      return Result.succeed({ loginType: "browser" })
    default:
      return Result.fail(
        new SessionInvalid({ ...section, key: "login_type", description: "device or pkce is expected" })
      )
  }
}
