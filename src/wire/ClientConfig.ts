/**
 * The settings of a client, from the program, the environment and the profile.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Settings reference"; "Service-specific endpoints"; "Retry behavior".
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as ConfigWarning from "../config/ConfigWarning.ts"
import * as SharedConfig from "../config/SharedConfig.ts"
import { ConstructionFailure } from "./ClientError.ts"
import * as Endpoint from "./Endpoint.ts"
import * as RetryPolicy from "./RetryPolicy.ts"
import * as UserAgent from "./UserAgent.ts"

/**
 * The settings of a client.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientConfig {
  /** The region of the IAM Identity Center instance, such as `us-east-1`. Without it, choose a region with `inRegion`. */
  readonly region?: string | undefined
  /** A custom endpoint: an absolute URL. Its path is kept. By default the endpoint of AWS in the region. */
  readonly endpoint?: string | undefined
  /** Whether to use the FIPS endpoint of the region. `false` by default. */
  readonly useFips?: boolean | undefined
  /** Whether to use the dual-stack endpoint of the region. `false` by default. */
  readonly useDualStack?: boolean | undefined
  /** Whether requests can be sent over plain `http` to another machine. `false` by default. */
  readonly allowInsecureEndpoint?: boolean | undefined
  /** Which errors to retry, and when. `RetryPolicy.standard()` by default. */
  readonly retryPolicy?: RetryPolicy.RetryPolicy | undefined
  /** The maximum duration of one attempt. 10 seconds by default. */
  readonly attemptTimeout?: Duration.Input | undefined
  /** The maximum duration of a call with all its attempts. No limit by default. */
  readonly operationTimeout?: Duration.Input | undefined
  /** The name of the application, for the user agent: up to 50 letters, digits and any of ``!#$%&'*+-.^_`|~``. */
  readonly appId?: string | undefined
}

/**
 * The settings of a client that is completed from the environment and from a profile.
 *
 * @category models
 * @since 0.2.0
 */
export interface LayerAwsOptions extends ClientConfig {
  /** The profile. `AWS_PROFILE` by default, else `default`. A profile that does not exist sets nothing. */
  readonly profile?: string | undefined
}

/**
 * How the settings can fail to load.
 *
 * @category errors
 * @since 0.2.0
 */
export type ClientConfigError =
  | ConstructionFailure
  | SharedConfig.ConfigParseError
  | SharedConfig.ConfigReadError
  | Config.ConfigError

interface Setting {
  readonly value: string
  /** Where it was found, for error messages: a variable, or a key and its profile. */
  readonly origin: string
}

/** Parses a setting. A failure names where the setting was found. */
type Parser<A> = (setting: Setting) => Result.Result<A, ConstructionFailure>

const parser =
  <A>(expected: string, parse: (value: string) => A | undefined): Parser<A> =>
  ({ origin, value }) =>
    Result.fromNullishOr(parse(value), () => invalid(`${origin} must be ${expected}, got ${JSON.stringify(value)}`))

/** Checks a setting with the endpoint rules. */
const endpointParser =
  (options: (value: string) => Partial<Endpoint.EndpointOptions>): Parser<string> =>
  ({ origin, value }) =>
    Result.mapBoth(Endpoint.resolve({ service: "sso-oidc", ...options(value) }), {
      onFailure: ({ description, reason }) =>
        new ConstructionFailure({ reason, description: `${origin}: ${description}` }),
      onSuccess: () => value
    })

const positiveInteger = parser("a positive integer", (value) =>
  /^0*[1-9]\d*$/.test(value) ? Number(value) : undefined
)

// All three modes use the quota and the delays of the standard mode
const retryMode = parser("standard, adaptive or legacy", (value) =>
  ["standard", "adaptive", "legacy"].includes(value.toLowerCase()) ? value : undefined
)

const appId = parser(UserAgent.appIdForm, (value) => (UserAgent.isAppId(value) ? value : undefined))

const region = endpointParser((region) => ({ region }))

/**
 * Completes the settings of a program from the environment and from the profile.
 *
 * **Details**
 *
 * The first value found is used: the option, the environment, the profile, the default. An empty value is ignored. An
 * invalid value fails with a `ConstructionFailure` that names where it was found. Values that are overridden are not
 * checked.
 *
 * | setting | environment | profile |
 * | --- | --- | --- |
 * | `region` | `AWS_REGION` | `region` |
 * | `endpoint` | `AWS_ENDPOINT_URL_{SERVICE}`, `AWS_ENDPOINT_URL` | `endpoint_url` of the service in its `services` section, `endpoint_url` |
 * | (ignore endpoints) | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `ignore_configured_endpoint_urls` |
 * | `useFips` | `AWS_USE_FIPS_ENDPOINT` | `use_fips_endpoint` |
 * | `useDualStack` | `AWS_USE_DUALSTACK_ENDPOINT` | `use_dualstack_endpoint` |
 * | `retryPolicy` | `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE` | `max_attempts`, `retry_mode` |
 * | `appId` | `AWS_SDK_UA_APP_ID` | `sdk_ua_app_id` |
 *
 * - With a custom endpoint, `useFips` and `useDualStack` are not read from the environment and the profile.
 * - A flag that is neither `true` nor `false` is `false`, as for the AWS CLI, and a warning is logged.
 * - `service`: the name of the service in settings: `sso_oidc` or `sso`
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fnUntraced(function* (
  service: "sso_oidc" | "sso",
  options?: LayerAwsOptions
): Effect.fn.Return<ClientConfig, ClientConfigError, FileSystem.FileSystem | Path.Path> {
  const { profile: given, ...explicit } = options ?? {}
  const shared = yield* SharedConfig.load
  const name = given ?? (yield* SharedConfig.chosenProfile)
  const profile = Option.getOrElse(SharedConfig.profile(shared, name), (): SharedConfig.Settings => ({}))

  const inProfile = (key: string) => settingOf(profile[key], `${key} of profile ${name}`)
  const setting = Effect.fnUntraced(function* <A>(parser: Parser<A>, variable: string, key: string) {
    return yield* parse(parser, (yield* inEnvironment(variable)) ?? inProfile(key))
  })
  const flag = Effect.fnUntraced(function* (variable: string, key: string) {
    const found = (yield* inEnvironment(variable)) ?? inProfile(key)
    const value = found?.value.toLowerCase()
    if (found !== undefined && value !== "true" && value !== "false") {
      yield* ConfigWarning.logOnce(
        `${found.origin} must be true or false, got ${JSON.stringify(found.value)}, which means false, as for the AWS CLI`
      )
    }
    return value === undefined ? undefined : value === "true"
  })
  const inServices = Effect.fnUntraced(function* (key: string) {
    const section = inProfile("services")
    if (section === undefined) return undefined
    const settings = yield* Effect.fromOption(SharedConfig.servicesSection(shared, section.value)).pipe(
      Effect.mapError(() => invalid(`${section.origin} names [services ${section.value}], which does not exist`))
    )
    return settingOf(settings[`${service}.${key}`], `${key} of ${service} in [services ${section.value}]`)
  })

  const configuredEndpoint = Effect.gen(function* () {
    if (yield* flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) return undefined
    const { allowInsecureEndpoint } = explicit
    return yield* parse(
      endpointParser((endpoint) => ({ endpoint, allowInsecureEndpoint })),
      (yield* inEnvironment(`AWS_ENDPOINT_URL_${service.toUpperCase()}`)) ??
        (yield* inEnvironment("AWS_ENDPOINT_URL")) ??
        (yield* inServices("endpoint_url")) ??
        inProfile("endpoint_url")
    )
  })
  const configuredRetries = Effect.gen(function* () {
    yield* setting(retryMode, "AWS_RETRY_MODE", "retry_mode")
    return RetryPolicy.standard({ maxAttempts: yield* setting(positiveInteger, "AWS_MAX_ATTEMPTS", "max_attempts") })
  })

  const endpoint = explicit.endpoint ?? (yield* configuredEndpoint)
  // A custom endpoint has no variants. As with the AWS CLI, it can be used where the environment asks for FIPS
  const isVariant = (variable: string, key: string) => (endpoint === undefined ? flag(variable, key) : Effect.undefined)

  return {
    ...explicit,
    region: explicit.region ?? (yield* setting(region, "AWS_REGION", "region")),
    endpoint,
    useFips: explicit.useFips ?? (yield* isVariant("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")),
    useDualStack: explicit.useDualStack ?? (yield* isVariant("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")),
    retryPolicy: explicit.retryPolicy ?? (yield* configuredRetries),
    appId: explicit.appId ?? (yield* setting(appId, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id"))
  }
})

const inEnvironment = (name: string): Effect.Effect<Setting | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => settingOf(Option.getOrUndefined(value), name))

const settingOf = (value: string | undefined, origin: string): Setting | undefined =>
  value === undefined || value.trim() === "" ? undefined : { value: value.trim(), origin }

const parse = <A>(parser: Parser<A>, setting: Setting | undefined): Effect.Effect<A | undefined, ConstructionFailure> =>
  setting === undefined ? Effect.undefined : Effect.fromResult(parser(setting))

const invalid = (description: string) => new ConstructionFailure({ reason: "InvalidConfiguration", description })
