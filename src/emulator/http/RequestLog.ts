/**
 * The requests that the emulator received, in the order of their arrival, without their secrets.
 */
import type { OperationName } from "./OperationEndpoints.ts"

/** One request. */
export interface RequestRecord {
  /** The time of arrival, in epoch milliseconds of the `Clock`. */
  readonly at: number
  readonly method: string
  /** The host of the request's URL, with the port if it is not the default port. */
  readonly host: string
  /** The path, without the query. */
  readonly path: string
  /** Absent for pages and for unknown operations. */
  readonly operation?: OperationName
  readonly grantType?: string
  readonly clientId?: string
  /** The account of a portal request. */
  readonly accountId?: string
  /** The role of a portal request. */
  readonly roleName?: string
  /** Absent until a response is sent. */
  readonly status?: number
  /**
   * The exception of the response, or the OAuth error that the browser was redirected with. `dropped`: a fault broke the
   * connection. `abandoned`: the client disconnected before the response.
   */
  readonly error?: string
}

export interface RequestLog {
  /** Adds a request. Its record can still be changed. */
  readonly add: (record: RequestRecord) => void
  readonly all: () => ReadonlyArray<RequestRecord>
  readonly clear: () => void
}

/** A log of the newest requests. */
export const make = (size: number): RequestLog => {
  const records: Array<RequestRecord> = []
  return {
    add: (record) => {
      records.push(record)
      // Old records are removed in batches, because each removal moves all others.
      if (records.length >= 2 * size) records.splice(0, records.length - size)
    },
    all: () => structuredClone(records.slice(-size)),
    clear: () => void records.splice(0)
  }
}
