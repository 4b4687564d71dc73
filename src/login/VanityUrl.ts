/**
 * Start URLs under a domain of one's own, which redirect to an AWS access portal.
 *
 * **When to use**
 *
 * `Login.login` resolves the start URL of its session by itself. Use `resolve` for a flow of one's own, or to show
 * where a start URL such as `https://aws.example.com` leads. The service knows the portal alone; and where Identity
 * Center is replicated, the domain chooses the region that is nearest or healthy.
 *
 * **Example** (The device flow at the portal behind a domain)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { DeviceFlow, SsoOidc, SsoSession, VanityUrl } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.fromSsoSession("my-team")
 *   const portal = yield* VanityUrl.resolve(session)
 *   return yield* DeviceFlow.authorize(new SsoSession.SsoSession({ ...session, ...portal })).pipe(
 *     Effect.provide(SsoOidc.layer({ region: portal.region }))
 *   )
 * })
 * ```
 *
 * **Gotchas**
 *
 * - Other tools look for the token of a session without a name under the start URL that is configured, not under the
 *   portal's. `Login.login` keeps it there.
 * - A browser does not tell where a redirect leads: there, nothing but AWS's own start URLs can be resolved.
 *
 * **Details**
 *
 * The rules are those of `aws sso login` from AWS CLI 2.36 on:
 *
 * - A start URL under a domain of AWS is left as it is, in the region that is configured, and nobody is asked. Beyond
 *   those rules, one that its host name says stands in where none is configured.
 * - Any other one is asked once, with `HEAD`, and with `GET` where the server does not know that; one redirect is read,
 *   and none is followed.
 * - Both ends must be `https`, and the portal must be under a domain of AWS.
 * - The region of a portal that was redirected to is that in its host name, else the session's own.
 *
 * Source: AWS Security Blog, "Regional routing for AWS access portals: Implementing custom vanity domains for IAM
 * Identity Center"; the AWS CLI's own rules for start URLs.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schema from "effect/Schema"
import { asOneRequest } from "../wire/DirectRequest.ts"
import { systemCode } from "../wire/SystemCode.ts"
import * as UserAgent from "../wire/UserAgent.ts"

/**
 * An AWS access portal.
 *
 * @category models
 * @since 0.1.0
 */
export interface Portal {
  /** Its URL: `https`, and under a domain of AWS. */
  readonly startUrl: string
  /** The region of its Identity Center instance. */
  readonly region: string
}

/**
 * A start URL leads to no portal.
 *
 * @category errors
 * @since 0.1.0
 */
export class StartUrlUnresolved extends Schema.TaggedError<StartUrlUnresolved>()("StartUrlUnresolved", {
  startUrl: Schema.String,
  /**
   * - `NotHttps`: the start URL, or what it redirects to, is no `https` URL
   * - `Unreachable`: its server could not be asked, or did not answer in time
   * - `NoRedirect`: its server answered with something else than a redirect
   * - `NotAws`: it redirects to a domain that is not AWS's
   * - `NoRegion`: neither the portal's host name nor the settings say the region
   */
  reason: Schema.Literals(["NotHttps", "Unreachable", "NoRedirect", "NotAws", "NoRegion"]),
  /** What was found, and what is expected. */
  description: Schema.String
}) {
  override get message(): string {
    return `the start URL ${this.startUrl} cannot be used: ${this.description}`
  }
}

// Where portals are, in the partitions aws, aws-us-gov, aws-cn and aws-eusc.
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

// Names of instances, not of servers: `https://identitycenter.amazonaws.com/ssoins-…` is a start URL too.
const issuers = new Set([
  "identitycenter.amazonaws.com",
  "identitycenter.us-gov.amazonaws.com",
  "identitycenter.amazonaws.com.cn",
  "identitycenter.amazonaws.eu"
])

// `{instance}.portal.{region}.{domain}` answers over IPv4 and IPv6, `{instance}.{region}.{domain}` over IPv4.
const regionalHosts = [
  /^[^.]+\.portal\.([a-z0-9-]+)\.(?:app\.aws|app\.amazonwebservices\.com\.cn|api\.amazonwebservices\.eu)$/,
  /^[^.]+\.([a-z0-9-]+)\.portal\.amazonaws\.(?:com|com\.cn|eu)$/
]

const parse = (url: string, base?: string): URL | undefined =>
  URL.canParse(url, base) ? new URL(url, base) : undefined

// A host name can end with the dot of the root (RFC 1034 §3.1).
const hostOf = (url: URL): string => url.hostname.replace(/\.$/, "")

const isAwsHost = (host: string): boolean =>
  issuers.has(host) || portalDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))

const regionOf = (host: string): string | undefined =>
  regionalHosts.map((pattern) => pattern.exec(host)?.[1]).find((region) => region !== undefined)

/**
 * Whether a start URL is under a domain of AWS, so that the service knows it as it is.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isAwsOwned = (startUrl: string): boolean => {
  const url = parse(startUrl)
  return url !== undefined && isAwsHost(hostOf(url))
}

/**
 * The portal that a start URL leads to.
 *
 * **Details**
 *
 * A portal that was redirected to is named by its URL without query, fragment and a slash at the end. A server has ten
 * seconds to answer.
 *
 * - `startUrl`: the start URL of a session, under a domain of AWS or not
 * - `region`: the region of the session, where it is known
 *
 * @category resolving
 * @since 0.1.0
 */
export const resolve: (options: {
  readonly startUrl: string
  readonly region?: string | undefined
}) => Effect.Effect<Portal, StartUrlUnresolved, HttpClient.HttpClient> = Effect.fnUntraced(function* ({
  region: configured,
  startUrl
}) {
  const refuse = (reason: StartUrlUnresolved["reason"], description: string) =>
    new StartUrlUnresolved({ startUrl, reason, description })
  const noRegion = () => refuse("NoRegion", "its host name does not say the region: set sso_region, or pass a region")

  const url = parse(startUrl)
  if (url?.protocol !== "https:") return yield* refuse("NotHttps", "it must be an https URL")
  if (isAwsHost(hostOf(url))) {
    const named = regionOf(hostOf(url))
    const region = configured ?? named
    if (region === undefined) return yield* noRegion()
    if (named !== undefined && named !== region) {
      yield* Effect.logDebug(`the host name of ${startUrl} says ${named}, and the settings ${region}, which counts`)
    }
    return { startUrl, region }
  }

  const { location, status } = yield* ask("HEAD", url).pipe(
    Effect.filterOrElse(
      (answer) => !lacksHead.has(answer.status),
      () => ask("GET", url)
    ),
    Effect.mapError((description) => refuse("Unreachable", description))
  )
  if (!redirects.has(status)) {
    return yield* refuse("NoRedirect", `it must redirect to an AWS access portal, and it answers with HTTP ${status}`)
  }
  const portal = location === undefined ? undefined : parse(location, startUrl)
  if (portal === undefined) return yield* refuse("NoRedirect", "it redirects without saying where (no Location)")
  if (portal.protocol !== "https:") {
    return yield* refuse("NotHttps", `it redirects to ${portal.origin}, and must redirect to https`)
  }
  if (!isAwsHost(hostOf(portal))) {
    return yield* refuse("NotAws", `it redirects to ${portal.origin}, which is not under a domain of AWS`)
  }
  const region = regionOf(hostOf(portal)) ?? configured
  if (region === undefined) return yield* noRegion()
  const resolved = { startUrl: portal.origin + portal.pathname.replace(/\/+$/, ""), region }
  yield* Effect.logDebug(`${startUrl} leads to ${resolved.startUrl} in ${region}`)
  return resolved
})

/** The statuses that say where the portal is (RFC 9110 §15.4). */
const redirects = new Set([301, 302, 303, 307, 308])

/** The statuses of a server that does not know the method (RFC 9110 §15.5.6, §15.6.2). */
const lacksHead = new Set([405, 501])

const timeout = "10 seconds"

/** One request, whose body is never read; or a description of why there is no answer. */
const ask = Effect.fnUntraced(
  function* (
    method: "HEAD" | "GET",
    url: URL
  ): Effect.fn.Return<
    { readonly status: number; readonly location: string | undefined },
    string,
    HttpClient.HttpClient
  > {
    const http = yield* HttpClient.HttpClient
    const request = HttpClientRequest.make(method)(url, { headers: UserAgent.headers() })
    return yield* HttpClient.withScope(http)
      .execute(request)
      .pipe(
        asOneRequest,
        // A client that takes a status for an error has the answer all the same
        Effect.catchReason("HttpClientError", "StatusCodeError", ({ response }) => Effect.succeed(response)),
        Effect.map(({ headers, status }) => ({ status, location: headers["location"] })),
        Effect.scoped,
        Effect.mapError(({ cause }) => {
          const code = systemCode(cause)
          return `there is no connection to ${url.origin}${code === undefined ? "" : ` (${code})`}`
        })
      )
  },
  (effect, _, url) =>
    Effect.timeoutOrElse(effect, {
      duration: timeout,
      orElse: () => Effect.fail(`${url.origin} did not answer within ${timeout}`)
    })
)
