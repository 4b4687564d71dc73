import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { html } from "../../../src/emulator/pages/Html.ts"

it.prop("a template escapes any text in elements and attributes", [Schema.String], ([text]) => {
  const { markup } = html`<p title="${text}">${text}</p>`
  const [, attribute, content] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(markup) ?? []
  assert.isDefined(attribute)
  assert.strictEqual(attribute, content)
  const read = content
    ?.replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
  assert.strictEqual(read, text)
})

it("a template inserts markup and lists of markup unchanged", () => {
  const items = ["<a>", "b"].map((item) => html`<i>${item}</i>`)
  assert.strictEqual(html`<b>${items}</b>${html`<u>c</u>`}`.markup, "<b><i>&lt;a&gt;</i><i>b</i></b><u>c</u>")
})
