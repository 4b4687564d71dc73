/**
 * HTML templates that escape every value.
 */
import * as Predicate from "effect/Predicate"

/** Markup that is already escaped. */
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

/** A template. Strings are escaped, so they can be text or quoted attribute values. */
export const html = (literals: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  markup: literals.reduce((markup, literal, index) => markup + render(parts[index - 1] ?? "") + literal)
})
