import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Layer, Option, Redacted, Ref } from "effect"
import { TestClock } from "effect/testing"
import { AuthorizationPrompt, ClientRegistration, Login, SsoOidc, SsoSession, TokenCache } from "../../src/index.ts"
import * as IdentityCenter from "../../src/testing/IdentityCenter.ts"

const environment = (options?: IdentityCenter.Options) =>
  Layer.mergeAll(
    SsoOidc.layer({ region: "us-east-1" }),
    TokenCache.layerMemory,
    AuthorizationPrompt.layerRecorded
  ).pipe(Layer.provideMerge(IdentityCenter.layer({ interval: "1 second", ...options })))

const makeSession = (scopes?: ReadonlyArray<string>) =>
  SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1", name: "my-sso", scopes })

/** Signs in, and answers the prompt as the person does. */
const signIn = Effect.fnUntraced(function* (
  answer: (
    center: IdentityCenter.IdentityCenter["Service"],
    userCode: string
  ) => Effect.Effect<void, { readonly _tag: string }>,
  scopes?: ReadonlyArray<string>
) {
  const center = yield* IdentityCenter.IdentityCenter
  const session = yield* makeSession(scopes)
  const fiber = yield* Effect.forkChild(Login.login(session))
  yield* TestClock.adjust("1 second")
  const prompting = (yield* Effect.flatMap(AuthorizationPrompt.Recorded, Ref.get)).find(
    AuthorizationPrompt.State.$is("Prompting")
  )
  assert.isDefined(prompting)
  yield* answer(center, prompting?.userCode ?? "")
  yield* TestClock.adjust("2 seconds")
  return yield* Fiber.join(fiber)
})

const approve = (center: IdentityCenter.IdentityCenter["Service"], userCode: string) => center.approve(userCode)

const operations = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  return (yield* center.requests).map(({ operation }) => operation)
})

describe("Login.login", () => {
  it.effect("registers, starts, waits for the person, and keeps a token that can be renewed", () =>
    Effect.gen(function* () {
      const token = yield* signIn(approve)
      const cache = yield* TokenCache.TokenCache
      const session = yield* makeSession()
      const kept = yield* Effect.flatMap(cache.get(session), Effect.fromOption)
      assert.strictEqual(Redacted.value(kept.accessToken), Redacted.value(token.accessToken))
      assert.isDefined(kept.refreshToken)
      assert.strictEqual(DateTime.formatIso(kept.expiresAt), "1970-01-01T08:00:02.000Z")
      assert.deepStrictEqual(yield* operations, [
        "RegisterClient",
        "StartDeviceAuthorization",
        "CreateToken",
        "CreateToken",
        "CreateToken"
      ])
    }).pipe(Effect.provide(environment()))
  )

  it.effect("shows the person the name and the scopes that it registered with", () =>
    Effect.gen(function* () {
      yield* signIn(approve, ["sso:account:access", "codewhisperer:completions"])
      const center = yield* IdentityCenter.IdentityCenter
      const [authorization] = yield* center.authorizations
      assert.strictEqual(authorization?.clientName, "effect-aws-sso")
      assert.deepStrictEqual(authorization?.scopes, ["sso:account:access", "codewhisperer:completions"])
    }).pipe(Effect.provide(environment()))
  )

  it.effect("keeps nothing where the person says no", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(signIn((center, userCode) => center.deny(userCode)))
      assert.strictEqual(error._tag, "AccessDeniedException")
      const cache = yield* TokenCache.TokenCache
      assert.deepStrictEqual(yield* cache.get(yield* makeSession()), Option.none())
    }).pipe(Effect.provide(environment()))
  )

  it.effect("uses its client again, and another one for other scopes", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const registrations = Effect.map(operations, (all) => all.filter((name) => name === "RegisterClient").length)
      const login = Effect.fnUntraced(function* (scopes: ReadonlyArray<string>) {
        const fiber = yield* Effect.forkChild(Effect.flatMap(makeSession(scopes), (session) => Login.login(session)))
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(fiber)
      })
      yield* login(["sso:account:access"])
      yield* login(["sso:account:access"])
      assert.strictEqual(yield* registrations, 1)
      yield* login(["sso:account:access", "other:scope"])
      assert.strictEqual(yield* registrations, 2)
      yield* center.clearRequests
    }).pipe(Effect.provide(environment({ autoApprove: "2 seconds" })))
  )
})

describe("ClientRegistration", () => {
  const options = { grantTypes: ["urn:ietf:params:oauth:grant-type:device_code"] }

  it.effect("registers again in the last day of a client, and not before", () =>
    Effect.gen(function* () {
      const session = yield* makeSession()
      const first = yield* ClientRegistration.get(session, options)
      yield* TestClock.adjust("88 days")
      assert.strictEqual((yield* ClientRegistration.get(session, options)).clientId, first.clientId)
      yield* TestClock.adjust("1 day")
      assert.notStrictEqual((yield* ClientRegistration.get(session, options)).clientId, first.clientId)
    }).pipe(Effect.provide(environment({ registrationLifetime: "90 days" })))
  )

  it.effect("registers again, once, where the service refuses a client that it kept", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const session = yield* makeSession()
      const start = (registration: ClientRegistration.Registration) =>
        SsoOidc.startDeviceAuthorization({
          clientId: registration.clientId,
          clientSecret: registration.clientSecret,
          startUrl: session.startUrl
        })
      yield* ClientRegistration.use(session, options, start)
      yield* center.revokeClients
      yield* ClientRegistration.use(session, options, start)
      assert.deepStrictEqual(yield* operations, [
        "RegisterClient",
        "StartDeviceAuthorization",
        "StartDeviceAuthorization",
        "RegisterClient",
        "StartDeviceAuthorization"
      ])
    }).pipe(Effect.provide(environment()))
  )

  it.effect("does not register twice where the service refuses a client that it has just registered", () =>
    Effect.gen(function* () {
      const session = yield* makeSession()
      const center = yield* IdentityCenter.IdentityCenter
      const refused = (registration: ClientRegistration.Registration) =>
        Effect.andThen(
          center.revokeClients,
          SsoOidc.startDeviceAuthorization({
            clientId: registration.clientId,
            clientSecret: registration.clientSecret,
            startUrl: session.startUrl
          })
        )
      const error = yield* Effect.flip(ClientRegistration.use(session, options, refused))
      assert.strictEqual(error._tag, "InvalidClientException")
      assert.deepStrictEqual(yield* operations, ["RegisterClient", "StartDeviceAuthorization"])
    }).pipe(Effect.provide(environment()))
  )
})
