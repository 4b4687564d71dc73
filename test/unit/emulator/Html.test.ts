import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { html } from "../../../src/emulator/pages/Html.ts"

it.prop("a template keeps any text inside the element and the attribute it was put in", [Schema.String], ([text]) => {
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

it("a template takes markup, and lists of it, as they are", () => {
  const items = ["<a>", "b"].map((item) => html`<i>${item}</i>`)
  assert.strictEqual(html`<b>${items}</b>${html`<u>c</u>`}`.markup, "<b><i>&lt;a&gt;</i><i>b</i></b><u>c</u>")
})
