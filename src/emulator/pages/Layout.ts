/**
 * What all pages for people have in common: plain HTML, with no script and nothing from elsewhere.
 */
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as UrlParams from "effect/http/UrlParams"
import * as Option from "effect/Option"
import { type Html, html } from "./Html.ts"
import { style } from "./Style.ts"
import type { User } from "../model/User.ts"

/** @internal */
export interface Page {
  readonly status: number
  readonly title: string
  readonly mark?: Html
  readonly content: Html
  /** Where its form leads to in the end, if that is another server. */
  readonly leadsTo?: URL
}

/**
 * Elsewhere, where the person is sent.
 *
 * @internal
 */
export interface Redirect {
  readonly location: URL
  /** The OAuth error that it carries, if any. */
  readonly error?: string
}

// Browsers apply form-action to the redirects that follow a form, too. A host that CSP has no grammar for, such as
// [::1], can be allowed by its scheme alone (CSP Level 3 §2.3.1).
const formAction = (leadsTo: URL | undefined): string => {
  if (leadsTo === undefined) return "'self'"
  return /^[a-z0-9.-]+$/.test(leadsTo.hostname) ? `'self' ${leadsTo.origin}` : `'self' ${leadsTo.protocol}`
}

const toDocument = (page: Page, nonce: string): HttpServerResponse.HttpServerResponse => {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} - IAM Identity Center emulator</title>
        <style nonce="${nonce}">
          ${style}
        </style>
      </head>
      <body>
        <header><p>IAM Identity Center emulator</p></header>
        <main>
          ${page.mark ?? ""}
          <h1>${page.title}</h1>
          ${page.content}
        </main>
        <footer><p>This server is for tests. It is not AWS, and no AWS account is behind it.</p></footer>
      </body>
    </html> `
  return HttpServerResponse.text(markup, {
    status: page.status,
    contentType: "text/html; charset=utf-8",
    headers: {
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'; form-action ${formAction(page.leadsTo)}`,
      "x-content-type-options": "nosniff"
    }
  })
}

/**
 * The page, or the way to another one, as it is sent.
 *
 * @internal
 */
export const toResponse = (page: Page | Redirect, nonce: string): HttpServerResponse.HttpServerResponse => {
  const response =
    "location" in page
      ? // By GET, whatever the method was (RFC 9110 §15.4.4)
        HttpServerResponse.redirect(page.location, { status: 303 })
      : toDocument(page, nonce)
  return HttpServerResponse.setHeaders(response, { "cache-control": "no-store", "referrer-policy": "no-referrer" })
}

const marks: Readonly<Record<"good" | "bad" | "neutral", Html>> = {
  good: html`<svg class="good" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M7.5 12.5l3 3 6-7" />
  </svg>`,
  bad: html`<svg class="bad" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M8.5 8.5l7 7m0-7l-7 7" />
  </svg>`,
  neutral: html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M12 7v6m0 3.5v.5" />
  </svg>`
}

/**
 * A page that only says something: something good, bad, or that nothing happened.
 *
 * @internal
 */
export const notice = (mark: keyof typeof marks, status: number, title: string, text: string): Page => ({
  status,
  title,
  mark: marks[mark],
  content: html`<p>${text}</p>`
})

/** @internal */
export const malformed: Page = notice(
  "neutral",
  400,
  "Not understood",
  "The form was not filled in as this server expects it."
)

/** @internal */
export const foreignForm: Page = notice(
  "neutral",
  403,
  "Not from this page",
  "The answer did not come from the form of this server, and was not taken. Open the page again."
)

/**
 * One thing that a person should know before they answer.
 *
 * @internal
 */
export const fact = (name: string, value: Html): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`

/** @internal */
export const scopesFact = (scopes: ReadonlyArray<string>): Html =>
  fact(
    "Scopes",
    scopes.length === 0
      ? html`none`
      : html`<ul>
          ${scopes.map((scope) => html`<li>${scope}</li>`)}
        </ul>`
  )

/**
 * A person by their name, and by the one that programs know if that is another.
 *
 * @internal
 */
export const person = ({ displayName = "", name }: User): Html =>
  displayName === "" || displayName === name
    ? html`<bdi>${name}</bdi>`
    : html`<bdi>${displayName}</bdi> <bdi class="faint">${name}</bdi>`

/** @internal */
export const decisionButtons: Html = html`<button class="primary" name="decision" value="approve">Approve</button>
  <button name="decision" value="deny">Deny</button>`

/**
 * The fields of a form that came back: a field that is missing is empty.
 *
 * @internal
 */
export const readForm = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  const form = yield* Effect.orElseSucceed(request.urlParamsBody, () => UrlParams.empty)
  return (name: string): string => Option.getOrElse(UrlParams.getFirst(form, name), () => "")
})
