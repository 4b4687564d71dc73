/**
 * Lists the roles of the user, and obtains AWS credentials for one of them: one call for 100 fibers.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Duration, Effect, Layer, Stream } from "effect"
import {
  AuthorizationPrompt,
  Login,
  RoleCredentials,
  SsoOidc,
  SsoPortal,
  SsoSession,
  SsoStore,
  TokenProvider
} from "effect-aws-sso"
import { IdentityCenter } from "effect-aws-sso/testing"

const role = { accountId: "111122223333", roleName: "ReadOnlyAccess" }

const program = Effect.gen(function* () {
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
  yield* Login.device(session)

  const layer = RoleCredentials.layer(role).pipe(Layer.provideMerge(TokenProvider.layer(session)))
  yield* Effect.gen(function* () {
    yield* TokenProvider.withToken(({ accessToken }) =>
      SsoPortal.listAccountRolesStream({ accessToken, accountId: role.accountId }).pipe(
        Stream.runForEach(({ roleName }) => Console.log(`${role.accountId} ${roleName}`))
      )
    )

    const { credentials } = yield* RoleCredentials.RoleCredentials
    const [first] = yield* Effect.all(
      Array.from({ length: 100 }, () => credentials),
      { concurrency: "unbounded" }
    )
    if (first === undefined) return
    const left = Duration.minutes(
      Math.round(Duration.toMinutes(DateTime.distance(yield* DateTime.now, first.expiration)))
    )
    yield* Console.log(
      `credentials of ${first.accountId} until ${Duration.format(left)} from now: ${first.secretAccessKey}`
    )
  }).pipe(Effect.provide(layer))

  const center = yield* IdentityCenter.IdentityCenter
  const calls = (yield* center.requests).filter(({ operation }) => operation === "GetRoleCredentials")
  yield* Console.log(`portal calls for 100 fibers: ${calls.length}`)
})

const layer = Layer.mergeAll(
  SsoOidc.layer({ region: "us-east-1" }),
  SsoPortal.layer({ region: "us-east-1" }),
  SsoStore.layerMemory(),
  AuthorizationPrompt.layerSilent
).pipe(Layer.provideMerge(IdentityCenter.layer({ autoApprove: 0 })))

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
