/**
 * `/device`: where a person answers for a device (RFC 8628 §3.3).
 */
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { Status } from "../model/Decision.ts"
import type { Authorization } from "../model/DeviceAuthorizations.ts"
import { type Html, html } from "./Html.ts"
import * as Page from "./Layout.ts"
import type { State } from "../model/State.ts"
import type * as User from "../model/User.ts"

/** @internal */
export const path = "/device"

const codeForm = (userCode: string, problem?: Html): Html =>
  html`<form method="get" action="${path}">
    <div>
      <label for="user_code">Code shown on your device</label>
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

const enterCode: Page.Page = {
  status: 200,
  title: "Sign in on your device",
  content: html`<p>Enter the code to see which application asks.</p>
    ${codeForm("")}`
}

const unknownCode = (userCode: string): Page.Page => ({
  status: 404,
  title: "Unknown code",
  content: codeForm(
    userCode,
    html`<p class="error" id="problem">There is no request with this code. Compare it with the one on your device.</p>`
  )
})

// RFC 8628 §5.4: whoever was led here by somebody else shall notice it.
const confirm = (authorization: Authorization, formToken: string, users: User.Users): Page.Page => ({
  status: 200,
  title: "Allow this sign-in?",
  content: html`<p>Allow it only if your device shows this very code:</p>
    <code class="code">${authorization.userCode}</code>
    <dl>
      ${Page.fact("Application", html`<bdi>${authorization.clientName}</bdi>`)}
      ${Page.fact("Portal", html`${authorization.startUrl}`)} ${Page.scopesFact(authorization.scopes)}
    </dl>
    <form method="post" action="${path}">
      <input type="hidden" name="user_code" value="${authorization.userCode}" />
      <input type="hidden" name="form_token" value="${formToken}" />
      <fieldset>
        <legend>Sign in as</legend>
        ${users.map(
          (user, index) =>
            html`<label class="choice person">
              <input type="radio" name="user" value="${user.name}" ${index === 0 ? html`checked` : ""} />
              <span>${Page.person(user)}</span>
            </label>`
        )}
      </fieldset>
      ${Page.decisionButtons}
    </form>`
})

const approved = Page.notice("good", 200, "Approved", "Your device is signed in in a moment. You can close this page.")

const denied = Page.notice("bad", 200, "Denied", "Your device is not signed in. You can close this page.")

const answeredAlready = Page.notice(
  "neutral",
  409,
  "Answered already",
  "This request was answered before. To sign in, start again on your device."
)

const expired = Page.notice(
  "neutral",
  410,
  "Code expired",
  "This code is too old. To sign in, start again on your device."
)

const answered = (status: Exclude<Status, "pending">): Page.Page => (status === "expired" ? expired : answeredAlready)

/**
 * A visit, with or without the code.
 *
 * @internal
 */
export const visit = Effect.fnUntraced(function* (state: State, url: URL) {
  const userCode = url.searchParams.get("user_code")
  if (userCode === null) {
    return enterCode
  }
  const found = yield* state.find(userCode)
  if (Option.isNone(found)) {
    return unknownCode(userCode)
  }
  const { authorization, formToken } = found.value
  return authorization.status === "pending"
    ? confirm(authorization, formToken, state.users)
    : answered(authorization.status)
})

const decide = (state: State, field: (name: string) => string) => {
  switch (field("decision")) {
    case "approve":
      return Effect.as(state.approve(field("user_code"), field("user") || undefined), approved)
    case "deny":
      return Effect.as(state.deny(field("user_code")), denied)
    default:
      return Effect.succeed(Page.malformed)
  }
}

/**
 * The form coming back. Only who has seen the page knows the token of its form: a form on another site does not.
 *
 * @internal
 */
export const answer = Effect.fnUntraced(function* (state: State, request: HttpServerRequest.HttpServerRequest) {
  const field = yield* Page.readForm(request)
  const found = yield* state.find(field("user_code"))
  if (Option.isNone(found)) {
    return unknownCode(field("user_code"))
  }
  if (field("form_token") !== found.value.formToken) {
    return Page.foreignForm
  }
  return yield* decide(state, field).pipe(
    Effect.catchTags({
      UnknownUserCode: ({ status, userCode }) =>
        Effect.succeed(status === "unknown" ? unknownCode(userCode) : answered(status)),
      UnknownUser: () => Effect.succeed(Page.malformed)
    })
  )
})
