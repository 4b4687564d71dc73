/**
 * `/device`: the page on which a user allows access for a device (RFC 8628 §3.3).
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AuthorizationStatus } from "../model/AuthorizationStatus.ts"
import type { DeviceAuthorization } from "../model/DeviceAuthorizations.ts"
import type { DirectoryUsers } from "../model/DirectoryUser.ts"
import type { IdentityCenterState } from "../model/IdentityCenterState.ts"
import { type Html, html } from "./Html.ts"
import * as Layout from "./Layout.ts"

export const path = "/device"

const codeForm = (userCode: string, problem?: Html): Html =>
  html`<form method="get" action="${path}">
    <div>
      <label for="user_code">Code displayed on your device</label>
      ${problem ?? ""}
      <input
        type="text"
        id="user_code"
        name="user_code"
        value="${userCode}"
        ${problem === undefined ? "" : html`aria-invalid="true" aria-describedby="problem"`}
        required
        autofocus
        maxlength="16"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
      />
    </div>
    <button class="primary">Continue</button>
  </form>`

const enterCode: Layout.PageContent = {
  status: 200,
  title: "Sign in to your device",
  content: html`<p>Enter the code to see which application requests access.</p>
    ${codeForm("")}`
}

const invalidCode = (userCode: string): Layout.PageContent => ({
  status: 404,
  title: "Invalid code",
  content: codeForm(
    userCode,
    html`<p class="error" id="problem">This code is not valid. Check the code on your device and try again.</p>`
  )
})

// RFC 8628 §5.4: a user who was sent here by an attacker must be able to notice it.
const confirm = (authorization: DeviceAuthorization, formToken: string, users: DirectoryUsers): Layout.PageContent => ({
  status: 200,
  title: "Allow access?",
  content: html`<p>Allow access only if your device displays this code:</p>
    <code class="code">${authorization.userCode}</code>
    <dl>
      ${Layout.detail("Application", html`<bdi>${authorization.clientName}</bdi>`)}
      ${Layout.detail("AWS access portal", html`${authorization.startUrl}`)}
      ${Layout.scopesDetail(authorization.scopes)}
    </dl>
    <form method="post" action="${path}">
      <input type="hidden" name="user_code" value="${authorization.userCode}" />
      <input type="hidden" name="form_token" value="${formToken}" />
      <fieldset>
        <legend>Sign in as</legend>
        ${users.map(
          (user, index) =>
            html`<label class="choice user">
              <input type="radio" name="user" value="${user.name}" ${index === 0 ? html`checked` : ""} />
              <span>${Layout.userName(user)}</span>
            </label>`
        )}
      </fieldset>
      ${Layout.decisionButtons}
    </form>`
})

const approved = Layout.message(
  "success",
  200,
  "Request approved",
  "You can close this window and return to your device."
)

const denied = Layout.message(
  "failure",
  200,
  "Request denied",
  "Your device was not signed in. You can close this window."
)

const completed = Layout.message(
  "info",
  409,
  "Request already completed",
  "This request has already been approved or denied. To sign in, start again on your device."
)

const expired = Layout.message(
  "info",
  410,
  "Code expired",
  "This code has expired. To get a new code, start again on your device."
)

const notPending = (status: Exclude<AuthorizationStatus, "pending">): Layout.PageContent =>
  status === "expired" ? expired : completed

/** The user opens the page, with or without the code. */
export const visit = Effect.fnUntraced(function* (state: IdentityCenterState, url: URL) {
  const userCode = url.searchParams.get("user_code")
  if (userCode === null) {
    return enterCode
  }
  const found = yield* state.findDevice(userCode)
  if (Option.isNone(found)) {
    return invalidCode(userCode)
  }
  const { authorization, formToken } = found.value
  return authorization.status === "pending"
    ? confirm(authorization, formToken, state.users)
    : notPending(authorization.status)
})

const decide = (state: IdentityCenterState, field: (name: string) => string) => {
  switch (field("decision")) {
    case "approve":
      return Effect.as(state.approve(field("user_code"), field("user") || undefined), approved)
    case "deny":
      return Effect.as(state.deny(field("user_code")), denied)
    default:
      return Effect.succeed(Layout.invalidForm)
  }
}

/** The user submits the form. Its token proves that the form came from this page. */
export const submit = Effect.fnUntraced(function* (state: IdentityCenterState, body: string) {
  const field = Layout.readForm(body)
  const found = yield* state.findDevice(field("user_code"))
  if (Option.isNone(found)) {
    return invalidCode(field("user_code"))
  }
  if (field("form_token") !== found.value.formToken) {
    return Layout.foreignForm
  }
  return yield* decide(state, field).pipe(
    Effect.catchTags({
      UnknownUserCode: ({ status, userCode }) =>
        Effect.succeed(status === "unknown" ? invalidCode(userCode) : notPending(status)),
      UnknownUser: () => Effect.succeed(Layout.invalidForm)
    })
  )
})
