/**
 * `npm start`: a sign-in from beginning to end, against an IAM Identity Center that runs in a process of its own.
 *
 * It approves by itself; `npm start -- --manual` waits for a person on the page.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Array as Arr, Console, DateTime, Duration, Effect, FileSystem, Layer, Redacted, Stream } from "effect"
import {
  AuthorizationPrompt,
  Login,
  RoleCredentials,
  SsoOidc,
  SsoPortal,
  SsoSession,
  SsoStore,
  type SsoToken,
  TokenCache,
  TokenProvider
} from "effect-aws-sso"
import { NodeSso } from "effect-aws-sso/node"
import { ChildProcess } from "effect/process"
import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"

const isManual = process.argv.includes("--manual")

const heading = (text: string) => Console.log(`\n${text}`)
const fact = (name: string, value: string) => Console.log(`   ${name.padEnd(10)}${value}`)

/** The command of this package, as `effect-sso` would run it; it ends with the scope, and with this process. */
const startEmulator = Effect.gen(function* () {
  const command = fileURLToPath(new URL("dist/bin/effect-sso.js", import.meta.resolve("effect-aws-sso/package.json")))
  const approval = isManual ? [] : ["--auto-approve", "3"]
  const flags = ["--until-stdin-ends", "--interval", "1", "--token-lifetime", "240", ...approval]
  const emulator = yield* ChildProcess.make(process.execPath, [command, "emulator", ...flags], { stderr: "ignore" })
  const address = emulator.stdout.pipe(Stream.decodeText(), Stream.splitLines, Stream.runHead)
  return yield* Effect.flatMap(address, Effect.fromOption)
})

/** How this program shows where a sign-in stands. `AuthorizationPrompt.layerConsole` has the words for a person. */
const Narrator = Layer.succeed(AuthorizationPrompt.AuthorizationPrompt, {
  show: (state) => {
    switch (state._tag) {
      case "Prompting":
        return Effect.andThen(
          fact("page", state.verificationUriComplete ?? state.verificationUri),
          fact("code", `${state.userCode}, ${isManual ? "to be approved on the page" : "approved by itself in 3s"}`)
        )
      case "Pending":
        return isManual ? Effect.void : fact("pending", `asking again in ${Duration.format(state.nextPoll)}`)
      case "Authorized":
        return fact("approved", "the service gave a token")
      default:
        return fact(state._tag, "")
    }
  }
})

/** A token as it may be seen: enough to tell it from another one, and not to use it. */
const show = Effect.fnUntraced(function* (token: SsoToken.SsoToken) {
  const secret = Redacted.value(token.accessToken)
  const fingerprint = createHash("sha256").update(secret).digest("hex").slice(0, 8)
  yield* fact("token", `${secret.slice(0, 4)}… (${secret.length} characters, fingerprint ${fingerprint})`)
  yield* fact("expires", DateTime.formatIso(token.expiresAt))
})

const signIn = Effect.gen(function* () {
  const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })

  yield* heading("2. Login.device(session): the device flow")
  const token = yield* Login.device(session)

  yield* heading("3. SsoStore.layerFile: the token, in the form that all AWS tools read")
  yield* fact("file", yield* TokenCache.TokenCache.use((cache) => cache.locate(session)))
  yield* show(token)

  yield* Effect.gen(function* () {
    yield* heading("4. TokenProvider: a token with less than 5 minutes left is renewed before it is handed out")
    // So that the new one visibly lasts longer
    yield* Effect.sleep("2 seconds")
    const renewed = yield* TokenProvider.TokenProvider.use((provider) => provider.token)
    yield* show(renewed)
    const gained = DateTime.distance(token.expiresAt, renewed.expiresAt)
    yield* fact("gained", `${Duration.format(gained)}, without the person`)

    yield* heading("5. SsoPortal and RoleCredentials: what a token buys")
    const accounts = yield* TokenProvider.withToken(({ accessToken }) =>
      Stream.runCollect(SsoPortal.listAccountsStream({ accessToken }))
    )
    for (const { accountId, accountName = "" } of accounts) yield* fact("account", `${accountId} ${accountName}`)
    const { accountId } = yield* Effect.fromOption(Arr.head(accounts))
    const { accessKeyId, expiration } = yield* RoleCredentials.RoleCredentials.use(
      ({ credentials }) => credentials
    ).pipe(Effect.provide(RoleCredentials.layer({ accountId, roleName: "ReadOnlyAccess" })))
    yield* fact("key", `${accessKeyId}, for ReadOnlyAccess in ${accountId}`)
    yield* fact("expires", DateTime.formatIso(expiration))
  }).pipe(Effect.provide(TokenProvider.layer(session)))
})

const demo = Effect.gen(function* () {
  yield* Console.log("A sign-in from beginning to end, against an emulator: no AWS account is involved.")

  yield* heading("1. effect-sso emulator: an IAM Identity Center, in a process of its own")
  const endpoint = yield* startEmulator
  yield* fact("listens", endpoint)

  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-aws-sso-demo-" })
  yield* signIn.pipe(
    Effect.provide([
      SsoOidc.layer({ endpoint, region: "us-east-1" }),
      SsoPortal.layer({ endpoint, region: "us-east-1" }),
      SsoStore.layerFile({ directory }),
      Narrator
    ]),
    Effect.provide(NodeSso.layer)
  )
}).pipe(Effect.scoped)

const epilogue = Console.log(`
The emulator and its files are gone. To sign in to an account of your own:

   npm install -g effect-aws-sso effect @effect/platform-node
   effect-sso login --start-url https://YOUR-PORTAL.awsapps.com/start --region ITS-REGION

or, with a profile or an sso-session in ~/.aws/config:

   effect-sso login
   effect-sso exec -- aws sts get-caller-identity`)

NodeRuntime.runMain(Effect.andThen(demo, epilogue).pipe(Effect.provide(NodeServices.layer)))
