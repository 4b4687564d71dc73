/**
 * Serves `token` and `credentials` from the store: with the same functions as the commands, but without the command
 * framework and the clients. What is not fresh, and whatever fails, is left to the commands.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Refresh from "../../provider/Refresh.ts"
import * as CredentialCache from "../../store/CredentialCache.ts"
import * as SsoStore from "../../store/SsoStore.ts"
import * as TokenCache from "../../store/TokenCache.ts"
import * as ClientConfig from "../../wire/ClientConfig.ts"
import * as CredentialFormat from "../commands/CredentialFormat.ts"
import { refreshFirst } from "../commands/Freshness.ts"
import * as TokenFormat from "../commands/TokenFormat.ts"
import * as ChosenRole from "../flags/ChosenRole.ts"
import * as ChosenSession from "../flags/ChosenSession.ts"
import type * as FormatInput from "../flags/FormatInput.ts"
import type * as RoleInput from "../flags/RoleInput.ts"
import type * as SessionInput from "../flags/SessionInput.ts"
import { safeJson } from "../terminal/SafeText.ts"
import * as Stdout from "../terminal/Stdout.ts"
import type { Invocation } from "./FastArguments.ts"

const margin = Duration.toMillis(refreshFirst)
const policy: Refresh.Policy = { refreshAhead: margin, refreshFirst: margin, minInterval: 0 }

/** Fails unless a value can be served without a refresh. */
const ifFresh = <A>(stored: Option.Option<A>, expiry: (value: A) => DateTime.Utc) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.fromOption(
      Option.filter(stored, (value) => {
        const held = { expiresAt: DateTime.toEpochMillis(expiry(value)), canRefresh: true }
        return Refresh.decide({ unwritten: false }, held, now, policy).action === "Serve"
      })
    )
  )

const token = Effect.fnUntraced(function* (input: SessionInput.Input) {
  const session = yield* ChosenSession.find(input)
  // The command fails where the settings of its client are invalid, so they are read here too
  yield* ClientConfig.load("sso_oidc", { profile: input.profile, region: session.region })
  const stored = yield* TokenCache.TokenCache.use((cache) => cache.get(session))
  return yield* TokenFormat.encode(yield* ifFresh(stored, ({ expiresAt }) => expiresAt))
})

const formats = { process: CredentialFormat.process, json: CredentialFormat.json }

const credentials = Effect.fnUntraced(function* ({ format, ...input }: RoleInput.Input & FormatInput.Input) {
  if ((format !== "process" && format !== "json") || input.noCache) return yield* Effect.fail("NotServed")
  const { role, session } = yield* ChosenRole.find(input)
  yield* ClientConfig.load("sso_oidc", { profile: input.profile, region: session.region })
  yield* ClientConfig.load("sso", { profile: input.profile, region: session.region })
  const stored = yield* CredentialCache.CredentialCache.use((cache) => cache.get(session, role))
  const fresh = yield* ifFresh(stored, ({ expiration }) => expiration)
  return formats[format](yield* CredentialFormat.encode({ ...fresh, accountId: role.accountId }))
})

const layerStore = SsoStore.layerFile().pipe(Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))

/** What the commands must do where an invocation was not served. */
export interface Rest {
  /** To be logged: what would not be warned of again, such as a file that was open to others and is no longer. */
  readonly warnings: ReadonlyArray<unknown>
}

/** Serves an invocation, or returns what is left to do. */
export const run = (invocation: Exclude<Invocation, { readonly command: "version" }>): Promise<Rest | undefined> => {
  const warnings: Array<unknown> = []
  const logger = Logger.make<unknown, void>(({ message }) => {
    warnings.push(...(Array.isArray(message) ? message : [message]))
  })
  return Effect.gen(function* () {
    const value = invocation.command === "token" ? yield* token(invocation.input) : yield* credentials(invocation.input)
    // The command shows warnings, and prints the value after them
    if (warnings.length > 0) return yield* Effect.fail("NotServed")
    yield* Console.log(safeJson(value))
  }).pipe(
    Stdout.checked,
    Effect.provide([layerStore, Logger.layer([logger])]),
    Effect.matchCause({ onSuccess: () => undefined, onFailure: () => ({ warnings }) }),
    Effect.runPromise
  )
}
