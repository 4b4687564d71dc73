/**
 * The flags that choose a session, and the session itself.
 */
import type * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as SsoPortal from "../../service/SsoPortal.ts"
import type { SessionError } from "../../session/SessionError.ts"
import type * as SsoSession from "../../session/SsoSession.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import * as SsoOidc from "../../service/SsoOidc.ts"
import type * as ClientConfig from "../../wire/ClientConfig.ts"
import * as NodeSso from "../../node/NodeSso.ts"
import type { Failure } from "../terminal/Failure.ts"
import * as Report from "../terminal/Report.ts"
import { refreshFirst } from "../commands/Freshness.ts"
import * as ChosenSession from "./ChosenSession.ts"
import * as Flags from "./Flags.ts"
import * as SessionInput from "./SessionInput.ts"
import { given, type Input } from "./SessionInput.ts"

/** The flags of every command that uses a session. */
export const flags = {
  profile: Flags.ofText(SessionInput.profile),
  ssoSession: Flags.ofText(SessionInput.ssoSession),
  startUrl: Flags.ofText(SessionInput.startUrl),
  region: Flags.ofText(SessionInput.region)
}

export { chosenBy, given, type Input, isByProfile } from "./SessionInput.ts"

/** Refuses flags that contradict each other. */
export const check = (input: Input): Effect.Effect<void, CliError.ValidationError> =>
  Flags.refuse(SessionInput.problem(input))

/** The session that the flags choose; without flags, the session of the default profile. */
export const session = (
  input: Input
): Effect.Effect<SsoSession.SsoSession, SessionError, FileSystem.FileSystem | Path.Path> =>
  Effect.tap(ChosenSession.find(input), (session) => logChoice(session, input))

/** Logs which session was chosen, and by what. */
export const logChoice = ({ name, region, startUrl }: SsoSession.SsoSession, input: Input): Effect.Effect<void> => {
  const flags = given(input)
  const by = flags.length === 0 ? "AWS_PROFILE or the default profile" : flags.join(" ")
  return Effect.logDebug(`session ${name ?? "without a name"}: ${startUrl} in ${region}, chosen by ${by}`)
}

/** Provides the service that signs a session in. */
export const service = (
  input: Input,
  { region }: SsoSession.SsoSession
): Layer.Layer<
  SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> => SsoOidc.layerAws({ profile: input.profile, region })

/** Provides the token of a session, and the service. */
export const provider = (
  input: Input,
  session: SsoSession.SsoSession
): Layer.Layer<
  TokenProvider.TokenProvider | SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> => TokenProvider.layer(session, { refreshFirst }).pipe(Layer.provideMerge(service(input, session)))

/** Provides the portal of a session, its token, and the service. */
export const portal = (
  input: Input,
  session: SsoSession.SsoSession
): Layer.Layer<
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> => Layer.merge(provider(input, session), SsoPortal.layerAws({ profile: input.profile, region: session.region }))

/** Runs a command with what Node provides, and reports how it fails. */
export const run = <A, E extends Failure, R>(self: Effect.Effect<A, E, R>, input: Input) =>
  self.pipe(Effect.provide(NodeSso.layer), Report.failures({ sessionFlags: given(input) }))
