/**
 * What the operations that answer in pages have in common.
 */
import * as Schema from "effect/Schema"
import type { Binding } from "./Operation.ts"

/** Which page, and how much of it. */
export const fields = {
  /** Where the page begins, as the page before it said; absent for the first one. */
  nextToken: Schema.optional(Schema.NonEmptyString),
  /** The most that a page may hold, from 1 to 100. The service's own choice where it is absent. */
  maxResults: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
}

/** How these travel. */
export const bindings: { readonly [member in keyof typeof fields]: Binding } = {
  nextToken: { in: "query", name: "next_token" },
  maxResults: { in: "query", name: "max_result" }
}

/** Where the next page begins: absent, or empty, on the last one. */
export const next = Schema.optionalKey(Schema.String)
