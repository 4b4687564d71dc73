import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { ClientError, Exceptions } from "../../../src/index.ts"
import * as PollInterval from "../../../src/login/PollInterval.ts"

const pending = new Exceptions.AuthorizationPendingException({})
const slowDown = new Exceptions.SlowDownException({})
const down = new Exceptions.InternalServerException({})
const unreachable = new ClientError.DispatchFailure({ operation: "CreateToken", origin: "https://oidc.example" })
const timeout = new ClientError.CallTimeout({
  operation: "CreateToken",
  limit: "attempt",
  duration: Duration.seconds(10)
})
const throttled = new ClientError.UnhandledServiceError({ operation: "CreateToken", status: 429 })

/** The seconds before each poll that follows one of the errors. `end` if there is none. */
const waits = (interval: Duration.Input, ...errors: ReadonlyArray<unknown>): ReadonlyArray<number | "end"> =>
  errors.reduce<{
    readonly current: PollInterval.PollInterval | undefined
    readonly waits: ReadonlyArray<number | "end">
  }>(
    ({ current, waits }, error) => {
      const next = current === undefined ? undefined : PollInterval.next(current, error)
      return {
        current: next,
        waits: [...waits, next === undefined ? "end" : Duration.toSeconds(PollInterval.wait(next))]
      }
    },
    { current: PollInterval.make(Duration.fromInputUnsafe(interval)), waits: [] }
  ).waits

describe("PollInterval", () => {
  for (const [what, actual, expected] of [
    ["keeps the interval while the user has not approved", waits("5 seconds", pending, pending), [5, 5]],
    [
      "grows by five seconds for good at each slow_down",
      waits("5 seconds", slowDown, pending, slowDown, pending),
      [10, 10, 15, 15]
    ],
    [
      "doubles each wait while the service cannot be reached",
      waits("5 seconds", unreachable, timeout, down, throttled),
      [10, 20, 40, 60]
    ],
    [
      "returns to the interval when the service responds again",
      waits("5 seconds", unreachable, unreachable, pending),
      [10, 20, 5]
    ],
    ["keeps a grown interval over an outage", waits("1 second", slowDown, unreachable, pending), [6, 12, 6]],
    ["never waits less than an interval of more than a minute", waits("2 minutes", unreachable, pending), [120, 120]],
    ["waits at least a second", waits(0, pending), [1]]
  ] as const) {
    it(what, () => {
      assert.deepStrictEqual(actual, expected)
    })
  }

  for (const [what, error] of [
    ["AccessDeniedException", new Exceptions.AccessDeniedException({})],
    ["ExpiredTokenException", new Exceptions.ExpiredTokenException({})],
    ["InvalidGrantException", new Exceptions.InvalidGrantException({})],
    [
      "a response that is not of the service",
      new ClientError.ResponseError({ operation: "CreateToken", reason: "NotJson", status: 200, description: "" })
    ],
    [
      "an unknown exception",
      new ClientError.UnhandledServiceError({ operation: "CreateToken", status: 400, code: "NewException" })
    ],
    ["an unknown error", new Error("unknown")],
    ["a value that only looks like an exception", { _tag: "AuthorizationPendingException" }],
    ["undefined", undefined]
  ] as const) {
    it(`ends at ${what}`, () => {
      assert.deepStrictEqual(waits("5 seconds", pending, error), [5, "end"])
    })
  }
})
