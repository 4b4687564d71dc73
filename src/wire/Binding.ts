/**
 * Where the members of an input travel: in the body, or in the query and the headers.
 *
 * Source: Smithy, "HTTP binding traits".
 *
 * @since 0.1.0
 */
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import type * as Operation from "../operation/Operation.ts"
import type { JsonObject } from "./RestJson.ts"

/**
 * A function that makes the request of an encoded input, or says which member cannot be sent. Build it once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <I, O, E extends Operation.Exception>(
  operation: Operation.Typed<I, O, E>,
  options: { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> }
): ((encoded: unknown) => Result.Result<HttpClientRequest.HttpClientRequest, string>) => {
  const { bindings, method, query } = operation
  const url = options.endpoint + operation.path
  const own = Object.entries(query)
  const address = (parameters: ReadonlyArray<readonly [string, string]>) =>
    HttpClientRequest.make(method)(parameters.length === 0 ? url : `${url}?${format(parameters)}`, {
      headers: options.headers
    })
  if (bindings === undefined) {
    const request = address(own)
    return (encoded) => Result.succeed(HttpClientRequest.setBody(request, HttpBody.jsonUnsafe(encoded)))
  }
  // In the order of their names, as the official clients have it
  const places = Object.entries(bindings).toSorted(([, a], [, b]) => (a.name < b.name ? -1 : 1))
  return (encoded) => {
    const members = places.flatMap(([member, binding]) => {
      const value = valueOf(encoded, member)
      return value === undefined ? [] : [{ ...binding, member, value: String(value) }]
    })
    const refused = members.find(({ in: place, value }) => unsendable[place].characters.test(value))
    if (refused !== undefined) return Result.fail(`${refused.member}: ${unsendable[refused.in].because}`)
    const [parameters = [], headers = []] = (["query", "header"] as const).map((place) =>
      members.filter((member) => member.in === place).map(({ name, value }) => [name, value] as const)
    )
    return Result.succeed(HttpClientRequest.setHeaders(address([...own, ...parameters]), Object.fromEntries(headers)))
  }
}

const unsendable = {
  // A URL cannot spell it (WHATWG Encoding, "UTF-8 encode")
  query: { characters: /\p{Surrogate}/u, because: "half a surrogate pair cannot be sent" },
  // RFC 9110 §5.5, without what is obsolete of it; a token has no other (RFC 6749, appendix A.12)
  header: { characters: /[^\x20-\x7E]/, because: "a header takes printable ASCII characters alone" }
} as const

const valueOf = (encoded: unknown, member: string): unknown => (isObject(encoded) ? encoded[member] : undefined)

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null

// RFC 3986 §2.3: all but the unreserved characters, where a form would write `+` for a space
const escape = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

const format = (parameters: ReadonlyArray<readonly [string, string]>): string =>
  parameters.map((parameter) => parameter.map(escape).join("=")).join("&")
