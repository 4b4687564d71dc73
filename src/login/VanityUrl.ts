/**
 * Start URLs under a custom domain, which redirect to an AWS access portal.
 *
 * **When to use**
 *
 * `Login` resolves the start URL of its session with the `Resolver`. Provide `layer` for it; `NodeSso.layer` includes it.
 * Use `resolve` in a custom flow, or to show where a start URL such as `https://aws.example.com` leads. The service
 * knows only the portal. If Identity Center is replicated, the domain chooses the nearest or a healthy region.
 *
 * **Example** (The device flow at the portal behind a domain)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { DeviceFlow, SsoSession, VanityUrl } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.fromSsoSession("my-team")
 *   const portal = yield* VanityUrl.resolve(session)
 *   return yield* DeviceFlow.authorize(new SsoSession.SsoSession({ ...session, ...portal }))
 * })
 * ```
 *
 * **Gotchas**
 *
 * - Other tools look for the token of a session without a name under the configured start URL, not under that of the
 *   portal. `Login` stores it there.
 * - A browser does not report where a redirect leads. In a browser, only the start URLs of AWS can be resolved.
 *
 * **Details**
 *
 * The rules are those of `aws sso login` from AWS CLI 2.36 on:
 *
 * - A start URL under a domain of AWS is used as it is, in the configured region, without a request. Beyond those rules,
 *   the region in its host name is used if none is configured.
 * - Any other start URL gets one request, `HEAD`, or `GET` if the server does not support `HEAD`. The redirect in the
 *   response is read but not followed.
 * - Both URLs must be `https`, and the portal must be under a domain of AWS.
 * - The region of the portal is the one in its host name, or else that of the session.
 *
 * Source: AWS Security Blog, "Regional routing for AWS access portals: Implementing custom vanity domains for IAM
 * Identity Center"; the AWS CLI's own rules for start URLs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { StartUrlUnresolved } from "../session/LoginFailed.ts"
import { withoutRedirectsAndTracing } from "../wire/HttpOptions.ts"
import { constructionFailure } from "../wire/NotSent.ts"
import { systemCode } from "../wire/SystemCode.ts"
import * as UserAgent from "../wire/UserAgent.ts"

export { StartUrlUnresolved } from "../session/LoginFailed.ts"

/**
 * An AWS access portal.
 *
 * @category models
 * @since 0.1.0
 */
export interface Portal {
  /** Its URL: `https`, under a domain of AWS. */
  readonly startUrl: string
  /** The region of its Identity Center instance. */
  readonly region: string
}

/**
 * What to resolve. An `SsoSession` can be passed as it is.
 *
 * @category models
 * @since 0.2.0
 */
export interface ResolveOptions {
  /** The start URL of a session, under a domain of AWS or a custom one. */
  readonly startUrl: string
  /** The region of the session, if it is known. */
  readonly region?: string | undefined
}

// The domains of portals in the partitions aws, aws-us-gov, aws-cn and aws-eusc
const portalDomains = [
  "app.aws",
  "awsapps.com",
  "portal.amazonaws.com",
  "app.amazonwebservices.com.cn",
  "awsapps.cn",
  "portal.amazonaws.com.cn",
  "api.amazonwebservices.eu",
  "portal.amazonaws.eu"
]

// `https://identitycenter.amazonaws.com/ssoins-…` is a start URL too. It names an instance, not a server
const issuers = new Set([
  "identitycenter.amazonaws.com",
  "identitycenter.us-gov.amazonaws.com",
  "identitycenter.amazonaws.com.cn",
  "identitycenter.amazonaws.eu"
])

// `{instance}.portal.{region}.{domain}` is reached over IPv4 and IPv6, `{instance}.{region}.{domain}` over IPv4
const regionalHosts = [
  /^[^.]+\.portal\.([a-z0-9-]+)\.(?:app\.aws|app\.amazonwebservices\.com\.cn|api\.amazonwebservices\.eu)$/,
  /^[^.]+\.([a-z0-9-]+)\.portal\.amazonaws\.(?:com|com\.cn|eu)$/
]

const parse = (url: string, base?: string): URL | undefined =>
  URL.canParse(url, base) ? new URL(url, base) : undefined

// A host name can end with the dot of the root (RFC 1034 §3.1)
const hostOf = (url: URL): string => url.hostname.replace(/\.$/, "")

const isAwsHost = (host: string): boolean =>
  issuers.has(host) || portalDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))

const regionOf = (host: string): string | undefined =>
  regionalHosts.map((pattern) => pattern.exec(host)?.[1]).find((region) => region !== undefined)

/**
 * Whether a start URL is under a domain of AWS, so that the service knows it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isAwsOwned = (startUrl: string): boolean => {
  const url = parse(startUrl)
  return url !== undefined && isAwsHost(hostOf(url))
}

const unresolved = (startUrl: string, reason: StartUrlUnresolved["reason"], description: string): StartUrlUnresolved =>
  new StartUrlUnresolved({ startUrl, reason, description })

const noRegion = (startUrl: string): StartUrlUnresolved =>
  unresolved(startUrl, "NoRegion", "its host name does not contain a region: set sso_region, or pass a region")

/** The start URL as an `https` URL, or why it cannot be used. */
const secure = (startUrl: string): Result.Result<URL, StartUrlUnresolved> => {
  const url = parse(startUrl)
  return url?.protocol === "https:"
    ? Result.succeed(url)
    : Result.fail(unresolved(startUrl, "NotHttps", "it must be an https URL"))
}

/** The portal of a start URL under a domain of AWS: the URL itself. */
const atAws = Effect.fnUntraced(function* (
  url: URL,
  { region: configured, startUrl }: ResolveOptions
): Effect.fn.Return<Portal, StartUrlUnresolved> {
  const inHost = regionOf(hostOf(url))
  const region = configured ?? inHost
  if (region === undefined) return yield* noRegion(startUrl)
  if (inHost !== undefined && inHost !== region) {
    yield* Effect.logDebug(`the host name of ${startUrl} contains ${inHost}, but the configured region is ${region}`)
  }
  return { startUrl, region }
})

/**
 * Resolves a start URL to its portal.
 *
 * **Details**
 *
 * The portal of a redirect is identified by its URL without query, fragment and trailing slash. The server must respond
 * within ten seconds.
 *
 * @category resolving
 * @since 0.1.0
 */
export const resolve: (options: ResolveOptions) => Effect.Effect<Portal, StartUrlUnresolved, HttpClient.HttpClient> =
  Effect.fnUntraced(function* (options) {
    const { startUrl } = options
    const url = yield* Effect.fromResult(secure(startUrl))
    if (isAwsHost(hostOf(url))) return yield* atAws(url, options)
    const refuse = (reason: StartUrlUnresolved["reason"], description: string) =>
      unresolved(startUrl, reason, description)

    const { location, status } = yield* request("HEAD", url).pipe(
      Effect.filterOrElse(
        ({ status }) => !lacksHead.has(status),
        () => request("GET", url)
      ),
      Effect.mapError((description) => refuse("Unreachable", description))
    )
    if (!redirects.has(status)) {
      return yield* refuse("NoRedirect", `it must redirect to an AWS access portal, but the response is HTTP ${status}`)
    }
    const portal = location === undefined ? undefined : parse(location, startUrl)
    if (portal === undefined) return yield* refuse("NoRedirect", "its redirect has no valid Location header")
    if (portal.protocol !== "https:") {
      return yield* refuse("NotHttps", `it redirects to ${portal.origin}, but must redirect to an https URL`)
    }
    if (!isAwsHost(hostOf(portal))) {
      return yield* refuse("NotAws", `it redirects to ${portal.origin}, which is not under a domain of AWS`)
    }
    const region = regionOf(hostOf(portal)) ?? options.region
    if (region === undefined) return yield* noRegion(startUrl)
    const resolved = { startUrl: portal.origin + portal.pathname.replace(/\/+$/, ""), region }
    yield* Effect.logDebug(`${startUrl} leads to ${resolved.startUrl} in ${region}`)
    return resolved
  })

/**
 * Resolves the start URL of a session. `Login` uses it.
 *
 * **Details**
 *
 * By default, a start URL under a domain of AWS is used as it is, and any other one fails with `StartUrlUnresolved` for
 * the reason `NoResolver`. `layer` provides one that follows the rules of this module.
 *
 * @category services
 * @since 0.2.0
 */
export const Resolver: Context.Reference<(options: ResolveOptions) => Effect.Effect<Portal, StartUrlUnresolved>> =
  Context.Reference("effect-aws-sso/VanityUrl/Resolver", {
    defaultValue: () =>
      Effect.fnUntraced(function* (options: ResolveOptions): Effect.fn.Return<Portal, StartUrlUnresolved> {
        const url = yield* Effect.fromResult(secure(options.startUrl))
        if (isAwsHost(hostOf(url))) return yield* atAws(url, options)
        return yield* unresolved(
          options.startUrl,
          "NoResolver",
          "it is under a custom domain, which only VanityUrl.layer can resolve: provide it, or use the start URL of the portal"
        )
      })
  })

/**
 * Provides the `Resolver` that asks the server of a custom domain where it leads.
 *
 * @category layers
 * @since 0.2.0
 */
export const layer: Layer.Layer<never, never, HttpClient.HttpClient> = Layer.effect(
  Resolver,
  HttpClient.HttpClient.useSync(
    (http) => (options: ResolveOptions) => Effect.provideService(resolve(options), HttpClient.HttpClient, http)
  )
)

/** The statuses of a redirect (RFC 9110 §15.4). */
const redirects = new Set([301, 302, 303, 307, 308])

/** The statuses of a server that does not support the method (RFC 9110 §15.5.6, §15.6.2). */
const lacksHead = new Set([405, 501])

const timeout = "10 seconds"

/** Sends one request, without reading the body. Fails with a description if there is no response. */
const request = Effect.fnUntraced(
  function* (
    method: "HEAD" | "GET",
    url: URL
  ): Effect.fn.Return<
    { readonly status: number; readonly location: string | undefined },
    string,
    HttpClient.HttpClient
  > {
    const http = yield* HttpClient.HttpClient
    return yield* HttpClient.withScope(http)
      .execute(HttpClientRequest.make(method)(url, { headers: UserAgent.headers() }))
      .pipe(
        withoutRedirectsAndTracing,
        // The client of the program may fail on a status: the response is used anyway
        Effect.catchReason("HttpClientError", "StatusCodeError", ({ response }) => Effect.succeed(response)),
        Effect.map(({ headers, status }) => ({ status, location: headers["location"] })),
        Effect.scoped,
        Effect.mapError((error) => {
          const code = systemCode(error.cause)
          return (
            constructionFailure(error)?.message ??
            `there is no connection to ${url.origin}${code === undefined ? "" : ` (${code})`}`
          )
        })
      )
  },
  (effect, _, url) =>
    Effect.timeoutOrElse(effect, {
      duration: timeout,
      orElse: () => Effect.fail(`${url.origin} did not respond within ${timeout}`)
    })
)
