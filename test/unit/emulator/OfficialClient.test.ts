/** The official client must understand the emulator as it understands the service. */
import {
  AccessDeniedException,
  AuthorizationPendingException,
  CreateTokenCommand,
  CreateTokenWithIAMCommand,
  ExpiredTokenException,
  InvalidGrantException,
  RegisterClientCommand,
  SSOOIDCClient,
  SSOOIDCServiceException,
  StartDeviceAuthorizationCommand
} from "@aws-sdk/client-sso-oidc"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import { IdentityCenter } from "../../../src/emulator/index.ts"
import {
  signInAt,
  authorizePath,
  caught,
  deviceGrant,
  pkce,
  redirectUri,
  registeredUri,
  scope,
  startUrl
} from "./support.ts"

const served = IdentityCenter.serve().pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
)

const makeClient = Effect.gen(function* () {
  const { baseUrl } = yield* IdentityCenter.IdentityCenter
  return yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new SSOOIDCClient({
          endpoint: baseUrl,
          region: "us-east-1",
          maxAttempts: 1,
          credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" }
        })
    ),
    (client) => Effect.sync(() => client.destroy())
  )
})

describe("the official OIDC client", () => {
  it.effect("signs in, refreshes, and recognizes each exception by its class", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const client = yield* makeClient
      const { clientId, clientSecret, clientSecretExpiresAt } = yield* Effect.promise(() =>
        client.send(new RegisterClientCommand({ clientName: "a tool", clientType: "public", scopes: [scope] }))
      )
      assert.strictEqual(clientSecretExpiresAt, 90 * 24 * 3600)
      const start = Effect.promise(() =>
        client.send(new StartDeviceAuthorizationCommand({ clientId, clientSecret, startUrl }))
      )
      const poll = (deviceCode: string | undefined) => () =>
        client.send(new CreateTokenCommand({ clientId, clientSecret, grantType: deviceGrant, deviceCode }))

      const device = yield* start
      assert.strictEqual(device.interval, 5)
      assert.instanceOf(yield* caught(poll(device.deviceCode)), AuthorizationPendingException)
      yield* center.approve(device.userCode ?? "")
      const token = yield* Effect.promise(poll(device.deviceCode))
      assert.match(token.accessToken ?? "", /^aoaAAAAA-emulated-access-/)
      assert.strictEqual(token.expiresIn, 28_800)
      assert.isUndefined(token.idToken)
      assert.match(token.$metadata.requestId ?? "", /^[0-9a-f-]{36}$/)

      const refreshTokens = () =>
        client.send(
          new CreateTokenCommand({
            clientId,
            clientSecret,
            grantType: "refresh_token",
            refreshToken: token.refreshToken
          })
        )
      assert.notStrictEqual((yield* Effect.promise(refreshTokens)).refreshToken, token.refreshToken)
      const replayed = yield* caught(refreshTokens)
      assert.instanceOf(replayed, InvalidGrantException)
      assert.strictEqual(replayed.error, "invalid_grant")

      const denied = yield* start
      yield* center.deny(denied.userCode ?? "")
      assert.instanceOf(yield* caught(poll(denied.deviceCode)), AccessDeniedException)
      const late = yield* start
      yield* TestClock.adjust("10 minutes")
      assert.instanceOf(yield* caught(poll(late.deviceCode)), ExpiredTokenException)
    }).pipe(Effect.provide(served))
  )

  it.effect("signs in through the browser", () =>
    Effect.gen(function* () {
      const center = yield* IdentityCenter.IdentityCenter
      const client = yield* makeClient
      const { clientId, clientSecret } = yield* Effect.promise(() =>
        client.send(
          new RegisterClientCommand({
            clientName: "a tool",
            clientType: "public",
            scopes: [scope],
            grantTypes: ["authorization_code", "refresh_token"],
            redirectUris: [registeredUri],
            issuerUrl: startUrl
          })
        )
      )
      const redirect = yield* signInAt(authorizePath({ clientId: clientId ?? "" }))
      const exchange = (codeVerifier: string) => () =>
        client.send(
          new CreateTokenCommand({
            clientId,
            clientSecret,
            grantType: "authorization_code",
            code: redirect.searchParams.get("code") ?? "",
            redirectUri,
            codeVerifier
          })
        )
      assert.instanceOf(yield* caught(exchange("a".repeat(64))), InvalidGrantException)
      const token = yield* Effect.promise(exchange(pkce.verifier))
      assert.match(token.refreshToken ?? "", /^aorAAAAA-emulated-refresh-/)
      assert.strictEqual((yield* center.authorizationRequests)[0]?.status, "redeemed")
    }).pipe(Effect.provide(served))
  )

  it.effect("exchanges a token with a valid signature", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const token = yield* Effect.promise(() =>
        client.send(
          new CreateTokenWithIAMCommand({
            clientId: "arn:aws:sso::123456789012:application/ssoins-1/apl-1",
            grantType: "urn:ietf:params:oauth:grant-type:jwt-bearer",
            assertion: "header.claims.signature"
          })
        )
      )
      assert.match(token.awsAdditionalDetails?.identityContext ?? "", /^emulated-identity-context-/)
      assert.deepStrictEqual(token.scope, ["openid", "aws", "sts:identity_context"])
    }).pipe(Effect.provide(served))
  )

  it.effect("recognizes injected exceptions", () =>
    Effect.gen(function* () {
      const { fault } = yield* IdentityCenter.IdentityCenter
      const client = yield* makeClient
      const register = () => client.send(new RegisterClientCommand({ clientName: "a", clientType: "public" }))
      yield* fault(IdentityCenter.Fault.refuse("AccessDeniedException", { reason: "KMS_AccessDeniedException" }))
      const denied = yield* caught(() =>
        client.send(
          new CreateTokenCommand({ clientId: "c", clientSecret: "s", grantType: deviceGrant, deviceCode: "d" })
        )
      )
      assert.instanceOf(denied, AccessDeniedException)
      assert.strictEqual(denied.reason, "KMS_AccessDeniedException")
      yield* fault(
        IdentityCenter.Fault.respond({
          status: 400,
          headers: { "x-amzn-errortype": "ThrottlingException", "content-type": "application/json" },
          body: '{"message":"slow"}'
        })
      )
      const throttled = yield* caught(register)
      assert.instanceOf(throttled, SSOOIDCServiceException)
      assert.strictEqual(throttled.name, "ThrottlingException")
      yield* fault(IdentityCenter.Fault.drop("before"))
      const dropped = yield* caught(register)
      assert.notInstanceOf(dropped, SSOOIDCServiceException)
    }).pipe(Effect.provide(served))
  )
})
