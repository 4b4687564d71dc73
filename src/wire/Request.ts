/**
 * Makes the HTTP request of an input: its members are in the body, or in the query and the headers.
 *
 * Source: Smithy, "HTTP binding traits".
 */
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Operation from "../operation/Operation.ts"

/**
 * For an endpoint, gives the function that makes the request of an encoded input. It fails with the member that cannot be
 * sent. Make both functions once.
 */
export const make = <I, O, E extends Operation.ModelledException>(
  operation: Operation.TypedOperation<I, O, E>,
  headers: Readonly<Record<string, string>>
): ((endpoint: string) => (encoded: unknown) => Result.Result<HttpClientRequest.HttpClientRequest, string>) => {
  const { bindings, method, query } = operation
  const fixed = Object.entries(query).map(([name, value]) => parameter(name, value))
  // In the order of their names, as the official clients send them
  const places = Object.entries(bindings ?? {}).toSorted(([, a], [, b]) => (a.name < b.name ? -1 : 1))

  return (endpoint) => {
    const url = endpoint + operation.path
    const request = HttpClientRequest.make(method)(withQuery(url, fixed), { headers })
    if (bindings === undefined) {
      return (encoded) => Result.succeed(HttpClientRequest.setBody(request, HttpBody.jsonUnsafe(encoded)))
    }
    return (encoded) => {
      const parameters = [...fixed]
      let bound = request
      for (const [member, { in: place, name }] of places) {
        const value = valueOf(encoded, member)
        if (value === undefined) continue
        const text = String(value)
        const { characters, reason } = invalid[place]
        if (characters.test(text)) return Result.fail(`${member}: ${reason}`)
        if (place === "query") parameters.push(parameter(name, text))
        else bound = HttpClientRequest.setHeader(bound, name, text)
      }
      return Result.succeed(HttpClientRequest.setUrl(bound, withQuery(url, parameters)))
    }
  }
}

const invalid = {
  // WHATWG Encoding, "UTF-8 encode"
  query: { characters: /\p{Surrogate}/u, reason: "a lone surrogate cannot be sent" },
  // RFC 9110 §5.5, without its obsolete part. A token has no other characters (RFC 6749, appendix A.12)
  header: { characters: /[^\x20-\x7E]/, reason: "only printable ASCII characters can be sent in a header" }
} as const

const valueOf = (encoded: unknown, member: string): unknown =>
  Predicate.hasProperty(encoded, member) ? encoded[member] : undefined

// RFC 3986 §2.3: all but the unreserved characters, so a space is `%20`, not `+`
const escape = (text: string): string =>
  isUnreserved.test(text)
    ? text
    : encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

const isUnreserved = /^[\w.~-]*$/

const parameter = (name: string, value: string): string => `${escape(name)}=${escape(value)}`

const withQuery = (url: string, parameters: ReadonlyArray<string>): string =>
  parameters.length === 0 ? url : `${url}?${parameters.join("&")}`
