import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Login, LoginState, SsoSession, StoreError, TokenCache } from "../../../src/index.ts"
import * as ScriptedService from "../../support/ScriptedService.ts"

const { denied, pending, pollTimes, service, shown, slowDown, token } = ScriptedService

const session = new SsoSession.SsoSession({
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
  scopes: ["sso:account:access"]
})

/** The states, which fail with the reason of their `LoginFailed`. */
const states = Stream.runCollect(Login.states(session)).pipe(Effect.unwrapReason("LoginFailed"))

/** Whether a token is stored. */
const isStored = Effect.gen(function* () {
  const cache = yield* TokenCache.TokenCache
  return Option.isSome(yield* cache.get(session))
})

describe("Login.states", () => {
  it.effect("emits the states of the flow, of which the last one is Authorized", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(states)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        (yield* Fiber.join(fiber)).map((state) =>
          "timeLeft" in state ? [state._tag, Duration.toSeconds(state.timeLeft)] : [state._tag]
        ),
        [["Prompting", 600], ["Pending", 600], ["SlowedDown", 599], ["Pending", 593], ["Authorized"]]
      )
      assert.deepStrictEqual(yield* shown, [])
    }).pipe(Effect.provide(service([pending, slowDown, pending, token])))
  )

  it.effect("stores the token before it emits Authorized", () =>
    Effect.gen(function* () {
      const seen = yield* Stream.runCollect(
        Stream.mapEffect(Login.states(session), (state) => Effect.map(isStored, (isStored) => [state._tag, isStored]))
      ).pipe(Effect.forkChild)
      yield* TestClock.adjust("500 millis")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(seen), [
        ["Prompting", false],
        ["Pending", false],
        ["Authorized", true]
      ])
    }).pipe(Effect.provide(service([pending, token])))
  )

  it.effect("emits states that are JSON without a secret", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(states)
      yield* TestClock.adjust("1 minute")
      const codec = Schema.fromJsonString(LoginState.LoginState)
      const texts = yield* Effect.forEach(yield* Fiber.join(fiber), (state) => Schema.encodeEffect(codec)(state))
      assert.deepStrictEqual(texts, [
        '{"_tag":"Prompting","userCode":"ABCD-EFGH","verificationUri":"https://device.example/","verificationUriComplete":"https://device.example/?user_code=ABCD-EFGH","timeLeft":600000}',
        '{"_tag":"Pending","timeLeft":600000,"nextPoll":1000}',
        '{"_tag":"Unreachable","timeLeft":599000,"nextPoll":2000,"failure":"DispatchFailure"}',
        '{"_tag":"Authorized","expiresAt":"1970-01-01T08:00:03Z"}'
      ])
      assert.deepStrictEqual(
        yield* Effect.forEach(texts, (text) => Schema.decodeEffect(codec)(text)),
        yield* Fiber.join(fiber)
      )
    }).pipe(Effect.provide(service([pending, "drop", token])))
  )

  it.effect("fails as the flow does", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(states))._tag, "AccessDeniedException")
    }).pipe(Effect.provide(service([denied])))
  )

  it.effect("ends the flow if its consumer stops", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Stream.runHead(Login.states(session)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      const polls = (yield* pollTimes).length
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* pollTimes).length, polls)
    }).pipe(Effect.provide(service([pending])))
  )

  it.effect("fails with the StoreError, and emits no Authorized, if the token could not be stored", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache.TokenCache
      const full = Layer.succeed(TokenCache.TokenCache, {
        ...cache,
        set: () => Effect.fail(StoreError.storeUnavailable("token", "write", "ENOSPC"))
      })
      const seen: Array<string> = []
      const error = yield* Stream.runForEach(Login.states(session), ({ _tag }) =>
        Effect.sync(() => seen.push(_tag))
      ).pipe(Effect.flip, Effect.provide(full))
      assert.strictEqual(error._tag, "StoreError")
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.provide(service([token])))
  )
})
