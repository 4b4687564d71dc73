/**
 * What a client of the service can be told, and where it is told: by the program, the environment, or the profile.
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
  /** The region of the Identity Center instance, such as `us-east-1`. Needed unless `endpoint` is given, and to sign. */
  readonly region?: string | undefined
  /** A server of one's own in place of the region's: an absolute URL, whose path is kept. */
  readonly endpoint?: string | undefined
  /** Whether to use the region's FIPS endpoint. `false` by default. */
  readonly useFips?: boolean | undefined
  /** Whether to use the region's dual-stack endpoint. `false` by default. */
  readonly useDualStack?: boolean | undefined
  /** Whether plain `http` may go beyond this machine. `false` by default. */
  readonly allowInsecureEndpoint?: boolean | undefined
  /** When to try again. `RetryPolicy.standard()` by default. */
  readonly retryPolicy?: RetryPolicy.RetryPolicy | undefined
  /** The longest that one attempt may take. 10 seconds by default. */
  readonly attemptTimeout?: Duration.Input | undefined
  /** The longest that an operation may take with all its attempts. No limit by default. */
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

/** A value, and where it was found: the name of a variable, or of a key and its profile. */
interface Found {
  readonly value: string
  readonly origin: string
}

/** Makes a setting of what was found, or says what is wrong with it. */
type Reader<A> = (found: Found) => Result.Result<A, ConstructionFailure>

const reader =
  <A>(expected: string, parse: (value: string) => A | undefined): Reader<A> =>
  ({ origin, value }) =>
    Result.fromNullishOr(parse(value), () => invalid(`${origin} must be ${expected}, got ${JSON.stringify(value)}`))

/** A reader that leaves the judgement to the rules of endpoints, whose messages lack only the origin. */
const judged =
  (options: (value: string) => Partial<Endpoint.Options>): Reader<string> =>
  ({ origin, value }) =>
    Result.mapBoth(Endpoint.resolve({ service: "sso-oidc", ...options(value) }), {
      onFailure: ({ description, reason }) =>
        new ConstructionFailure({ reason, description: `${origin}: ${description}` }),
      onSuccess: () => value
    })

const positiveInteger = reader("a positive integer", (value) =>
  /^0*[1-9]\d*$/.test(value) ? Number(value) : undefined
)

// The quota and the pace of the standard mode serve the other two as well: what differs is patience, not meaning.
const retryMode = reader("standard, adaptive or legacy", (value) =>
  ["standard", "adaptive", "legacy"].includes(value.toLowerCase()) ? value : undefined
)

const appId = reader(UserAgent.appIdForm, (value) => (UserAgent.isAppId(value) ? value : undefined))

const region = judged((region) => ({ region }))

/**
 * Completes the settings that a program gives with those of the environment and of the profile.
 *
 * **Details**
 *
 * The first one found wins: the option, the environment, the profile, the default. An empty value counts as none. An
 * invalid one fails with a `ConstructionFailure` that names its origin; one that another overrides is not looked at.
 *
 * | setting | environment | profile |
 * | --- | --- | --- |
 * | `region` | `AWS_REGION` | `region` |
 * | `endpoint` | `AWS_ENDPOINT_URL_{SERVICE}`, `AWS_ENDPOINT_URL` | `endpoint_url` of the service in its `services` section, `endpoint_url` |
 * | (endpoints ignored) | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `ignore_configured_endpoint_urls` |
 * | `useFips` | `AWS_USE_FIPS_ENDPOINT` | `use_fips_endpoint` |
 * | `useDualStack` | `AWS_USE_DUALSTACK_ENDPOINT` | `use_dualstack_endpoint` |
 * | `retryPolicy` | `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE` | `max_attempts`, `retry_mode` |
 * | `appId` | `AWS_SDK_UA_APP_ID` | `sdk_ua_app_id` |
 *
 * - With a custom endpoint, `useFips` and `useDualStack` of the environment and the profile are not read.
 * - A switch that is neither `true` nor `false` is `false`, as for the AWS CLI, and a warning is logged.
 * - `service`: the service as settings name it: `sso_oidc` or `sso`
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

  const inProfile = (key: string) => found(profile[key], `${key} of profile ${name}`)
  const setting = Effect.fnUntraced(function* <A>(read: Reader<A>, variable: string, key: string) {
    return yield* use(read, (yield* inEnvironment(variable)) ?? inProfile(key))
  })
  const isOn = Effect.fnUntraced(function* (variable: string, key: string) {
    const found = (yield* inEnvironment(variable)) ?? inProfile(key)
    const value = found?.value.toLowerCase()
    if (found !== undefined && value !== "true" && value !== "false") {
      yield* ConfigWarning.logOnce(
        `${found.origin} must be true or false, and is taken for false, as by the AWS CLI: got ${JSON.stringify(found.value)}`
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
    return found(settings[`${service}.${key}`], `${key} of ${service} in [services ${section.value}]`)
  })

  const configuredEndpoint = Effect.gen(function* () {
    if (yield* isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) return undefined
    const { allowInsecureEndpoint } = explicit
    return yield* use(
      judged((endpoint) => ({ endpoint, allowInsecureEndpoint })),
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
  const isVariant = (variable: string, key: string) => (endpoint === undefined ? isOn(variable, key) : Effect.undefined)

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

const inEnvironment = (name: string): Effect.Effect<Found | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => found(Option.getOrUndefined(value), name))

const found = (value: string | undefined, origin: string): Found | undefined =>
  value === undefined || value.trim() === "" ? undefined : { value: value.trim(), origin }

const use = <A>(read: Reader<A>, found: Found | undefined): Effect.Effect<A | undefined, ConstructionFailure> =>
  found === undefined ? Effect.undefined : Effect.fromResult(read(found))

const invalid = (description: string) => new ConstructionFailure({ reason: "InvalidConfiguration", description })
