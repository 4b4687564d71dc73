/**
 * The layout of all pages: plain HTML, without scripts and without content from other servers.
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { DirectoryUser } from "../model/DirectoryUser.ts"
import { type Html, html } from "./Html.ts"
import { style } from "./Style.ts"

export interface PageContent {
  readonly status: number
  readonly title: string
  readonly icon?: Html
  readonly content: Html
  /** The other server that the form of this page can redirect to. */
  readonly leadsTo?: URL
}

export interface PageRedirect {
  readonly location: URL
  /** The OAuth error in the location. */
  readonly error?: string
}

// Browsers apply form-action to the redirect after a form, too. CSP cannot express some hosts, such as [::1]. These are
// allowed by their scheme (CSP Level 3 §2.3.1).
const formAction = (leadsTo: URL | undefined): string => {
  if (leadsTo === undefined) return "'self'"
  return /^[a-z0-9.-]+$/.test(leadsTo.hostname) ? `'self' ${leadsTo.origin}` : `'self' ${leadsTo.protocol}`
}

const toDocument = (page: PageContent, nonce: string): HttpServerResponse.HttpServerResponse => {
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
          ${page.icon ?? ""}
          <h1>${page.title}</h1>
          ${page.content}
        </main>
        <footer><p>This emulator is for tests. It is not AWS and does not give access to AWS accounts.</p></footer>
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

/** The HTTP response for a page or a redirect. */
export const toHttp = (page: PageContent | PageRedirect, nonce: string): HttpServerResponse.HttpServerResponse => {
  const response =
    "location" in page
      ? // The browser follows with GET, whatever the method was (RFC 9110 §15.4.4).
        HttpServerResponse.redirect(page.location, { status: 303 })
      : toDocument(page, nonce)
  return HttpServerResponse.setHeaders(response, { "cache-control": "no-store", "referrer-policy": "no-referrer" })
}

const icons = {
  success: html`<svg class="success" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M7.5 12.5l3 3 6-7" />
  </svg>`,
  failure: html`<svg class="failure" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M8.5 8.5l7 7m0-7l-7 7" />
  </svg>`,
  info: html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="10" />
    <path d="M12 7v6m0 3.5v.5" />
  </svg>`
}

/** A page with a message and no form. */
export const message = (icon: keyof typeof icons, status: number, title: string, text: string): PageContent => ({
  status,
  title,
  icon: icons[icon],
  content: html`<p>${text}</p>`
})

export const invalidForm: PageContent = message("info", 400, "Invalid form", "The form is incomplete or not valid.")

export const foreignForm: PageContent = message(
  "info",
  403,
  "Form rejected",
  "The form was not sent from this page. Open the page again."
)

/** One detail of a request. */
export const detail = (name: string, value: Html): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`

export const scopesDetail = (scopes: ReadonlyArray<string>): Html =>
  detail(
    "Scopes",
    scopes.length === 0
      ? html`None`
      : html`<ul>
          ${scopes.map((scope) => html`<li>${scope}</li>`)}
        </ul>`
  )

/** The display name of a user, and the user name if it differs. */
export const userName = ({ displayName = "", name }: DirectoryUser): Html =>
  displayName === "" || displayName === name
    ? html`<bdi>${name}</bdi>`
    : html`<bdi>${displayName}</bdi> <bdi class="faint">${name}</bdi>`

export const decisionButtons: Html = html`<button class="primary" name="decision" value="approve">Allow access</button>
  <button name="decision" value="deny">Deny</button>`

/** The fields of a submitted form. A missing field is empty. */
export const readForm = (body: string): ((name: string) => string) => {
  const form = new URLSearchParams(body)
  return (name) => form.get(name) ?? ""
}
