/**
 * The faults that wait for their requests.
 */
import type { OperationName } from "../http/OperationEndpoints.ts"
import type { Fault, FaultTarget } from "./Fault.ts"

export interface QueuedFault extends FaultTarget {
  readonly fault: Fault
}

/** The fault for the next request of an operation, and the queue after it. */
export const take = (
  queue: ReadonlyArray<QueuedFault>,
  operation: OperationName
): readonly [Fault | undefined, ReadonlyArray<QueuedFault>] => {
  const index = queue.findIndex((queued) => queued.operation === undefined || queued.operation === operation)
  const queued = queue[index]
  if (queued === undefined) {
    return [undefined, queue]
  }
  const left = (queued.times ?? 1) - 1
  return [queued.fault, left > 0 ? queue.with(index, { ...queued, times: left }) : queue.toSpliced(index, 1)]
}
