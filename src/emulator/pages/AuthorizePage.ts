/**
 * `/authorize`: where a person signs in and answers for a program on the same computer (RFC 6749 §4.1.1).
 *
 * The request stays on the server. The pages know it by an id, so that they can be reloaded and gone back to.
 */
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type { InvalidAuthorizationRequest } from "../model/AuthorizationQuery.ts"
import type { NotPending, Request } from "../model/AuthorizationRequests.ts"
import { html } from "./Html.ts"
import * as Page from "./Layout.ts"
import type { State } from "../model/State.ts"
import * as User from "../model/User.ts"

/** @internal */
export const path = "/authorize"

/** @internal */
export const consentPath = "/authorize/consent"

const signIn = ({ id, query }: Request, users: User.Users): Page.Page => ({
  status: 200,
  title: "Sign in",
  content: html`<p><bdi>${query.client.name}</bdi> asks for access. Who are you? No password is needed here.</p>
    <form method="get" action="${consentPath}">
      <input type="hidden" name="request" value="${id}" />
      ${users.map(
        (user) =>
          html`<button class="person" name="user" value="${user.name}"><span>${Page.person(user)}</span></button>`
      )}
    </form>`
})

const confirm = ({ formToken, id, query }: Request, user: User.User): Page.Page => ({
  status: 200,
  title: "Allow this sign-in?",
  leadsTo: query.redirectUri,
  content: html`<p>Allow it only if you have just started it.</p>
    <dl>
      ${Page.fact("Application", html`<bdi>${query.client.name}</bdi>`)}
      ${Page.fact(
        "Signed in as",
        html`${Page.person(user)} <a href="${consentPath}?request=${id}">Sign in as someone else</a>`
      )}
      ${query.client.issuerUrl === undefined ? "" : Page.fact("Portal", html`${query.client.issuerUrl}`)}
      ${Page.scopesFact(query.scopes)} ${Page.fact("Sends you back to", html`${query.redirectUri.origin}`)}
    </dl>
    <form method="post" action="${consentPath}">
      <input type="hidden" name="request" value="${id}" />
      <input type="hidden" name="form_token" value="${formToken}" />
      <input type="hidden" name="user" value="${user.name}" />
      ${Page.decisionButtons}
    </form>`
})

const refused = (error: InvalidAuthorizationRequest): Page.Page =>
  Page.notice(
    "neutral",
    400,
    "This sign-in cannot go on",
    `Nothing was sent to the application, since its request is wrong: ${error.message}.`
  )

const unknown = Page.notice("neutral", 404, "Unknown request", "There is no such request. To sign in, start again.")

const answeredAlready = Page.notice(
  "neutral",
  409,
  "Answered already",
  "This request was answered before. To sign in, start again in the application."
)

const expired = Page.notice(
  "neutral",
  410,
  "Too late",
  "This request is too old. To sign in, start again in the application."
)

const notPending = ({ status }: NotPending): Effect.Effect<Page.Page> => {
  switch (status) {
    case "unknown":
      return Effect.succeed(unknown)
    case "expired":
      return Effect.succeed(expired)
    default:
      return Effect.succeed(answeredAlready)
  }
}

/**
 * The client sends a person with a request.
 *
 * @internal
 */
export const visit = (state: State, url: URL): Effect.Effect<Page.Page | Page.Redirect> =>
  state.openRequest(url.searchParams).pipe(
    Effect.map((request) => signIn(request, state.users)),
    Effect.catchTags({
      SentBack: (redirect) => Effect.succeed(redirect),
      InvalidAuthorizationRequest: (error) => Effect.succeed(refused(error))
    })
  )

/**
 * A request that is there already: who signs in, and then what they allow.
 *
 * @internal
 */
export const consent = Effect.fnUntraced(
  function* (state: State, url: URL) {
    const request = yield* state.pendingRequest(url.searchParams.get("request") ?? "")
    const user = url.searchParams.get("user")
    return user === null
      ? signIn(request, state.users)
      : confirm(request, yield* Effect.fromResult(User.find(state.users, user)))
  },
  Effect.catchTags({ NotPending: notPending, UnknownUser: () => Effect.succeed(Page.malformed) })
)

const decide = (state: State, field: (name: string) => string) => {
  switch (field("decision")) {
    case "approve":
      return Effect.map(state.approveRequest(field("request"), field("user")), (location): Page.Redirect => ({
        location
      }))
    case "deny":
      return Effect.map(state.denyRequest(field("request")), (location): Page.Redirect => ({
        location,
        error: "access_denied"
      }))
    default:
      return Effect.succeed(Page.malformed)
  }
}

/**
 * The form coming back, with the token that only who has seen the page knows.
 *
 * @internal
 */
export const answer = Effect.fnUntraced(
  function* (state: State, httpRequest: HttpServerRequest.HttpServerRequest) {
    const field = yield* Page.readForm(httpRequest)
    const request = yield* state.pendingRequest(field("request"))
    return field("form_token") === request.formToken ? yield* decide(state, field) : Page.foreignForm
  },
  Effect.catchTags({ NotPending: notPending, UnknownUser: () => Effect.succeed(Page.malformed) })
)
