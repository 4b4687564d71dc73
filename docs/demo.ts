/**
 * `npm start`: a sign-in from beginning to end, against an IAM Identity Center emulator in a separate process.
 *
 * The emulator approves the sign-in; with `npm start -- --manual`, the user approves it on the page.
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

/** The command of this package, as `effect-sso` would run it; it ends with the scope, and when this process ends. */
const startEmulator = Effect.gen(function* () {
  const command = fileURLToPath(new URL("dist/bin/effect-sso.js", import.meta.resolve("effect-aws-sso/package.json")))
  const approval = isManual ? [] : ["--auto-approve", "3"]
  const flags = ["--until-stdin-ends", "--interval", "1", "--token-lifetime", "240", ...approval]
  const emulator = yield* ChildProcess.make(process.execPath, [command, "emulator", ...flags], { stderr: "ignore" })
  const address = emulator.stdout.pipe(Stream.decodeText(), Stream.splitLines, Stream.runHead)
  return yield* Effect.flatMap(address, Effect.fromOption)
})

/** Prints each state of the sign-in as one line. `AuthorizationPrompt.layerConsole` is the prompt for users. */
const Narrator = Layer.succeed(AuthorizationPrompt.AuthorizationPrompt, {
  show: (state) => {
    switch (state._tag) {
      case "Prompting":
        return Effect.andThen(
          fact("page", state.verificationUriComplete ?? state.verificationUri),
          fact("code", `${state.userCode}, ${isManual ? "approve it on the page" : "the emulator approves it in 3s"}`)
        )
      case "Pending":
        return isManual ? Effect.void : fact("pending", `polling again in ${Duration.format(state.nextPoll)}`)
      case "Authorized":
        return fact("approved", "the service issued a token")
      default:
        return fact(state._tag, "")
    }
  }
})

/** Prints what identifies a token, but not the token itself. */
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

  yield* heading("3. SsoStore.layerFile: the token, in the format that all AWS tools read")
  yield* fact("file", yield* TokenCache.TokenCache.use((cache) => cache.locate(session)))
  yield* show(token)

  yield* Effect.gen(function* () {
    yield* heading("4. TokenProvider: a token with less than 5 minutes left is refreshed before it is returned")
    // So that the new token expires visibly later
    yield* Effect.sleep("2 seconds")
    const refreshed = yield* TokenProvider.TokenProvider.use((provider) => provider.token)
    yield* show(refreshed)
    const gained = DateTime.distance(token.expiresAt, refreshed.expiresAt)
    yield* fact("gained", `${Duration.format(gained)}, without a sign-in`)

    yield* heading("5. SsoPortal and RoleCredentials: accounts and credentials")
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

  yield* heading("1. effect-sso emulator: a local IAM Identity Center emulator")
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
The emulator and its files are gone. To sign in to your own account:

   npm install -g effect-aws-sso effect @effect/platform-node
   effect-sso login --start-url https://YOUR-PORTAL.awsapps.com/start --region ITS-REGION

or, with a profile or an sso-session in ~/.aws/config:

   effect-sso login
   effect-sso exec -- aws sts get-caller-identity`)

NodeRuntime.runMain(Effect.andThen(demo, epilogue).pipe(Effect.provide(NodeServices.layer)))
