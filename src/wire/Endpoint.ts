/**
 * Where the services answer: from a region, or an endpoint of one's own, to the base URL of a call.
 *
 * **When to use**
 *
 * Use to learn, or to check before anything is sent, which host a configuration leads to.
 *
 * **Details**
 *
 * `https://oidc.{region}.{domain}` for SSO OIDC, `https://portal.sso.{region}.{domain}` for the portal. FIPS endpoints
 * have `-fips` behind the service's name, dual-stack ones stand under the partition's other domain. In `aws-us-gov` the
 * standard endpoint is the FIPS endpoint too: only under the dual-stack domain does it have a name of its own.
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
 * The services that IAM Identity Center sign-in talks to: `sso-oidc` gives tokens, `sso` (the portal) takes them.
 *
 * @category models
 * @since 0.1.0
 */
export type Service = "sso-oidc" | "sso"

/**
 * What an endpoint is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly service: Service
  /** The region of the IAM Identity Center instance. Needed unless `endpoint` is given. */
  readonly region?: string | undefined
  /** A base URL to use instead of AWS's own, such as `http://localhost:8080/sso`. */
  readonly endpoint?: string | undefined
  /** Whether to use FIPS 140 validated endpoints. Defaults to `false`. */
  readonly useFips?: boolean | undefined
  /** Whether to use endpoints that answer over IPv6 too. Defaults to `false`. */
  readonly useDualStack?: boolean | undefined
  /** Whether `endpoint` may be plain `http` to another machine: secrets travel readable. Defaults to `false`. */
  readonly allowInsecureEndpoint?: boolean | undefined
  /** The partition of the region, for one that this release does not know. Defaults to `Partition.forRegion(region)`. */
  readonly partition?: Partition.Partition | undefined
}

/**
 * The base URL of a service, without a slash at its end, so that an operation's path can be appended.
 *
 * **Details**
 *
 * Fails with a `ConstructionFailure` whose `reason` is
 *
 * - `InvalidRegion` where the region is missing, is no label of a host name (RFC 1123 §2.1) or names a FIPS endpoint
 * - `InvalidConfiguration` where the partition has no endpoints of the kind that is asked for
 * - `InvalidEndpoint` where the custom endpoint is no absolute `http(s)` URL, carries credentials, a query or a
 *   fragment, is plain `http` to another machine, or is combined with FIPS or dual-stack
 *
 * A message shows the host of a custom endpoint at most, since the rest may hold a password.
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
export const resolve = (options: Options): Result.Result<string, ConstructionFailure> => {
  const { endpoint, region } = options
  const fault = region === undefined ? undefined : faultOf(region)
  if (fault !== undefined) {
    return refuse("InvalidRegion", fault)
  }
  if (endpoint !== undefined) {
    return custom(endpoint, options)
  }
  if (region === undefined) {
    return refuse(
      "InvalidRegion",
      "The region is missing. Pass `region`, set AWS_REGION, or give the SSO session an sso_region in the AWS config file."
    )
  }
  return regional(region, options)
}

// What stands before the region in a host name.
const hosts: Readonly<Record<Service, string>> = { "sso-oidc": "oidc", sso: "portal.sso" }

const regional = (
  region: string,
  { service, useFips = false, useDualStack = false, partition = Partition.forRegion(region) }: Options
): Result.Result<string, ConstructionFailure> => {
  const lacking = [
    ...(useFips && !partition.supportsFips ? ["FIPS"] : []),
    ...(useDualStack && !partition.supportsDualStack ? ["dual-stack"] : [])
  ]
  if (lacking.length > 0) {
    return refuse(
      "InvalidConfiguration",
      `The partition ${partition.name} of the region "${region}" has no ${lacking.join(" and no ")} endpoints. Turn that off, or choose another region.`
    )
  }
  const standardIsFips = partition.name === "aws-us-gov" && !useDualStack
  const host = useFips && !standardIsFips ? `${hosts[service]}-fips` : hosts[service]
  const url = parse(`https://${host}.${region}.${useDualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix}`)
  // A label can look right and still be none, such as one that starts with `xn--` and is no Punycode.
  return url === undefined ? refuse("InvalidRegion", notARegion(region)) : Result.succeed(url.origin)
}

const custom = (
  endpoint: string,
  { useFips = false, useDualStack = false, allowInsecureEndpoint = false }: Options
): Result.Result<string, ConstructionFailure> => {
  if (useFips || useDualStack) {
    return refuse(
      "InvalidEndpoint",
      `A custom endpoint cannot be combined with ${useFips ? "FIPS" : "dual-stack"}. Turn off one of the two.`
    )
  }
  // The URL parser forgives a missing `//` and surrounding blanks; who writes these meant something else.
  const url = /^https?:\/\/\S+$/i.test(endpoint) ? parse(endpoint) : undefined
  if (url === undefined) {
    return refuse(
      "InvalidEndpoint",
      "The custom endpoint is no absolute http(s) URL. Write it like https://sso.example.com/path"
    )
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("InvalidEndpoint", "The custom endpoint holds a user name or password. Remove it.")
  }
  if (url.search !== "" || url.hash !== "") {
    return refuse("InvalidEndpoint", "The custom endpoint has a query or a fragment. End it with its path.")
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowInsecureEndpoint) {
    return refuse(
      "InvalidEndpoint",
      `The custom endpoint would send secrets unencrypted to ${url.host}. Use https, or set allowInsecureEndpoint.`
    )
  }
  return Result.succeed(url.origin + url.pathname.replace(/\/+$/, ""))
}

const faultOf = (region: string): string | undefined => {
  if (!isHostLabel(region)) {
    return notARegion(region)
  }
  // Older configurations name a FIPS endpoint where the region belongs. Used as a region, it leads to no host, and makes
  // a signature for none.
  const realRegion = region.replace(/^fips-|-fips$/, "")
  return realRegion === region
    ? undefined
    : `"${region}" is a FIPS endpoint, not a region. Set the region to "${realRegion}", and useFips (or AWS_USE_FIPS_ENDPOINT) to true.`
}

const parse = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

// RFC 1123 §2.1 and RFC 1035 §2.3.4. A host of more than one label would lead out of AWS's domain.
const isHostLabel = (value: string): boolean => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(value)

const notARegion = (region: string): string =>
  `${JSON.stringify(region)} is no region: letters, digits and hyphens are expected, such as us-east-1.`

const refuse = (
  reason: ConstructionFailure["reason"],
  description: string
): Result.Result<never, ConstructionFailure> => Result.fail(new ConstructionFailure({ reason, description }))
