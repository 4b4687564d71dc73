/**
 * What the emulator was asked, in the order of arrival, without a secret.
 */
import type { OperationName } from "./Operations.ts"

/** One request. */
export interface RequestRecord {
  /** When it arrived, in epoch milliseconds of the `Clock`. */
  readonly at: number
  readonly method: string
  /** The host it was sent to, with the port where it is not the scheme's own. */
  readonly host: string
  /** The path, without the query. */
  readonly path: string
  /** Absent for the pages, and where no operation has this address. */
  readonly operation?: OperationName
  readonly grantType?: string
  readonly clientId?: string
  /** The account that the portal was asked for. */
  readonly accountId?: string
  /** The role that the portal was asked for. */
  readonly roleName?: string
  /** Absent where no answer was sent, or not yet. */
  readonly status?: number
  /**
   * The name of the exception that it was refused with, or the OAuth error that the browser was sent back with; `dropped`
   * where a fault broke the connection, `abandoned` where the client went away before it was answered.
   */
  readonly error?: string
}

/**
 * The log.
 *
 * @internal
 */
export interface RequestLog {
  /** Adds a request, and returns how to add to what is known of it. */
  readonly open: (request: RequestRecord) => (more: Partial<RequestRecord>) => void
  readonly all: () => ReadonlyArray<RequestRecord>
  readonly clear: () => void
}

/**
 * An empty log.
 *
 * @internal
 */
export const make = (): RequestLog => {
  let records: Array<{ current: RequestRecord }> = []
  return {
    open: (request) => {
      const record = { current: request }
      records.push(record)
      return (more) => {
        record.current = { ...record.current, ...more }
      }
    },
    all: () => records.map((record) => record.current),
    clear: () => {
      records = []
    }
  }
}
