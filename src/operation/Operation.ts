/**
 * The descriptor of one operation: everything that client and server must agree on, and nothing of how it is carried.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type * as Exceptions from "./Exceptions.ts"
import type * as PortalExceptions from "./PortalExceptions.ts"

/**
 * Any exception that an operation models, of either service.
 *
 * @category models
 * @since 0.1.0
 */
export type Exception = Exceptions.Exception | PortalExceptions.Exception

/**
 * Where a member of an input travels, if not in the body.
 *
 * @category models
 * @since 0.1.0
 */
export interface Binding {
  readonly in: "query" | "header"
  /** Its name there. */
  readonly name: string
}

/**
 * How an access token travels to the portal.
 *
 * @category constants
 * @since 0.1.0
 */
export const bearer: Binding = { in: "header", name: "x-amz-sso_bearer_token" }

/**
 * One operation of the service, as data.
 *
 * **Details**
 *
 * An input is the JSON object of a body, unless the operation binds its members to the query and the headers. An answer
 * is a JSON object, or nothing (`Schema.Void`). `Input` and `Output` are codecs between what a program holds (with
 * `Redacted` secrets) and what is on the wire (AWS restJson1).
 *
 * @category models
 * @since 0.1.0
 */
export interface Operation<
  Name extends string = string,
  Input extends Schema.ConstraintCodec<unknown, unknown> = Schema.ConstraintCodec<unknown, unknown>,
  Output extends Schema.ConstraintCodec<unknown, unknown> = Schema.ConstraintCodec<unknown, unknown>,
  E extends Exception = Exception
> {
  /** The name in the AWS API reference. */
  readonly name: Name
  readonly method: "GET" | "POST"
  /** The path below the endpoint, with a leading slash. */
  readonly path: string
  /** Query parameters that are part of the operation's address. */
  readonly query: Readonly<Record<string, string>>
  /** `none` for a public operation, `sigv4` for one that AWS credentials sign. */
  readonly auth: "none" | "sigv4"
  /** Where each member of the input travels, for an operation that has no body. */
  readonly bindings?: Readonly<Record<string, Binding>>
  readonly input: Input
  readonly output: Output
  /** The classes of the exceptions that this operation models. */
  readonly errors: ReadonlyArray<Exceptions.ExceptionClass<E>>
}

/**
 * The failures that an operation models, as a union of tagged errors.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Failure<O> = O extends { readonly errors: ReadonlyArray<Exceptions.ExceptionClass<infer E>> } ? E : never

/**
 * An operation, by what a program gives it and gets from it.
 *
 * @category models
 * @since 0.1.0
 */
export type Typed<I, O, E extends Exception> = Operation<
  string,
  Schema.ConstraintCodec<I, unknown>,
  Schema.ConstraintCodec<O, unknown>,
  E
>

/**
 * Describes an operation: a `POST` without parameters, unless it says otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const Name extends string,
  Input extends Schema.ConstraintCodec<unknown, unknown>,
  Output extends Schema.ConstraintCodec<unknown, unknown>,
  const Errors extends ReadonlyArray<Exception>
>(options: {
  readonly name: Name
  readonly method?: "GET" | "POST"
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly auth: "none" | "sigv4"
  readonly bindings?: Readonly<Record<keyof Input["Encoded"], Binding>>
  readonly input: Input
  readonly output: Output
  readonly errors: { readonly [K in keyof Errors]: Exceptions.ExceptionClass<Errors[K]> }
}): Operation<Name, Input, Output, Errors[number]> => ({ method: "POST", query: {}, ...options })
