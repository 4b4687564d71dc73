/**
 * By which flow a command signs a person in: the flags, and the sign-in that they come to.
 */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import * as Login from "../../login/Login.ts"
import type { SsoSession } from "../../session/SsoSession.ts"
import type { SsoToken } from "../../session/SsoToken.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import type { SsoOidc } from "../../service/SsoOidc.ts"
import * as Flags from "./Flags.ts"
import * as ProgressPrompt from "../terminal/ProgressPrompt.ts"
import type { Stderr } from "../terminal/Stderr.ts"

/** The flags that every command has which signs a person in. */
export const flags = {
  flow: Flag.Literals("flow", ["device", "browser"]).pipe(
    Flag.withDescription(
      "By a code on any device, or by the browser of this machine; the browser where one can be opened, unless the profile says otherwise (login_type)"
    ),
    Flags.orUndefined
  ),
  useDeviceCode: Flags.whenGiven("use-device-code", "The same as --flow device"),
  browser: Flag.Boolean("browser").pipe(
    Flag.withDescription("Whether to open a browser: with --no-browser, the page is only shown"),
    Flag.withDefault(true)
  ),
  redirectPort: Flags.port(
    "redirect-port",
    "Where to wait for the browser, in place of a free port; implies the browser flow"
  ).pipe(Flags.orUndefined),
  redirectHost: Flags.text(
    "redirect-host",
    "HOST",
    "The host by which the browser reaches this machine, such as localhost; implies the browser flow"
  )
}

/** What the flags can say. */
export interface Input {
  readonly flow: "device" | "browser" | undefined
  readonly useDeviceCode: boolean
  readonly browser: boolean
  readonly redirectPort: number | undefined
  readonly redirectHost: string | undefined
}

/** Refuses flags that contradict each other. */
export const check = ({
  flow,
  redirectHost,
  redirectPort,
  useDeviceCode
}: Input): Effect.Effect<void, CliError.ValidationError> => {
  const byDevice = useDeviceCode ? "--use-device-code" : flow === "device" ? "--flow device" : undefined
  const byBrowser =
    flow === "browser"
      ? "--flow browser"
      : redirectPort !== undefined
        ? "--redirect-port"
        : redirectHost !== undefined
          ? "--redirect-host"
          : undefined
  return byDevice === undefined || byBrowser === undefined
    ? Effect.void
    : Effect.fail(
        new CliError.ValidationError({ message: `${byDevice} and ${byBrowser} ask for two flows: choose one` })
      )
}

/** Signs a person in as the flags say, and shows how it goes on standard error. */
export const login = (
  session: SsoSession,
  { browser, flow, redirectHost, redirectPort, useDeviceCode }: Input
): Effect.Effect<
  SsoToken,
  Login.Failure,
  FileSystem.FileSystem | HttpClient.HttpClient | SsoOidc | Stderr | Stdio.Stdio | Terminal.Terminal | TokenCache
> =>
  Login.login(session, { flow: useDeviceCode ? "device" : flow, redirectHost, redirectPort }).pipe(
    Effect.provide(ProgressPrompt.layer({ openBrowser: browser }))
  )
