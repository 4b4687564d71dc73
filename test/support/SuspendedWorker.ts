/**
 * A process that is suspended at one step of a refresh, and continues after another process has asked for the token.
 */
import { assert } from "@effect/vitest"
import { Effect, Option } from "effect"
import type * as ExpiredSession from "./ExpiredSession.ts"
import type * as Worker from "./Worker.ts"

type Session = Effect.Success<ReturnType<typeof ExpiredSession.make | typeof ExpiredSession.makeInRedis>>

/**
 * Suspends the first worker at a step. There must be one refresh, and both workers must get its token in the end. Returns
 * whether the other worker got no token until the suspended one continued.
 */
export const suspendAt = Effect.fnUntraced(function* (
  stopAt: number,
  [suspended, other]: readonly [Worker.Worker, Worker.Worker],
  old: Session,
  question: object
) {
  const ask = { ...question, session: old.session }
  const before = yield* old.kept
  assert.isTrue(Option.getOrThrow(yield* suspended.ask({ ...ask, stopAt })).stopped)
  const meanwhile = Option.getOrThrow(yield* other.ask(ask))
  const left = yield* old.kept
  const continued = Option.getOrThrow(yield* suspended.continue)
  const after = Option.getOrThrow(yield* other.ask(ask))
  const kept = yield* old.kept
  const calls = yield* old.calls
  const state = JSON.stringify({ stopAt, meanwhile, continued, after, kept, calls })

  assert.deepStrictEqual([continued.accessToken, after.accessToken], [kept.accessToken, kept.accessToken], state)
  assert.strictEqual(calls.filter((call) => call === "200").length, 1, state)
  assert.isTrue(yield* old.spend, state)
  if (meanwhile.error === undefined) {
    assert.strictEqual(meanwhile.accessToken, kept.accessToken, state)
    return false
  }
  // The service has rotated the refresh token, and only the suspended process has the response: until it continues, no process can get a token
  assert.strictEqual(meanwhile.reason, "RefreshRejected", state)
  assert.strictEqual(left.refreshToken, before.refreshToken, state)
  return true
})
