/**
 * How the service answers: status, headers and body of its JSON protocol.
 *
 * @since 0.1.0
 */
import * as Headers from "effect/http/Headers"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Exceptions from "../operation/Exceptions.ts"
import type * as Operation from "../operation/Operation.ts"
import type { GatewayError } from "./Checks.ts"

/**
 * An answer in the making.
 *
 * @internal
 */
export interface Answer {
  readonly status: number
  /** The exception that it is, if any. */
  readonly error?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** @internal */
export const success = (body: unknown): Answer => ({ status: 200, headers: {}, body })

const classes = new Map<string, Exceptions.ExceptionClass>(
  Exceptions.all.map((exception) => [exception.identifier, exception])
)

/**
 * A modelled exception.
 *
 * @internal
 */
export const refusal = (exception: Operation.Exception["_tag"], members: Exceptions.Members): Answer => {
  const { error_description, reason, endpoint, region } = members
  return {
    status: classes.get(exception)?.status ?? 400,
    error: exception,
    headers: { "x-amzn-errortype": `${exception}:http://internal.amazon.com/coral/com.amazonaws.sso.oidc/` },
    body: { error: members.error ?? classes.get(exception)?.error, error_description, reason, endpoint, region }
  }
}

/**
 * An error of the gateway in front of the service.
 *
 * @internal
 */
export const gateway = (error: GatewayError): Answer => ({
  status: error.status,
  error: error.exception,
  headers: { "x-amzn-errortype": error.exception },
  body: { message: error.description }
})

/**
 * The answer as it leaves: with its date and its request id.
 *
 * @internal
 */
export const toResponse = (
  answer: Answer,
  stamp: { readonly now: number; readonly requestId: string }
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(answer.body, {
    status: answer.status,
    headers: Headers.fromInput({
      ...answer.headers,
      date: new Date(stamp.now).toUTCString(),
      "x-amzn-requestid": stamp.requestId
    })
  })
