/**
 * An `HttpClient` that answers from a script, and remembers what it was asked and when.
 */
import { Clock, Context, Effect, Layer, Option, Ref } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"

export interface Asked {
  readonly at: number
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** An answer; `"drop"` for a broken connection; `"hang"` for none at all. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Uint8Array }
  | "drop"
  | "hang"

export class Log extends Context.Service<
  Log,
  {
    readonly asked: Effect.Effect<ReadonlyArray<Asked>>
    /** How many requests are under way, not counting those that were aborted. */
    readonly open: Effect.Effect<number>
  }
>()("test/ScriptedHttp/Log") {}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

export const exception = (name: string, error: string, status = 400): Answer =>
  json(
    status,
    { error, error_description: `described: ${error}` },
    {
      "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/`,
      "x-amzn-requestid": "00000000-0000-4000-8000-000000000000"
    }
  )

/** What a request carries. */
export const textOf = (request: HttpClientRequest.HttpClientRequest): string =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""

/** Answers each request with what `respond` makes of it and of the number of requests before it to the same path. */
export const layer = (respond: (asked: Asked, before: number) => Answer): Layer.Layer<HttpClient.HttpClient | Log> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const log = yield* Ref.make<ReadonlyArray<Asked>>([])
      const open = yield* Ref.make(0)
      const client = HttpClient.make(
        Effect.fnUntraced(function* (request, url) {
          const asked: Asked = {
            at: yield* Clock.currentTimeMillis,
            method: request.method,
            url: url.href,
            headers: { ...request.headers },
            body: textOf(request)
          }
          const before = (yield* Ref.get(log)).filter((one) => new URL(one.url).pathname === url.pathname).length
          yield* Ref.update(log, (all) => [...all, asked])
          const answer = respond(asked, before)
          if (answer === "hang") {
            return yield* Effect.acquireUseRelease(
              Ref.update(open, (n) => n + 1),
              () => Effect.never,
              () => Ref.update(open, (n) => n - 1)
            )
          }
          if (answer === "drop") {
            return yield* new HttpClientError.HttpClientError({
              reason: new HttpClientError.TransportError({
                request,
                cause: Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })
              })
            })
          }
          const body = answer.body instanceof Uint8Array ? new Uint8Array(answer.body) : (answer.body ?? null)
          return HttpClientResponse.fromWeb(
            request,
            new Response(body, {
              status: answer.status,
              headers: answer.headers ?? {}
            })
          )
        })
      )
      return Context.make(HttpClient.HttpClient, client).pipe(
        Context.add(Log, { asked: Ref.get(log), open: Ref.get(open) })
      )
    })
  )

/** The answers of one path, one after another; the last one stays. */
export const script = (answers: ReadonlyArray<Answer>, before: number): Answer =>
  Option.getOrElse(Option.fromUndefinedOr(answers[before] ?? answers.at(-1)), () => "hang" as const)
