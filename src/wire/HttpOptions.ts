/** How requests are sent, whatever the settings of the program's HTTP client. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"

/**
 * Sends the requests of an effect without following redirects, and without the spans and trace headers of the HTTP
 * client.
 *
 * **Details**
 *
 * A redirect would send the client secret to another server. The official clients send no trace headers.
 */
export const withoutRedirectsAndTracing = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(self, (context: Context.Context<R>) =>
    context.pipe(
      Context.add(FetchHttpClient.RequestInit, {
        ...Context.getOrUndefined(context, FetchHttpClient.RequestInit),
        redirect: "manual"
      }),
      Context.add(HttpClient.TracerDisabledWhen, constTrue)
    )
  )
