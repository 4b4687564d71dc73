/**
 * The proxies and the certificate authorities of the environment, read as the AWS CLI reads them.
 *
 * Source: botocore 1.43, `httpsession.py` and `utils.py`, and the functions of Python's `urllib.request` that it calls
 * (`getproxies_environment`, `proxy_bypass_environment`).
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { ConstructionFailure } from "../wire/ClientError.ts"
import { isLoopback } from "../wire/Loopback.ts"

/** A proxy that the environment names. */
export interface Proxy {
  /** The variable that names it. */
  readonly variable: string
  /** Its scheme, host and port. */
  readonly origin: string
  /** The value of `Proxy-Authorization`, if the variable contains a user. */
  readonly authorization: Redacted.Redacted | undefined
}

/** The settings of a process. An invalid proxy matters only to a request that needs it. */
export interface NetworkSettings {
  /** The proxies by the scheme of a request's URL. */
  readonly proxies: {
    readonly "http:": Result.Result<Proxy, ConstructionFailure> | undefined
    readonly "https:": Result.Result<Proxy, ConstructionFailure> | undefined
  }
  /** The value of `NO_PROXY`: hosts that are connected to directly. */
  readonly noProxy: string | undefined
  /** The value of `AWS_CA_BUNDLE`: the file with the only certificate authorities that are trusted. */
  readonly caBundle: string | undefined
}

interface Variable {
  readonly name: string
  readonly value: string
}

const nonEmpty = (name: string, value: Option.Option<string>): Variable | undefined =>
  Option.isNone(value) || value.value === "" ? undefined : { name, value: value.value }

const optional = (name: string) => Config.option(Config.String(name))

/** The variable in lower case, which wins even if it is empty, or the one in upper case. */
const eitherCase = (name: string): Config.Config<Variable | undefined> =>
  Config.all([optional(name), optional(name.toUpperCase())]).pipe(
    Config.map(([lower, upper]) => (Option.isSome(lower) ? nonEmpty(name, lower) : nonEmpty(name.toUpperCase(), upper)))
  )

const config: Config.Config<NetworkSettings> = Config.all({
  http: eitherCase("http_proxy"),
  https: eitherCase("https_proxy"),
  no: eitherCase("no_proxy"),
  caBundle: optional("AWS_CA_BUNDLE"),
  requestMethod: optional("REQUEST_METHOD")
}).pipe(
  Config.map(({ caBundle, http, https, no, requestMethod }) => {
    // In a CGI script, HTTP_PROXY is the header `Proxy` of a request (CVE-2016-1000110)
    const isHeader = Option.isSome(requestMethod) && http?.name === "HTTP_PROXY"
    return {
      proxies: {
        "http:": http === undefined || isHeader ? undefined : parse(http),
        "https:": https === undefined ? undefined : parse(https)
      },
      noProxy: no?.value,
      caBundle: nonEmpty("AWS_CA_BUNDLE", caBundle)?.value
    }
  })
)

/** Reads the settings. If the environment cannot be read, each request that could need a proxy fails. */
export const load: Effect.Effect<NetworkSettings> = config.pipe(
  Effect.catchTag("ConfigError", ({ message }) => {
    const unknown = invalid(`the settings of proxies cannot be read: ${message}`)
    return Effect.succeed({ proxies: { "http:": unknown, "https:": unknown }, noProxy: undefined, caBundle: undefined })
  })
)

/** The proxy for a URL, or none if it is connected to directly. */
export const proxyFor = (
  settings: NetworkSettings,
  url: URL
): Result.Result<Proxy | undefined, ConstructionFailure> => {
  const proxy = url.protocol === "http:" || url.protocol === "https:" ? settings.proxies[url.protocol] : undefined
  return proxy === undefined || isDirect(settings.noProxy, url) ? Result.succeed(undefined) : proxy
}

/**
 * Whether a URL is connected to directly: its host is this machine, or `NO_PROXY` has it or a domain that it is in.
 *
 * **Details**
 *
 * botocore sends requests to a loopback address through the proxy, too. We never do, like the AWS SDK for Go: only to
 * such an address may a request be in plain text, and the way to the proxy is a network.
 */
const isDirect = (noProxy: string | undefined, url: URL): boolean => {
  if (isLoopback(url.hostname) || noProxy === "*") return true
  return (noProxy ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => name.replace(/^\.+/, "").toLowerCase())
    .some((name) =>
      [url.hostname, url.host].some((host) => host.toLowerCase() === name || host.toLowerCase().endsWith(`.${name}`))
    )
}

const parse = ({ name, value }: Variable): Result.Result<Proxy, ConstructionFailure> => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    return invalid(`${name} names a proxy for ${scheme}, but only http:// and https:// are supported: correct it`)
  }
  const url = scheme === undefined ? `http://${value.replace(/^\/\//, "")}` : value
  // The value is not in the message: it can contain a password
  if (!URL.canParse(url)) return invalid(`${name} is not the URL of a proxy, such as http://proxy.example.com:3128`)
  const { host, password, protocol, username } = new URL(url)
  return Result.succeed({
    variable: name,
    origin: `${protocol}//${host}`,
    authorization:
      username === ""
        ? undefined
        : Redacted.make(`Basic ${Base64.encode(`${decoded(username)}:${decoded(password)}`)}`, {
            label: "Proxy-Authorization"
          })
  })
}

/** Decodes percent-encoded text. What encodes no text is left as it is. */
const decoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) =>
    Result.getOrElse(
      Result.try(() => decodeURIComponent(encoded)),
      () => encoded
    )
  )

const invalid = (description: string): Result.Result<never, ConstructionFailure> =>
  Result.fail(new ConstructionFailure({ reason: "InvalidConfiguration", description }))
