/** The AWS SDK for JavaScript with our credentials and tokens, and this library with the SDK's credentials. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import type { AwsCredentialIdentityProvider, TokenIdentityProvider } from "@smithy/types"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  AuthorizationPrompt,
  AwsCredentials,
  AwsSdk,
  CreateTokenWithIAM,
  Login,
  RoleCredentials,
  SsoOidc,
  SsoPortal,
  SsoStore,
  TokenProvider
} from "../../src/index.ts"
import { IdentityCenter } from "../../src/emulator/index.ts"
import { session } from "../support/Session.ts"
import * as SignedService from "../support/SignedService.ts"

const start = Date.parse("2026-11-24T10:00:00Z")

/** The emulator in the same process. */
const center = IdentityCenter.layer({ autoApprove: 0 })

const environment = RoleCredentials.layer({ accountId: "111122223333", roleName: "ReadOnlyAccess" }).pipe(
  Layer.provideMerge(TokenProvider.layer(session)),
  Layer.provideMerge(
    Layer.mergeAll(
      SsoOidc.layer({ region: "us-east-1" }),
      SsoPortal.layer({ region: "us-east-1" }),
      SsoStore.layerMemory(),
      AuthorizationPrompt.layerSilent
    )
  ),
  Layer.provideMerge(center)
)

/** Sets both clocks: the test clock, and the one that the SDK reads. */
const setTime = (millis: number) =>
  Effect.andThen(
    Effect.sync(() => vi.setSystemTime(millis)),
    TestClock.setTime(millis)
  )

/** Signs in at ten o'clock. */
const signedIn = Effect.gen(function* () {
  yield* setTime(start)
  yield* Login.device(session)
})

describe("The AWS SDK for JavaScript", () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ["Date"] })
    vi.spyOn(console, "warn").mockReturnValue()
  })
  afterAll(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it.effect("signs requests with our credentials, also after they and the token have expired", () =>
    Effect.gen(function* () {
      yield* signedIn
      const sts = yield* SignedService.make
      // Typed as in the SDK, to check that our provider fits
      const credentials: AwsCredentialIdentityProvider = yield* AwsSdk.credentialProvider
      const client = new STSClient({ region: "us-east-1", endpoint: sts.url, credentials, maxAttempts: 1 })
      const halfHours = 24
      for (let elapsed = 0; elapsed < halfHours; elapsed++) {
        yield* setTime(start + elapsed * Duration.toMillis("30 minutes"))
        const { Account, Arn } = yield* Effect.promise(() => client.send(new GetCallerIdentityCommand()))
        assert.deepStrictEqual(
          { Account, Arn },
          { Account: "111122223333", Arn: "arn:aws:sts::111122223333:assumed-role/ReadOnlyAccess/alice" }
        )
      }
      client.destroy()
      const accepted = yield* sts.accepted
      assert.strictEqual(accepted.length, halfHours)
      // Credentials expire after an hour, and are replaced five minutes before
      assert.strictEqual(new Set(accepted).size, halfHours / 2)
      const requests = yield* (yield* IdentityCenter.IdentityCenter).requests
      const count = (operation: string) => requests.filter((request) => request.operation === operation).length
      assert.strictEqual(count("GetRoleCredentials"), halfHours / 2)
      assert.isAbove(requests.filter(({ grantType }) => grantType === "refresh_token").length, 0)
    }).pipe(Effect.scoped, Effect.provide(environment))
  )

  it.effect("gets the tagged error that says why there are no credentials", () =>
    Effect.gen(function* () {
      yield* setTime(start)
      const credentials = yield* AwsSdk.credentialProvider
      const client = new STSClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1", credentials, maxAttempts: 1 })
      const error = yield* Effect.promise(() =>
        client.send(new GetCallerIdentityCommand()).then(
          () => assert.fail("it signed the request"),
          (error: unknown) => error
        )
      )
      client.destroy()
      assert.propertyVal(error, "_tag", "ConstructionFailure")
      assert.match(String(error), /you are not signed in .*effect-sso login --sso-session my-sso/)
    }).pipe(Effect.provide(environment))
  )

  it.effect("gets an error if it uses credentials after their layers have ended", () =>
    Effect.gen(function* () {
      yield* signedIn
      const provider = yield* Effect.provide(
        AwsSdk.credentialProvider,
        RoleCredentials.layer({ accountId: "111122223333", roleName: "AdministratorAccess" })
      )
      const error = yield* Effect.promise(() =>
        provider().then(
          () => assert.fail("it provided credentials"),
          (error: unknown) => error
        )
      )
      assert.match(String(error), /the layers that this provider was made with have ended/)
    }).pipe(Effect.provide(environment))
  )

  it.effect("gets our token, and when it expires", () =>
    Effect.gen(function* () {
      yield* signedIn
      const provider: TokenIdentityProvider = yield* AwsSdk.tokenProvider
      const { expiration, token } = yield* Effect.promise(() => provider())
      assert.strictEqual(expiration?.getTime(), start + Duration.toMillis("8 hours"))
      const { accessToken } = yield* TokenProvider.TokenProvider.use(({ token }) => token)
      assert.strictEqual(token, Redacted.value(accessToken))
    }).pipe(Effect.provide(environment))
  )
})

describe("Credentials of an SDK provider", () => {
  const identity = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "keep-access-key",
    sessionToken: "keep-session-token",
    expiration: new Date(start)
  }

  const credentialsOf = (provider: AwsSdk.AwsCredentialIdentityProvider) =>
    AwsCredentials.AwsCredentials.use(({ credentials }) => credentials).pipe(
      Effect.provide(AwsSdk.layerCredentials(provider))
    )

  it.effect("sign createTokenWithIAM", () =>
    Effect.gen(function* () {
      const client = new STSClient({ region: "us-east-1", credentials: identity })
      const input: CreateTokenWithIAM.CreateTokenWithIAMInput = {
        clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
        grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
        subjectToken: Redacted.make("subject"),
        subjectTokenType: "urn:ietf:params:oauth:token-type:access_token"
      }
      const output = yield* SsoOidc.createTokenWithIAM(input).pipe(
        Effect.provide([
          AwsSdk.layerCredentials(() => client.config.credentials()),
          SsoOidc.layer({ region: "us-east-1" })
        ])
      )
      client.destroy()
      assert.strictEqual(Duration.toHours(output.expiresIn), 8)
    }).pipe(Effect.provide(center))
  )

  it.effect("have all members of the provider's credentials, with redacted secrets", () =>
    Effect.gen(function* () {
      const credentials = yield* credentialsOf(() => Promise.resolve(identity))
      assert.strictEqual(credentials.accessKeyId, identity.accessKeyId)
      assert.strictEqual(Redacted.value(credentials.secretAccessKey), identity.secretAccessKey)
      assert.strictEqual(credentials.expiration && DateTime.toEpochMillis(credentials.expiration), start)
      assert.notInclude(JSON.stringify(credentials), "keep-")
    })
  )

  const named = (name: string, message: string) => Object.assign(new Error(message), { name })

  it.effect.each([
    {
      name: "the message of the SDK",
      provider: () =>
        Promise.reject(named("CredentialsProviderError", "Could not load credentials from any providers")),
      said: "Could not load credentials from any providers"
    },
    {
      name: "only the name of another error",
      provider: () => Promise.reject(named("SyntaxError", "keep-this in JSON at position 0")),
      said: "SyntaxError"
    },
    {
      name: "nothing of a rejection that is not an error",
      provider: () => Promise.reject("keep-this"),
      said: "rejected with something that is no error"
    },
    {
      name: "nothing of a provider that throws",
      provider: () => {
        throw named("TypeError", "keep-this")
      },
      said: "TypeError"
    },
    {
      name: "the missing part",
      provider: () => Promise.resolve({ accessKeyId: "keep-this", secretAccessKey: "" }),
      said: "secretAccessKey"
    }
  ])("that are missing are reported with $name", ({ provider, said }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(credentialsOf(provider))
      assert.strictEqual(error.reason, "MissingCredentials")
      assert.include(error.message, said)
      assert.notInclude(error.message, "keep-this")
    })
  )
})
