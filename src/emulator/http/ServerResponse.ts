/**
 * How the service answers: status, headers and body of its JSON protocol.
 */
import * as Headers from "effect/http/Headers"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Exceptions from "../../operation/Exceptions.ts"
import type * as Operation from "../../operation/Operation.ts"
import * as PortalExceptions from "../../operation/PortalExceptions.ts"
import type { GatewayError } from "../model/Checks.ts"
import { ForbiddenException } from "../model/Entitlements.ts"

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
  /** Its JSON; `undefined` for no body at all. */
  readonly body: unknown
}

/** An exception that the emulator can answer with. */
export type Exception = Operation.Exception["_tag"] | "ForbiddenException"

/**
 * Who speaks, and in which form.
 *
 * @internal
 */
export interface Service {
  readonly namespace: string
  readonly body: (exception: Exception, members: Exceptions.Members) => unknown
}

/** @internal */
export const success = (body: unknown): Answer => ({ status: 200, headers: {}, body })

const statuses = new Map<string, number>(
  [...Exceptions.all, ...PortalExceptions.all, ForbiddenException].map(({ identifier, status }) => [identifier, status])
)

const errors = new Map<string, string>(Exceptions.all.map(({ error, identifier }) => [identifier, error]))

/** @internal */
export const oidc: Service = {
  namespace: "com.amazonaws.sso.oidc",
  body: (exception, { endpoint, error, error_description, reason, region }) => ({
    error: error ?? errors.get(exception),
    error_description,
    reason,
    endpoint,
    region
  })
}

/** @internal */
export const portal: Service = {
  namespace: "com.amazonaws.switchboard.portal",
  body: (exception, { error_description, message }) => ({
    message: error_description ?? message,
    __type: `${portal.namespace}#${exception}`
  })
}

/**
 * An exception, in the form of the service that answers with it.
 *
 * @internal
 */
export const refusal = (service: Service, exception: Exception, members: Exceptions.Members): Answer => ({
  status: statuses.get(exception) ?? 400,
  error: exception,
  headers: { "x-amzn-errortype": `${exception}:http://internal.amazon.com/coral/${service.namespace}/` },
  body: service.body(exception, members)
})

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
): HttpServerResponse.HttpServerResponse => {
  const head = {
    status: answer.status,
    headers: Headers.fromInput({
      ...answer.headers,
      date: new Date(stamp.now).toUTCString(),
      "x-amzn-requestid": stamp.requestId
    })
  }
  return answer.body === undefined ? HttpServerResponse.empty(head) : HttpServerResponse.jsonUnsafe(answer.body, head)
}
