/** The members that all paginated operations share. */
import * as Schema from "effect/Schema"
import type { Binding } from "./Operation.ts"

/** The members of an input. */
export const fields = {
  /** The `nextToken` of the page before. Absent for the first page. */
  nextToken: Schema.optional(Schema.NonEmptyString),
  /** The maximum number of items on a page, from 1 to 100. The service chooses where it is absent. */
  maxResults: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
}

/** Where these members are in the request. */
export const bindings: { readonly [member in keyof typeof fields]: Binding } = {
  nextToken: { in: "query", name: "next_token" },
  maxResults: { in: "query", name: "max_result" }
}

/** The member of an output that requests the next page. Absent or empty on the last page. */
export const nextToken = Schema.optionalKey(Schema.String)
