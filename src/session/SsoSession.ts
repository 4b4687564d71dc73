/**
 * The settings of one sign-in session: which portal, in which region, for which scopes.
 *
 * **When to use**
 *
 * Use `fromProfile` for the session that a person has configured for all AWS tools, `fromSsoSession` for one by its
 * name, `known` for all of them, and `make` for one that no file knows.
 *
 * **Example** (The session that the AWS CLI would take)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { SsoSession } from "effect-aws-sso"
 *
 * const session = SsoSession.fromProfile().pipe(Effect.provide(NodeServices.layer))
 * ```
 *
 * **Details**
 *
 * The config file has a session in one of two forms:
 *
 * | | modern | legacy |
 * | --- | --- | --- |
 * | where | an `[sso-session name]` section, which profiles name: `sso_session = name` | a profile without `sso_session` |
 * | settings | `sso_start_url`, `sso_region`, `sso_registration_scopes`, `login_type` | `sso_start_url`, `sso_region`, `login_type` |
 * | `scopes` | those that are listed, else `sso:account:access` | none |
 * | token filed under | the name | the start URL |
 *
 * A client that registers without scopes gets a token for `sso:account:access` with no refresh token: a legacy session
 * ends with its token, some eight hours after the sign-in. That is what the AWS CLI does with such a profile, and what
 * other tools expect to find in the cache.
 *
 * `login_type` is `device` or `pkce`; a profile's own goes before its session's. A setting without a value counts as
 * none.
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SharedConfig from "../config/SharedConfig.ts"
import { StartUrl } from "../operation/StartUrl.ts"
import { ConstructionFailure } from "../wire/ClientError.ts"
import * as Endpoint from "../wire/Endpoint.ts"
import {
  SessionConflict,
  type SessionError,
  SessionIncomplete,
  SessionInvalid,
  SessionNotFound
} from "./SessionError.ts"

export {
  SessionConflict,
  type SessionError,
  SessionIncomplete,
  SessionInvalid,
  SessionNotFound
} from "./SessionError.ts"

/**
 * The scope that a session has where none is named: to list one's accounts and roles, and to get their credentials.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultScopes: ReadonlyArray<string> = ["sso:account:access"]

/**
 * The settings of one sign-in session.
 *
 * @category models
 * @since 0.1.0
 */
export class SsoSession extends Schema.Class<SsoSession>("effect-aws-sso/SsoSession")({
  /** The name of its `sso-session` section. A session without one is known by its start URL. */
  name: Schema.optionalKey(Schema.NonEmptyString),
  /** The URL of the AWS access portal, such as `https://example.awsapps.com/start`. */
  startUrl: StartUrl,
  /** The region of the Identity Center instance (`sso_region`), never that of the resources to be reached. */
  region: Schema.NonEmptyString,
  /** What its tokens shall be able to do. */
  scopes: Schema.Array(Schema.NonEmptyString),
  /** By which flow people sign in, where the configuration says so (`login_type = device | pkce`). */
  loginType: Schema.optionalKey(Schema.Literals(["device", "browser"]))
}) {}

const decode = Schema.decodeUnknownResult(SsoSession)

/**
 * A session from settings.
 *
 * **Details**
 *
 * `scopes` is `["sso:account:access"]` by default. Fails with a `ConstructionFailure` that says which setting is wrong.
 *
 * **Example** (A session that no configuration file knows)
 *
 * ```ts
 * import { SsoSession } from "effect-aws-sso"
 *
 * const session = SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly startUrl: string
  readonly region: string
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly name?: string | undefined
}): Effect.Effect<SsoSession, ConstructionFailure> => {
  const { name, region, scopes = defaultScopes, startUrl } = options
  const session = decode({ startUrl, region, scopes, ...(name === undefined ? {} : { name }) }, { errors: "all" })
  return Effect.fromResult(
    Result.isFailure(session)
      ? Result.fail(
          new ConstructionFailure({
            reason: "InvalidInput",
            description: `the settings of the session are invalid: ${session.failure.message}`
          })
        )
      : // The rules know which regions can be part of a host name
        Result.map(Endpoint.resolve({ service: "sso-oidc", region }), () => session.success)
  )
}

/**
 * How the files can fail to load, before any session is looked for.
 *
 * @category errors
 * @since 0.1.0
 */
export type LoadFailure = SharedConfig.ConfigParseError | SharedConfig.ConfigReadError | Config.ConfigError

/**
 * The session of a profile: that which it names by `sso_session`, else its own `sso_start_url` and `sso_region`.
 *
 * **Details**
 *
 * Without a `name`, the profile is `AWS_PROFILE`, else `default`. Where a profile names a session and has an
 * `sso_start_url` or `sso_region` of its own too, they must be the same.
 *
 * **Errors**
 *
 * - `SessionNotFound`: there is no such profile, or no such session as it names
 * - `SessionIncomplete`: a setting is missing
 * - `SessionInvalid`: a setting has a value that cannot be used
 * - `SessionConflict`: profile and session contradict each other
 * - `ConfigReadError`, `ConfigParseError`, `ConfigError`: as `SharedConfig.load`
 *
 * @category loading
 * @since 0.1.0
 */
export const fromProfile: (
  name?: string
) => Effect.Effect<SsoSession, SessionError | LoadFailure, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(
  function* (name) {
    const chosen = name ?? (yield* SharedConfig.chosenProfile)
    const shared = yield* SharedConfig.load
    return yield* Effect.fromResult(inProfile(shared, chosen))
  }
)

/**
 * The session of a profile in settings that have been loaded: as `fromProfile`, without reading the files.
 *
 * @category loading
 * @since 0.1.0
 */
export const inProfile = (shared: SharedConfig.SharedConfig, name: string): Result.Result<SsoSession, SessionError> =>
  Result.gen(function* () {
    const section = { section: "profile", name } as const
    const profile = yield* Result.fromOption(SharedConfig.profile(shared, name), () => new SessionNotFound(section))
    if (isLegacy(profile)) return yield* fromSettings(section, profile, legacy)

    const sessionName = SharedConfig.setting(profile, "sso_session")
    if (sessionName === undefined) {
      return yield* Result.fail(new SessionIncomplete({ ...section, missing: ["sso_session"] }))
    }
    const session = yield* inSsoSession(shared, sessionName, name)
    const inSession = { sso_start_url: session.startUrl, sso_region: session.region }
    for (const key of required) {
      const own = SharedConfig.setting(profile, key)
      if (own !== undefined && own !== inSession[key]) {
        return yield* Result.fail(
          new SessionConflict({ key, profile: name, session: sessionName, inProfile: own, inSession: inSession[key] })
        )
      }
    }
    const own = yield* loginTypeOf(section, profile)
    return new SsoSession({ ...session, ...own })
  })

/**
 * The session of the section `[sso-session name]`.
 *
 * **Errors**
 *
 * As `fromProfile`, but for `SessionConflict`.
 *
 * @category loading
 * @since 0.1.0
 */
export const fromSsoSession: (
  name: string
) => Effect.Effect<
  SsoSession,
  Exclude<SessionError, SessionConflict> | LoadFailure,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function* (name) {
  const shared = yield* SharedConfig.load
  return yield* Effect.fromResult(inSsoSession(shared, name))
})

/**
 * Every session of the files: those of `sso-session` sections, then those of legacy profiles, each of these once.
 *
 * **Details**
 *
 * A session that is not complete and valid is left out, and a warning says what to mend.
 *
 * @category loading
 * @since 0.1.0
 */
export const known: Effect.Effect<
  ReadonlyArray<SsoSession>,
  LoadFailure,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const shared = yield* SharedConfig.load
  const [sessions, broken] = Arr.separate([
    ...Object.keys(shared.ssoSessions).map((name) => inSsoSession(shared, name)),
    ...Object.entries(shared.profiles).flatMap(([name, profile]) =>
      isLegacy(profile) ? [fromSettings({ section: "profile", name }, profile, legacy)] : []
    )
  ])
  for (const { message } of broken) yield* Effect.logWarning(message)
  return Arr.dedupe(sessions)
})

const required = ["sso_start_url", "sso_region"] as const

/** What a legacy profile has besides its start URL and region. */
const legacy = { scopes: [] }

const isLegacy = (profile: SharedConfig.Settings): boolean =>
  SharedConfig.setting(profile, "sso_session") === undefined &&
  required.some((key) => SharedConfig.setting(profile, key) !== undefined)

const inSsoSession = (
  shared: SharedConfig.SharedConfig,
  name: string,
  namedBy?: string
): Result.Result<SsoSession, Exclude<SessionError, SessionConflict>> => {
  const section = { section: "sso-session", name } as const
  return Result.fromOption(
    SharedConfig.ssoSession(shared, name),
    () => new SessionNotFound({ ...section, ...(namedBy === undefined ? {} : { namedBy }) })
  ).pipe(Result.flatMap((settings) => fromSettings(section, settings, { name, scopes: scopesOf(settings) })))
}

const scopesOf = (settings: SharedConfig.Settings): ReadonlyArray<string> => {
  const scopes = (settings["sso_registration_scopes"] ?? "")
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "")
  return scopes.length === 0 ? defaultScopes : scopes
}

const isStartUrl = Schema.is(StartUrl)

const fromSettings = (
  section: { readonly section: "profile" | "sso-session"; readonly name: string },
  settings: SharedConfig.Settings,
  rest: { readonly name?: string; readonly scopes: ReadonlyArray<string> }
): Result.Result<SsoSession, SessionIncomplete | SessionInvalid> => {
  const startUrl = SharedConfig.setting(settings, "sso_start_url")
  const region = SharedConfig.setting(settings, "sso_region")
  if (startUrl === undefined || region === undefined) {
    const missing = required.filter((key) => SharedConfig.setting(settings, key) === undefined)
    return Result.fail(new SessionIncomplete({ ...section, missing }))
  }
  if (!isStartUrl(startUrl)) {
    return Result.fail(
      new SessionInvalid({
        ...section,
        key: "sso_start_url",
        description: "an absolute http(s) URL is expected, such as https://example.awsapps.com/start"
      })
    )
  }
  return Result.gen(function* () {
    yield* Result.mapError(
      Endpoint.resolve({ service: "sso-oidc", region }),
      ({ description }) => new SessionInvalid({ ...section, key: "sso_region", description })
    )
    const loginType = yield* loginTypeOf(section, settings)
    return new SsoSession({ startUrl, region, ...rest, ...loginType })
  })
}

const loginTypeOf = (
  section: { readonly section: "profile" | "sso-session"; readonly name: string },
  settings: SharedConfig.Settings
): Result.Result<{ readonly loginType?: "device" | "browser" }, SessionInvalid> => {
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
