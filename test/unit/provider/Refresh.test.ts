import { assert, describe, it } from "@effect/vitest"
import * as Refresh from "../../../src/provider/Refresh.ts"

/** A row of a table: the facts that it is about, and what is done then. A fact that a row leaves out can be either. */
interface Row<Facts, Action> {
  readonly when: Partial<Facts>
  readonly action: Action
}

/** Every combination of these facts. */
const combinations = <K extends string>(names: ReadonlyArray<K>): ReadonlyArray<Record<K, boolean>> =>
  names.reduce<ReadonlyArray<Record<K, boolean>>>(
    (all, name) =>
      all.flatMap((facts) => [
        { ...facts, [name]: true },
        { ...facts, [name]: false }
      ]),
    [Object.fromEntries(names.map((name) => [name, false])) as Record<K, boolean>]
  )

const matching = <Facts extends object, Action>(
  table: ReadonlyArray<Row<Facts, Action>>,
  facts: Facts
): ReadonlyArray<Action> =>
  table
    .filter(({ when }) => Object.entries(when).every(([name, value]) => Reflect.get(facts, name) === value))
    .map(({ action }) => action)

const policy: Refresh.Policy = { refreshAhead: 900, refreshFirst: 300, minInterval: 30 }

const held = (left: number, members: Partial<Refresh.Held> = {}): Refresh.Held => ({
  expiresAt: 10_000 + left,
  canRefresh: true,
  ...members
})

const observe = (left: number, state: Partial<Refresh.State> = {}, members: Partial<Refresh.Held> = {}) =>
  Refresh.observe({ unwritten: false, ...state }, held(left, members), 10_000, policy)

describe("Refresh.decide", () => {
  const table: ReadonlyArray<Row<Refresh.Facts, Refresh.Action>> = [
    // Enough time is left
    { when: { expiresFirst: false, recentAttempt: true }, action: "Serve" },
    { when: { expiresFirst: false, recentAttempt: false, unwritten: true }, action: "ServeAndRefresh" },
    { when: { expiresFirst: false, recentAttempt: false, unwritten: false, expiresSoon: false }, action: "Serve" },
    {
      when: { expiresFirst: false, recentAttempt: false, unwritten: false, expiresSoon: true, refreshable: true },
      action: "ServeAndRefresh"
    },
    {
      when: { expiresFirst: false, recentAttempt: false, unwritten: false, expiresSoon: true, refreshable: false },
      action: "Serve"
    },
    // Little or no time is left
    { when: { expiresFirst: true, recentAttempt: false }, action: "Refresh" },
    { when: { expiresFirst: true, recentAttempt: true, expired: false }, action: "Serve" },
    { when: { expired: true, recentAttempt: true, justRefreshed: true }, action: "Serve" },
    { when: { expired: true, recentAttempt: true, justRefreshed: false, recentFailure: true }, action: "Fail" },
    { when: { expired: true, recentAttempt: true, justRefreshed: false, recentFailure: false }, action: "Refresh" }
  ]

  const implied = ({
    expired,
    expiresFirst,
    expiresSoon,
    justRefreshed,
    recentAttempt,
    recentFailure
  }: Refresh.Facts) =>
    (!expired || expiresFirst) &&
    (!expiresFirst || expiresSoon) &&
    (!(recentFailure || justRefreshed) || recentAttempt) &&
    !(recentFailure && justRefreshed)

  const possible = combinations([
    "expired",
    "expiresFirst",
    "expiresSoon",
    "refreshable",
    "recentAttempt",
    "recentFailure",
    "justRefreshed",
    "unwritten"
  ]).filter(implied)

  it("covers every possible combination of facts with exactly one row of the table", () => {
    assert.strictEqual(possible.length, 64)
    for (const facts of possible) assert.lengthOf(matching(table, facts), 1, JSON.stringify(facts))
  })

  it("decides as in the table for every possible combination of facts", () => {
    for (const facts of possible) {
      assert.deepStrictEqual([Refresh.decideFrom(facts)], matching(table, facts), JSON.stringify(facts))
    }
  })

  it("takes a value for expiring at the very millisecond of each limit", () => {
    const limits = [
      { left: 901, facts: { expired: false, expiresFirst: false, expiresSoon: false } },
      { left: 900, facts: { expired: false, expiresFirst: false, expiresSoon: true } },
      { left: 301, facts: { expired: false, expiresFirst: false, expiresSoon: true } },
      { left: 300, facts: { expired: false, expiresFirst: true, expiresSoon: true } },
      { left: 1, facts: { expired: false, expiresFirst: true, expiresSoon: true } },
      { left: 0, facts: { expired: true, expiresFirst: true, expiresSoon: true } }
    ]
    for (const { facts, left } of limits) assert.deepInclude(observe(left), facts, String(left))
  })

  it("takes an attempt for recent until the interval has passed, and never where the clock was set back", () => {
    const attempts = [
      { at: 10_001, recent: false },
      { at: 10_000, recent: true },
      { at: 9971, recent: true },
      { at: 9970, recent: false }
    ]
    for (const { at, recent } of attempts) {
      const { recentAttempt, recentFailure } = observe(0, { lastAttempt: { at, failed: true, gaveThis: false } })
      assert.deepStrictEqual({ recentAttempt, recentFailure }, { recentAttempt: recent, recentFailure: recent })
    }
  })

  it("takes a token for refreshable where it has a refresh token and a client that is still registered", () => {
    assert.isTrue(observe(0).refreshable)
    assert.isTrue(observe(0, {}, { registrationExpiresAt: 10_001 }).refreshable)
    assert.isFalse(observe(0, {}, { registrationExpiresAt: 10_000 }).refreshable)
    assert.isFalse(observe(0, {}, { canRefresh: false }).refreshable)
  })

  it("returns the facts with the decision", () => {
    const { action, facts } = Refresh.decide({ unwritten: false }, held(600), 10_000, policy)
    assert.strictEqual(action, "ServeAndRefresh")
    assert.deepStrictEqual(facts, observe(600))
  })
})

describe("Refresh.decideUnderLease", () => {
  const table: ReadonlyArray<Row<Refresh.FactsUnderLease, Refresh.ActionUnderLease>> = [
    { when: { stored: false }, action: "NoToken" },
    { when: { stored: true, fresh: true, rejected: false }, action: "Use" },
    { when: { stored: true, fresh: true, rejected: true, canRefresh: false }, action: "TokenRejected" },
    { when: { stored: true, fresh: false, canRefresh: false }, action: "Expired" },
    { when: { stored: true, fresh: true, rejected: true, canRefresh: true, registered: true }, action: "Refresh" },
    { when: { stored: true, fresh: false, canRefresh: true, registered: true }, action: "Refresh" },
    {
      when: { stored: true, fresh: true, rejected: true, canRefresh: true, registered: false },
      action: "RegistrationExpired"
    },
    { when: { stored: true, fresh: false, canRefresh: true, registered: false }, action: "RegistrationExpired" }
  ]

  const possible = combinations(["stored", "fresh", "rejected", "canRefresh", "registered"])

  it("covers every combination of facts with exactly one row of the table", () => {
    for (const facts of possible) assert.lengthOf(matching(table, facts), 1, JSON.stringify(facts))
  })

  it("decides as in the table for every combination of facts", () => {
    for (const facts of possible) {
      assert.deepStrictEqual([Refresh.decideUnderLease(facts)], matching(table, facts), JSON.stringify(facts))
    }
  })

  it("uses a value of another process as long as it can be served, and its own until it would be refreshed", () => {
    const fresh = (left: number, isSeen: boolean) =>
      Refresh.observeUnderLease({ stored: held(left), isSeen, wasRejected: false, now: 10_000, policy }).fresh
    assert.deepStrictEqual([fresh(901, true), fresh(900, true)], [true, false])
    assert.deepStrictEqual([fresh(301, false), fresh(300, false)], [true, false])
  })

  it("takes a token for rejected only where it is the one that the portal rejected", () => {
    const rejected = (isSeen: boolean, wasRejected: boolean) =>
      Refresh.observeUnderLease({ stored: held(5000), isSeen, wasRejected, now: 10_000, policy }).rejected
    assert.deepStrictEqual([rejected(true, true), rejected(true, false), rejected(false, true)], [true, false, false])
  })
})
