/**
 * Faults that a test injects into the emulator.
 *
 * **When to use**
 *
 * Use to test a program against failures of the service or of the network: pass a {@link Fault} to the `fault` control of
 * `IdentityCenter`, with a {@link FaultTarget} that selects the requests.
 *
 * **Example** (Two gateway errors, then normal responses)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { IdentityCenter } from "effect-aws-sso/testing"
 *
 * const program = Effect.gen(function*() {
 *   const center = yield* IdentityCenter.IdentityCenter
 *   yield* center.fault(IdentityCenter.Fault.respond({ status: 503 }), { operation: "CreateToken", times: 2 })
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Exceptions from "../../operation/Exceptions.ts"
import type { ExceptionName } from "../http/ServerResponse.ts"
import type { OperationName } from "../http/OperationEndpoints.ts"

/**
 * What happens to a request instead of its normal handling.
 *
 * **Details**
 *
 * - `Respond`: any response. The operation does not take effect.
 * - `Refuse`: an exception in the format of the service. The operation does not take effect.
 * - `Delay`: the request is handled after a delay.
 * - `Drop`: the connection breaks: `before` the operation takes effect, `after` it took effect, or `midway` through the
 *   body of its response.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = Data.TaggedEnum<{
  Respond: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | Uint8Array
  }
  Refuse: { readonly exception: ExceptionName; readonly members: Exceptions.ExceptionMembers }
  Delay: { readonly duration: Duration.Input }
  Drop: { readonly when: "before" | "after" | "midway" }
}>

const faults = Data.taggedEnum<Fault>()

/**
 * Which requests a fault affects, and how many of them.
 *
 * **Details**
 *
 * Faults wait in a queue. A request takes the first fault whose target includes its operation. Pages take no faults.
 *
 * @category models
 * @since 0.2.0
 */
export interface FaultTarget {
  /** The operation. Default: every operation. */
  readonly operation?: OperationName | undefined
  /** The number of requests, at least 1. Default: 1. `Infinity`: until `clearFaults`. */
  readonly times?: number | undefined
}

/**
 * Responds with any status (200 to 599), headers and body.
 *
 * **Details**
 *
 * Nothing is added, not even a request id: the error page of a proxy has none. A body has no content type unless
 * `headers` contain one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const respond = (options: {
  /** The status of the response, 200 to 599. */
  readonly status: number
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Default: none. */
  readonly body?: string | Uint8Array | undefined
}): Fault => faults.Respond({ status: options.status, headers: options.headers ?? {}, body: options.body ?? "" })

/**
 * Redirects the client. Default status: 307, which asks the client to repeat the body.
 *
 * @category constructors
 * @since 0.1.0
 */
export const redirect = (location: string, status = 307): Fault => respond({ status, headers: { location } })

/**
 * Responds with an exception, whether or not the operation models it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refuse = (exception: ExceptionName, members: Exceptions.ExceptionMembers = {}): Fault =>
  faults.Refuse({ exception, members })

/**
 * Delays the handling of a request.
 *
 * @category constructors
 * @since 0.1.0
 */
export const delay = (duration: Duration.Input): Fault => faults.Delay({ duration })

/**
 * Breaks the connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drop = (when: "before" | "after" | "midway"): Fault => faults.Drop({ when })
