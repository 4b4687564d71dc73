import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import * as ClientError from "../../../src/wire/ClientError.ts"

const operation = "CreateToken"

const samples: ReadonlyArray<readonly [ClientError.ClientError, string]> = [
  [new ClientError.ConstructionFailure({ reason: "InvalidRegion", description: "set a region" }), "set a region"],
  [
    new ClientError.CallTimeout({ operation, limit: "attempt", duration: Duration.seconds(10) }),
    "CreateToken: the attempt got no response within 10s"
  ],
  [
    new ClientError.CallTimeout({ operation, limit: "operation", duration: Duration.minutes(1) }),
    "CreateToken: the operation got no response within 1m"
  ],
  [new ClientError.DispatchFailure({ operation, origin: "https://a" }), "CreateToken: no connection to https://a"],
  [
    new ClientError.DispatchFailure({ operation, origin: "https://a", code: "ECONNREFUSED" }),
    "CreateToken: no connection to https://a (ECONNREFUSED)"
  ],
  [
    new ClientError.ResponseError({ operation, reason: "NotJson", status: 200, description: "it is empty" }),
    "CreateToken: HTTP 200: it is empty"
  ],
  [new ClientError.UnhandledServiceError({ operation, status: 403 }), "CreateToken: HTTP 403"],
  [
    new ClientError.UnhandledServiceError({
      operation,
      status: 403,
      code: "RequestTimeTooSkewed",
      description: "too late",
      requestId: "id-1",
      retryAfter: Duration.seconds(1),
      clockSkew: Duration.minutes(-12)
    }),
    "CreateToken: HTTP 403 RequestTimeTooSkewed: too late (the clock of this machine is wrong by 12m: correct it)"
  ]
]

const codec = Schema.toCodecJson(
  Schema.Union([
    ClientError.ConstructionFailure,
    ClientError.CallTimeout,
    ClientError.DispatchFailure,
    ClientError.ResponseError,
    ClientError.UnhandledServiceError
  ])
)

describe("A client error", () => {
  it.each(samples)("has a message of one line: %s", (error, message) => {
    assert.strictEqual(error.message, message)
  })

  it.effect.each(samples)("can be encoded as JSON and decoded again: %s", ([error]) =>
    Effect.gen(function* () {
      const written = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const read = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(written))
      assert.strictEqual(read._tag, error._tag)
      assert.deepStrictEqual({ ...read }, { ...error })
    })
  )
})
