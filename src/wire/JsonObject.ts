/** JSON objects, as bodies of responses and as files. */
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

const isJsonObject = (value: unknown): value is JsonObject => Predicate.isObject(value)

/** Parses a text as a JSON object. A failure describes the text, and quotes nothing of it. */
export const parse = (text: string): Result.Result<JsonObject, string> => {
  if (text.trim() === "") return Result.fail("it is empty")
  return Result.try({
    try: (): unknown => JSON.parse(text),
    // The message of the engine quotes the text
    catch: () => (text.trimStart().startsWith("<") ? "it is HTML or XML" : "it is not valid JSON")
  }).pipe(Result.filterOrFail(isJsonObject, () => "it is JSON, but not an object"))
}

/** Removes members that are `null`, in objects and lists down to the eighth level. To AWS, `null` means absent. */
export const withoutNulls = (object: JsonObject): JsonObject => strip(object, maxDepth)

// Deeper than all that is read. A server cannot exhaust the stack with deeper objects
const maxDepth = 8

const strip = (object: JsonObject, depth: number): JsonObject =>
  Record.filterMap(object, (value) =>
    value === null ? Result.failVoid : Result.succeed(depth > 1 ? stripWithin(value, depth - 1) : value)
  )

const stripWithin = (value: unknown, depth: number): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => (depth > 1 ? stripWithin(item, depth - 1) : item))
  return isJsonObject(value) ? strip(value, depth) : value
}
