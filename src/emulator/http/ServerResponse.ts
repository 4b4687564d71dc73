/**
 * The responses of the service in its JSON protocol: status, headers and body.
 */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Exceptions from "../../operation/Exceptions.ts"
import type * as Operation from "../../operation/Operation.ts"
import * as PortalExceptions from "../../operation/PortalExceptions.ts"
import { ForbiddenException } from "../model/Entitlements.ts"
import * as FakeValues from "../model/FakeValues.ts"
import type { GatewayError } from "../model/RequestChecks.ts"
import { moment } from "../model/Transition.ts"

export interface ServerResponse {
  readonly status: number
  /** The name of the exception in this response. */
  readonly error?: string
  readonly headers: Readonly<Record<string, string>>
  /** Encoded as JSON. `undefined`: no body. */
  readonly body: unknown
}

/** The name of an exception that the emulator can respond with. */
export type ExceptionName = Operation.ModelledException["_tag"] | "ForbiddenException"

/** The format in which a service sends exceptions. */
export interface ExceptionFormat {
  readonly namespace: string
  readonly body: (exception: ExceptionName, members: Exceptions.ExceptionMembers) => unknown
}

export const success = (body: unknown): ServerResponse => ({ status: 200, headers: {}, body })

const statuses = new Map<string, number>(
  [...Exceptions.all, ...PortalExceptions.all, ForbiddenException].map(({ identifier, status }) => [identifier, status])
)

const errors = new Map<string, string>(Exceptions.all.map(({ error, identifier }) => [identifier, error]))

export const oidcFormat: ExceptionFormat = {
  namespace: "com.amazonaws.sso.oidc",
  body: (exception, { endpoint, error, error_description, reason, region }) => ({
    error: error ?? errors.get(exception),
    error_description,
    reason,
    endpoint,
    region
  })
}

export const portalFormat: ExceptionFormat = {
  namespace: "com.amazonaws.switchboard.portal",
  body: (exception, { error_description, message }) => ({
    message: error_description ?? message,
    __type: `${portalFormat.namespace}#${exception}`
  })
}

/** An exception, in the format of a service. */
export const failure = (
  format: ExceptionFormat,
  exception: ExceptionName,
  members: Exceptions.ExceptionMembers
): ServerResponse => ({
  status: statuses.get(exception) ?? 400,
  error: exception,
  headers: { "x-amzn-errortype": `${exception}:http://internal.amazon.com/coral/${format.namespace}/` },
  body: format.body(exception, members)
})

/** An error of the gateway in front of the service. */
export const gatewayFailure = (error: GatewayError): ServerResponse => ({
  status: error.status,
  error: error.exception,
  headers: { "x-amzn-errortype": error.exception },
  body: { message: error.description }
})

/** An HTTP response, and the error that the log shows for it. */
export interface LoggedResponse {
  readonly response: HttpServerResponse.HttpServerResponse
  readonly error?: string | undefined
}

/** Adds the date and the request id that every response of the service has. */
export const toHttp = ({ body, error, headers, status }: ServerResponse): Effect.Effect<LoggedResponse> =>
  Effect.map(moment, ({ now, random }) => {
    const head = {
      status,
      headers: { ...headers, date: new Date(now).toUTCString(), "x-amzn-requestid": FakeValues.requestId(random) }
    }
    return {
      response: body === undefined ? HttpServerResponse.empty(head) : HttpServerResponse.jsonUnsafe(body, head),
      error
    }
  })
