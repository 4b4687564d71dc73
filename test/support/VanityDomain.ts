/**
 * A start URL under a domain of one's own, which answers from a script; whatever goes elsewhere reaches the emulator.
 */
import { Context, Effect, Layer, Ref } from "effect"
import { HttpClient } from "effect/http"
import * as ScriptedHttp from "./ScriptedHttp.ts"

export const startUrl = "https://aws.example.com"

/** Where it leads to, of another region than the sessions of the tests. */
export const portal = {
  startUrl: "https://ssoins-0123456789abcdef.portal.eu-west-1.app.aws",
  region: "eu-west-1"
}

export const redirect = (location: string): ScriptedHttp.ScriptedResponse => ({ status: 302, headers: { location } })

/** What the emulator was asked, with what it was sent. `ScriptedHttp.Log` has what the domain was asked. */
export class Sent extends Context.Service<
  Sent,
  Effect.Effect<ReadonlyArray<{ readonly url: string; readonly body: string }>>
>()("test/VanityDomain/Sent") {}

export const layer = (
  answer: ScriptedHttp.ScriptedResponse = redirect(portal.startUrl)
): Layer.Layer<HttpClient.HttpClient | ScriptedHttp.Log | Sent, never, HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const emulator = yield* HttpClient.HttpClient
      const domain = yield* Layer.build(ScriptedHttp.layer(() => answer))
      const sent = yield* Ref.make<ReadonlyArray<{ readonly url: string; readonly body: string }>>([])
      const client = HttpClient.make((request, url) =>
        url.origin === startUrl
          ? Context.get(domain, HttpClient.HttpClient).execute(request)
          : Ref.update(sent, (all) => [...all, { url: url.href, body: ScriptedHttp.textOf(request) }]).pipe(
              Effect.andThen(emulator.execute(request))
            )
      )
      return domain.pipe(Context.add(HttpClient.HttpClient, client), Context.add(Sent, Ref.get(sent)))
    })
  )
