/**
 * The style of the pages: light and dark, 320 pixels and wider, with system fonts.
 */
import type { Html } from "./Html.ts"

export const style: Html = {
  markup: `
:root {
  color-scheme: light dark;
  --ground: #f1f3f5; --card: #fff; --text: #16191f; --faint: #4f5763; --edge: #767f8b; --line: #dfe3e8;
  --accent: #0b5cad; --accent-strong: #084888; --on-accent: #fff; --tint: #eaf2fb; --good: #0b6e4f; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141a; --card: #19212b; --text: #e9ebed; --faint: #b3bcc8; --edge: #7f8b9a; --line: #303b48;
    --accent: #89bdee; --accent-strong: #aed3f6; --on-accent: #0a1f35; --tint: #203247; --good: #6fd3ab; --bad: #ff9d93;
  }
}
* { box-sizing: border-box; }
body {
  max-width: 34rem; margin: 0 auto; padding: clamp(1rem, 6vh, 5rem) 1rem 2rem;
  background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
p { margin: 0 0 1rem; }
header p { margin: 0 .25rem .75rem; font-weight: 600; }
footer p { margin: 1rem .25rem 0; color: var(--faint); font-size: .875rem; }
main {
  padding: clamp(1.25rem, 5vw, 2rem); background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  box-shadow: 0 .125rem .75rem rgb(0 0 0 / .08);
}
main > :last-child { margin-bottom: 0; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
a { color: var(--accent); }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: .75rem; fill: none; stroke: var(--faint);
  stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
svg.success { stroke: var(--good); }
svg.failure { stroke: var(--bad); }
.code { display: block; margin: 1.25rem 0; padding: .75rem; background: var(--tint); border-radius: .5rem;
  font: 600 1.75rem/1.25 ui-monospace, monospace; letter-spacing: .1em; text-align: center; }
.error { margin: 0 0 .5rem; color: var(--bad); }
.faint { color: var(--faint); font-size: .875rem; }
dl { margin: 0; border-top: 1px solid var(--line); }
dl > div { padding: .625rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--faint); font-size: .875rem; line-height: 1.7; }
dd { margin: 0; }
dd a { display: block; }
@media (min-width: 30rem) { dl > div { display: grid; grid-template-columns: 9.5rem 1fr; } }
ul { margin: 0; padding: 0; list-style: none; }
form { margin-top: 1.5rem; display: flex; flex-wrap: wrap; gap: .75rem; }
form > div, fieldset { flex: 1 1 100%; min-width: 0; }
fieldset { margin: 0 0 .5rem; padding: 0; border: 0; }
legend, label[for] { display: block; margin-bottom: .375rem; padding: 0; font-weight: 600; }
input[type=text], button, .choice { min-height: 3rem; padding: .625rem 1rem; border: 1px solid var(--edge);
  border-radius: .5rem; background: var(--card); color: var(--text); font: inherit; }
input[type=text] { width: 100%; font-family: ui-monospace, monospace; font-size: 1.25rem; letter-spacing: .1em; }
input[aria-invalid] { border-color: var(--bad); }
button { flex: 1 1 8rem; cursor: pointer; font-weight: 600; }
button:hover, .choice:hover { border-color: var(--accent); background: var(--tint); }
button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button.primary:hover { border-color: var(--accent-strong); background: var(--accent-strong); }
button.user { flex: 1 1 100%; text-align: start; }
.user { display: flex; align-items: center; gap: .75rem; cursor: pointer; }
.user + .user { margin-top: .5rem; }
form > .user + .user { margin-top: 0; }
.user span { display: block; font-weight: 400; line-height: 1.3; }
.user .faint { display: block; }
.choice:has(:checked) { border-color: var(--accent); background: var(--tint); }
input[type=radio] { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); }
:focus-visible, .choice:has(:focus-visible) { outline: .1875rem solid var(--accent); outline-offset: .125rem; }
.choice :focus-visible { outline: 0; }
`
}
