/**
 * An `HttpClient` that responds from a script, and records the requests and their times.
 */
import { Clock, Context, Effect, Layer, Option, Ref } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"

export interface ScriptedRequest {
  readonly at: number
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** A response, `"drop"` for a broken connection, or `"hang"` for no response at all. */
export type ScriptedResponse =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Uint8Array }
  | "drop"
  | "hang"

export class Log extends Context.Service<
  Log,
  {
    readonly requests: Effect.Effect<ReadonlyArray<ScriptedRequest>>
    /** The number of requests that wait for a response, without those that were aborted. */
    readonly open: Effect.Effect<number>
  }
>()("test/ScriptedHttp/Log") {}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): ScriptedResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

export const exception = (name: string, error: string, status = 400): ScriptedResponse =>
  json(
    status,
    { error, error_description: `described: ${error}` },
    {
      "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/`,
      "x-amzn-requestid": "00000000-0000-4000-8000-000000000000"
    }
  )

/** The text of a request's body. */
export const textOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

/** Gives each request, and the number of earlier requests to the same path, to `respond`. */
export const layer = (
  respond: (request: ScriptedRequest, before: number) => ScriptedResponse
): Layer.Layer<HttpClient.HttpClient | Log> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const log = yield* Ref.make<ReadonlyArray<ScriptedRequest>>([])
      const open = yield* Ref.make(0)
      const client = HttpClient.make(
        Effect.fnUntraced(function* (request, url) {
          const recorded: ScriptedRequest = {
            at: yield* Clock.currentTimeMillis,
            method: request.method,
            url: url.href,
            headers: { ...request.headers },
            body: textOf(request)
          }
          const before = (yield* Ref.get(log)).filter((one) => new URL(one.url).pathname === url.pathname).length
          yield* Ref.update(log, (all) => [...all, recorded])
          const response = respond(recorded, before)
          if (response === "hang") {
            return yield* Effect.acquireUseRelease(
              Ref.update(open, (n) => n + 1),
              () => Effect.never,
              () => Ref.update(open, (n) => n - 1)
            )
          }
          if (response === "drop") {
            return yield* new HttpClientError.HttpClientError({
              reason: new HttpClientError.TransportError({
                request,
                cause: Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })
              })
            })
          }
          const body = response.body instanceof Uint8Array ? new Uint8Array(response.body) : (response.body ?? null)
          return HttpClientResponse.fromWeb(
            request,
            new Response(body, {
              status: response.status,
              headers: response.headers ?? {}
            })
          )
        })
      )
      return Context.make(HttpClient.HttpClient, client).pipe(
        Context.add(Log, { requests: Ref.get(log), open: Ref.get(open) })
      )
    })
  )

/** The responses of one path, one after another. The last one is repeated. */
export const script = (responses: ReadonlyArray<ScriptedResponse>, before: number): ScriptedResponse =>
  Option.getOrElse(Option.fromUndefinedOr(responses[before] ?? responses.at(-1)), () => "hang" as const)
