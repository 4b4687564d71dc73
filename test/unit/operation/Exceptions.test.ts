import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import * as Exceptions from "../../../src/operation/Exceptions.ts"

// AWS IAM Identity Center OIDC API Reference, "Errors" of each action
const known = [
  ["AccessDeniedException", 400, "access_denied"],
  ["AuthorizationPendingException", 400, "authorization_pending"],
  ["ExpiredTokenException", 400, "expired_token"],
  ["InternalServerException", 500, "server_error"],
  ["InvalidClientException", 401, "invalid_client"],
  ["InvalidClientMetadataException", 400, "invalid_client_metadata"],
  ["InvalidGrantException", 400, "invalid_grant"],
  ["InvalidRedirectUriException", 400, "invalid_redirect_uri"],
  ["InvalidRequestException", 400, "invalid_request"],
  ["InvalidRequestRegionException", 400, "invalid_request"],
  ["InvalidScopeException", 400, "invalid_scope"],
  ["SlowDownException", 400, "slow_down"],
  ["UnauthorizedClientException", 400, "unauthorized_client"],
  ["UnsupportedGrantTypeException", 400, "unsupported_grant_type"]
]

const members = Schema.Struct({
  error: Schema.optionalKey(Schema.String),
  error_description: Schema.optionalKey(Schema.String),
  requestId: Schema.optionalKey(Schema.String),
  retryAfter: Schema.optionalKey(Schema.Duration)
})

const codec = Schema.toCodecJson(Schema.Union(Exceptions.all))

describe("Exceptions", () => {
  it("are the fourteen of the service, with their status and OAuth code", () => {
    assert.deepStrictEqual(
      Exceptions.all.map(({ error, identifier, status }) => [identifier, status, error]),
      known
    )
  })

  it.each(Exceptions.all)("$identifier has the description of the service as its message, if there is one", (Class) => {
    const described = new Class({ error: "an_error", error_description: "the description of the service" })
    assert.instanceOf(described, Error)
    assert.strictEqual(described._tag, Class.identifier)
    assert.strictEqual(described.message, "the description of the service")
    assert.strictEqual(new Class({ error: "an_error" }).message, "an_error")
    assert.strictEqual(new Class({}).message, "the service gave no description")
  })

  it.effect("are caught by their tags", () =>
    Effect.gen(function* () {
      const failing: Effect.Effect<never, Exceptions.SsoOidcException> = new Exceptions.SlowDownException({
        error: "slow_down"
      })
      const caught = yield* failing.pipe(Effect.catchTag("SlowDownException", ({ error }) => Effect.succeed(error)))
      assert.strictEqual(caught, "slow_down")
    })
  )

  it.effect.prop("can be encoded as JSON and decoded again", [members], ([members]) =>
    Effect.forEach(Exceptions.all, (Class: Exceptions.ExceptionClass) =>
      Effect.gen(function* () {
        const exception = new Class({ ...members, reason: "Reason", region: "eu-west-1", endpoint: "https://e" })
        const written = JSON.stringify(yield* Schema.encodeEffect(codec)(exception))
        const read = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(written))
        assert.instanceOf(read, Class)
        assert.deepStrictEqual({ ...read }, { ...exception })
      })
    )
  )

  it.each([
    [Exceptions.AccessDeniedException, "KMS_AccessDeniedException"],
    [Exceptions.InvalidRequestException, "KMS_DisabledException"],
    [Exceptions.AccessDeniedException, "ReasonOfTomorrow"]
  ] as const)("%o keeps the reason %s, known or not", (Class, reason) => {
    assert.strictEqual(new Class({ reason }).reason, reason)
  })

  it("have the right region and its endpoint", () => {
    const exception = new Exceptions.InvalidRequestRegionException({ region: "eu-west-1", endpoint: "https://e" })
    assert.deepStrictEqual([exception.region, exception.endpoint], ["eu-west-1", "https://e"])
  })

  it("refuse a member of the wrong type", () => {
    const decode = Schema.decodeUnknownExit(Exceptions.SlowDownException)
    assert.isTrue(Exit.isFailure(decode({ _tag: "SlowDownException", error: 5 })))
    assert.isTrue(Exit.isFailure(decode({ _tag: "AccessDeniedException" })))
  })
})
