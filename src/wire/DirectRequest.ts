/**
 * A request that stays what it is: nobody follows a redirect with it, and nobody adds to it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"

/**
 * Sends the requests of an effect as they are.
 *
 * **Details**
 *
 * What fetch would follow would carry the client secret elsewhere. And the caller's own span is enough: another one, and
 * trace headers that the official clients do not send, would only be in the way.
 */
export const asOneRequest = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateContext(self, (context: Context.Context<R>) =>
    context.pipe(
      Context.add(FetchHttpClient.RequestInit, {
        ...Context.getOrUndefined(context, FetchHttpClient.RequestInit),
        redirect: "manual"
      }),
      Context.add(HttpClient.TracerDisabledWhen, constTrue)
    )
  )
