/**
 * `/authorize`: the page on which a user signs in and allows access for an application on the same computer
 * (RFC 6749 §4.1.1).
 *
 * The request stays on the server, and the pages contain its id. So they can be reloaded and opened again.
 */
import * as Effect from "effect/Effect"
import type { InvalidAuthorizationRequest } from "../model/AuthorizationQuery.ts"
import type { AuthorizationRequestEntry, NotPending } from "../model/AuthorizationRequests.ts"
import { type DirectoryUser, type DirectoryUsers, findUser } from "../model/DirectoryUser.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"
import { html } from "./Html.ts"
import * as Layout from "./Layout.ts"

export const path = "/authorize"

export const consentPath = "/authorize/consent"

const signIn = ({ id, query }: AuthorizationRequestEntry, users: DirectoryUsers): Layout.PageContent => ({
  status: 200,
  title: "Sign in",
  content: html`<p><bdi>${query.client.name}</bdi> requests access. Choose a user. No password is required.</p>
    <form method="get" action="${consentPath}">
      <input type="hidden" name="request" value="${id}" />
      ${users.map(
        (user) =>
          html`<button class="user" name="user" value="${user.name}"><span>${Layout.userName(user)}</span></button>`
      )}
    </form>`
})

const confirm = ({ formToken, id, query }: AuthorizationRequestEntry, user: DirectoryUser): Layout.PageContent => ({
  status: 200,
  title: "Allow access?",
  leadsTo: query.redirectUri,
  content: html`<p>Allow access only if you started this sign-in.</p>
    <dl>
      ${Layout.detail("Application", html`<bdi>${query.client.name}</bdi>`)}
      ${Layout.detail(
        "Signed in as",
        html`${Layout.userName(user)} <a href="${consentPath}?request=${id}">Sign in as a different user</a>`
      )}
      ${query.client.issuerUrl === undefined ? "" : Layout.detail("AWS access portal", html`${query.client.issuerUrl}`)}
      ${Layout.scopesDetail(query.scopes)} ${Layout.detail("Redirects to", html`${query.redirectUri.origin}`)}
    </dl>
    <form method="post" action="${consentPath}">
      <input type="hidden" name="request" value="${id}" />
      <input type="hidden" name="form_token" value="${formToken}" />
      <input type="hidden" name="user" value="${user.name}" />
      ${Layout.decisionButtons}
    </form>`
})

const refused = (error: InvalidAuthorizationRequest): Layout.PageContent =>
  Layout.message(
    "info",
    400,
    "Invalid request",
    `The application sent an invalid request: ${error.message}. Nothing was sent back to the application.`
  )

const notFound = Layout.message(
  "info",
  404,
  "Request not found",
  "This request does not exist. To sign in, start again in the application."
)

const completed = Layout.message(
  "info",
  409,
  "Request already completed",
  "This request has already been approved or denied. To sign in, start again in the application."
)

const expired = Layout.message(
  "info",
  410,
  "Request expired",
  "This request has expired. To sign in, start again in the application."
)

const notPending = ({ status }: NotPending): Effect.Effect<Layout.PageContent> => {
  switch (status) {
    case "unknown":
      return Effect.succeed(notFound)
    case "expired":
      return Effect.succeed(expired)
    default:
      return Effect.succeed(completed)
  }
}

const invalidForm = () => Effect.succeed(Layout.invalidForm)

/** A client sends a user to the page. */
export const visit = (state: IdentityCenterState, url: URL): Effect.Effect<Layout.PageContent | Layout.PageRedirect> =>
  state.openRequest(url.searchParams).pipe(
    Effect.map((request) => signIn(request, state.users)),
    Effect.catchTags({
      AuthorizationErrorResponse: (redirect) => Effect.succeed(redirect),
      InvalidAuthorizationRequest: (error) => Effect.succeed(refused(error))
    })
  )

/** An open request: the user signs in, and then sees what the application requests. */
export const visitConsent = Effect.fnUntraced(
  function* (state: IdentityCenterState, url: URL) {
    const request = yield* state.pendingRequest(url.searchParams.get("request") ?? "")
    const user = url.searchParams.get("user")
    return user === null
      ? signIn(request, state.users)
      : confirm(request, yield* Effect.fromResult(findUser(state.users, user)))
  },
  Effect.catchTags({ NotPending: notPending, UnknownUser: invalidForm })
)

const decide = (state: IdentityCenterState, field: (name: string) => string) => {
  switch (field("decision")) {
    case "approve":
      return Effect.map(state.approveRequest(field("request"), field("user")), (location): Layout.PageRedirect => ({
        location
      }))
    case "deny":
      return Effect.map(state.denyRequest(field("request")), (location): Layout.PageRedirect => ({
        location,
        error: "access_denied"
      }))
    default:
      return invalidForm()
  }
}

/** The user submits the form. Its token proves that the form came from this page. */
export const submitConsent = Effect.fnUntraced(
  function* (state: IdentityCenterState, body: string) {
    const field = Layout.readForm(body)
    const request = yield* state.pendingRequest(field("request"))
    return field("form_token") === request.formToken ? yield* decide(state, field) : Layout.foreignForm
  },
  Effect.catchTags({ NotPending: notPending, UnknownUser: invalidForm })
)
