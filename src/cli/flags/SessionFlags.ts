/**
 * The flags that choose a session, and the session itself.
 */
import * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as SsoPortal from "../../service/SsoPortal.ts"
import type { SessionError } from "../../session/SessionError.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import * as TokenProvider from "../../provider/TokenProvider.ts"
import * as SsoOidc from "../../service/SsoOidc.ts"
import type * as ClientConfig from "../../wire/ClientConfig.ts"
import * as NodeSso from "../../node/NodeSso.ts"
import type { Failure } from "../terminal/Failure.ts"
import * as Report from "../terminal/Report.ts"
import * as Flags from "./Flags.ts"

/** The flags of every command that uses a session. */
export const flags = {
  profile: Flags.text("profile", "NAME", 'Use the session of this profile (default: AWS_PROFILE, or else "default")'),
  ssoSession: Flags.text("sso-session", "NAME", "Use the session of this [sso-session] section"),
  startUrl: Flags.text("start-url", "URL", "Use the access portal at this URL, without a config file; needs --region"),
  region: Flags.text("region", "REGION", "The AWS Region of the IAM Identity Center instance at --start-url")
}

/** The values of the flags. */
export interface Input {
  readonly profile: string | undefined
  readonly ssoSession: string | undefined
  readonly startUrl: string | undefined
  readonly region: string | undefined
}

/** The names of the given flags that choose a session. */
export const chosenBy = ({ profile, ssoSession, startUrl }: Input): ReadonlyArray<string> =>
  Object.entries({ "--profile": profile, "--sso-session": ssoSession, "--start-url": startUrl }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [flag])
  )

/** The given flags with their values, as a user would type them again. */
export const given = ({ profile, region, ssoSession, startUrl }: Input): ReadonlyArray<string> =>
  Object.entries({
    "--profile": profile,
    "--sso-session": ssoSession,
    "--start-url": startUrl,
    "--region": region
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]))

/** Whether the session is that of a profile, named or not. */
export const isByProfile = ({ ssoSession, startUrl }: Input): boolean =>
  ssoSession === undefined && startUrl === undefined

/** Refuses flags that contradict each other. */
export const check = (input: Input): Effect.Effect<void, CliError.ValidationError> => {
  const refuse = (message: string) => Effect.fail(new CliError.ValidationError({ message }))
  const chosen = chosenBy(input)
  if (chosen.length > 1) return refuse(`${chosen.join(" and ")} choose different sessions: specify only one`)
  if (input.startUrl !== undefined && input.region === undefined) {
    return refuse("--start-url needs --region: the AWS Region of the IAM Identity Center instance, such as us-east-1")
  }
  if (input.startUrl === undefined && input.region !== undefined) {
    return refuse(
      "--region needs --start-url: a profile or an sso-session has its region in the config file (sso_region)"
    )
  }
  return Effect.void
}

const find = ({
  profile,
  region,
  ssoSession,
  startUrl
}: Input): Effect.Effect<SsoSession.SsoSession, SessionError, FileSystem.FileSystem | Path.Path> => {
  if (startUrl !== undefined && region !== undefined) return SsoSession.make({ startUrl, region })
  return ssoSession === undefined ? SsoSession.fromProfile(profile) : SsoSession.fromSsoSession(ssoSession)
}

/** The session that the flags choose; without flags, the session of the default profile. */
export const session = (
  input: Input
): Effect.Effect<SsoSession.SsoSession, SessionError, FileSystem.FileSystem | Path.Path> =>
  Effect.tap(find(input), (session) => logChoice(session, input))

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

/**
 * Provides the token of a session, and the service. A process that ends soon cannot refresh in the background: a token
 * that expires soon is refreshed first.
 */
export const provider = (
  input: Input,
  session: SsoSession.SsoSession
): Layer.Layer<
  TokenProvider.TokenProvider | SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> => TokenProvider.layer(session, { refreshFirst: "15 minutes" }).pipe(Layer.provideMerge(service(input, session)))

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
