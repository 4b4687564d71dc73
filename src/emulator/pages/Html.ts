/**
 * HTML with everything escaped that was not written in the source.
 */
import * as Predicate from "effect/Predicate"

/**
 * Markup that needs no escaping any more.
 *
 * @internal
 */
export interface Html {
  readonly markup: string
}

type Part = string | Html | ReadonlyArray<Html>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const render = (part: Part): string => {
  if (Predicate.isString(part)) {
    return part.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
  }
  return "markup" in part ? part.markup : part.map(render).join("")
}

/**
 * A template whose strings are text or quoted attribute values, and are escaped as such.
 *
 * @internal
 */
export const html = (literals: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  markup: literals.reduce((markup, literal, index) => markup + render(parts[index - 1] ?? "") + literal)
})
