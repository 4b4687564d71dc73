/**
 * The base URL of a service, from a region or from a custom endpoint.
 *
 * **When to use**
 *
 * Use to find out which host the requests go to, or to check settings before a request is sent.
 *
 * **Details**
 *
 * `https://oidc.{region}.{domain}` for SSO OIDC, `https://portal.sso.{region}.{domain}` for the portal. The hosts of FIPS
 * endpoints have `-fips` after the name of the service. Dual-stack endpoints use another domain of the partition. In
 * `aws-us-gov` the standard endpoint is also the FIPS endpoint; only the dual-stack domain has a separate one.
 *
 * Source: the endpoint rule sets that AWS publishes with the models of both services; AWS SDKs and Tools Reference
 * Guide, "Dual-stack and FIPS endpoints" and "Service-specific endpoints".
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { ConstructionFailure } from "./ClientError.ts"
import { isLoopback } from "./Loopback.ts"
import * as Partition from "./Partition.ts"

/**
 * The services of IAM Identity Center: `sso-oidc` issues tokens, and `sso` is the AWS access portal.
 *
 * @category models
 * @since 0.2.0
 */
export type EndpointService = "sso-oidc" | "sso"

/**
 * The options of `resolve`.
 *
 * @category models
 * @since 0.2.0
 */
export interface EndpointOptions {
  /** The service. */
  readonly service: EndpointService
  /** The region of the IAM Identity Center instance. Required without `endpoint`. */
  readonly region?: string | undefined
  /** A custom base URL, such as `http://localhost:8080/sso`. */
  readonly endpoint?: string | undefined
  /** Whether to use the FIPS endpoint. `false` by default. */
  readonly useFips?: boolean | undefined
  /** Whether to use the dual-stack endpoint, which also supports IPv6. `false` by default. */
  readonly useDualStack?: boolean | undefined
  /** Whether `endpoint` can be plain `http` to another machine, which sends secrets unencrypted. `false` by default. */
  readonly allowInsecureEndpoint?: boolean | undefined
}

/**
 * The base URL of a service, without a trailing slash.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` whose `reason` is
 *
 * - `InvalidRegion` where the region is missing, is not a host label (RFC 1123 §2.1) or is the name of a FIPS endpoint
 * - `InvalidEndpoint` where the custom endpoint is not an absolute `http(s)` URL, has credentials, a query or a fragment,
 *   is plain `http` to another machine, or is combined with FIPS or dual-stack
 *
 * Its message shows at most the host of a custom endpoint, since the rest can contain a password.
 *
 * **Example** (A region of China)
 *
 * ```ts
 * import { Endpoint } from "effect-aws-sso"
 *
 * Endpoint.resolve({ service: "sso", region: "cn-north-1" })
 * // Result.succeed("https://portal.sso.cn-north-1.amazonaws.com.cn")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const resolve = (options: EndpointOptions): Result.Result<string, ConstructionFailure> => {
  const { endpoint, region } = options
  const problem = region === undefined ? undefined : problemOf(region)
  if (problem !== undefined) return refuse("InvalidRegion", problem)
  if (endpoint !== undefined) return custom(endpoint, options)
  if (region === undefined) {
    return refuse(
      "InvalidRegion",
      "the region is missing: pass `region`, choose one with `inRegion`, set AWS_REGION, or set sso_region in the AWS config file"
    )
  }
  return regional(region, options)
}

// The host name before the region
const hosts: Readonly<Record<EndpointService, string>> = { "sso-oidc": "oidc", sso: "portal.sso" }

const regional = (
  region: string,
  { service, useDualStack = false, useFips = false }: EndpointOptions
): Result.Result<string, ConstructionFailure> => {
  const partition = Partition.forRegion(region)
  const standardIsFips = partition.name === "aws-us-gov" && !useDualStack
  const host = useFips && !standardIsFips ? `${hosts[service]}-fips` : hosts[service]
  const url = parse(`https://${host}.${region}.${useDualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix}`)
  // A label that starts with `xn--` and is not Punycode is invalid
  return url === undefined ? refuse("InvalidRegion", notARegion(region)) : Result.succeed(url.origin)
}

const custom = (
  endpoint: string,
  { useFips = false, useDualStack = false, allowInsecureEndpoint = false }: EndpointOptions
): Result.Result<string, ConstructionFailure> => {
  if (useFips || useDualStack) {
    return refuse(
      "InvalidEndpoint",
      `a custom endpoint cannot be combined with ${useFips ? "FIPS" : "dual-stack"}: turn off one of them`
    )
  }
  // The URL parser accepts a missing `//` and surrounding blanks, but these are mistakes
  const url = /^https?:\/\/\S+$/i.test(endpoint) ? parse(endpoint) : undefined
  if (url === undefined) {
    return refuse(
      "InvalidEndpoint",
      "the custom endpoint is not an absolute http(s) URL, such as https://sso.example.com/path"
    )
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("InvalidEndpoint", "the custom endpoint contains a user name or a password: remove it")
  }
  if (url.search !== "" || url.hash !== "") {
    return refuse("InvalidEndpoint", "the custom endpoint has a query or a fragment: remove it")
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowInsecureEndpoint) {
    return refuse(
      "InvalidEndpoint",
      `the custom endpoint would receive secrets unencrypted at ${url.host}: use https, or set allowInsecureEndpoint`
    )
  }
  return Result.succeed(url.origin + url.pathname.replace(/\/+$/, ""))
}

const problemOf = (region: string): string | undefined => {
  if (!isHostLabel(region)) {
    return notARegion(region)
  }
  // Older configurations have the name of a FIPS endpoint as the region, for which no host exists
  const realRegion = region.replace(/^fips-|-fips$/, "")
  return realRegion === region
    ? undefined
    : `"${region}" is a FIPS endpoint, not a region: set the region to "${realRegion}", and useFips (or AWS_USE_FIPS_ENDPOINT) to true`
}

const parse = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

// RFC 1123 §2.1 and RFC 1035 §2.3.4. A dot or a slash in the region could change the domain
const isHostLabel = (value: string): boolean => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(value)

const notARegion = (region: string): string =>
  `${JSON.stringify(region)} is not a region: use letters, digits and hyphens, such as us-east-1`

const refuse = (
  reason: ConstructionFailure["reason"],
  description: string
): Result.Result<never, ConstructionFailure> => Result.fail(new ConstructionFailure({ reason, description }))
