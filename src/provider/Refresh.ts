/**
 * Decides when a token, or the credentials of a role, are refreshed. Pure: `Refresher` carries the decisions out.
 *
 * All times are epoch milliseconds, all durations milliseconds.
 */

/** How early a value is refreshed, and how often. */
export interface Policy {
  /** With this much time left or less, a value is refreshed in the background. */
  readonly refreshAhead: number
  /** With this much time left or less, a value is refreshed before it is served. */
  readonly refreshFirst: number
  /** The least time between two attempts. */
  readonly minInterval: number
}

/** What matters of a value that expires. */
export interface Held {
  readonly expiresAt: number
  /** Whether it has everything that a refresh sends. */
  readonly canRefresh: boolean
  /** When the registered client expires, and with it the refresh. Absent where it never does. */
  readonly registrationExpiresAt?: number | undefined
}

/** What a provider remembers between two calls. */
export interface State {
  /** The last attempt of this provider, or of another process, if there was one. */
  readonly lastAttempt?: LastAttempt | undefined
  /** Whether a refreshed value could not be stored yet. */
  readonly unwritten: boolean
}

/** An attempt to refresh. */
export interface LastAttempt {
  readonly at: number
  /** Whether it failed with an error that is remembered. */
  readonly failed: boolean
  /** Whether it gave the value that is asked for now. */
  readonly gaveThis: boolean
}

/** What is known at the moment of a decision. */
export interface Facts {
  readonly expired: boolean
  /** Less than `refreshFirst` is left. */
  readonly expiresFirst: boolean
  /** Less than `refreshAhead` is left. */
  readonly expiresSoon: boolean
  readonly refreshable: boolean
  /** The last attempt was less than `minInterval` ago. */
  readonly recentAttempt: boolean
  readonly recentFailure: boolean
  /** The last attempt gave this very value. By a clock that is wrong, it can look expired all the same. */
  readonly justRefreshed: boolean
  readonly unwritten: boolean
}

/**
 * What to do with a value.
 *
 * - `Serve`: return it
 * - `ServeAndRefresh`: return it, and refresh it in the background
 * - `Refresh`: refresh it first. Where that fails, it is served while it is valid
 * - `Fail`: it has expired, and a recent attempt to refresh it failed
 */
export type Action = "Serve" | "ServeAndRefresh" | "Refresh" | "Fail"

/** An action, and the facts that led to it. */
export interface Decision {
  readonly action: Action
  readonly facts: Facts
}

/** Whether something was less than `minInterval` ago. With a clock that was set back, nothing was. */
export const isRecent = (at: number, now: number, { minInterval }: Policy): boolean =>
  now >= at && now - at < minInterval

const isRefreshable = ({ canRefresh, registrationExpiresAt }: Held, now: number): boolean =>
  canRefresh && (registrationExpiresAt === undefined || registrationExpiresAt > now)

/** The facts about a value now. */
export const observe = (state: State, held: Held, now: number, policy: Policy): Facts => {
  const left = held.expiresAt - now
  const { lastAttempt, unwritten } = state
  const recentAttempt = lastAttempt !== undefined && isRecent(lastAttempt.at, now, policy)
  return {
    expired: left <= 0,
    expiresFirst: left <= policy.refreshFirst,
    expiresSoon: left <= policy.refreshAhead,
    refreshable: isRefreshable(held, now),
    recentAttempt,
    recentFailure: recentAttempt && lastAttempt.failed,
    justRefreshed: recentAttempt && lastAttempt.gaveThis,
    unwritten
  }
}

/** Decides from the facts alone. */
export const decideFrom = (facts: Facts): Action => {
  const { expired, expiresFirst, expiresSoon, justRefreshed, recentAttempt, recentFailure, refreshable, unwritten } =
    facts
  if (!expiresFirst) return ((expiresSoon && refreshable) || unwritten) && !recentAttempt ? "ServeAndRefresh" : "Serve"
  if (justRefreshed || (recentAttempt && !expired)) return "Serve"
  return recentFailure ? "Fail" : "Refresh"
}

/** Decides whether a value is served as it is, refreshed in the background, or refreshed first. */
export const decide = (state: State, held: Held, now: number, policy: Policy): Decision => {
  const facts = observe(state, held, now, policy)
  return { action: decideFrom(facts), facts }
}

/** What is known once the lease is held and the store has been read again. */
export interface FactsUnderLease {
  /** The store holds a value. */
  readonly stored: boolean
  /** The stored value has enough time left to be served. */
  readonly fresh: boolean
  /** The portal has rejected this very value. */
  readonly rejected: boolean
  /** The stored value has everything that a refresh sends. */
  readonly canRefresh: boolean
  /** The client that the stored value was issued to is still registered. */
  readonly registered: boolean
}

/**
 * What to do under the lease.
 *
 * - `Use`: the stored value is fresh, since another process has refreshed it or the user has signed in
 * - `Refresh`: send the refresh
 * - any other: only the user can help, for this reason
 */
export type ActionUnderLease = "Use" | "Refresh" | "NoToken" | "Expired" | "TokenRejected" | "RegistrationExpired"

/** The facts about the value that was read under the lease. */
export const observeUnderLease = (options: {
  /** The stored value. */
  readonly stored: Held | undefined
  /** Whether it is the one that led to this refresh. */
  readonly isSeen: boolean
  /** Whether the portal has rejected the one that led to this refresh. */
  readonly wasRejected: boolean
  readonly now: number
  readonly policy: Policy
}): FactsUnderLease => {
  const { isSeen, now, policy, stored, wasRejected } = options
  // A value of another process is served as long as it can be: it was not this process that asked for a refresh of it
  const margin = isSeen ? policy.refreshAhead : policy.refreshFirst
  return {
    stored: stored !== undefined,
    fresh: stored !== undefined && stored.expiresAt - now > margin,
    rejected: wasRejected && isSeen,
    canRefresh: stored?.canRefresh === true,
    registered: stored !== undefined && isRefreshable({ ...stored, canRefresh: true }, now)
  }
}

/** Decides from the facts alone. */
export const decideUnderLease = (facts: FactsUnderLease): ActionUnderLease => {
  const { canRefresh, fresh, registered, rejected, stored } = facts
  if (!stored) return "NoToken"
  if (fresh && !rejected) return "Use"
  if (!canRefresh) return fresh ? "TokenRejected" : "Expired"
  return registered ? "Refresh" : "RegistrationExpired"
}
