/**
 * The pages of the redirect listener, and how they are written to a response.
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as Http from "node:http"

/** One page. */
export interface RedirectPage {
  readonly status: number
  readonly title: string
  readonly text: string
  /** Where a redirect leads. */
  readonly location?: string
}

/** The sign-in was approved. */
export const signedIn: RedirectPage = {
  status: 200,
  title: "You can close this page",
  text: "The sign-in continues in the program that started it."
}

/** The sign-in failed. */
export const failed = (message: string): RedirectPage => ({ status: 200, title: "Not signed in", text: message })

/** The callback was refused. */
export const refused = (message: string): RedirectPage => ({ status: 400, title: "Refused", text: message })

/** Redirects the browser, so that the code does not stay in its address bar and history. */
export const redirect = (location: string): RedirectPage => ({ status: 303, title: "Signed in", text: "", location })

/** A second callback. */
export const alreadyReceived: RedirectPage = {
  status: 409,
  title: "Already received",
  text: "This sign-in has received its response. Start a new sign-in."
}

/** Another path. */
export const notFound: RedirectPage = {
  status: 404,
  title: "Not found",
  text: "This server waits for one sign-in and has no other pages."
}

/** Another method. */
export const wrongMethod: RedirectPage = {
  status: 405,
  title: "Refused",
  text: "This server accepts GET requests only."
}

/** Another host in the `Host` header. */
export const wrongHost: RedirectPage = { status: 421, title: "Refused", text: "This request is for another host." }

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

/** Sends a page. It loads nothing, runs nothing and is not cached. */
export const write = (response: Http.ServerResponse, page: RedirectPage): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const nonce = Base64Url.encode(SecureRandom.randomBytesUnsafe(16))
    response.once("close", () => resume(Effect.void))
    response.writeHead(page.status, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      connection: "close",
      ...(page.location === undefined ? {} : { location: page.location })
    })
    response.end(html(page, nonce))
  })

const html = ({ text, title }: RedirectPage, nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { max-width: 32rem; padding: 1.5rem; overflow-wrap: anywhere; }
</style>
</head>
<body><main><h1>${escape(title)}</h1><p>${escape(text)}</p></main></body>
</html>
`
