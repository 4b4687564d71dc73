/**
 * An `AuthorizationPrompt` that opens the browser, shows a QR code, and takes what the person pastes.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import * as AuthorizationPrompt from "../login/AuthorizationPrompt.ts"
import * as NodeBrowser from "./NodeBrowser.ts"

/**
 * What the prompt can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Whether to open a browser where there is one. `true` by default. */
  readonly openBrowser?: boolean | undefined
  /** Writes lines for the person. To standard error by default. */
  readonly say?: ((text: string) => Effect.Effect<void>) | undefined
}

/**
 * Adds to a prompt what Node can do.
 *
 * **Details**
 *
 * - The page of either flow is opened in the browser, where there is one that reaches this machine.
 * - The link of the device flow is shown as a QR code on a terminal of colours.
 * - On a terminal, the person can paste the address that the browser was sent back to.
 *
 * @category combinators
 * @since 0.1.0
 */
export const extend = Effect.fnUntraced(function* (
  base: AuthorizationPrompt.AuthorizationPrompt["Service"],
  options?: Options
): Effect.fn.Return<
  AuthorizationPrompt.AuthorizationPrompt["Service"],
  never,
  FileSystem.FileSystem | Stdio.Stdio | Terminal.Terminal
> {
  const stdio = yield* Stdio.Stdio
  const terminal = yield* Terminal.Terminal
  // Looked for at a sign-in: most programs that have a prompt never show it
  const context = yield* Effect.context<FileSystem.FileSystem>()
  const canOpen = yield* Effect.cached(
    options?.openBrowser === false ? Effect.succeed(false) : Effect.provideContext(NodeBrowser.isAvailable, context)
  )
  const canPaste = yield* stdio.stdinIsTerminal
  const hasColours = (yield* stdio.stderrIsTerminal) && (yield* coloursAreWelcome)

  const say = options?.say ?? Console.error

  const open = (url: string): Effect.Effect<unknown> => Effect.when(NodeBrowser.open(url), canOpen)

  return {
    ...base,
    show: Effect.fnUntraced(function* (state) {
      if (state._tag === "Prompting" && state.verificationUriComplete !== undefined && hasColours) {
        yield* say(yield* qrCode(state.verificationUriComplete))
      }
      yield* base.show(state)
      if (state._tag === "Prompting") yield* open(state.verificationUriComplete ?? state.verificationUri)
      if (state._tag === "Redirecting") {
        yield* open(state.authorizationUrl)
        if (canPaste) yield* say(pasteHint)
      }
    }),
    canOpenBrowser: Effect.flatMap(stdio.stderrIsTerminal, (isTerminal) =>
      isTerminal ? canOpen : Effect.succeed(false)
    ),
    ...(canPaste ? { pastedUrl: Effect.catch(terminal.readLine, () => Effect.interrupt) } : {})
  }
})

/**
 * Shows a sign-in on standard error, and opens the browser.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options?: Options
): Layer.Layer<
  AuthorizationPrompt.AuthorizationPrompt,
  never,
  FileSystem.FileSystem | Stdio.Stdio | Terminal.Terminal
> =>
  Layer.effect(
    AuthorizationPrompt.AuthorizationPrompt,
    Effect.flatMap(AuthorizationPrompt.AuthorizationPrompt, (base) => extend(base, options))
  ).pipe(Layer.provide(AuthorizationPrompt.layerConsole))

const pasteHint =
  "\nWhere the browser cannot come back to this machine, paste here the address that it was sent to, and press enter.\n"

const coloursAreWelcome = Config.all([
  Config.option(Config.NonEmptyString("NO_COLOR")),
  Config.option(Config.String("TERM"))
]).pipe(
  Effect.map(([noColor, term]) => Option.isNone(noColor) && !Option.contains(term, "dumb")),
  Effect.orElseSucceed(() => false)
)

// In colours of its own: scanners want dark on light, whatever the terminal's are
const qrCode = (url: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => import("uqr")),
    ({ renderUnicodeCompact }) =>
      renderUnicodeCompact(url, { border: 2 })
        .split("\n")
        .map((line) => `\u001B[97;40m${line}\u001B[0m`)
        .join("\n")
  )
