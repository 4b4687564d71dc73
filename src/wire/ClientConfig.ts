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
import * as SharedConfig from "../config/SharedConfig.ts"
import { ConstructionFailure } from "./ClientError.ts"
import * as RetryPolicy from "./RetryPolicy.ts"

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
  /** The name of the application, for the user agent: up to 50 letters, digits and `!#$%&'*+-.^_|~` and backticks. */
  readonly appId?: string | undefined
}

/**
 * How the settings can fail to load.
 *
 * @category errors
 * @since 0.1.0
 */
export type LoadFailure =
  | ConstructionFailure
  | SharedConfig.ConfigParseError
  | SharedConfig.ConfigReadError
  | Config.ConfigError

/** A value, and where it was found: the name of a variable, or of a key and its profile. */
interface Found {
  readonly value: string
  readonly origin: string
}

type Reader<A> = (found: Found) => Result.Result<A, ConstructionFailure>

const reader =
  <A>(expected: string, parse: (value: string) => A | undefined): Reader<A> =>
  ({ origin, value }) => {
    const parsed = parse(value)
    return parsed === undefined
      ? Result.fail(
          new ConstructionFailure({
            reason: "InvalidConfiguration",
            description: `${origin} must be ${expected}, got ${JSON.stringify(value)}`
          })
        )
      : Result.succeed(parsed)
  }

const text = reader("set", (value) => value)

const flag = reader("true or false", (value) => ({ true: true, false: false })[value.toLowerCase()])

const positiveInteger = reader("a positive integer", (value) =>
  /^0*[1-9]\d*$/.test(value) ? Number(value) : undefined
)

// The quota and the pace of the standard mode serve the other two as well: what differs is patience, not meaning.
const retryMode = reader("standard, adaptive or legacy", (value) =>
  ["standard", "adaptive", "legacy"].includes(value.toLowerCase()) ? value : undefined
)

const url = reader("an absolute URL", (value) => (URL.canParse(value) ? value : undefined))

/**
 * Completes the settings that a program gives with those of the environment and of the profile.
 *
 * **Details**
 *
 * The first one found wins: the option, the environment, the profile, the default. An empty value counts as none. An
 * invalid one fails with a `ConstructionFailure` that names its origin.
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
 * - `profile`: `AWS_PROFILE` by default, else `default`; a profile that does not exist sets nothing
 * - `service`: the service as settings name it: `sso_oidc` or `sso`
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fnUntraced(function* (
  service: "sso_oidc" | "sso",
  options?: ClientConfig & { readonly profile?: string | undefined }
): Effect.fn.Return<ClientConfig, LoadFailure, FileSystem.FileSystem | Path.Path> {
  const shared = yield* SharedConfig.load
  const name = options?.profile ?? Option.getOrElse(yield* inEnvironment("AWS_PROFILE"), () => defaultProfile).value
  const profile = Option.getOrElse(SharedConfig.profile(shared, name), (): SharedConfig.Settings => ({}))

  const inProfile = (key: string): Option.Option<Found> => found(profile[key], `${key} of profile ${name}`)
  const inServices = (key: string): Option.Option<Found> => {
    const section = profile["services"] ?? ""
    return SharedConfig.servicesSection(shared, section).pipe(
      Option.flatMap((settings) => found(settings[`${service}.${key}`], `${service}.${key} of services ${section}`))
    )
  }
  const setting = Effect.fnUntraced(function* <A>(read: Reader<A>, environment: string, key: string) {
    const value = Option.orElse(yield* inEnvironment(environment), () => inProfile(key))
    return yield* readOption(read, value)
  })

  const ignoreEndpoints = yield* setting(flag, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
  const endpoint =
    ignoreEndpoints === true
      ? Option.none<Found>()
      : Option.firstSomeOf([
          yield* inEnvironment(`AWS_ENDPOINT_URL_${service.toUpperCase()}`),
          yield* inEnvironment("AWS_ENDPOINT_URL"),
          inServices("endpoint_url"),
          inProfile("endpoint_url")
        ])
  const maxAttempts = yield* setting(positiveInteger, "AWS_MAX_ATTEMPTS", "max_attempts")
  yield* setting(retryMode, "AWS_RETRY_MODE", "retry_mode")

  return {
    ...options,
    region: options?.region ?? (yield* setting(text, "AWS_REGION", "region")),
    endpoint: options?.endpoint ?? (yield* readOption(url, endpoint)),
    useFips: options?.useFips ?? (yield* setting(flag, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")),
    useDualStack:
      options?.useDualStack ?? (yield* setting(flag, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")),
    retryPolicy: options?.retryPolicy ?? RetryPolicy.standard({ maxAttempts }),
    appId: options?.appId ?? (yield* setting(text, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id"))
  }
})

const defaultProfile: Found = { value: "default", origin: "default" }

const inEnvironment = (name: string): Effect.Effect<Option.Option<Found>, Config.ConfigError> =>
  Effect.map(
    Config.option(Config.String(name)),
    Option.flatMap((value) => found(value, name))
  )

const found = (value: string | undefined, origin: string): Option.Option<Found> =>
  value === undefined || value.trim() === "" ? Option.none() : Option.some({ value: value.trim(), origin })

const readOption = <A>(
  read: Reader<A>,
  value: Option.Option<Found>
): Effect.Effect<A | undefined, ConstructionFailure> =>
  Option.match(value, { onNone: () => Effect.undefined, onSome: (found) => Effect.fromResult(read(found)) })
