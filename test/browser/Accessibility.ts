/**
 * What a page has to be for people who cannot see it well, or have no mouse: checked in the page itself, as it is drawn.
 *
 * Source: WCAG 2.2, the success criteria that are named.
 */
import type { Page } from "playwright-core"

/** The complaints, in words. This runs in the browser. */
const complaintsOf = (): ReadonlyArray<string> => {
  const found: Array<string> = []
  const say = (element: Element, text: string) =>
    found.push(`<${element.tagName.toLowerCase()}> "${element.textContent?.trim().slice(0, 40)}": ${text}`)

  type Colour = readonly [red: number, green: number, blue: number, alpha: number]
  const parse = (colour: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number)
    return [red, green, blue, alpha]
  }
  const luminance = ([red, green, blue]: Colour): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue]
      .map((value) => value / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: Colour, b: Colour): number => {
    const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
    return (high + 0.05) / (low + 0.05)
  }
  const groundOf = (element: Element | null): Colour => {
    if (element === null) return [255, 255, 255, 1]
    const own = parse(getComputedStyle(element).backgroundColor)
    return own[3] === 1 ? own : groundOf(element.parentElement)
  }
  const isVisible = (element: Element): boolean => element.getClientRects().length > 0

  // 3.1.1 Language of Page, 2.4.2 Page Titled
  if (document.documentElement.lang === "") found.push("no language")
  if (document.title === "") found.push("no title")
  // 1.3.1 Info and Relationships
  for (const [selector, count] of [
    ["h1", 1],
    ["main", 1],
    ["header", 1],
    ["footer", 1],
    ["main h1", 1],
    ["h2, h3, h4, h5, h6", 0]
  ] as const) {
    if (document.querySelectorAll(selector).length !== count) found.push(`not ${count} of ${selector}`)
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id)
  if (new Set(ids).size < ids.length) found.push("an id is there twice")
  for (const element of document.querySelectorAll("[aria-describedby]")) {
    if (document.getElementById(element.getAttribute("aria-describedby") ?? "") === null) say(element, "not described")
  }
  // 4.1.2 Name, Role, Value
  for (const input of document.querySelectorAll("input")) {
    if (input.type !== "hidden" && (input.labels ?? []).length === 0) say(input, "no label")
    if (input.type === "radio" && input.closest("fieldset")?.querySelector("legend") == null) say(input, "no legend")
  }
  for (const element of document.querySelectorAll("button, a, legend, label, h1, dt, dd")) {
    if (element.textContent?.trim() === "") say(element, "no text")
  }
  // 1.1.1 Non-text Content
  for (const element of document.querySelectorAll("svg")) {
    if (element.getAttribute("aria-hidden") !== "true") say(element, "a picture that says nothing")
  }
  // 1.4.3 Contrast (Minimum), even for large text
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    if (element === null || node.textContent?.trim() === "" || !isVisible(element)) continue
    const ratio = contrast(parse(getComputedStyle(element).color), groundOf(element))
    if (ratio < 4.5) say(element, `text with a contrast of ${ratio.toFixed(2)}`)
  }
  // 1.4.11 Non-text Contrast, 2.5.8 Target Size (44 pixels, as 2.5.5 wants it)
  for (const element of document.querySelectorAll("input[type=text], button, label.choice")) {
    const { backgroundColor, borderTopColor } = getComputedStyle(element)
    const around = groundOf(element.parentElement)
    const ratio = Math.max(contrast(parse(borderTopColor), around), contrast(parse(backgroundColor), around))
    if (ratio < 3) say(element, `an edge with a contrast of ${ratio.toFixed(2)}`)
    const { height, width } = element.getBoundingClientRect()
    if (Math.min(height, width) < 44) say(element, `only ${width} by ${height}`)
  }
  // 1.4.10 Reflow
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    found.push(`${document.documentElement.scrollWidth} pixels wide on ${document.documentElement.clientWidth}`)
  }
  return found
}

/** What is wrong with the page for some people; nothing, if all is well. */
export const check = (page: Page): Promise<ReadonlyArray<string>> => page.evaluate(complaintsOf)
