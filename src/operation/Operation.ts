/**
 * The descriptor of one operation: everything that client and server must agree on, and nothing of how it is carried.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type { Exception, ExceptionClass } from "./Exceptions.ts"

/**
 * One operation of the service, as data.
 *
 * **Details**
 *
 * All operations are `POST` with a JSON object as body and as answer (AWS restJson1). `Input` and `Output` are codecs
 * between what a program holds (with `Redacted` secrets) and the JSON on the wire.
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
  /** The path below the endpoint, with a leading slash. */
  readonly path: string
  /** Query parameters that are part of the operation's address. */
  readonly query: Readonly<Record<string, string>>
  /** `none` for a public operation, `sigv4` for one that AWS credentials sign. */
  readonly auth: "none" | "sigv4"
  readonly input: Input
  readonly output: Output
  /** The classes of the exceptions that this operation models. */
  readonly errors: ReadonlyArray<ExceptionClass<E>>
}

/**
 * The failures that an operation models, as a union of tagged errors.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Failure<O> = O extends { readonly errors: ReadonlyArray<ExceptionClass<infer E>> } ? E : never

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
 * Describes an operation.
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
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly auth: "none" | "sigv4"
  readonly input: Input
  readonly output: Output
  readonly errors: { readonly [K in keyof Errors]: ExceptionClass<Errors[K]> }
}): Operation<Name, Input, Output, Errors[number]> => ({ query: {}, ...options })
