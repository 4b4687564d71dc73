/**
 * Which session a command is about: the flags, and what they come to.
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
import * as Flags from "./Flags.ts"

/** The flags that every command about a session has. */
export const flags = {
  profile: Flags.text("profile", "NAME", "The session of a profile; AWS_PROFILE or default where no flag says another"),
  ssoSession: Flags.text("sso-session", "NAME", "The session of an [sso-session] section"),
  startUrl: Flags.text("start-url", "URL", "A session that no file knows: the URL of its access portal, with --region"),
  region: Flags.text("region", "REGION", "The region of the Identity Center instance at --start-url")
}

/** What the flags can say. */
export interface Input {
  readonly profile: string | undefined
  readonly ssoSession: string | undefined
  readonly startUrl: string | undefined
  readonly region: string | undefined
}

/** The names of the flags that choose a session, of those that were given. */
export const chosenBy = ({ profile, ssoSession, startUrl }: Input): ReadonlyArray<string> =>
  Object.entries({ "--profile": profile, "--sso-session": ssoSession, "--start-url": startUrl }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [flag])
  )

/** Whether the session is that of a profile, named or not. */
export const isByProfile = ({ ssoSession, startUrl }: Input): boolean =>
  ssoSession === undefined && startUrl === undefined

/** Refuses flags that contradict each other. */
export const check = (input: Input): Effect.Effect<void, CliError.ValidationError> => {
  const refuse = (message: string) => Effect.fail(new CliError.ValidationError({ message }))
  const chosen = chosenBy(input)
  if (chosen.length > 1) return refuse(`${chosen.join(" and ")} name two sessions: choose one of them`)
  if (input.startUrl !== undefined && input.region === undefined) {
    return refuse("--start-url needs --region: the region of the Identity Center instance, such as us-east-1")
  }
  if (input.startUrl === undefined && input.region !== undefined) {
    return refuse("--region goes with --start-url: a profile and an sso-session have an sso_region of their own")
  }
  return Effect.void
}

/** The session that the flags name; without any, that of the default profile. */
export const session = (
  input: Input
): Effect.Effect<SsoSession.SsoSession, SessionError, FileSystem.FileSystem | Path.Path> => {
  const { profile, region, ssoSession, startUrl } = input
  if (startUrl !== undefined && region !== undefined) return SsoSession.make({ startUrl, region })
  return ssoSession === undefined ? SsoSession.fromProfile(profile) : SsoSession.fromSsoSession(ssoSession)
}

/** Provides the service that a session signs in at. */
export const service = (
  input: Input,
  { region }: SsoSession.SsoSession
): Layer.Layer<
  SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> => SsoOidc.layerAws({ profile: input.profile, region })

/**
 * Provides the token of a session, and the service. A process that ends has no background to renew in: what expires
 * soon is renewed first.
 */
export const provider = (
  input: Input,
  session: SsoSession.SsoSession
): Layer.Layer<
  TokenProvider.TokenProvider | SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> => TokenProvider.layer(session, { renewFirst: "15 minutes" }).pipe(Layer.provideMerge(service(input, session)))

/** Provides the portal of a session, its token, and the service. */
export const portal = (
  input: Input,
  session: SsoSession.SsoSession
): Layer.Layer<
  TokenProvider.TokenProvider | SsoPortal.SsoPortal | SsoOidc.SsoOidc,
  ClientConfig.ClientConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | TokenCache
> => Layer.merge(provider(input, session), SsoPortal.layerAws({ profile: input.profile, region: session.region }))
