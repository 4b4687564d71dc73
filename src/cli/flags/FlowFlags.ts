/**
 * The flags that choose the sign-in flow, and the sign-in itself.
 */
import type * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import * as Login from "../../login/Login.ts"
import type { RedirectListener } from "../../login/RedirectListener.ts"
import type { LoginFailed } from "../../session/LoginFailed.ts"
import type { SsoSession } from "../../session/SsoSession.ts"
import type { SsoToken } from "../../session/SsoToken.ts"
import type { CredentialCache } from "../../store/CredentialCache.ts"
import type { StoreError } from "../../store/StoreError.ts"
import type { TokenCache } from "../../store/TokenCache.ts"
import type { SsoOidc } from "../../service/SsoOidc.ts"
import * as Flags from "./Flags.ts"
import * as ProgressPrompt from "../terminal/ProgressPrompt.ts"
import type { Stderr } from "../terminal/Stderr.ts"

/** The flags of every command that signs in. */
export const flags = {
  flow: Flag.Literals("flow", ["device", "browser"]).pipe(
    Flag.withMetavar("device|browser"),
    Flag.withDescription(
      "How to sign in: with a code on any device, or in the browser of this machine (default: login_type in the config file, or else the browser if one can be opened)"
    ),
    Flags.orUndefined
  ),
  useDeviceCode: Flags.whenGiven("use-device-code", "Same as --flow device"),
  noBrowser: Flags.whenGiven("no-browser", "Do not open a browser, only print the address of the page"),
  redirectPort: Flags.port(
    "redirect-port",
    "The local port that the browser is redirected to (default: a free port); implies --flow browser"
  ).pipe(Flags.orUndefined),
  redirectHost: Flags.text(
    "redirect-host",
    "HOST",
    "The host name by which the browser reaches this machine, such as localhost; implies --flow browser"
  )
}

/** The values of the flags. */
export interface Input {
  readonly flow: "device" | "browser" | undefined
  readonly useDeviceCode: boolean
  readonly noBrowser: boolean
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
  return Flags.refuse(
    byDevice === undefined || byBrowser === undefined
      ? undefined
      : `${byDevice} and ${byBrowser} choose different flows: specify only one`
  )
}

/** Signs in by the flow that the flags choose, and shows the progress on standard error. */
export const login = (
  session: SsoSession,
  { flow, noBrowser, redirectHost, redirectPort, useDeviceCode }: Input
): Effect.Effect<
  SsoToken,
  LoginFailed | StoreError,
  | CredentialCache
  | FileSystem.FileSystem
  | RedirectListener
  | SsoOidc
  | Stderr
  | Stdio.Stdio
  | Terminal.Terminal
  | TokenCache
> =>
  Login.login(session, { flow: useDeviceCode ? "device" : flow, redirectHost, redirectPort }).pipe(
    Effect.provide(ProgressPrompt.layer({ openBrowser: !noBrowser }))
  )
