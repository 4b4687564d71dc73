/** The official tools read and refresh our tokens, and we read and refresh theirs: all share the same files. */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, FileSystem, Layer, Option, Path, Ref } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ChildProcess } from "effect/process"
import { AuthorizationPrompt, Login, SsoOidc, SsoSession, SsoStore } from "../../src/index.ts"
import { IdentityCenter } from "../../src/emulator/index.ts"
import * as Emulator from "../support/Emulator.ts"
import * as ExpiredSession from "../support/ExpiredSession.ts"
import { lacksAwsCli, lacksBotocore } from "../support/Tools.ts"
import * as Worker from "../support/Worker.ts"
import { slow } from "../support/Sample.ts"

/** A home directory that all tools share. */
class Home extends Context.Service<Home, Effect.Success<typeof ExpiredSession.home>>()(
  "test/OfficialToolsTokens/Home"
) {
  static readonly layer = Layer.effect(Home, ExpiredSession.home)
}

const environment = Layer.provideMerge(Home.layer, Emulator.layer)

const variables = Effect.gen(function* () {
  const { directory } = yield* Home
  const { baseUrl } = yield* IdentityCenter.IdentityCenter
  return { HOME: directory, AWS_ENDPOINT_URL_SSO_OIDC: baseUrl }
})

/** Asks a new process for the token of the profile. */
const asked = Effect.fnUntraced(function* (command: Parameters<typeof Worker.start>[0]) {
  const tool = yield* Worker.start(command, yield* variables)
  const { accessToken, ...failure } = Option.getOrThrow(yield* tool.ask({ profile: "dev" }))
  assert.deepStrictEqual(failure, {})
  return accessToken
}, Effect.scoped)

const ours = Effect.gen(function* () {
  const { aws } = yield* Home
  const { session } = yield* ExpiredSession.watch(aws, "team")
  const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
  const worker = yield* Worker.start(Worker.ours)
  const { accessToken, error } = Option.getOrThrow(yield* worker.ask({ directory: aws, endpoint, session }))
  assert.isUndefined(error)
  return accessToken
}).pipe(Effect.scoped)

/**
 * The AWS CLI needs a service to call, and credentials for it. This server gives credentials for a token, and responds to
 * `GetCallerIdentity`. The result is the token that it received.
 */
const aws = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const { directory } = yield* Home
  const sent = yield* Ref.make<string | undefined>(undefined)
  const server = yield* NodeHttpServer.make(createServer, { port: 0, host: "127.0.0.1" })
  yield* server.serve(
    Effect.gen(function* () {
      const { headers, url } = yield* HttpServerRequest.HttpServerRequest
      if (!url.startsWith("/federation/credentials"))
        return HttpServerResponse.text(identity, { contentType: "text/xml" })
      yield* Ref.set(sent, headers["x-amz-sso_bearer_token"])
      return HttpServerResponse.jsonUnsafe({
        roleCredentials: {
          accessKeyId: "AKIAIOSFODNN7EXAMPLE",
          secretAccessKey: "-",
          sessionToken: "-",
          expiration: 4e12
        }
      })
    })
  )
  const { exitCode } = yield* ChildProcess.make("aws", ["sts", "get-caller-identity", "--profile", "dev"], {
    env: { ...(yield* variables), AWS_ENDPOINT_URL: HttpServer.formatAddress(server.address), AWS_PAGER: "" },
    extendEnv: true
  })
  assert.strictEqual(yield* exitCode, 0)
  // With cached credentials, it would not make the next call
  yield* fs.remove(join(directory, ".aws/cli"), { recursive: true, force: true })
  return yield* Ref.get(sent)
}).pipe(Effect.scoped)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::123456789012:assumed-role/Admin/me</Arn>
    <UserId>AROAEXAMPLE:me</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>`

const tools = [
  { name: "@aws-sdk/token-providers", token: asked(Worker.official), skip: false, keeps: true },
  {
    name: "botocore",
    token: asked(Worker.botocore),
    skip: lacksBotocore,
    keeps: false
  },
  { name: "the AWS CLI", token: aws, skip: lacksAwsCli, keeps: false }
]

for (const { keeps, name, skip, token } of tools) {
  describe.skipIf(skip)(`${name} and this library`, () => {
    it.live(
      `read and refresh a token that the other has refreshed`,
      () =>
        Effect.gen(function* () {
          const { aws } = yield* Home
          const old = yield* ExpiredSession.make(aws, "team", { theirs: { deep: [1, null] } })
          const unknown = Effect.map(old.kept, ({ theirs }) => theirs !== undefined)

          const first = yield* ours
          assert.strictEqual((yield* old.calls).length, 1)
          assert.isTrue(yield* unknown)
          assert.strictEqual(yield* token, first)
          assert.strictEqual((yield* old.calls).length, 1)

          yield* old.expire
          const second = yield* token
          assert.notStrictEqual(second, first)
          assert.strictEqual(yield* unknown, keeps)
          assert.strictEqual(yield* ours, second)
          assert.deepStrictEqual(yield* old.calls, ["200", "200"])

          yield* old.expire
          const third = yield* ours
          assert.notStrictEqual(third, second)
          assert.strictEqual(yield* token, third)
          assert.deepStrictEqual(yield* old.calls, ["200", "200", "200"])
          assert.isTrue(yield* old.spend)
        }).pipe(Effect.provide(environment)),
      slow
    )

    it.live(`share a sign-in of this library`, () =>
      Effect.gen(function* () {
        const { aws } = yield* Home
        const { baseUrl: endpoint } = yield* IdentityCenter.IdentityCenter
        const old = yield* ExpiredSession.watch(aws, "team")
        yield* Login.device(new SsoSession.SsoSession(old.session)).pipe(
          Effect.provide([
            SsoOidc.layer({ endpoint }),
            SsoStore.layerFile({ directory: aws }),
            AuthorizationPrompt.layerSilent
          ])
        )
        assert.strictEqual(yield* token, (yield* old.kept).accessToken)
        yield* old.expire
        assert.strictEqual(yield* token, (yield* old.kept).accessToken)
        assert.deepStrictEqual(yield* old.calls, ["200"])
      }).pipe(Effect.provide(environment))
    )
  })
}
