import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import * as Exceptions from "../../../src/operation/Exceptions.ts"
import * as PortalExceptions from "../../../src/operation/PortalExceptions.ts"

// AWS IAM Identity Center Portal API Reference, "Errors" of each action
const known = [
  ["InvalidRequestException", 400],
  ["ResourceNotFoundException", 404],
  ["TooManyRequestsException", 429],
  ["UnauthorizedException", 401]
]

const members = Schema.Struct({
  message: Schema.String,
  requestId: Schema.optionalKey(Schema.String),
  retryAfter: Schema.optionalKey(Schema.Duration)
})

const own = [
  PortalExceptions.ResourceNotFoundException,
  PortalExceptions.TooManyRequestsException,
  PortalExceptions.UnauthorizedException
] as const

const codec = Schema.toCodecJson(Schema.Union(own))

describe("PortalExceptions", () => {
  it("are the four of the portal, with their status", () => {
    assert.deepStrictEqual(
      PortalExceptions.all.map(({ identifier, status }) => [identifier, status]),
      known
    )
  })

  it("share InvalidRequestException with SSO OIDC", () => {
    const common = Exceptions.all.filter((Class) => PortalExceptions.all.some((other) => other === Class))
    assert.deepStrictEqual(common, [Exceptions.InvalidRequestException])
    assert.strictEqual(PortalExceptions.InvalidRequestException, Exceptions.InvalidRequestException)
  })

  it.each(own)("$identifier has the description of the service as its message, if there is one", (Class) => {
    const described = new Class({ message: "the description of the service" })
    assert.instanceOf(described, Error)
    assert.strictEqual(described._tag, Class.identifier)
    assert.strictEqual(described.message, "the description of the service")
    assert.strictEqual(new Class({}).message, "the service gave no description")
  })

  it.effect("are caught by their tags", () =>
    Effect.gen(function* () {
      const failing: Effect.Effect<never, PortalExceptions.SsoPortalException> =
        new PortalExceptions.UnauthorizedException({
          message: "Session token not found or invalid"
        })
      const caught = yield* failing.pipe(
        Effect.catchTag("UnauthorizedException", ({ message }) => Effect.succeed(message))
      )
      assert.strictEqual(caught, "Session token not found or invalid")
    })
  )

  it.effect.prop("can be encoded as JSON and decoded again", [members], ([members]) =>
    Effect.forEach(own, (Class) =>
      Effect.gen(function* () {
        const exception = new Class(members)
        const written = JSON.stringify(yield* Schema.encodeEffect(codec)(exception))
        const read = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(written))
        assert.strictEqual(read.constructor, Class)
        assert.strictEqual(read.message, exception.message)
        assert.deepStrictEqual({ ...read }, { ...exception })
      })
    )
  )

  it("refuse a member of the wrong type", () => {
    const decode = Schema.decodeUnknownExit(PortalExceptions.UnauthorizedException)
    assert.isTrue(Exit.isFailure(decode({ _tag: "UnauthorizedException", message: 5 })))
    assert.isTrue(Exit.isFailure(decode({ _tag: "ResourceNotFoundException", message: "a" })))
  })
})
