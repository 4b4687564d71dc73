/**
 * A sign-in session: the AWS access portal, its region, and the scopes of the sign-in.
 *
 * **When to use**
 *
 * Use `fromProfile` for the session that is configured for all AWS tools, `fromSsoSession` for a configured session by
 * its name, `configured` for all configured sessions, and `make` for a session that is not configured.
 *
 * **Example** (The session that the AWS CLI uses)
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
 * The config file defines a session in one of two forms:
 *
 * | | modern | legacy |
 * | --- | --- | --- |
 * | where | an `[sso-session name]` section, which profiles name: `sso_session = name` | a profile without `sso_session` |
 * | settings | `sso_start_url`, `sso_region`, `sso_registration_scopes`, `login_type` | `sso_start_url`, `sso_region`, `login_type` |
 * | `scopes` | the listed scopes, by default `sso:account:access` | none |
 * | token stored under | the name | the start URL |
 *
 * A client that registers without scopes gets a token for `sso:account:access` without a refresh token: a legacy
 * session ends when its token expires, about eight hours after the sign-in. The AWS CLI does the same with such a
 * profile, and other tools expect it.
 *
 * `login_type` is `device` or `pkce`. The setting of a profile overrides the setting of its session. A setting without
 * a value counts as absent.
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider".
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SharedConfig from "../config/SharedConfig.ts"
import { StartUrl } from "../operation/StartUrl.ts"
import { SessionError, SessionInvalid } from "./SessionError.ts"
import * as SessionSettings from "./SessionSettings.ts"

/**
 * The scopes of a session that lists none: to list the user's accounts and roles, and to obtain their credentials.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultScopes: ReadonlyArray<string> = SessionSettings.defaultScopes

/**
 * A sign-in session.
 *
 * @category models
 * @since 0.1.0
 */
export class SsoSession extends Schema.Class<SsoSession>("effect-aws-sso/SsoSession")({
  /** The name of the `sso-session` section. A session without a name is identified by its start URL. */
  name: Schema.optionalKey(Schema.NonEmptyString),
  /** The URL of the AWS access portal, such as `https://example.awsapps.com/start`. */
  startUrl: StartUrl,
  /** The region of the Identity Center instance (`sso_region`). Not the region of the AWS resources. */
  region: Schema.NonEmptyString,
  /** The scopes of the tokens. Empty for a legacy session. */
  scopes: Schema.Array(Schema.NonEmptyString),
  /** The sign-in flow, if the configuration chooses one (`login_type = device | pkce`). */
  loginType: Schema.optionalKey(Schema.Literals(["device", "browser"])),
  /**
   * The user whose sign-in this is, in a program that serves many users, such as a user id. It is part of the key of
   * each token and each role's credentials in every store, so that two principals never share them.
   */
  principal: Schema.optionalKey(Schema.NonEmptyString)
}) {}

/**
 * The options of `make`.
 *
 * @category models
 * @since 0.2.0
 */
export interface SsoSessionOptions {
  /** The URL of the AWS access portal, such as `https://example.awsapps.com/start`. */
  readonly startUrl: string
  /** The region of the Identity Center instance, such as `us-east-1`. */
  readonly region: string
  /** The scopes of the tokens. `["sso:account:access"]` by default. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** The name that the token is stored under. By default, the token is stored under the start URL. */
  readonly name?: string | undefined
  /** The sign-in flow. `Login.login` chooses by default. */
  readonly loginType?: "device" | "browser" | undefined
  /** The user whose sign-in this is, in a program that serves many users. */
  readonly principal?: string | undefined
}

/**
 * Makes a session that is not configured.
 *
 * **Details**
 *
 * Fails with the reason `SessionInvalid`, which names the invalid option.
 *
 * **Example** (A session for each user of a web server)
 *
 * ```ts
 * import { SsoSession } from "effect-aws-sso"
 *
 * const session = (userId: string) =>
 *   SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1", principal: userId })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: SsoSessionOptions): Effect.Effect<SsoSession, SessionError> => {
  const { loginType, name, principal, region, scopes = defaultScopes, startUrl } = options
  const checked = Result.gen(function* () {
    yield* SessionSettings.checkStartUrl(startUrl, { key: "startUrl" })
    yield* SessionSettings.checkRegion(region, { key: "region" })
    const texts = { scopes, name: [name], principal: [principal] }
    for (const key of ["scopes", "name", "principal"] as const) {
      if (texts[key].includes("")) {
        return yield* Result.fail(new SessionInvalid({ key, description: "it must not be empty" }))
      }
    }
    return new SsoSession({
      startUrl,
      region,
      scopes,
      ...(name === undefined ? {} : { name }),
      ...(loginType === undefined ? {} : { loginType }),
      ...(principal === undefined ? {} : { principal })
    })
  })
  return Effect.mapError(Effect.fromResult(checked), (reason) => new SessionError({ reason }))
}

const load = Effect.mapError(SharedConfig.load, (reason) => new SessionError({ reason }))

const fromFields = (
  fields: Result.Result<SessionSettings.Fields, SessionSettings.Problem>
): Result.Result<SsoSession, SessionError> =>
  Result.mapBoth(fields, {
    onSuccess: (fields) => new SsoSession(fields),
    onFailure: (reason) => new SessionError({ reason })
  })

/**
 * Loads the session of a profile: the session that it names with `sso_session`, or the one that it defines with its own
 * `sso_start_url` and `sso_region`.
 *
 * **Details**
 *
 * A profile that names a session must not have another `sso_start_url` or `sso_region` than the session.
 *
 * - `name`: the profile. By default the value of `AWS_PROFILE`, or `default`
 *
 * Any reason of `SessionError` is possible.
 *
 * @category loading
 * @since 0.1.0
 */
export const fromProfile: (
  name?: string
) => Effect.Effect<SsoSession, SessionError, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(function* (name) {
  const chosen = name ?? (yield* Effect.mapError(SharedConfig.chosenProfile, (reason) => new SessionError({ reason })))
  return yield* Effect.fromResult(inProfile(yield* load, chosen))
})

/**
 * Reads the session of a profile from loaded settings: like `fromProfile`, without reading the files.
 *
 * @category loading
 * @since 0.1.0
 */
export const inProfile = (shared: SharedConfig.SharedConfig, name: string): Result.Result<SsoSession, SessionError> =>
  fromFields(SessionSettings.ofProfile(shared, name))

/**
 * Loads the session of the section `[sso-session name]`.
 *
 * **Details**
 *
 * Any reason of `SessionError` except `SessionConflict` is possible.
 *
 * @category loading
 * @since 0.1.0
 */
export const fromSsoSession: (
  name: string
) => Effect.Effect<SsoSession, SessionError, FileSystem.FileSystem | Path.Path> = Effect.fnUntraced(function* (name) {
  return yield* Effect.fromResult(fromFields(SessionSettings.ofSsoSession(yield* load, name)))
})

/**
 * Loads every configured session: the sessions of all `sso-session` sections, then the sessions of legacy profiles.
 * Each session is listed once.
 *
 * **Details**
 *
 * A session that is incomplete or invalid is left out, and a warning says how to correct it. The possible reasons are
 * `ConfigReadError`, `ConfigParseError` and `ConfigError`.
 *
 * @category loading
 * @since 0.2.0
 */
export const configured: Effect.Effect<
  ReadonlyArray<SsoSession>,
  SessionError,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const shared = yield* load
  const [sessions, problems] = Arr.partition(
    [
      ...Object.keys(shared.ssoSessions).map((name) => SessionSettings.ofSsoSession(shared, name)),
      ...Object.entries(shared.profiles).flatMap(([name, profile]) =>
        SessionSettings.isLegacy(profile) ? [SessionSettings.ofLegacyProfile(name, profile)] : []
      )
    ],
    fromFields
  )
  for (const { message } of problems) yield* Effect.logWarning(message)
  return Arr.dedupe(sessions)
})
