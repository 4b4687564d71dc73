/**
 * The descriptor of an operation: everything that a client and a server must agree on, as data.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type * as Exceptions from "./Exceptions.ts"
import type * as PortalExceptions from "./PortalExceptions.ts"

/**
 * Any exception that one of the services models.
 *
 * @category models
 * @since 0.2.0
 */
export type ModelledException = Exceptions.SsoOidcException | PortalExceptions.SsoPortalException

/**
 * Where a member of an input is in the request, if not in the body.
 *
 * @category models
 * @since 0.1.0
 */
export interface Binding {
  readonly in: "query" | "header"
  /** The name of the query parameter or of the header. */
  readonly name: string
}

/**
 * The header that holds the access token in requests to the portal.
 *
 * @category constants
 * @since 0.1.0
 */
export const bearer: Binding = { in: "header", name: "x-amz-sso_bearer_token" }

/**
 * An operation of a service, as data.
 *
 * **Details**
 *
 * The input is sent as a JSON body, or as query parameters and headers where the operation has `bindings`. The response
 * is a JSON object, or empty (`Schema.Void`). `Input` and `Output` are codecs between the values of a program, with
 * `Redacted` secrets, and those on the wire (AWS restJson1).
 *
 * @category models
 * @since 0.1.0
 */
export interface Operation<
  Name extends string = string,
  Input extends Schema.ConstraintCodec<unknown, unknown> = Schema.ConstraintCodec<unknown, unknown>,
  Output extends Schema.ConstraintCodec<unknown, unknown> = Schema.ConstraintCodec<unknown, unknown>,
  E extends ModelledException = ModelledException
> {
  /** The name in the AWS API reference. */
  readonly name: Name
  readonly method: "GET" | "POST"
  /** The path below the endpoint, with a leading slash. */
  readonly path: string
  /** The fixed query parameters of the operation. */
  readonly query: Readonly<Record<string, string>>
  /** `none` for a public operation, `sigv4` for one that AWS credentials sign. */
  readonly auth: "none" | "sigv4"
  /** Where each member of the input is in the request, for an operation without a body. */
  readonly bindings?: Readonly<Record<string, Binding>>
  readonly input: Input
  readonly output: Output
  /** The classes of the exceptions that this operation models. */
  readonly errors: ReadonlyArray<Exceptions.ExceptionClass<E>>
}

/**
 * An operation, by the types of its input, its output and its exceptions.
 *
 * @category models
 * @since 0.2.0
 */
export type TypedOperation<I, O, E extends ModelledException> = Operation<
  string,
  Schema.ConstraintCodec<I, unknown>,
  Schema.ConstraintCodec<O, unknown>,
  E
>

/**
 * Makes the descriptor of an operation. By default it is a `POST` without fixed query parameters.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const Name extends string,
  Input extends Schema.ConstraintCodec<unknown, unknown>,
  Output extends Schema.ConstraintCodec<unknown, unknown>,
  const Errors extends ReadonlyArray<ModelledException>
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
