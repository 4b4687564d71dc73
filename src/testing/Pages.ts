/**
 * The pages on which a person answers for a device: plain HTML, with no script and nothing from elsewhere.
 *
 * @since 0.1.0
 */
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { type Html, html } from "./Html.ts"
import type { Authorization } from "./State.ts"

/** @internal */
export interface Page {
  readonly status: number
  readonly title: string
  readonly content: Html
}

const style = `
:root { color-scheme: light dark; --ground: #f2f3f3; --card: #fff; --text: #16191f; --faint: #545b64; --edge: #687078;
  --accent: #0b5cad; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #0f141a; --card: #1b232d; --text: #e9ebed; --faint: #b6bec9;
  --edge: #8d99a8; --accent: #89bdee; --on-accent: #0a1f35; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 1rem; display: grid; grid-template-rows: auto 1fr auto; gap: 1rem;
  justify-items: center; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
header, footer { color: var(--faint); text-align: center; }
header p, footer p { margin: 0; }
main { width: 100%; max-width: 32rem; align-self: center; padding: 1.5rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
dt { margin-top: .75rem; color: var(--faint); }
dd { margin: 0; }
ul { margin: 0; padding-left: 1.25rem; }
code { font: 600 1.5rem ui-monospace, monospace; letter-spacing: .1em; }
label { display: block; margin-bottom: .25rem; }
form { margin-top: 1.5rem; display: flex; flex-wrap: wrap; gap: .75rem; }
form > div { flex: 1 1 100%; }
input, button { min-height: 2.75rem; padding: .5rem 1rem; font: inherit; color: var(--text); background: var(--card);
  border: 1px solid var(--edge); border-radius: .25rem; }
input { width: 100%; font-family: ui-monospace, monospace; letter-spacing: .1em; }
button { flex: 1 1 8rem; cursor: pointer; }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
:focus-visible { outline: .1875rem solid var(--accent); outline-offset: .1875rem; }
`

/**
 * The page as it is sent.
 *
 * @internal
 */
export const toResponse = (page: Page, nonce: string): HttpServerResponse.HttpServerResponse => {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} - IAM Identity Center emulator</title>
        <style nonce="${nonce}">
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <header><p>IAM Identity Center emulator</p></header>
        <main>
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
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff"
    }
  })
}

const codeForm = (userCode: string): Html =>
  html`<form method="get" action="/device">
    <div>
      <label for="user_code">Code shown on your device</label>
      <input
        id="user_code"
        name="user_code"
        value="${userCode}"
        required
        maxlength="16"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
      />
    </div>
    <button class="primary">Continue</button>
  </form>`

/**
 * Asks for the user code.
 *
 * @internal
 */
export const enterCode: Page = {
  status: 200,
  title: "Sign in on your device",
  content: html`<p>Enter the code to see which application asks.</p>
    ${codeForm("")}`
}

/**
 * No authorization has this code: it may be mistyped.
 *
 * @internal
 */
export const unknownCode = (userCode: string): Page => ({
  status: 404,
  title: "Unknown code",
  content: html`<p role="alert">There is no request with this code. Compare it with the one on your device.</p>
    ${codeForm(userCode)}`
})

/**
 * Shows who asks for what, so that the person can decide (RFC 8628 §3.3 and §5.4).
 *
 * @internal
 */
export const confirm = (authorization: Authorization, formToken: string): Page => ({
  status: 200,
  title: "Allow this sign-in?",
  content: html`<p>Allow it only if your device shows this very code.</p>
    <dl>
      <dt>Code</dt>
      <dd><code>${authorization.userCode}</code></dd>
      <dt>Application</dt>
      <dd><bdi>${authorization.clientName}</bdi></dd>
      <dt>Portal</dt>
      <dd>${authorization.startUrl}</dd>
      <dt>Scopes</dt>
      <dd>
        ${
          authorization.scopes.length === 0
            ? "none"
            : html`<ul>
                ${authorization.scopes.map((scope) => html`<li>${scope}</li>`)}
              </ul>`
        }
      </dd>
    </dl>
    <form method="post" action="/device">
      <input type="hidden" name="user_code" value="${authorization.userCode}" />
      <input type="hidden" name="form_token" value="${formToken}" />
      <button class="primary" name="decision" value="approve">Approve</button>
      <button name="decision" value="deny">Deny</button>
    </form>`
})

const notice = (status: number, title: string, text: string): Page => ({ status, title, content: html`<p>${text}</p>` })

/** @internal */
export const approved = notice(200, "Approved", "Your device is signed in in a moment. You can close this page.")

/** @internal */
export const denied = notice(200, "Denied", "Your device is not signed in. You can close this page.")

/** @internal */
export const answeredAlready = notice(
  409,
  "Answered already",
  "This request was answered before. To sign in, start again on your device."
)

/** @internal */
export const expired = notice(410, "Code expired", "This code is too old. To sign in, start again on your device.")

/** @internal */
export const malformed = notice(400, "Not understood", "The form was not filled in as this server expects it.")

/** @internal */
export const foreignForm = notice(
  403,
  "Not from this page",
  "The answer did not come from the form of this server, and was not taken. Open the page again."
)
