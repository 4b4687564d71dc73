/**
 * Counts the sign-ins and sign-outs of each session in this process, in bounded memory.
 *
 * **Details**
 *
 * A number is compared with an earlier number of the same session, so it may change without a reason, but never stay the
 * same when the session has changed. So only the sessions that changed last are remembered: all others share one number,
 * which grows when sessions are forgotten.
 */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"

interface State {
  /** The number of the last change. */
  readonly last: number
  /** The number of every session that is not remembered. */
  readonly others: number
  /** The number of the last change of each session that is remembered. */
  readonly changes: ReadonlyMap<string, number>
}

/** Counts the changes of each session. */
export interface SignInCount {
  readonly get: (session: string) => Effect.Effect<number>
  readonly increment: (session: string) => Effect.Effect<void>
}

const change =
  (session: string, capacity: number) =>
  (state: State): State => {
    const last = state.last + 1
    const changes = new Map(state.changes).set(session, last)
    if (changes.size <= capacity) return { ...state, last, changes }
    const others = last - Math.floor(capacity / 2)
    return { last, others, changes: new Map([...changes].filter(([, number]) => number > others)) }
  }

/**
 * Makes a counter.
 *
 * - `capacity`: how many sessions it remembers at most
 */
export const make = (capacity = 10_000): Effect.Effect<SignInCount> =>
  Effect.map(Ref.make<State>({ last: 0, others: 0, changes: new Map() }), (state) => ({
    get: (session) =>
      Effect.sync(() => {
        const { changes, others } = Ref.getUnsafe(state)
        return changes.get(session) ?? others
      }),
    increment: (session) => Ref.update(state, change(session, capacity))
  }))
