import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { ClientRegistration, DeviceFlow, SsoOidc, SsoSession, SsoStore } from "../../../src/index.ts"
import { IdentityCenter } from "../../../src/emulator/index.ts"

const environment = (options?: IdentityCenter.IdentityCenterOptions) =>
  Layer.mergeAll(SsoOidc.layer({ region: "us-east-1" }), SsoStore.layerMemory()).pipe(
    Layer.provideMerge(IdentityCenter.layer(options))
  )

const makeSession = () =>
  SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1", name: "my-sso" })

const operations = Effect.gen(function* () {
  const center = yield* IdentityCenter.IdentityCenter
  return (yield* center.requests).map(({ operation }) => operation)
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

  it.effect("registers again, once, if the service rejects the stored client", () =>
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

  it.effect("does not register twice if the service rejects a new client", () =>
    Effect.gen(function* () {
      const session = yield* makeSession()
      const center = yield* IdentityCenter.IdentityCenter
      const rejected = (registration: ClientRegistration.Registration) =>
        Effect.andThen(
          center.revokeClients,
          SsoOidc.startDeviceAuthorization({
            clientId: registration.clientId,
            clientSecret: registration.clientSecret,
            startUrl: session.startUrl
          })
        )
      const error = yield* Effect.flip(ClientRegistration.use(session, options, rejected))
      assert.strictEqual(error._tag, "InvalidClientException")
      assert.deepStrictEqual(yield* operations, ["RegisterClient", "StartDeviceAuthorization"])
    }).pipe(Effect.provide(environment()))
  )

  describe("for many principals of one session", () => {
    const users = Array.from({ length: 1000 }, (_, i) => `user-${i}`)

    /** Starts a sign-in of each user at the same time. */
    const startAll = Effect.gen(function* () {
      const session = yield* makeSession()
      yield* Effect.forEach(
        users,
        (principal) => DeviceFlow.start(new SsoSession.SsoSession({ ...session, principal })),
        { concurrency: "unbounded" }
      )
    })

    const registrations = Effect.map(operations, (all) => all.filter((operation) => operation === "RegisterClient"))

    it.effect("registers one client", () =>
      Effect.gen(function* () {
        yield* startAll
        assert.lengthOf(yield* registrations, 1)
      }).pipe(Effect.provide(environment()))
    )

    it.effect("registers one other client if the service rejects the stored one", () =>
      Effect.gen(function* () {
        const center = yield* IdentityCenter.IdentityCenter
        yield* startAll
        yield* center.revokeClients
        yield* center.clearRequests
        yield* startAll
        assert.lengthOf(yield* registrations, 1)
      }).pipe(Effect.provide(environment()))
    )
  })
})
