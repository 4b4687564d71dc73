/**
 * What the emulator can be told to do instead of its duty.
 *
 * **When to use**
 *
 * Use to see what a program does when the service, or the way to it, fails: pass a {@link Fault} to the `fault` control
 * of `IdentityCenter`, and say with a {@link Target} which requests it shall meet.
 *
 * **Example** (Two gateway errors, then business as usual)
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
 */
import type * as Duration from "effect/Duration"
import type * as Exceptions from "../../operation/Exceptions.ts"
import type { Exception } from "../http/ServerResponse.ts"
import type { OperationName } from "../http/Operations.ts"

/** What happens to a request instead of, or besides, its normal answer. */
export type Fault = Respond | Refuse | Delay | Drop

/**
 * Which requests meet a fault, and how many of them.
 *
 * **Details**
 *
 * Faults wait in a queue. A request meets the first one that is meant for its operation; visits to the pages meet none.
 */
export interface Target {
  /** The operation that is affected. Default: any. */
  readonly operation?: OperationName | undefined
  /** How many requests are affected, at least 1. Default: 1; `Infinity` lasts until the faults are cleared. */
  readonly times?: number | undefined
}

/** An answer that may be anything: the operation does not take effect. */
export interface Respond {
  readonly _tag: "Respond"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** An exception, in the form of the service that is asked: the operation does not take effect. */
export interface Refuse {
  readonly _tag: "Refuse"
  readonly exception: Exception
  readonly members: Exceptions.Members
}

/** The request takes long to arrive, and is then answered as usual. */
export interface Delay {
  readonly _tag: "Delay"
  readonly duration: Duration.Input
}

/** The connection breaks. */
export interface Drop {
  readonly _tag: "Drop"
  /**
   * `before` the operation takes effect; `after` it took effect, so that its answer is lost; or `midway` through the
   * body of its answer.
   */
  readonly when: "before" | "after" | "midway"
}

/**
 * Answers with any status (from 200 to 599), headers and body.
 *
 * **Details**
 *
 * Nothing is added to it: not even a request id, since a proxy's error page has none. A body has no content type unless
 * `headers` name one.
 */
export const respond = (options: {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}): Respond => ({ _tag: "Respond", status: options.status, headers: options.headers ?? {}, body: options.body ?? "" })

/** Sends the client elsewhere. Default status: 307, which asks it to repeat the body. */
export const redirect = (location: string, status = 307): Respond => respond({ status, headers: { location } })

/** Answers with an exception, whether or not the operation models it. */
export const refuse = (exception: Exception, members: Exceptions.Members = {}): Refuse => ({
  _tag: "Refuse",
  exception,
  members
})

/** Holds the request back for a while before it is handled. */
export const delay = (duration: Duration.Input): Delay => ({ _tag: "Delay", duration })

/** Breaks the connection. */
export const drop = (when: Drop["when"]): Drop => ({ _tag: "Drop", when })

/**
 * A fault that waits for its requests.
 *
 * @internal
 */
export interface Queued extends Target {
  readonly fault: Fault
}

/**
 * The fault that the next request of an operation meets, if any, and the queue after it.
 *
 * @internal
 */
export const take = (
  queue: ReadonlyArray<Queued>,
  operation: OperationName
): readonly [Fault | undefined, ReadonlyArray<Queued>] => {
  const index = queue.findIndex((queued) => queued.operation === undefined || queued.operation === operation)
  const queued = queue[index]
  if (queued === undefined) {
    return [undefined, queue]
  }
  const left = (queued.times ?? 1) - 1
  return [queued.fault, left > 0 ? queue.with(index, { ...queued, times: left }) : queue.toSpliced(index, 1)]
}
