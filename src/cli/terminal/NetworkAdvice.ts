/**
 * What to check about proxies and certificate authorities when there is no connection.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as NetworkSettings from "../../node/NetworkSettings.ts"
import { StartUrlUnresolved } from "../../session/LoginFailed.ts"
import { CallTimeout, DispatchFailure } from "../../wire/ClientError.ts"
import { isLoopback } from "../../wire/Loopback.ts"

/**
 * The text that follows the message of a failure. It is empty if the failure is not about a connection to
 * another machine.
 *
 * **Details**
 *
 * The settings that were used are named. If there are none, the text names those that may be missing.
 */
export const networkAdvice = (failure: unknown, settings: NetworkSettings.NetworkSettings): string => {
  const connection = findConnection(failure)
  if (connection === undefined || isLoopback(connection.url.hostname)) return ""
  const proxy = Result.getOrElse(NetworkSettings.proxyFor(settings, connection.url), () => undefined)
  const isExcluded = proxy === undefined && settings.proxies["https:"] !== undefined
  const isUntrusted = connection.code !== undefined && untrusted.test(connection.code)
  return [
    proxy === undefined
      ? isExcluded
        ? "; the connection is made without the proxy, because of NO_PROXY"
        : isUntrusted
          ? ""
          : "; if this network requires a proxy, set HTTPS_PROXY"
      : `; the connection is made through the proxy ${proxy.origin} (${proxy.variable})`,
    settings.caBundle === undefined
      ? isUntrusted
        ? "; the certificate of the server is from an authority that is not trusted: if it belongs to your company, set AWS_CA_BUNDLE to the file with its certificate"
        : ""
      : `; only the certificate authorities in ${settings.caBundle} (AWS_CA_BUNDLE) are trusted`
  ].join("")
}

/** The codes of OpenSSL for a certificate whose authority is unknown. */
const untrusted =
  /^(UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED)/

interface Connection {
  readonly url: URL
  readonly code?: string | undefined
}

/** The connection that failed: of the failure itself, or of its reason. */
const findConnection = (failure: unknown): Connection | undefined => {
  if (failure instanceof DispatchFailure) return connectionTo(failure.origin, failure.code)
  if (failure instanceof StartUrlUnresolved && failure.reason === "Unreachable") {
    return connectionTo(failure.startUrl, /\((\w+)\)$/.exec(failure.description)?.[1])
  }
  if (failure instanceof CallTimeout) return { url: someEndpoint }
  return Predicate.hasProperty(failure, "reason") ? findConnection(failure.reason) : undefined
}

const connectionTo = (url: string, code?: string): Connection | undefined =>
  URL.canParse(url) ? { url: new URL(url), code } : undefined

/** A timeout does not have the URL. */
const someEndpoint = new URL("https://oidc.us-east-1.amazonaws.com")
